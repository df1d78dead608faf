"""The learner's path in a real browser: `make test-browser`. No part of `make test`.

Chromium without a screen opens JupyterLab as `make lab` starts it, runs chapters from the menu,
types answers and reads the verdicts. Whatever the page asks of any host but this one is refused and
fails the test: the course works offline. Pictures of what a learner sees go to build/browser.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from tests import ROOT

BIN = ROOT / ".venv" / "bin"
PICTURES = ROOT / "build" / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
LAB_SECONDS, RUN_SECONDS = 90, 600

pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="there is no Chromium: install one (Debian: apt install chromium), "
    "or let the environment variable CHROMIUM hold the path of one",
)

# Functions for the page. JupyterLab shows its application as `jupyterapp` where it is asked to.
INDEX = """beginning => jupyterapp.shell.currentWidget.content.widgets.findIndex(
    cell => cell.model.sharedModel.source.startsWith(beginning))"""
SELECT = """index => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    notebook.mode = "command";
    notebook.node.focus();
    return notebook.scrollToItem(index);
}"""
SHOWN = "index => jupyterapp.shell.currentWidget.content.widgets[index].outputArea.node.innerText"
IS_IDLE = """name => jupyterapp.shell.currentWidget?.title?.label === name
    && jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === "idle\""""
UNFINISHED = """() => jupyterapp.shell.currentWidget.content.widgets.filter(cell =>
    cell.model.type === "code" && cell.model.sharedModel.source.trim() && !cell.model.executionCount
).length"""
ERRORS = """() => jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "code")
    .flatMap(cell => cell.model.outputs.toJSON())
    .filter(output => output.output_type === "error" || output.name === "stderr")"""
CLEAR = "() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """What the learner has: the notebooks, settings of their own, no exercise solved."""
    folder = tmp_path_factory.mktemp("learner")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


@pytest.fixture(scope="module")
def lab(home) -> Iterator[str]:
    """The address of a JupyterLab, started by the command of the Makefile."""
    (command,) = (
        line
        for line in (ROOT / "Makefile").read_text().replace("$(BIN)", str(BIN)).splitlines()
        if "jupyter lab" in line
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "NAS_TUTORIAL_PROGRESS": home / "progress.json",
    }
    flags = [
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=learner",
        "--no-browser", "--allow-root", "--expose-app-in-browser",
    ]  # fmt: skip
    log = (home / "lab.log").open("w")
    lab = subprocess.Popen(
        [*command.split(), *flags],
        cwd=home,
        env={**os.environ, **{key: str(value) for key, value in own.items()}},
        stdout=log,
        stderr=log,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token=learner", lab, home / "lab.log")
        yield f"http://127.0.0.1:{port}/lab?token=learner"
    finally:
        lab.terminate()
        lab.wait(30)
        log.close()


def wait_for(address: str, lab: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + LAB_SECONDS
    while lab.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(address)
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(
        f"JupyterLab ended, or did not answer in {LAB_SECONDS} s:\n{log.read_text()[-2000:]}"
    )


@pytest.fixture(scope="module")
def page(lab) -> Iterator[Page]:
    """JupyterLab in Chromium; it may speak with its own server alone."""
    refused = []

    def serve(route: Route) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.route("**/*", serve)
        page.goto(lab)
        page.wait_for_function("() => window.jupyterapp?.shell?.isAttached", timeout=90_000)
        page.wait_for_selector("#jp-main-dock-panel")
        yield page
        browser.close()
    assert refused == [], "the page asked for something from the network"


def open_chapter(page: Page, name: str) -> None:
    """By a double click in the file browser, as a learner does."""
    page.locator(".jp-DirListing-item", has_text=name).dblclick()
    page.wait_for_function(IS_IDLE, arg=name, timeout=1000 * LAB_SECONDS)


def run_all(page: Page) -> None:
    """Clear the outputs that came with the notebook, then Run > Run All Cells."""
    page.evaluate(CLEAR)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    done = f"() => ({UNFINISHED})() === 0 || ({ERRORS})().length"
    page.wait_for_function(done, timeout=1000 * RUN_SECONDS)
    assert page.evaluate(ERRORS) == []


def see(page: Page, beginning: str, picture: str) -> str:
    """Scroll to the cell that begins so, keep a picture, return the text of its output."""
    index = page.evaluate(INDEX, beginning)
    page.evaluate(SELECT, index)
    page.wait_for_timeout(500)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{picture}.png")
    return page.evaluate(SHOWN, index)


def answer(page: Page, number: str, text: str) -> str:
    """Type an answer in the cell before the check, run both cells, return the verdict."""
    check = page.evaluate(INDEX, f'check("{number}"')
    before = page.evaluate(SHOWN, check)
    page.evaluate(SELECT, check - 1)
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        f"([index, before]) => ({SHOWN})(index) !== before && ({SHOWN})(index)",
        arg=[check, before],
        timeout=60_000,
    )
    return page.evaluate(SHOWN, check)


def test_a_chapter_runs_from_the_menu_without_an_error(page):
    open_chapter(page, "01_background.ipynb")
    run_all(page)
    see(page, "fig", "01-figure")


def test_wrong_and_right_answers_get_their_verdicts(page, home):
    open_chapter(page, "12_evolution.ipynb")
    run_all(page)
    assert "not attempted yet" in see(page, 'check("12.1"', "12-not-attempted")
    wrong = answer(page, "12.1", "guess = (100, 80, 0)")
    see(page, 'check("12.1"', "12-wrong")
    assert "wrong" in wrong
    right = answer(page, "12.1", "guess = (80, 80, 0)")
    see(page, 'check("12.1"', "12-right")
    assert right.strip() == "12.1: right"
    assert json.loads((home / "progress.json").read_text()) == {"12.1": "solved"}
