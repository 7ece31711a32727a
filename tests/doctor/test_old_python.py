from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.paths import ROOT

FILES = [ROOT / "sidecar" / "cli" / "doctor.py", *sorted((ROOT / "sidecar" / "doctor").glob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_doctor_parses_on_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
