"""What a daemon leaves behind: after a death its last requests, after a good end nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.recording.format import read_recording
from sidecar.recording.outcome import differences
from sidecar.recording.replay import replay
from sidecar.recording.storage import rings_in
from tests.recording import faulty_daemon
from tests.recording.sessions import lines, picture

KILLS_ITSELF = 38  # width of the image that makes the faulty estimator send itself SIGKILL


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty_daemon.install(tmp_path, monkeypatch)


def live(sent: bytes, *, estimator: str = "faulty") -> int:
    command = [sys.executable, "-m", "sidecar", "--estimator", estimator]
    return subprocess.run(command, input=sent, capture_output=True, check=False).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="platform: SIGKILL")
def test_a_killed_daemon_leaves_its_last_requests_and_they_kill_another(tmp_path: Path) -> None:
    assert live(lines(picture(1), picture(2, KILLS_ITSELF), picture(3))) == -signal.SIGKILL
    (ring,) = rings_in(tmp_path / "cache" / "flight")
    recording = read_recording(ring)
    assert recording.exit_code is None
    assert [record.type for record in recording.records][:2] == ["ready", "received"]

    replayed = replay(recording, patience_s=30)

    assert differences(recording, replayed.recording) == []
    assert replayed.exit_code == -signal.SIGKILL


@pytest.mark.parametrize(
    ("sent", "estimator", "exit_code"),
    [
        pytest.param(lines(picture(1), b"{not json"), "faulty", 0, id="work, and a bad line"),
        pytest.param(b"", "faulty", 0, id="nothing to do"),
        pytest.param(lines(picture(1)), "nobody", 3, id="a failed start"),
    ],
)
def test_a_good_end_leaves_nothing(sent: bytes, estimator: str, exit_code: int, tmp_path: Path) -> None:
    assert live(sent, estimator=estimator) == exit_code
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_daemon_that_may_not_record_works_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSE_FLIGHT_RECORDER", "off")
    assert live(lines(picture(1), picture(2, KILLS_ITSELF))) == -signal.SIGKILL
    assert rings_in(tmp_path / "cache" / "flight") == []
