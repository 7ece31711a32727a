"""The pool: what it adds to a call, the bytes and the images that go through it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench import node
from bench.figures import at_least, at_most, spread
from bench.pictures import jpegs


def measure(*, runs: int) -> dict[str, Any]:
    """Round trips of 100 kB call by call in turn with the same daemon without a client; 1 MB bodies; real images."""
    with tempfile.TemporaryDirectory() as folder:
        for index, image in enumerate(jpegs()):
            Path(folder, f"{index}.jpg").write_bytes(image)
        report = node.run(node.HERE / "pool.mjs", sys.executable, folder, str(runs))
    trips: dict[str, list[float]] = report["round_trip_ms"]
    over = {
        way: spread([a - b for a, b in zip(trips["pool"], trips[way], strict=True)]) for way in ("connection", "socket")
    }
    fps: dict[str, list[float]] = report["images_per_s"]
    ratio = median(b / a for a, b in zip(fps["one"], fps["two"], strict=True))
    mb_per_s = spread(report["mb_per_s"], 1)
    return {
        "round_trip_100_kb_ms": {way: spread(samples) for way, samples in trips.items()},
        "over_bare_connection_ms": over["connection"],
        "over_bare_socket_ms": over["socket"],
        "two_workers_1_mb_mb_per_s": mb_per_s,
        "one_worker_fps": spread(fps["one"], 1),
        "two_workers_fps": spread(fps["two"], 1),
        "ratio": round(ratio, 3),
        "targets": [
            at_most(
                "pool over the bare connection to the same daemon, 100 kB, p50", over["connection"]["median"], 0.3, "ms"
            ),
            at_least("1 MB bodies through two workers", mb_per_s["median"], 800, "MB/s"),
            at_least("two workers over one, real images, median of pairs", ratio, 1.8, "x"),
        ],
    }
