"""Where nbval compares a notebook with what build.py stored, both show the same pictures."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import build

os.environ.update(build.STILL)  # the kernels inherit it
