"""What every failed start has in common."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.weights.store import ModelMissing, find
from tests.paths import ROOT
from tests.readiness.scratch import Scratch, Session

REQUIRED = json.loads((ROOT / "protocol" / "schema" / "init_failed.json").read_text())["required"]
CODES = json.loads((ROOT / "protocol" / "errors.json").read_text())["codes"]


def init_failed(session: Session, scratch: Scratch) -> dict[str, Any]:
    """The one INIT_FAILED of a failed start, after checking what all of them promise."""
    failures = [message for message in session.messages if message["type"] == "init_failed"]
    assert len(failures) == 1, session.messages
    (failure,) = failures
    assert session.exit_code == 3
    assert session.messages[0]["type"] == "hello"
    assert session.last is failure
    assert set(REQUIRED) <= set(failure)
    assert failure["code"] in CODES
    assert failure["retryable"] == CODES[failure["code"]]["retryable"]
    assert failure["interpreter"] == str(scratch.python)
    assert failure["hint"]
    assert failure["message"]
    if failure.get("command"):
        assert failure["command"] in failure["hint"]
    said = f"pose-sidecar: {failure['code']}: {failure['message']}"
    assert said in session.stderr, "people who read stderr see the same"
    return failure


def ready(session: Session) -> dict[str, Any]:
    """READY of a start that went well on empty input."""
    assert (session.last["type"], session.exit_code) == ("ready", 0), (session.last, session.stderr)
    return session.last


def skip_without_weights() -> Path:
    """The default model's weights, in a folder; skips where they were never pulled."""
    try:
        return find("blazepose-full").parent
    except ModelMissing as error:
        pytest.skip(f"model weights are absent: {error.hint}")
