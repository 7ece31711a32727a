"""PONG: alive, how big, and what the work thread is doing."""

from __future__ import annotations

import sys
import time
from typing import Any

import psutil

from sidecar.daemon.scheduler import Status

_PROCESS = psutil.Process()


def rss_bytes() -> int:
    """Resident memory of this process."""
    return int(_PROCESS.memory_info().rss)


def gpu_bytes() -> int | None:
    """Memory this process holds on its GPU through torch; None where it uses none. Imports nothing."""
    torch = sys.modules.get("torch")
    if torch is None or not getattr(torch, "cuda", None) or not torch.cuda.is_initialized():
        return None
    return int(torch.cuda.memory_reserved())


def pong_message(seq: int, status: Status) -> dict[str, Any]:
    """The answer to a PING."""
    gpu = gpu_bytes()
    return {
        "type": "pong",
        "seq": int(seq),
        "rss_bytes": rss_bytes(),
        **({} if gpu is None else {"gpu_bytes": gpu}),
        "running_id": status.running_id,
        "running_ms": status.running_ms,
        "progress": status.progress,
        "queued": status.queued,
        "monotonic_us": time.monotonic_ns() // 1000,
    }
