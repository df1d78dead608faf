"""Folders that may not be written, also where the tests run as root."""

import os
import tempfile
from contextlib import contextmanager


@contextmanager
def without_privileges():
    """As a user who may not write everywhere."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def may_write(folder: str) -> bool:
    """Whether this user may write there all the same."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
