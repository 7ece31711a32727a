"""What a real daemon logs of its work, and what it never logs."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.paths import ROOT

SECRET_PIXELS = b"a face that nobody else may see!"
NONCE = "nonce-of-the-client-4711"


def work(tmp_path: Path, *flags: str) -> list[str]:
    """The log of a daemon that answers one good and three bad requests."""
    picture = {"format": "gray8", "width": len(SECRET_PIXELS), "height": 1}
    body = base64.b64encode(SECRET_PIXELS).decode()
    messages: list[dict[str, Any]] = [
        {"type": "frame", "id": 11, **picture, "body_b64": body},
        {"type": "frame", "id": 12, **picture, "height": 2, "body_b64": body},
        {"type": "frame", "id": 13, "body_b64": body + "%"},
        {"type": "frame", "id": 14, "path": "x.jpg", "min_score": 7},
    ]
    finished = subprocess.run(
        [sys.executable, "-m", "sidecar", "--estimator", "null", *flags],
        input="".join(json.dumps(message) + "\n" for message in messages),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "POSE_CACHE_DIR": str(tmp_path / "cache"),
            "POSE_LOG_DIR": str(tmp_path / "logs"),
            "POSE_SIDECAR_NONCE": NONCE,
        },
        check=True,
    )
    assert finished.stdout.count('"type":"error"') == 3
    return finished.stderr.splitlines()


def test_the_log_is_objects_with_the_request_that_each_belongs_to(tmp_path: Path) -> None:
    records = [json.loads(line) for line in work(tmp_path, "--log-level", "DEBUG")]
    assert all({"time", "level", "message", "request_id", "pid"} <= set(record) for record in records)
    ids = [record["request_id"] for record in records]
    assert {11, 12, 13, 14} <= set(ids)
    assert ids[0] is None
    assert ids[-1] is None


def test_copies_have_every_line(tmp_path: Path) -> None:
    lines = work(tmp_path)
    (copy,) = (tmp_path / "logs").glob("pose-service-*.log")
    assert copy.read_text().splitlines() == lines


def test_neither_pictures_nor_secrets_are_ever_logged(tmp_path: Path) -> None:
    log = "\n".join(work(tmp_path, "--log-level", "TRACE"))
    for part in (SECRET_PIXELS.decode(), base64.b64encode(SECRET_PIXELS).decode()[:20], NONCE):
        assert part not in log
