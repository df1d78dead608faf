"""Annex: one compiled program trains every cell of `EdgeCellSpace` on sequences.

Ordinary training compiles a program per network, which takes longer than training a small one. Here
the operation of each edge is an argument of the program. Read in this order:

    edge       one edge whose operation is chosen while the program runs, and its gradient by hand
    network    stem, cells and head as functions of one vector of weights
    training   `CompiledEvaluator`: fresh weights per candidate, as in ordinary training
    proxies    `CompiledProxyEvaluator`: the zero-cost proxies of any cell
    supernet   `Supernet`: weights shared between architectures, and `OneShotEvaluator`
    darts      `Darts`: architecture search by gradient descent on a mixture of operations
"""
