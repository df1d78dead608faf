"""Build, check and try a release: `make release`. It uploads nothing.

What publishes it is one command, the owner's: `.venv/bin/python -m twine upload dist/*`.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
# What a reader of tables does first, in a folder of their own; without Keras.
TRY = """
import nas_tutorial as nas

assert not nas.__file__.startswith({checkout!r}), nas.__file__
space, table = nas.EdgeCellSpace(), nas.Table.load_course()
history = nas.search(nas.Genetic(space, seed=0), nas.TableEvaluator(table), trials=25)
print("tried:", len(history), "trials on the table")
"""


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["version"]


def says_otherwise(number: str) -> list[str]:
    """The files that do not name this version, though they have to."""
    must_say = {
        "CHANGELOG.md": rf"(?m)^## {re.escape(number)}\b",
        "CITATION.cff": rf"(?m)^version: {re.escape(number)}$",
    }
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in must_say}
    return [name for name, pattern in must_say.items() if not re.search(pattern, texts[name])]


def run(*command: object, folder: Path = ROOT) -> None:
    subprocess.run([str(part) for part in command], cwd=folder, check=True)


def build(out: Path, *options: str) -> Path:
    """Build the sdist, and from it the wheel, into a folder; returns the wheel."""
    run(sys.executable, "-m", "build", "--outdir", out, *options, ROOT)
    (wheel,) = out.glob("*.whl")
    return wheel


def check(out: Path) -> None:
    """Whether the package index would take what is in a folder, and whether the wheel is whole."""
    run(sys.executable, "-m", "twine", "check", "--strict", *sorted(out.iterdir()))
    run(sys.executable, "-m", "check_wheel_contents", *out.glob("*.whl"))


def try_out(python: Path | str, folder: Path) -> None:
    """With a Python that has the wheel: copy the notebooks into a folder, and search the table there."""
    run(python, "-m", "nas_tutorial", "course", "course", folder=folder)
    run(python, "-c", TRY.format(checkout=str(ROOT / "nas_tutorial")), folder=folder)


def main() -> int:
    if wrong := says_otherwise(version()):
        print(f"error: {' and '.join(wrong)} must name version {version()}", file=sys.stderr)
        return 1
    shutil.rmtree(DIST, ignore_errors=True)
    try:
        wheel = build(DIST)
        check(DIST)
        with tempfile.TemporaryDirectory() as empty:
            run(sys.executable, "-m", "venv", Path(empty, "venv"))
            python = Path(empty, "venv", "bin", "python")
            run(python, "-m", "pip", "install", "--quiet", wheel, folder=Path(empty))
            try_out(python, Path(empty))
    except subprocess.CalledProcessError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(
        f"dist/ holds version {version()}. To publish it: .venv/bin/python -m twine upload dist/*"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
