"""Outputs of a hand-in, made harmless: text and PNG pictures stay, and nothing that a browser runs.

They come from a process that the hand-in's code controls. What is kept is built anew.
"""

import base64
import binascii

from nbformat import NotebookNode
from nbformat.v4 import new_output

MOST_CHARACTERS = 100_000  # of one text
MOST_OUTPUTS = 1000  # of one cell
PNG = b"\x89PNG\r\n\x1a\n"
LEFT_OUT = "[an output that is neither text nor a PNG picture was left out]"


class Malformed(Exception):
    """This is no list of outputs in the notebook format."""


def harmless(outputs) -> list[NotebookNode]:
    """The outputs of a cell, cleaned.

    Args:
        outputs: What should be a list of outputs in the notebook format.

    Raises:
        Malformed: If it is not.
    """
    if not isinstance(outputs, list):
        raise Malformed(f"outputs must be a list, got {type(outputs).__name__}")
    return [_harmless(output) for output in outputs[:MOST_OUTPUTS]]


def error(name: str, message: str) -> NotebookNode:
    """An output that says what went wrong."""
    return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])


def _harmless(output) -> NotebookNode:
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return new_output("stream", name=name, text=text(output.get("text")))
    if kind == "error":
        lines = output.get("traceback")
        lines = [text(line) for line in lines[:MOST_OUTPUTS]] if isinstance(lines, list) else []
        made = error(text(output.get("ename")), text(output.get("evalue")))
        return NotebookNode(made, traceback=lines or made.traceback)
    if kind in ("display_data", "execute_result"):
        return new_output(kind, data=_data(output.get("data")))
    raise Malformed(f"an output must be of one of four types, got {str(kind)[:40]!r}")


def _data(given) -> dict[str, str]:
    given = given if isinstance(given, dict) else {}
    kept = {}
    if "text/plain" in given:
        kept["text/plain"] = text(given["text/plain"])
    if is_png(given.get("image/png")):
        kept["image/png"] = "".join(given["image/png"].split())
    return kept or {"text/plain": LEFT_OUT}


def text(value) -> str:
    """A text that can be written and is not long; the notebook format also knows lists of lines."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    value = value if isinstance(value, str) else ""
    if len(value) > MOST_CHARACTERS:
        value = value[:MOST_CHARACTERS] + f"\n[cut after {MOST_CHARACTERS} characters]"
    return value.encode("utf-8", "replace").decode()


def is_png(value) -> bool:
    """Whether this is a picture in base64."""
    try:
        return base64.b64decode("".join(value.split()), validate=True).startswith(PNG)
    except (AttributeError, ValueError, binascii.Error):
        return False
