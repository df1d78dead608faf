"""Does anything that comes in bring another error than the documented ones?

Runs every target of tests/test_fuzz.py (architecture strings, settings, data sets, pairs of space and
evaluator, tables, stores, checkpoints, official files, pickles, hand-ins, command lines) on many inputs that Hypothesis makes, and prints what it found.

    python benchmarks/fuzz.py --examples 10000 --json

The examples are shared out equally among the targets; other inputs are made in every run. What fails
is not made smaller, which takes long: `NAS_TUTORIAL_FUZZ=1000 pytest tests/test_fuzz.py` does that.
"""

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from hypothesis import Phase

from tests.test_fuzz import TARGETS, fuzz


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000, help="in all")
    parser.add_argument("--only", nargs="*", default=[target.__name__ for target in TARGETS])
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    targets = [target for target in TARGETS if target.__name__ in options.only]
    each, numbers, found, start = -(-options.examples // len(targets)), {}, {}, time.perf_counter()
    for target in targets:
        name = target.__name__
        try:
            numbers[name] = fuzz(target, each, database=None, phases=[Phase.generate])
        except Exception as error:
            numbers[name], found[name] = each, f"{type(error).__name__}: {error}"[:300]
        print(f"{name:<32} {numbers[name]:>6} {found.get(name, '')}", file=sys.stderr)
    seconds = time.perf_counter() - start
    total = sum(numbers.values())
    print(f"{total:,} inputs in {seconds:.0f} s; {len(found)} of {len(targets)} targets failed")
    for name, error in found.items():
        print(f"{name}: {error}")
    if options.json:
        print(json.dumps({"inputs": numbers, "total": total, "failed": found, "seconds": seconds}))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
