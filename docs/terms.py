"""The bilingual page of terms, collected from the chapters' own lines of Chinese.

A chapter ends with such a line, headed "Terms", "中文术语" or "In Chinese": Chinese first, then
English, entries parted by a dot in the middle, a comma or a semicolon.
"""

import re
from collections import defaultdict
from pathlib import Path

from chapters import Chapter

LINES = re.compile(
    r"(?:\*\*(?:Terms|中文术语)\*\*:?|^## In Chinese$)(.+?)(?=\n\s*\n|\Z)", re.DOTALL | re.M
)
ENTRY = re.compile(r"(.*[\u4e00-\u9fff](?: [A-Z]{2,})?) +(\S.*)")  # "高级 API high-level API"


def terms(chapter: Chapter) -> list[tuple[str, str]]:
    """Pairs of English and Chinese, in the chapter's order.

    Raises:
        ValueError: If an entry is not Chinese followed by English.
    """
    pairs = []
    for line in LINES.findall(chapter.text):
        for entry in re.split(r"[·,;，；]", " ".join(line.split()).rstrip(".")):
            match = ENTRY.fullmatch(entry.strip())
            if not match:
                raise ValueError(
                    f"an entry of the terms must be Chinese, then English, got {entry!r} in "
                    f"{chapter.stem}. Part entries with · and write: 搜索空间 search space."
                )
            pairs.append((match[2], match[1]))
    return pairs


def collected(taken: list[Chapter]) -> dict[str, dict[str, list[Chapter]]]:
    """English -> Chinese -> the chapters that give this pair, in alphabetical order."""
    found: dict[str, dict[str, list[Chapter]]] = defaultdict(lambda: defaultdict(list))
    for chapter in taken:
        for english, chinese in terms(chapter):
            found[english][chinese].append(chapter)
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def write(taken: list[Chapter], path: Path) -> None:
    """Write the page of terms."""
    path.write_text(page(collected(taken)), encoding="utf-8")


def page(found: dict[str, dict[str, list[Chapter]]]) -> str:
    """The table, one row a pair."""
    rows = [
        f"| {english} | {chinese} | {links(where)} |"
        for english, by_chinese in found.items()
        for chinese, where in by_chinese.items()
    ]
    return "\n".join([
        "# Terms · 术语", "",
        "The terms that the chapters name in both languages, collected from them. "
        "The numbers lead to the chapters.", "",
        "| English | 中文 | chapters |", "| --- | --- | --- |", *rows, "",
    ])  # fmt: skip


def links(where: list[Chapter]) -> str:
    return " ".join(f"[{chapter.number}](chapters/{chapter.stem}.ipynb)" for chapter in where)
