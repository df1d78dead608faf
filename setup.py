"""Take the notebooks into the wheel; everything else that setuptools needs is in pyproject.toml."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

NOTEBOOKS = Path("notebooks")
INSTALLED = Path("nas_tutorial", "course", "notebooks")  # where course/copying.py finds them


class WithNotebooks(build_py):
    """Builds the package, and beside it a copy of the notebooks; an editable install has none."""

    def run(self):
        super().run()
        for source, target in self._copies().items():
            target.parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(str(source), str(target))

    def get_outputs(self, include_bytecode=True):
        return super().get_outputs(include_bytecode) + [
            str(path) for path in self._copies().values()
        ]

    def _copies(self) -> dict[Path, Path]:
        """Notebook -> where it goes, chapters and solutions."""
        if self.editable_mode:
            return {}
        folder = Path(self.build_lib) / INSTALLED
        found = sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("solutions/*.ipynb")])
        return {path: folder / path.relative_to(NOTEBOOKS) for path in found}


setup(cmdclass={"build_py": WithNotebooks})
