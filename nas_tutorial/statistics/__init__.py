"""What may be concluded from searches: repetitions, tests, the baseline of chance, and costs.

repeats       every strategy with every seed; medians and quartiles, over trials or seconds
tests         ranks, tests, and the size of an effect
chance        what random search finds in a table, by formula
costs         all the seconds behind a result
"""
