"""Resident memory of a default daemon: at READY, and after work."""

from __future__ import annotations

from typing import Any

from bench.daemon import Daemon
from bench.figures import at_most
from bench.pictures import jpegs

REQUESTS = 400


def measure(*, runs: int) -> dict[str, Any]:
    """RSS as the daemon reports it in READY and PONG."""
    images = jpegs()
    with Daemon(threads=2) as daemon:
        ready = daemon.ready["rss_bytes"] / 1e6
        after = []
        for count in range(REQUESTS):
            daemon.estimate(images[count % len(images)])
            if count in (REQUESTS // 10, REQUESTS - 1):
                after.append(daemon.ping()["rss_bytes"] / 1e6)
    return {
        "rss_mb": {
            "ready": round(ready, 1),
            f"after_{REQUESTS // 10}": round(after[0], 1),
            f"after_{REQUESTS}": round(after[1], 1),
        },
        "targets": [
            at_most(f"RSS after {REQUESTS} images", after[1], 260, "MB"),
            at_most(f"growth from image {REQUESTS // 10} to {REQUESTS}", after[1] - after[0], 5, "MB"),
        ],
    }
