"""nas_tutorial: neural architecture search, hands on. A small library that a course walks through.

Read it in this order; each file holds one idea and imports only from files above it.

    graph          a network as a labelled graph; pruning, and when two graphs are the same network
    architecture   choices, and one value for each
    trials         candidates, results, histories; objective and constraints
    randomness     one seed, from which every other seed comes
    names          names that people type, and errors that help
    arrays         files of arrays, read without running anything
    pareto         several objectives at once: what nothing dominates
    hypervolume    how good a whole front is, in one number

    spaces         what can be built: a chain, NAS-Bench-201's cell, NAS-Bench-101's cell
    backend        what Keras has no neutral word for
    models         from graph to Keras model
    data           data sets with fixed training, validation and test parts
    surnames       one of them: the language of a surname, letter by letter

    gaussian_process  a prediction and its uncertainty, from a few dozen results
    strategies/    how to choose the next candidate, one file each
    checkpoints    trainings that stopped, kept so that they can go on
    evaluation     how good a candidate is: train it and measure it
    switched       one edge whose operation is chosen while the program runs
    stacked        all cells of a network from such edges
    compiled       how good a candidate is, fast: one compiled program trains them all
    proxies        how good a candidate may be, without training
    compiled_proxies  the same by one compiled program
    shared         numbers that architectures share, of which a path picks some
    supernet       how good a candidate is, by weights that all share
    darts          a mixture of all operations, and gradient descent on its shares

    workers        where evaluations run when not here: processes, or a cluster
    simulated      the same on a clock of its own: what many workers would do
    store          the file that a search keeps as it goes
    loop           search(): ask, evaluate, tell, until a budget is spent
    analysis       repeat over seeds; medians and quartiles, over trials or seconds
    significance   ranks, tests, and the size of an effect
    chance         what random search finds in a table, by formula
    costs          all the seconds behind a result, and an estimate of their energy
    table_build    train every network of a space, and keep what was measured
    table_proxies  score every network without training
    converted      benchmark files that are read once
    tfrecord       files of records as TensorFlow writes them, read without it
    nasbench101    NAS-Bench-101's hash, and its official files
    plain_pickle   pickles of plain data, read without running anything
    natsbench      NATS-Bench's official files
    nasbench201    an extract of NAS-Bench-201
    table_index    which row of a table belongs to an architecture
    table          look results up instead of training
    table_verify   train a few of its networks anew, and compare

    layout, plots  pictures
    replay         a search as a film
    report         the run card
    kerastuner     our spaces and strategies in KerasTuner, which the extra `notebooks` brings

    course         what the notebooks need
    exercises/     what the notebooks ask, the checks of the answers, and what was solved
    quizzes/       a few questions a chapter, each answer explained
    options        how options of the command line are read
    __main__       the command line

Importing the package loads neither Keras nor a backend.
"""
