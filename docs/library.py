"""The library's pages, one a module: rooms as the package's docstring lists them, each in its own order.

A docstring lists modules in lines such as `graph, base   what they hold`. What it does not list follows
in the order of the alphabet, so that a page is never missing.
"""

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "nas_tutorial"
ENTRY = re.compile(r"^ *(\w+/?(?:, \w+/?)*)  +\S", re.MULTILINE)


def docstring(path: Path) -> str:
    """The docstring of a module, or of the package that a folder is."""
    file = path / "__init__.py" if path.is_dir() else path
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def listed(package: Path) -> list[str]:
    """The names in the list of a package's docstring, in its order."""
    names = ",".join(ENTRY.findall(docstring(package)))
    return [name.strip(" /") for name in names.split(",") if name.strip()]


def parts(package: Path) -> list[Path]:
    """The modules and packages of a package, in reading order."""
    folders = [path.parent for path in package.glob("*/__init__.py")]
    files = [path for path in package.glob("*.py") if path.stem != "__init__"]
    order = listed(package)
    place = {name: number for number, name in enumerate(order)}
    return sorted(
        [*folders, *files], key=lambda path: (place.get(path.stem, len(order)), path.stem)
    )


def modules(package: Path = PACKAGE) -> dict[str, str]:
    """Dotted name of each module, without the package's own -> what it holds."""
    found = {}
    for path in parts(package):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found[name] = first_sentence(docstring(path))
        if path.is_dir():
            found |= modules(path)
    return found


def first_sentence(text: str) -> str:
    """The beginning of a docstring, up to a full stop that another sentence follows."""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) (?=[A-Z`])", paragraph, maxsplit=1)[0]


def page(module: str) -> str:
    """The page of a module: its docstring and those of what it defines."""
    return f"{module}\n{'=' * len(module)}\n\n.. automodule:: nas_tutorial.{module}\n"


def write(folder: Path) -> None:
    """Write a page for each module, and the list of them."""
    folder.mkdir(parents=True)
    found = modules()
    for module in found:
        (folder / f"{module}.rst").write_text(page(module), encoding="utf-8")
    (folder / "index.md").write_text(contents(found), encoding="utf-8")


def contents(found: dict[str, str]) -> str:
    """The list of modules in reading order, each with what it holds."""
    rows = [f"| [{module}]({module}.rst) | {what} |" for module, what in found.items()]
    return "\n".join([
        "# Library", "",
        "Read it in this order: each room imports only from those above it.", "",
        "| module | what it holds |", "| --- | --- |", *rows, "",
        "```{toctree}", ":hidden:", "", *found, "```", "",
    ])  # fmt: skip
