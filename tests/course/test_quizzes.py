"""Every quiz is well formed, speaks of its chapter, and needs nothing but its file."""

import json
import re
import socket
from html.parser import HTMLParser

import jupytext
import pytest

from nas_tutorial import course
from nas_tutorial.course import quizzes, session
from nas_tutorial.course.quizzes import Answer, Question
from tests import ROOT

SOURCES = ROOT / "sources"
CHAPTERS = quizzes.chapters()
ALL = [one for chapter in CHAPTERS for one in quizzes.questions(chapter)]
each_quiz = pytest.mark.parametrize("chapter", CHAPTERS)


def cells(chapter: str) -> list:
    (source,) = SOURCES.glob(f"{chapter}_*.py")
    return jupytext.read(source).cells


@each_quiz
def test_a_quiz_is_well_formed(chapter):
    asked = quizzes.questions(chapter)
    assert 3 <= len(asked) <= 5
    for question in asked:
        assert 3 <= len(question.answers) <= 4
        assert sum(answer.is_right for answer in question.answers) == 1, question.text
        assert len({answer.text for answer in question.answers}) == len(question.answers)
        assert len({answer.why for answer in question.answers}) == len(question.answers)
        for text in (question.text, *(text for a in question.answers for text in (a.text, a.why))):
            assert text == text.strip() and text[-1] in ".?", text
            assert text.count("`") % 2 == 0, text
        assert all(len(answer.why) >= 20 for answer in question.answers), question.text


@each_quiz
def test_a_quiz_is_in_the_form_that_jupyterquiz_reads(chapter):
    path = quizzes.HERE / f"chapter{chapter}.json"
    for one in json.loads(path.read_text(encoding="utf-8")):
        assert set(one) == {"question", "type", "section", "answers"}
        assert one["type"] == "multiple_choice"
        for answer in one["answers"]:
            assert set(answer) == {"answer", "correct", "feedback"}
            assert answer["correct"] in (True, False)


@each_quiz
def test_every_question_names_the_heading_to_read_again(chapter):
    text = "\n".join(cell.source for cell in cells(chapter) if cell.cell_type == "markdown")
    headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    for question in quizzes.questions(chapter):
        assert question.section in headings, question.text


def test_no_question_is_asked_twice():
    asked = [one.text for one in ALL]
    assert len(set(asked)) == len(asked)


def test_the_right_answer_has_no_place_of_its_own_and_no_length():
    places = [[answer.is_right for answer in one.answers].index(True) for one in ALL]
    assert all(0.2 * len(ALL) < places.count(place) < 0.5 * len(ALL) for place in range(3))
    lengths = [sorted(one.answers, key=lambda answer: len(answer.text)) for one in ALL]
    assert sum(answers[-1].is_right for answers in lengths) < 0.4 * len(ALL)
    assert sum(answers[0].is_right for answers in lengths) < 0.45 * len(ALL)


@pytest.mark.parametrize("source", sorted(SOURCES.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_every_chapter_ends_with_its_quiz(source):
    chapter = source.name[:2]
    code = [cell.source for cell in cells(chapter) if cell.cell_type == "code"]
    assert [c for c in code if "course.quiz(" in c] == [f'nas.course.quiz("{chapter}")']
    text = source.read_text(encoding="utf-8")
    quiz, recap = text.index("# ## Quiz"), text.index("# ## Recap")
    assert recap < quiz < text.index("# ## Further reading")
    assert "# ## Exercises" not in text[:quiz]


def test_a_chapter_without_a_quiz_is_refused():
    with pytest.raises(ValueError, match=r"a chapter with a quiz must be one of .*; got '5'"):
        quizzes.questions("5")


# How it is shown

MADE_UP = (
    Question(
        "Is `a < b`?",
        'What "less" is',
        (Answer("Yes & no.", True, "Both."), Answer("No.", False, "`b` is more.")),
    ),
)


class Page(HTMLParser):
    """The texts of a page by the tag that they stand in, and all tags."""

    def __init__(self, page: str):
        super().__init__()
        self.open, self.texts, self.tags = [], [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open[-1], data.strip()))


def test_each_answer_unfolds_its_explanation():
    page = Page(quizzes.as_html(MADE_UP))
    assert [tag for tag, _ in page.tags].count("details") == 2
    assert page.texts == [
        ("b", "1."),
        ("div", "Is"),
        ("code", "a < b"),
        ("div", "?"),
        ("summary", "Yes & no."),
        ("b", "Right."),
        ("div", "Both."),
        ("summary", "No."),
        ("b", "Not so."),
        ("code", "b"),
        ("div", "is more."),
        ("i", 'Read again: “What "less" is”.'),
    ]


@each_quiz
def test_a_page_is_whole_closed_and_brings_no_script(chapter):
    asked = quizzes.questions(chapter)
    page = Page(quizzes.as_html(asked))
    assert {tag for tag, _ in page.tags} <= {"div", "details", "summary", "b", "i", "code"}
    assert all(set(attributes) <= {"style"} for _, attributes in page.tags)
    assert [tag for tag, _ in page.tags].count("details") == sum(len(one.answers) for one in asked)


def test_the_printed_form_does_not_tell():
    lines = quizzes.as_text(MADE_UP).splitlines()
    assert lines[:4] == ["1. Is `a < b`?", "", "   a) Yes & no.", "   b) No."]
    assert lines[-1] == "Run this cell: then a click on an answer says why it is right or wrong."
    assert "Both." not in "".join(lines) and "Right" not in "".join(lines)


@each_quiz
def test_the_printed_form_has_every_question_and_fits_a_page(chapter):
    printed = quizzes.as_text(quizzes.questions(chapter))
    assert max(map(len, printed.splitlines())) <= 90
    joined = " ".join(printed.split())
    for question in quizzes.questions(chapter):
        for text in (question.text, *(answer.text for answer in question.answers)):
            assert " ".join(text.split()) in joined


def test_a_learner_gets_a_page_without_network_or_kernel(monkeypatch):
    def no_network(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.delenv(session.STILL_VARIABLE, raising=False)
    shown = course.quiz("05")
    assert shown.data == quizzes.as_html(quizzes.questions("05"))
    assert course.quiz("05").data == shown.data  # and the same page each time


def test_where_outputs_are_stored_the_questions_are_printed(monkeypatch, capsys):
    monkeypatch.setenv(session.STILL_VARIABLE, "1")
    assert course.quiz("05") is None
    assert capsys.readouterr().out == quizzes.as_text(quizzes.questions("05")) + "\n"
