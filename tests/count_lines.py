"""Count the library's lines of code, room by room: `python tests/count_lines.py`.

A line of code holds a token of code: docstrings, comments and blank lines are left out. The reading path
is all that is no annex.
"""

import io
import tokenize
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "nas_tutorial"
ANNEXES = (
    "evaluators/one_program", "tables/published", "making", "kerastuner", "reporting", "course",
    "__main__", "data/own", "spaces/dense", "spaces/grammar", "spaces/transformer",
    "evaluators/tasks", "evaluators/baselines", "evaluators/elastic",
)  # fmt: skip
LAYOUT = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
LEFT_OUT = {tokenize.COMMENT, tokenize.NL}


def code_lines(source: str) -> int:
    """How many lines of a program hold code."""
    everything = tokenize.generate_tokens(io.StringIO(source).readline)
    tokens = [token for token in everything if token.type not in LEFT_OUT]
    lines: set[int] = set()
    begins = True  # whether a token is the first of its statement
    for token, following in pairwise(tokens):
        is_docstring = (
            begins and token.type == tokenize.STRING and following.type == tokenize.NEWLINE
        )
        if token.type not in LAYOUT and not is_docstring:
            lines.update(range(token.start[0], token.end[0] + 1))
        begins = token.type in LAYOUT
    return len(lines)


def is_annex(path: Path) -> bool:
    """Whether a file of the package is an annex, or lies in one."""
    name = path.relative_to(PACKAGE).with_suffix("").as_posix()
    return any(name == annex or name.startswith(f"{annex}/") for annex in ANNEXES)


def rooms() -> dict[str, tuple[int, int]]:
    """Room -> its lines of code on the reading path, and those in annexes."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        counted[room][is_annex(path)] += code_lines(path.read_text(encoding="utf-8"))
    return {room: (path, annexes) for room, (path, annexes) in counted.items()}


def reading_path() -> int:
    """The lines of code on the reading path."""
    return sum(path for path, _ in rooms().values())


def main() -> None:
    print(f"{'room':12} reading path  annexes")
    for room, (path, annexes) in rooms().items():
        print(f"{room:12} {path or '':12}  {annexes or '':7}")
    total, annexes = (sum(column) for column in zip(*rooms().values()))
    print(f"{'all':12} {total:12,}  {annexes:7,}")


if __name__ == "__main__":
    main()
