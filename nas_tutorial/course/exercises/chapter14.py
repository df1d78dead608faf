"""Checks of chapter 14, reinforcement learning."""

import numpy as np

from nas_tutorial.course.exercises.verdicts import require

STEP = 1e-5  # of finite differences


def probabilities_of(logits: np.ndarray) -> np.ndarray:
    """The softmax, written out."""
    powers = np.exp(logits)
    return powers / powers.sum()


def slopes(function, logits: np.ndarray) -> np.ndarray:
    """How fast a function of the logits rises along each of them, by central differences."""
    units = STEP * np.eye(len(logits))
    return np.array([(function(logits + u) - function(logits - u)) / (2 * STEP) for u in units])


def log_probability_slopes(logits: np.ndarray, option: int) -> np.ndarray:
    return slopes(lambda moved: np.log(probabilities_of(moved)[option]), logits)


def check_prediction(guess) -> None:
    """14.1: whether the option drawn becomes more likely, with three baselines."""
    words = ("rises", "falls", "stays")
    require(
        isinstance(guess, (tuple, list))
        and len(guess) == 3
        and all(word in words for word in guess),
        f"guess must be three of the words {words}, got {guess!r}",
    )
    logits = np.zeros(2)
    for letter, word, baseline in zip("abc", guess, (0.0, 0.92, 0.90)):
        moved = logits + (0.90 - baseline) * log_probability_slopes(logits, 0)
        change = probabilities_of(moved)[0] - 0.5
        expected = "stays" if abs(change) < 1e-9 else "rises" if change > 0 else "falls"
        require(
            word == expected,
            f"({letter}) the step is 0.90 - {baseline:.2f} = {0.90 - baseline:.2f} times a gradient "
            f"that is positive for the option drawn, and you say that it {word}",
        )


def check_step(reinforce_step) -> None:
    """14.2: reinforce_step(logits, option, reward, baseline, learning_rate)."""
    rng = np.random.default_rng(142)
    cases = [(np.zeros(3), 0, 1.0, 0.5, 1.0)]
    for _ in range(20):
        logits = rng.normal(size=rng.integers(2, 7))
        option = int(rng.integers(len(logits)))
        cases.append((logits, option, rng.random(), rng.random(), rng.uniform(0.1, 3)))
    for logits, option, reward, baseline, learning_rate in cases:
        given = logits.copy()
        got = reinforce_step(given, option, reward, baseline, learning_rate)
        gradient = log_probability_slopes(logits, option)
        expected = logits + learning_rate * (reward - baseline) * gradient
        require(np.array_equal(given, logits), "the logits that were given must stay as they are")
        require(
            np.shape(got) == logits.shape and np.allclose(got, expected, atol=1e-6),
            f"from {logits.round(2).tolist()}, with option {option} drawn, reward {reward:.2f}, "
            f"baseline {baseline:.2f} and learning rate {learning_rate:.2f}, the new logits are "
            f"{expected.round(4).tolist()}, got {got!r}",
        )


def check_noise(mean_and_variance) -> None:
    """14.3: mean_and_variance(probabilities, rewards, baseline)."""
    rng = np.random.default_rng(143)
    cases = [(np.array([0.5, 0.5]), np.array([0.0, 1.0]), 0.0)]
    for _ in range(20):
        size = int(rng.integers(2, 6))
        cases.append((rng.dirichlet(np.ones(size)), rng.random(size), rng.random()))
    for probabilities, rewards, baseline in cases:
        steps = [
            (reward - baseline) * log_probability_slopes(np.log(probabilities), option)
            for option, reward in enumerate(rewards)
        ]
        mean = sum(p * step for p, step in zip(probabilities, steps))
        variance = sum(p * ((step - mean) ** 2).sum() for p, step in zip(probabilities, steps))
        answer = mean_and_variance(probabilities.copy(), rewards.copy(), baseline)
        about = (
            f"with probabilities {probabilities.round(3).tolist()}, rewards "
            f"{rewards.round(3).tolist()} and baseline {baseline:.3f}"
        )
        require(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            f"the answer must be the pair (mean, variance), got {answer!r}",
        )
        require(
            np.shape(answer[0]) == mean.shape and np.allclose(answer[0], mean, atol=1e-6),
            f"{about} the mean step is {mean.round(4).tolist()}, got {answer[0]!r}",
        )
        require(
            np.ndim(answer[1]) == 0 and np.isclose(answer[1], variance, atol=1e-6),
            f"{about} the variance is {variance:.5f}, got {answer[1]!r}",
        )


def check_entropy_gradient(entropy_gradient) -> None:
    """14.4: entropy_gradient(logits), in nats."""
    rng = np.random.default_rng(144)

    def entropy(logits: np.ndarray) -> float:
        p = probabilities_of(logits)
        return float(-(p * np.log(p)).sum())

    for logits in [np.zeros(3), *(rng.normal(size=size) for size in (2, 3, 4, 5, 5))]:
        expected = slopes(entropy, logits)
        got = entropy_gradient(logits.copy())
        require(
            np.shape(got) == logits.shape and np.allclose(got, expected, atol=1e-6),
            f"at the logits {logits.round(3).tolist()} finite differences give "
            f"{expected.round(4).tolist()}, got {got!r}",
        )


CHECKS = {
    "14.1": check_prediction,
    "14.2": check_step,
    "14.3": check_noise,
    "14.4": check_entropy_gradient,
}
