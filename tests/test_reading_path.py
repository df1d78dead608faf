"""The reading path can be read in an evening: its lines of code are counted, and annexes say what they are."""

import re

import pytest

from tests import ROOT, count_lines

LONGEST = 4_000
SAMPLE = '''"""A docstring
of two lines."""

import os  # counted

# a comment


def f(a):
    """Left out."""

    return """a value
    of two lines"""


class C:
    """Left out."""

    x: int = 1
    """Left out too."""

    def g(self): ...
'''


def test_code_is_counted_without_docstrings_comments_and_blank_lines():
    assert count_lines.code_lines(SAMPLE) == 7  # import, def, return on two lines, class, x, g


def test_the_reading_path_is_short():
    assert count_lines.reading_path() <= LONGEST, "python tests/count_lines.py says where they are"


def test_the_readme_states_the_number_and_the_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (stated,) = re.findall(r"([\d,]+) lines of code", readme)
    assert int(stated.replace(",", "")) == count_lines.reading_path()
    assert "python tests/count_lines.py" in readme


def there():
    """The annexes that the package has, each with the file whose docstring speaks for it."""
    for annex in count_lines.ANNEXES:
        for path in (f"{annex}.py", f"{annex}/__init__.py"):
            if (count_lines.PACKAGE / path).exists():
                yield pytest.param(count_lines.PACKAGE / path, id=annex)


@pytest.mark.parametrize("path", list(there()))
def test_an_annex_says_so_in_its_first_line(path):
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith('"""') and "annex" in first.lower()
