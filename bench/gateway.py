"""`POST /pose/hybrid` beside the pool called directly, and beside the previous service's shape: Flask and MediaPipe."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench import node
from bench.figures import at_least, at_most, spread
from bench.pictures import jpegs
from bench.video import PEER

OVERHEAD_MS = 2.0


def measure(*, runs: int) -> dict[str, Any]:
    """640x360 JPEGs: single calls in turn, then eight callers at once, `runs` times; the peer only where it is."""
    with tempfile.TemporaryDirectory() as folder, _peer() as url:
        images = jpegs()
        for index, image in enumerate(images):
            Path(folder, f"{index}.jpg").write_bytes(image)
        report = node.run(node.HERE / "gateway.mjs", sys.executable, folder, str(runs), *([] if url is None else [url]))
    trips: dict[str, list[float]] = report["round_trip_ms"]
    rates: dict[str, list[float]] = report["pictures_per_s"]
    over = spread([a - b for a, b in zip(trips["gateway"], trips["pool"], strict=True)])
    targets = [at_most("a picture over HTTP over the pool itself, p50", over["median"], OVERHEAD_MS, "ms")]
    if "peer" in rates:
        ratio = median(a / b for a, b in zip(rates["gateway"], rates["peer"], strict=True))
        targets.append(at_least("pictures per second over Flask and MediaPipe", ratio, 1, "x"))
    else:
        print("  without the peer: scripts/setup-peer brings Flask and MediaPipe", flush=True)
    return {
        "pictures": len(images),
        "pictures_with_person": report["found"],
        "round_trip_ms": {way: spread(samples) for way, samples in trips.items()},
        "over_the_pool_ms": over,
        "pictures_per_s": {way: spread(samples, 1) for way, samples in rates.items()},
        "targets": targets,
    }


@contextmanager
def _peer() -> Iterator[str | None]:
    """Address of the running peer; None where it is not installed."""
    has_flask = PEER.exists() and subprocess.run([PEER, "-c", "import flask"], capture_output=True).returncode == 0
    if not has_flask:
        yield None
        return
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    command = [str(PEER), str(node.HERE / "peers" / "flask_pose.py"), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline().strip() != "ready":
                raise RuntimeError("the peer did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
