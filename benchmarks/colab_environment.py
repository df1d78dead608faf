"""Does a notebook's set-up cell leave Colab's packages alone, and do the notebooks run there?

    python3.13 benchmarks/colab_environment.py pip-freeze.gpu.txt --folder colab 01 05 --json

The first argument is Colab's own list of what is installed, from the public repository
googlecolab/backend-info. Whichever Python runs this script makes an environment in `--folder`; it
should be Colab's. Into it go, in Colab's versions, those packages of the list that ours need (lines
with addresses and CUDA builds are left out; TensorFlow is its CPU wheel). Then the set-up cell runs
as on Colab, except that git takes the last commit of this repository for the public address, and
the chapters run in a folder of their own. `changed` is what the cell took from Colab's versions and
should be empty. What this cannot show: a GPU, Colab's front end, packages that ours do not need.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEEDED_TO_RUN = ["ipykernel", "nbclient", "pip"]  # a notebook, where there is no Colab
OURS = {"KERAS_BACKEND", "NAS_TUTORIAL_MODE", "PYTHONPATH", "VIRTUAL_ENV"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("freeze", type=Path, help="Colab's pip-freeze.gpu.txt")
    parser.add_argument("chapters", nargs="*", help="numbers such as 05, run one after another")
    parser.add_argument("--folder", type=Path, required=True, help="a folder that does not exist")
    parser.add_argument("--repository", type=Path, default=ROOT, help="where to install from")
    parser.add_argument("--jax", action="store_true", help="the chapters on JAX too, Colab's own")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    options = parser.parse_args()
    colab = Colab(options.folder.resolve(), options.repository.resolve())
    pins = pinned(options.freeze.read_text(encoding="utf-8"))
    colab.fill(pins, ["jax"] * options.jax)
    before = colab.installed()
    seconds_to_install = colab.set_up()
    after = colab.installed()
    result = {
        "python": platform.python_version(),
        "before": len(before),
        "changed": {
            name: [version, after.get(name)]
            for name, version in before.items()
            if after.get(name) != version
        },
        "added": {name: after[name] for name in sorted(set(after) - set(before))},
        "seconds_to_install": seconds_to_install,
        "seconds": {},
    }
    for backend in ["tensorflow"] + ["jax"] * options.jax:
        for chapter in options.chapters:
            seconds = colab.run(chapter, backend)
            result["seconds"][f"{chapter} {backend}"] = seconds
            say(f"{chapter} ran on {backend} in {seconds} s")
    print(
        f"Python {result['python']}: of {result['before']} packages that were there "
        f"{len(result['changed'])} changed, and {len(result['added'])} were added; "
        f"{len(result['seconds'])} notebooks ran"
    )
    if options.json:
        print(json.dumps(result))
    sys.exit(1 if result["changed"] else 0)


def pinned(freeze: str) -> list[str]:
    """The lines of a pip freeze that a package index can serve: no addresses, no CUDA builds."""
    lines = [line.strip() for line in freeze.splitlines()]
    return [line for line in lines if "==" in line and "@" not in line and "+cu" not in line]


def plain(name: str) -> str:
    """A package's name as pip compares it."""
    return name.lower().replace("_", "-").replace(".", "-")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Colab:
    """An environment with Colab's versions, in a folder, and a stand-in for the public address."""

    def __init__(self, folder: Path, repository: Path):
        folder.mkdir(parents=True)
        self.folder = folder
        self.repository = repository
        self.python = folder / "environment" / "bin" / "python"
        venv.create(folder / "environment", with_pip=True)
        self.environment = {name: os.environ[name] for name in set(os.environ) - OURS}

    def _python(self, *arguments, **more: str) -> str:
        """Standard output of the environment's Python, with more variables set."""
        return subprocess.run(
            [self.python, *map(str, arguments)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**self.environment, **more},
        ).stdout

    def fill(self, pins: list[str], more: list[str]) -> None:
        """Install, in the pinned versions, what this project needs of the pinned packages."""
        constraints, report = self.folder / "pins.txt", self.folder / "needed.json"
        constraints.write_text("\n".join(pins) + "\n", encoding="utf-8")
        needed = [f"{self.repository}[{extra_on_colab()}]", *NEEDED_TO_RUN, *more]
        quiet = "-m", "pip", "install", "--quiet", "-c", constraints
        say("finding out which packages ours need")
        self._python(*quiet, "--dry-run", "--ignore-installed", "--report", report, *needed)
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
        names = {plain(one["metadata"]["name"]) for one in found}
        there = [pin for pin in pins if plain(pin.split("==")[0]) in names]
        say(f"installing {len(there)} packages in Colab's versions")
        self._python(*quiet, *there)

    def installed(self) -> dict[str, str]:
        """Name -> version of what the environment holds."""
        listed = json.loads(self._python("-m", "pip", "list", "--format", "json"))
        return {plain(one["name"]): one["version"] for one in listed}

    def set_up(self) -> float:
        """Run the set-up cell of a notebook as it stands; the seconds that it took."""
        say("running the set-up cell")
        start = time.perf_counter()
        stands_for = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.repository.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": public_address(),
        }
        self._python("-c", set_up_cell(), **stands_for)
        return round(time.perf_counter() - start, 1)

    def run(self, chapter: str, backend: str) -> float:
        """Execute a chapter in a folder of its own; the seconds that it took."""
        (notebook,) = (self.repository / "notebooks").glob(f"{chapter}_*.ipynb")
        folder = self.folder / "executed" / f"{chapter}_{backend}"
        folder.mkdir(parents=True)
        copy = folder / notebook.name
        copy.write_bytes(notebook.read_bytes())
        start = time.perf_counter()
        variables = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        if backend != "tensorflow":  # which is what Keras takes where nothing is said
            variables["KERAS_BACKEND"] = backend
        execute = self.python.with_name("jupyter-execute")
        self._python(execute, "--inplace", "--timeout=600", copy, **variables)
        return round(time.perf_counter() - start, 1)


def first_notebook() -> dict:
    path = ROOT / "notebooks" / "00_start_here.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def set_up_cell() -> str:
    """What every notebook's first code cell says."""
    cells = first_notebook()["cells"]
    return "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))


def _requirement() -> str:
    (line,) = (line for line in set_up_cell().splitlines() if "git+" in line)
    return line.split('"')[1]


def extra_on_colab() -> str:
    return _requirement().split("[")[1].split("]")[0]


def public_address() -> str:
    return _requirement().split("git+")[1]


if __name__ == "__main__":
    main()
