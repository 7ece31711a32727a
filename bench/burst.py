"""31 frames at once, what the previous service took 42 s for: a pool of two beside a process for each frame."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench import node
from bench.figures import at_least, spread
from bench.pictures import jpegs

FRAMES = 31


def measure(*, runs: int) -> dict[str, Any]:
    """Seconds until all frames are answered, `runs` times each way in turn; ratios within each run."""
    with tempfile.TemporaryDirectory() as folder:
        for index, image in enumerate(jpegs(FRAMES)):
            Path(folder, f"{index:02}.jpg").write_bytes(image)
        report = node.run(node.HERE / "burst.mjs", sys.executable, folder, str(runs))
    seconds: dict[str, list[float]] = report["seconds"]
    ratios = {
        way: median(a / b for a, b in zip(seconds["spawn_per_frame"], seconds[way], strict=True))
        for way in ("warm", "cold")
    }
    return {
        "frames": FRAMES,
        "frames_with_person": sum(count > 0 for count in report["persons"]),
        "seconds": {way: spread(samples) for way, samples in seconds.items()},
        "ratio": {way: round(ratio, 2) for way, ratio in ratios.items()},
        "targets": [
            at_least("a process per frame, two at a time, over a warm pool of two", ratios["warm"], 20, "x"),
            at_least("the same over a pool of two with its start", ratios["cold"], 5, "x"),
        ],
    }
