"""An interpreter that is too old for us."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def old_python() -> str:
    """Path of a Python 3.8; skips where this machine has none."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [str(path) for path in sorted(versions.glob("3.8.*/bin/python"))]
    python = next(iter(found), None) or shutil.which("python3.8")
    if python is None:
        pytest.skip("platform: no Python 3.8 on this machine")
    return python
