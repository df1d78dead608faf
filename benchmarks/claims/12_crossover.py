"""Chapter 12: crossover and mutation among the best 2 %. The parents are chosen by run 0, the children judged by the other two.

As printed, parents are chosen and judged by the same mean of three, so that a child has to beat a lucky parent.
"""

from common import MEAN, ROW, RUNS, np, space, table

PAIRS = 20_000


def table_of(chosen_by, judge, title):
    good = [
        table.networks[row] for row in np.argsort(-chosen_by, kind="stable")[: len(table) // 50]
    ]
    rng = np.random.default_rng(1)
    value = {one: judge[row] for one, row in ROW.items()}
    ways = ("crossover", "mutation", "crossover and mutation", "drawn at random")
    rows = {way: [] for way in ways}  # (copy, same network as a parent, child - better parent)
    for pair in rng.integers(len(good), size=(PAIRS, 2)):
        one, other = good[pair[0]], good[pair[1]]
        better = max(one, other, key=value.get)
        mixed = space.crossover(one, other, rng)
        for way, child in zip(
            ways, (mixed, space.mutate(better, rng), space.mutate(mixed, rng), space.sample(rng))
        ):
            twin = ROW[child] in (ROW[one], ROW[other])
            rows[way].append((child in (one, other), twin, value[child] - value[better]))
    print(f"\n{title}, {PAIRS:,} pairs")
    for way, values in rows.items():
        copy, twin, gain = np.array(values).T
        fresh = ~copy.astype(bool)
        share = np.mean(gain[fresh] > 0)
        print(
            f"{way:23} copies {copy.mean():5.1%}, twins too {twin.mean():5.1%}; of the others: five points lost "
            f"{np.mean(gain[fresh] <= -0.05):5.1%}, better than both {share:5.1%} ± {1.96 * (share * (1 - share) / fresh.sum()) ** 0.5:.1%}, "
            f"mean gain {100 * gain[fresh].mean():+.2f}; better than both, of all trainings paid for {np.mean(gain > 0):5.1%}"
        )


if __name__ == "__main__":
    table_of(MEAN, MEAN, "as printed")
    table_of(RUNS[:, 0], RUNS[:, 1:].mean(axis=1), "parents by run 0, judged by runs 1 and 2")
