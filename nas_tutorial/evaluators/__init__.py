"""Performance estimation, the third dimension of NAS: how good is a candidate?

An evaluator is a callable `(candidate, *, seed) -> Result`. Read in this order:

    recipe        what is trained, on what, and how: the settings that evaluators share
    training      `TrainingEvaluator` trains a fresh Keras model per candidate and measures it
    checkpoints   training runs that stopped early, kept so that they can go on
    proxies       zero-cost proxies: scores of networks that were not trained

and an annex, faster and harder to read:

    one_program   one compiled program trains every cell of `EdgeCellSpace`; weight sharing, DARTS
"""
