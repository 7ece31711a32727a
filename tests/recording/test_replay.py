"""Fifty faults, recorded from real daemons and replayed: each replay comes to the same."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest

from sidecar.recording.format import read_recording
from sidecar.recording.outcome import differences, outcome_of
from sidecar.recording.replay import replay
from sidecar.wire.frames import encode_frame, read_frame
from tests.recording import faulty_daemon
from tests.recording.sessions import SESSIONS, Session

LIMIT_S = 30.0


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Daemons find the faulty estimator, and keep their cache here."""
    faulty_daemon.install(tmp_path, monkeypatch)


def live(session: Session, *flags: str) -> int:
    """Live a session against a real daemon; returns its exit code."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sidecar", "--wire", session.wire, *session.flags, *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    watchdog = threading.Timer(LIMIT_S, process.kill)
    watchdog.start()
    try:
        assert process.stdin
        assert process.stdout
        if session.wire == "frames":
            process.stdin.write(b"".join(encode_frame({"type": "init", "protocol": 1}, json_meta=True)))
            process.stdin.flush()
            _read(process.stdout, "frames", until=("ready", "init_failed"))
        process.stdin.write(session.sent)
        process.stdin.flush()
        for _ in range(session.answers):
            _read(process.stdout, session.wire, until=("result", "error"))
        if isinstance(session.ending, signal.Signals):
            process.send_signal(session.ending)
        if session.name.startswith("death"):
            process.wait()
        process.stdin.close()
        process.stdout.read()
        return process.wait()
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


def _read(stream: IO[bytes], wire: str, *, until: tuple[str, ...]) -> None:
    while True:
        if wire == "jsonl":
            line = stream.readline()
            kind = json.loads(line)["type"] if line else None
        else:
            frame = read_frame(stream)  # type: ignore[arg-type]
            kind = frame.type if frame else None
        if kind is None or kind in until:
            return


def test_there_are_fifty_of_them() -> None:
    assert len({session.name for session in SESSIONS}) == len(SESSIONS) == 50


@pytest.mark.skipif(sys.platform == "win32", reason="platform: POSIX signals")
@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
def test_a_replay_comes_to_the_same(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "session.rec"
    exit_code = live(session, "--record", str(path))
    recording = read_recording(path)

    replayed = replay(recording, patience_s=LIMIT_S)

    assert differences(recording, replayed.recording) == []
    assert replayed.exit_code == exit_code
    assert outcome_of(recording).answers or outcome_of(recording).start != "ready", "nothing was recorded"
    assert outcome_of(recording).died is session.name.startswith("death")
