"""The lists of chapters in the README and in chapter 00, made from what each source says of itself.

A source begins with a header that jupytext reads and no notebook shows:

    # ---
    # jupyter:
    #   nas_tutorial:
    #     name: Search spaces as graphs            as the lists call the chapter
    #     about: how many networks a space holds   what chapter 00 says of it
    #     minutes: 90                              as at the chapter's own top
    #     document: 4.1 the search space           the part of the source tutorial, if it follows one
    #     modules: [spaces.graph, spaces.base]     what it walks through, its home first
    #     part: "Part I: the idea"                 the heading above it, where a part begins
    # ---

`make notebooks` puts the lists in their places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jupytext

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BEGIN, END = "<!-- chapters: made by `make notebooks` -->\n", "<!-- end of chapters -->\n"
MARK = "% chapters: made by `make notebooks`"  # the line of chapter 00 that becomes its list


@dataclass(frozen=True)
class Entry:
    """What a source says of its chapter; see the top of this file."""

    stem: str
    name: str
    about: str
    minutes: int
    modules: tuple[str, ...]
    document: str = ""
    part: str = ""

    @property
    def number(self) -> str:
        return self.stem[:2]


def entry(source: Path) -> Entry:
    """The entry of a source.

    Raises:
        ValueError: If the header lacks something, or has something else.
    """
    said = jupytext.read(source).metadata.get("nas_tutorial") or {}
    try:
        return Entry(source.stem, **{**said, "modules": tuple(said.get("modules", ()))})
    except TypeError as error:
        raise ValueError(
            f"{source.name} must begin with the header that sources/contents.py describes: {error}"
        ) from None


def in_chapter_00(entries: Sequence[Entry]) -> str:
    """Chapter 00's list: parts, chapters, minutes; then where the links lead."""
    first, *others = entries
    rows = [f"| **{first.number} {first.name}** | {first.about} | {first.minutes} |"]
    for one in others:
        if one.part:
            rows.append(f"| *{one.part}* | | |")
        rows.append(
            f"| **[{one.number} {one.name}][{one.number}]** | {one.about} | {one.minutes} |"
        )
    links = [f"[{one.number}]: {one.stem}.ipynb" for one in others]
    head = ["| chapter | what it is about | about (min) |", "| --- | --- | --- |"]
    return "\n".join([*head, *rows, "", *links])


def in_readme(entries: Sequence[Entry]) -> str:
    """The README's list: notebook, part of the document, modules, tests."""
    rows = [
        f"| [{one.stem}](notebooks/{one.stem}.ipynb) | {one.document} "
        f"| {_code(one.modules)} | {_code(map(tests_of, one.modules))} |"
        for one in entries
    ]
    head = ["| notebook | part of the document | module | test |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


def tests_of(module: str) -> str:
    """Where a module is tested: the file or the folder that mirrors it, else the folder around."""
    *folders, name = module.split(".")
    folder = Path("tests", *folders)
    for place, shown in ((folder / f"test_{name}.py", ""), (folder / name, "/")):
        if (ROOT / place).exists():
            return place.as_posix() + shown
    return folder.as_posix() + "/"


def _code(names) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def with_list(readme: str, entries: Sequence[Entry]) -> str:
    """The README's text with its list of chapters made anew."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + in_readme(entries) + END + after


def write_readme(entries: Sequence[Entry]) -> None:
    """Make the README's list of chapters anew, in place."""
    text = README.read_text(encoding="utf-8")
    README.write_text(with_list(text, entries), encoding="utf-8")
