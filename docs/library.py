"""The library's pages: one a module, in the reading order that the package's docstring gives."""

import re
from pathlib import Path

import nas_tutorial

PACKAGE = Path(nas_tutorial.__file__).parent
ENTRY = re.compile(r"^    (\w[\w/, ]*?)  +(\S.*)$", re.MULTILINE)


def reading_order() -> list[tuple[list[str], str]]:
    """Modules and what they hold, as the package's docstring lists them.

    A line may name several modules, and a folder ("strategies/") stands for its files.
    """
    return [
        ([module for name in names.split(",") for module in modules(name.strip())], what)
        for names, what in ENTRY.findall(nas_tutorial.__doc__)
    ]


def modules(name: str) -> list[str]:
    """The dotted modules that a name in the docstring stands for, without the package's own."""
    if not name.endswith("/"):
        return [name]
    folder = name.rstrip("/")
    stems = sorted(path.stem for path in (PACKAGE / folder).glob("[a-z]*.py"))
    stems.sort(key=lambda stem: stem != "base")  # a strategy is read after what it is
    return [folder, *(f"{folder}.{stem}" for stem in stems)]


def page(module: str) -> str:
    """The page of a module: its docstring and those of what it defines."""
    return f"{module}\n{'=' * len(module)}\n\n.. automodule:: nas_tutorial.{module}\n"


def write(folder: Path) -> None:
    """Write a page for each module, and the list of them."""
    folder.mkdir(parents=True)
    order = reading_order()
    for names, _ in order:
        for module in names:
            (folder / f"{module}.rst").write_text(page(module), encoding="utf-8")
    (folder / "index.md").write_text(contents(order), encoding="utf-8")


def contents(order: list[tuple[list[str], str]]) -> str:
    """The list of modules in reading order, each with what it holds."""
    rows = [f"| {', '.join(f'[{m}]({m}.rst)' for m in names)} | {what} |" for names, what in order]
    return "\n".join([
        "# Library", "",
        "Read it in this order: each file holds one idea and imports only from files above it.", "",
        "| module | what it holds |", "| --- | --- |", *rows, "",
        "```{toctree}", ":hidden:", "", *(m for names, _ in order for m in names), "```", "",
    ])  # fmt: skip
