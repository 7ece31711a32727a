"""[W-94] Every recorded client with this daemon: the same conversation, or VERSION_SKEW; never a hang."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.peer import Peer
from tests.skew.transcript import FOLDER, Step, load, wire_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: the runner ends process groups")
TRANSCRIPTS = sorted(FOLDER.glob("*/*.jsonl"))
PATIENCE_S = 20.0


def start(steps: list[Step]) -> Peer:
    command = [sys.executable, "-m", "sidecar", "--estimator", "null", "--wire", wire_of(steps)]
    return Peer(command, wire=wire_of(steps), patience_s=PATIENCE_S)


def gist(message: dict[str, Any]) -> tuple[Any, ...]:
    """What must not change between versions: which message, for which request, with which code."""
    people = message.get("persons")
    return message["type"], message.get("id"), message.get("code"), None if people is None else len(people)


def receive(peer: Peer) -> dict[str, Any]:
    """The next message but progress, which varies."""
    while (message := peer.receive().message)["type"] == "progress":
        pass
    return message


def play(steps: list[Step], peer: Peer) -> str:
    """Play the client's part; return "pass", "VERSION_SKEW" or what went differently."""
    for index, step in enumerate(steps):
        if step.exit_code is not None:
            peer.close_input()
            exit_code = peer.exit_code()
            return "pass" if exit_code == step.exit_code else f"exit code {exit_code}, recorded {step.exit_code}"
        if step.by_client:
            peer.write(step.data)
            continue
        if step.is_optional:  # a word of the later daemon that ours does not have
            continue
        message = receive(peer)
        if message["type"] == "init_failed" and message["code"] == "VERSION_SKEW":
            return "VERSION_SKEW"
        if gist(message) != gist(step.message):
            return f"step {index}: {message}, recorded {step.message}"
    return "the recording has no end"


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_old_client_with_this_daemon(path: Path) -> None:
    steps = load(path)
    with start(steps) as peer:
        outcome = play(steps, peer)
    assert outcome == ("VERSION_SKEW" if path.parent.name == "v9" else "pass")


def test_there_are_recordings_of_every_version() -> None:
    assert {path.parent.name for path in TRANSCRIPTS} == {"v1", "v1-later", "v9"}
