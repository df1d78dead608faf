import pytest

from nas_tutorial.course.copying import CHECKOUT, INSTALLED, copy_notebooks


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "source"
    (source / "solutions").mkdir(parents=True)
    for name in ("00_a.ipynb", "01_b.ipynb", "solutions/00_a.ipynb"):
        (source / name).write_text(name)
    return source


def test_chapters_and_solutions_are_copied_beside_what_is_there(source, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep")
    copies = copy_notebooks(mine, source=source)
    names = ["00_a.ipynb", "01_b.ipynb", "solutions/00_a.ipynb"]
    assert [path.relative_to(mine).as_posix() for path in copies] == names
    assert [path.read_text() for path in copies] == names
    assert (mine / "notes.txt").read_text() == "keep"


def test_nothing_is_overwritten_and_then_nothing_is_copied(source, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "01_b.ipynb").write_text("my answers")
    with pytest.raises(ValueError, match=r"nothing may be overwritten, but .* has 1 of these 3"):
        copy_notebooks(mine, source=source)
    assert [path.name for path in mine.iterdir()] == ["01_b.ipynb"]
    assert (mine / "01_b.ipynb").read_text() == "my answers"


def test_a_file_in_place_of_the_folder_is_named(source, tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(ValueError, match=r"need a folder, but .*mine is a file"):
        copy_notebooks(tmp_path / "mine", source=source)


def test_no_notebooks_are_an_error_that_says_where_they_must_be(tmp_path):
    with pytest.raises(ValueError, match=r"the notebooks must be in .*, but there are none"):
        copy_notebooks(tmp_path / "mine", source=tmp_path / "nothing")
    assert not (tmp_path / "mine").exists()


def test_a_checkout_copies_its_own_notebooks(tmp_path):
    assert not INSTALLED.exists()  # no second copy
    copies = copy_notebooks(tmp_path)
    assert {path.name for path in copies} == {path.name for path in CHECKOUT.glob("*.ipynb")}
    assert copies[0].read_bytes() == (CHECKOUT / copies[0].name).read_bytes()
