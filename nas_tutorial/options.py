"""How options of the command line are read: every mistake is answered in one line."""

import argparse
from collections.abc import Callable
from pathlib import Path

from nas_tutorial.names import Registry, unknown_name

MOST = 10**9  # larger numbers are typing errors


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and which option comes nearest to one that there is not."""

    def parse_known_args(self, args=None, namespace=None):
        options, unknown = super().parse_known_args(args, namespace)
        for text in unknown:
            if text.startswith("--"):
                name = text.partition("=")[0]
                self.error(str(unknown_name("an option", name, self._option_string_actions)))
        return options, unknown

    def error(self, message: str):
        self.exit(2, f"error: {' '.join(message.split())} (see --help)\n")


def name_in(registry: Registry) -> Callable[[str], str]:
    """A reader of names in a registry."""
    return among(registry.kind, list(registry))


def among(kind: str, names: list[str]) -> Callable[[str], str]:
    """A reader of one of these names; the error says which is nearest."""

    def checked(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(str(unknown_name(kind, text, names)))
        return text

    return checked


def whole(least: int) -> Callable[[str], int]:
    """A reader of whole numbers from the least to `MOST`."""

    def checked(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= MOST:
            raise argparse.ArgumentTypeError(
                f"must be a whole number of at least {least} and at most {MOST:,}, "
                f"got {text[:40]!r}"
            )
        return number

    return checked


def folder(text: str) -> Path:
    """Read the name of a folder, which need not be there yet."""
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError(f"must name a folder, got {text[:40]!r}")
    return Path(text)
