"""`python -m sidecar replay FILE`: what it prints, how it exits. What it reproduces: tests/recording/test_replay.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT
from tests.recording.builders import SESSION, line, write_recording

JSONL: dict[str, Any] = {**SESSION, "wire": "jsonl", "arguments": ["--estimator", "null"], "started": "yesterday"}
READY = ({"type": "ready"}, b"")
LINE = line(b'{"type":"frame","id":1,"format":"gray8","width":1,"height":1,"body_b64":"AA=="}')
ANSWER = ({"type": "result", "id": 1}, b"")
END = ({"type": "end", "exit_code": 0}, b"")


def run(*arguments: str | Path, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sidecar", "replay", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "POSE_CACHE_DIR": str(cache)},
        check=False,
    )


def test_the_same_is_exit_code_0(tmp_path: Path) -> None:
    write_recording(tmp_path / "a.rec", READY, LINE, ANSWER, END, session=JSONL)
    finished = run(tmp_path / "a.rec", cache=tmp_path)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "request 1      result -> result" in finished.stdout
    assert finished.stdout.splitlines()[-1] == "reproduced"


def test_something_else_is_exit_code_1_and_shows_the_log(tmp_path: Path) -> None:
    refused = ({"type": "error", "id": 1, "code": "DECODE_FAILED"}, b"")
    write_recording(tmp_path / "a.rec", READY, LINE, refused, END, session=JSONL)
    finished = run(tmp_path / "a.rec", cache=tmp_path)
    assert finished.returncode == 1
    assert "request 1 ended in DECODE_FAILED, replayed in result" in finished.stdout
    assert "ready with null" in finished.stderr


def test_a_death_that_came_from_outside_is_said_to_be_missing(tmp_path: Path) -> None:
    write_recording(tmp_path / "a.rec", READY, LINE, session=JSONL)
    finished = run(tmp_path / "a.rec", "--json", cache=tmp_path)
    report = json.loads(finished.stdout)
    assert finished.returncode == 1
    assert report["reproduced"] is False
    assert report["recorded"]["exit_code"] is None
    assert (report["replayed"]["exit_code"], report["process_exit_code"]) == (0, 0)
    assert "the daemon died, replayed it ended with exit code 0" in report["differences"]


@pytest.mark.parametrize(
    ("content", "said"),
    [pytest.param(b"hello", "is not a recording", id="text"), pytest.param(None, "No such file", id="nothing")],
)
def test_what_cannot_be_read_is_exit_code_2(content: bytes | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.rec").write_bytes(content)
    finished = run(tmp_path / "a.rec", cache=tmp_path)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_daemon_that_does_not_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    session = {**JSONL, "arguments": ["--no-such-flag"]}
    write_recording(tmp_path / "a.rec", READY, LINE, session=session)
    finished = run(tmp_path / "a.rec", cache=tmp_path)
    assert finished.returncode == 1
    assert "before it recorded anything" in finished.stderr
    assert "--no-such-flag" in finished.stderr


def test_help_documents_the_exit_codes(tmp_path: Path) -> None:
    finished = run("--help", cache=tmp_path)
    assert finished.returncode == 0
    assert "Exit code 0" in finished.stdout
