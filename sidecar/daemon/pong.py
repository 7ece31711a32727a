"""PONG: alive, how big, and what the work thread is doing."""

from __future__ import annotations

import time
from typing import Any

import psutil

from sidecar.daemon.scheduler import Status

_PROCESS = psutil.Process()


def rss_bytes() -> int:
    """Resident memory of this process."""
    return int(_PROCESS.memory_info().rss)


def pong_message(seq: int, status: Status) -> dict[str, Any]:
    """The answer to a PING."""
    return {
        "type": "pong",
        "seq": int(seq),
        "rss_bytes": rss_bytes(),
        "running_id": status.running_id,
        "running_ms": status.running_ms,
        "progress": status.progress,
        "queued": status.queued,
        "monotonic_us": time.monotonic_ns() // 1000,
    }
