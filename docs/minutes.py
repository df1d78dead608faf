"""Minutes a chapter, for teachers: what is measured, what is estimated, and a table of both.

The test run measures how long the notebooks take (sources/run_time.py); the rest is counted whenever
the site is built.
"""

import re
from dataclasses import dataclass

from chapters import Chapter, build

from sources import run_time

# Estimates, in one place. Nobody has timed a class.
WORDS_A_MINUTE = 150
SECONDS_A_CODE_LINE = 4
MINUTES_A_GUESS = 1
MINUTES_A_STAR = {1: 4, 2: 8, 3: 15}
MINUTES_A_QUIZ = 4

NOT_PROSE = re.compile(  # code, formulas, tables, and where links lead
    r"^```.*?^```|\$\$.*?\$\$|^\|[^\n]*$|(?<=\])\([^)]*\)|^\[[^\]\n]+\]: [^\n]*$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Effort:
    """What a chapter asks of a reader.

    Args:
        words: In its prose; code, formulas and tables are left out.
        code_lines: That the reader sees, blank ones left out.
        guesses: Questions to answer before a cell runs: bold sentences that ask.
        stars: Of each exercise.
        has_quiz: Whether it ends with a quiz.
        seconds: That a run of all cells took; None where it was not measured.
    """

    words: int
    code_lines: int
    guesses: int
    stars: tuple[int, ...]
    has_quiz: bool
    seconds: float | None

    @property
    def reading(self) -> float:
        """Estimated minutes for prose, code and guesses."""
        code = self.code_lines * SECONDS_A_CODE_LINE / 60
        return self.words / WORDS_A_MINUTE + code + self.guesses * MINUTES_A_GUESS

    @property
    def exercises(self) -> float:
        """Estimated minutes for exercises and quiz."""
        quiz = MINUTES_A_QUIZ if self.has_quiz else 0
        return sum(MINUTES_A_STAR[min(stars, 3)] for stars in self.stars) + quiz

    @property
    def total(self) -> int:
        """Estimated minutes of everything, waiting included, to the next five."""
        return 5 * round((self.reading + (self.seconds or 0) / 60 + self.exercises) / 5)


def effort(chapter: Chapter, seconds: float | None = None) -> Effort:
    """Count what a chapter holds."""
    code = [c.source for c in chapter.notebook.cells if c.cell_type == "code"]
    seen = [source for source in code if source != build.colab_set_up()]
    prose, exercises = (
        chapter.text,
        re.findall(r"^### Exercise .*?(★+)", chapter.text, re.MULTILINE),
    )
    prose = NOT_PROSE.sub(" ", prose)
    return Effort(
        words=len(re.findall(r"[A-Za-z][\w'’-]*", prose)),
        code_lines=sum(bool(line.strip()) for source in seen for line in source.splitlines()),
        guesses=sum("?" in bold for bold in re.findall(r"\*\*(.+?)\*\*", chapter.text, re.DOTALL)),
        stars=tuple(len(stars) for stars in exercises),
        has_quiz=any("quiz" in source for source in code),
        seconds=seconds,
    )


def table(taken: list[Chapter]) -> str:
    """The table, a row a chapter: counted, measured, and estimated from these."""
    seconds = run_time.promised()
    rows = []
    for chapter in taken:
        found = effort(chapter, seconds.get(chapter.number))
        run = "not measured" if found.seconds is None else f"{found.seconds:.0f}"
        stars = " ".join("★" * n for n in found.stars)
        rows.append(
            f"| [{chapter.number}](../chapters/{chapter.stem}.ipynb) | {found.words:,} "
            f"| {found.code_lines} | {found.guesses} | {run} | {stars} "
            f"| {found.reading:.0f} | {found.exercises:.0f} | **{found.total}** |"
        )
    return "\n".join([
        "| chapter | words | lines of code | guesses | run (s) | exercises "
        "| reading (min) | exercises (min) | all (min) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |", *rows, "",
    ])  # fmt: skip
