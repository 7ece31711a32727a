"""One image at a time through the daemon: the whole, and its parts as the daemon measured them."""

from __future__ import annotations

import time
from typing import Any

from bench.daemon import Daemon
from bench.figures import spread
from bench.pictures import jpegs

ROUNDS = 12


def measure(*, runs: int) -> dict[str, Any]:
    """Round trips of 640x360 JPEG mannequins, one thread."""
    images = jpegs()
    total, parts = [], []
    with Daemon() as daemon:
        for image in images:
            daemon.estimate(image)
        for image in images * ROUNDS:
            started = time.perf_counter()
            answer = daemon.estimate(image)
            total.append((time.perf_counter() - started) * 1e3)
            parts.append(answer.meta["timings_ms"])
    return {
        "image": f"640x360 JPEG, {len(images[0])} bytes, one mannequin",
        "round_trip_ms": spread(total),
        "parts_ms": {name: spread([part[name] for part in parts]) for name in parts[0]},
    }
