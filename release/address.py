"""Write the course's public address everywhere: `python -m release.address OWNER`."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Where the address may stand; in pyproject.toml it is read.
PLACES = (
    "pyproject.toml", "*.md", "CITATION.cff", "docs/**/*.md", "sources/[0-9]*.py", "notebooks/**/*.ipynb",
)  # fmt: skip
NAME = r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}"  # of an account on GitHub
PROJECT = "nas_tutorial"
# On GitHub, in Colab's links and in Binder's.
ADDRESS = re.compile(rf"\b(github\.com/|github/|v2/gh/)({NAME})(?=/{PROJECT}\b)")


def places(root: Path = ROOT) -> list[Path]:
    """Every file that may hold the address."""
    return sorted(path for pattern in PLACES for path in root.glob(pattern))


def owner(root: Path = ROOT) -> str:
    """Whose the repository is, as pyproject.toml says; OWNER as long as nobody has said."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].split("/")[-2]


def write_address(new: str, root: Path = ROOT) -> list[Path]:
    """Put a new owner in place of the one before; returns the files that changed.

    Raises:
        ValueError: If that is no name that GitHub gives, before anything is written.
    """
    if not re.fullmatch(NAME, new):
        raise ValueError(
            f"the owner must be a name on GitHub: up to 39 letters, digits and single hyphens, got "
            f"{new!r}. Run: make address OWNER=name"
        )
    before, changed = owner(root), []
    for path in places(root):
        text = path.read_text(encoding="utf-8")
        written = ADDRESS.sub(
            lambda found: found[1] + (new if found[2] == before else found[2]), text
        )
        if written != text:
            path.write_text(written, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main() -> int:
    try:
        changed = write_address(sys.argv[1] if len(sys.argv) == 2 else "")
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(changed)} files changed; the owner is {owner()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
