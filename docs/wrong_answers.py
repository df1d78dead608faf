"""Wrong answers to expect: the mistakes that the tests of the exercises plant, and what checks say.

`python docs/wrong_answers.py 04` runs a chapter's check on each of its planted mistakes and keeps the
verdicts in teaching/verdicts.json. What to answer is written by hand, in teaching/replies.toml.
"""

import ast
import contextlib
import io
import json
import os
import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

from chapters import Chapter

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))  # for tests

TESTS = ROOT / "tests" / "course" / "exercises"
VERDICTS = HERE / "teaching" / "verdicts.json"
REPLIES = HERE / "teaching" / "replies.toml"
LONGEST = 320  # characters of a verdict on the page


def planted(number: str) -> list[tuple[str, str, object]]:
    """The planted mistakes of a chapter: exercise, what is wrong in words, and the answer itself.

    Args:
        number: Of the chapter, such as "04".
    """
    path = TESTS / f"test_chapter{number}.py"
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    named = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    (entries,) = (
        node.value.elts
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.List)
        and ast.unparse(node.targets[0]) == "MISTAKES"
    )
    module = import_module(f"tests.course.exercises.{path.stem}")
    lines, words = source.splitlines(), []
    for entry in entries:
        if isinstance(entry, ast.Starred) and isinstance(entry.value, ast.GeneratorExp):
            (loop,) = entry.value.generators  # one mistake for each of its items
            items = eval(ast.unparse(loop.iter), vars(module))
            words += [in_words(getattr(one, "__name__", repr(one)), named) for one in items]
        elif isinstance(entry, ast.Tuple):
            end = entry.end_lineno or entry.lineno
            comment = lines[end - 1][entry.end_col_offset :].partition("#")[2].strip()
            words.append(in_words(ast.unparse(entry.elts[1]), named, comment))
    return [
        (exercise, told, one) for told, (exercise, one) in zip(words, module.MISTAKES, strict=True)
    ]


def in_words(answer: str, named: dict[str, ast.FunctionDef], comment: str = "") -> str:
    """What a planted mistake does: its name with comment or docstring; a value as it is written."""
    if answer in named:
        told = comment or (ast.get_docstring(named[answer]) or "").split("\n\n")[0].strip()
        name = answer.strip("_").replace("_", " ")
        return f"{name}: {told}" if told else name
    return f"`{answer}`" + (f": {comment}" if comment else "")


def collect(number: str) -> list[dict[str, str]]:
    """What the checks say to the planted mistakes of a chapter."""
    from nas_tutorial.course.exercises import check

    found = []
    for exercise, mistake, answer in planted(number):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            check(exercise, answer)
        verdict = said.getvalue().splitlines()[0].removeprefix(f"{exercise}: ")
        found.append({"exercise": exercise, "mistake": mistake, "verdict": verdict})
    return found


def kept() -> dict[str, list[dict[str, str]]]:
    """Chapter number -> its planted mistakes with their verdicts."""
    return json.loads(VERDICTS.read_text(encoding="utf-8")) if VERDICTS.exists() else {}


def replies() -> dict[str, dict]:
    """Chapter number -> belief, answer, questions, and replies by exercise."""
    return tomllib.loads(REPLIES.read_text(encoding="utf-8"))


def page(taken: list[Chapter]) -> str:
    """The section of each chapter: its belief, then its mistakes, exercise by exercise."""
    told, by_hand = kept(), replies()
    parts = []
    for chapter in taken:
        hand = by_hand.get(chapter.number, {})
        rows = told.get(chapter.number, [])
        if not hand and not rows:
            continue
        parts.append(f"## {chapter.number} {chapter.title}\n")
        if "belief" in hand:
            parts.append(f"**They believe**: {hand['belief']} **They see**: {hand['seen']}\n")
        for exercise in dict.fromkeys(row["exercise"] for row in rows):
            parts.append(section(exercise, chapter, rows, hand.get("replies", {})))
    return "\n".join(parts)


def section(exercise: str, chapter: Chapter, rows: list[dict[str, str]], told: dict) -> str:
    """The mistakes of one exercise, with what the check says and what to answer."""
    title = re.search(rf"^### (Exercise {re.escape(exercise)}\b.*)$", chapter.text, re.MULTILINE)
    head = [f"### {title[1] if title else 'Exercise ' + exercise}", ""]
    if exercise in told:
        head += [told[exercise], ""]
    table = [
        f"| {cell(row['mistake'])} | {cell(short(row['verdict']))} |"
        for row in rows
        if row["exercise"] == exercise
    ]
    return "\n".join([*head, "| the mistake | the check says |", "| --- | --- |", *table, ""])


def cell(text: str) -> str:
    """Text that is safe in a table of Markdown; what stands between backticks stays code."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()).replace("|", r"\|"))
    parts[::2] = [re.sub(r"([*_<>\[\]$~])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def short(verdict: str) -> str:
    return verdict if len(verdict) <= LONGEST else verdict[:LONGEST].rsplit(" ", 1)[0] + " ..."


def questions(taken: list[Chapter]) -> str:
    """The questions for discussion, a section a chapter."""
    by_hand = replies()
    parts = []
    for chapter in taken:
        asked = by_hand.get(chapter.number, {}).get("questions", [])
        if asked:
            title = f"## [{chapter.number}](../chapters/{chapter.stem}.ipynb) {chapter.title}\n"
            parts.append("\n".join([title, *(f"- {question}" for question in asked), ""]))
    return "\n".join(parts)


def main(numbers: list[str]) -> None:
    """Run the checks of chapters, or of all, and keep the verdicts."""
    os.environ["NAS_TUTORIAL_PROGRESS"] = "off"
    known = sorted(path.stem[-2:] for path in TESTS.glob("test_chapter[0-9][0-9].py"))
    for number in numbers or known:
        everything = {**kept(), number: collect(number)}
        text = json.dumps(dict(sorted(everything.items())), indent=1, ensure_ascii=False)
        VERDICTS.write_text(text + "\n", encoding="utf-8")
        print(number, len(everything[number]), "verdicts", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
