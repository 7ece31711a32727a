"""Reads protocol/vectors: the cases both languages are held to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.paths import ROOT

FOLDER = ROOT / "protocol" / "vectors"


def cases(pattern: str) -> list[Any]:
    """Return the cases of every matching file as pytest parameters with readable ids."""
    found = [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(FOLDER.glob(pattern))
        for case in json.loads(path.read_text())["cases"]
    ]
    assert found, f"no vectors match {pattern}"
    return found


def assemble(segments: list[Any]) -> bytes:
    """Return the bytes that segments stand for: hex, {"text"}, or {"repeat", "times"}."""
    return b"".join(_segment(segment) for segment in segments)


def _segment(segment: Any) -> bytes:
    if isinstance(segment, str):
        return bytes.fromhex(segment)
    if "text" in segment:
        text: str = segment["text"]
        return text.encode()
    return _segment(segment["repeat"]) * int(segment["times"])
