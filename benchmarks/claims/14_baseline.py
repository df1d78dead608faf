"""Chapter 14: three options; the mean reward with and without a baseline, at each learning rate, 2,000 learners."""

import numpy as np

from nas_tutorial.statistics.tests import paired_difference

REWARDS, STEPS, LEARNERS = np.array([0.90, 0.93, 0.95]), 300, 2000


def learn(rate, with_baseline, seed=0):
    """Final policies of all learners at once, of shape (LEARNERS, 3), and mean reward by step."""
    rng = np.random.default_rng(seed)
    logits, baseline, curve = np.zeros((LEARNERS, 3)), None, []
    for _ in range(STEPS):
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        curve.append(p @ REWARDS)
        option = (rng.random((LEARNERS, 1)) > p.cumsum(axis=1)[:, :2]).sum(axis=1)
        reward = REWARDS[option] + rng.normal(0, 0.005, LEARNERS)
        baseline = reward if baseline is None else baseline
        usual = baseline if with_baseline else 0.0
        logits += rate * (reward - usual)[:, None] * (np.eye(3)[option] - p)
        baseline = 0.9 * baseline + 0.1 * reward
    return p, np.array(curve)


print(f"mean reward at the start {REWARDS.mean():.4f}; the best {REWARDS.max():.2f}")
for rate in (0.01, 0.1, 1.0, 10.0):
    (without, _), (with_it, _) = learn(rate, False), learn(rate, True)
    a, b = with_it @ REWARDS, without @ REWARDS
    d = paired_difference(100 * (a - b))
    print(
        f"rate {rate:5}: none {b.mean():.4f} (SD of learners {b.std():.4f}), moving {a.mean():.4f} (SD {a.std():.4f}); "
        f"moving - none {d.text(3)} points; best in front: none {np.mean(without.argmax(1) == 2):.0%}, "
        f"moving {np.mean(with_it.argmax(1) == 2):.0%}"
    )
