"""An extract of NAS-Bench-201: its accuracies as a CSV, which is all that many comparisons need.

Reference:
    Dong and Yang 2020, NAS-Bench-201: extending the scope of reproducible neural architecture search.
"""

from pathlib import Path

import numpy as np

from nas_tutorial.spaces.edge_cell import EdgeCellSpace

DATASETS = ("cifar10", "cifar100", "imagenet16_120")


def read_table(path: Path, dataset: str) -> dict:
    """The arguments of `Table` from a CSV, see `Table.load_nasbench201`."""
    import pandas

    columns = {
        (f"{part}_accuracy", epochs): f"{dataset}_{part}_{epochs}epochs"
        for part, epochs in (("val", 12), ("test", 12), ("test", 200))
    }
    names, types = ["architecture", *columns.values()], dict.fromkeys(columns.values(), "float64")
    try:
        frame = pandas.read_csv(path, usecols=names, dtype=types)
        are_percent = frame[list(columns.values())].stack(future_stack=True).between(0, 100).all()
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # pandas, gzip and zlib have each their own
        raise ValueError(
            f"{path} must be a CSV with the columns {', '.join(names)}, the last three numbers, but "
            f"is not: {str(error) or type(error).__name__}. Take the whole extract."
        ) from error
    networks = list(map(EdgeCellSpace().from_string, frame["architecture"]))
    if not len(set(networks)) == len(networks) == EdgeCellSpace().size or not are_percent:
        raise ValueError(
            f"{path} must hold all {EdgeCellSpace().size:,} architectures once, with accuracies in "
            f"[0, 100], got {len(set(networks)):,}. Take the whole extract."
        )
    metrics = {key: frame[[column]].to_numpy() / 100 for key, column in columns.items()}
    return {
        "networks": networks,
        "metrics": metrics,
        "costs": {},
        "seconds": np.zeros((len(networks), 1)),
    }
