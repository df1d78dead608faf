"""Annex: published benchmarks. Each is a module with `load(path, ...)`, which returns a `Table`:

    from nas_tutorial.tables.published import nasbench101
    table = nasbench101.load("nasbench_only108.tfrecord")

In reading order:

nasbench101    423,624 cells with operations on the nodes, and the hash that names a cell
nasbench201    15,625 cells with operations on the edges: NATS-Bench's files, or a CSV extract
compact        what was read of official files, kept as arrays, so that they are read once
tfrecord       the records of NAS-Bench-101's files, read without TensorFlow
pickles        NATS-Bench's pickles, read without running what they ask for
"""
