"""The flight recorder's share of a request: a JPEG of 100 kB in, one person out."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import at_most, spread
from sidecar.daemon.recorder import Recorder, open_recorder

JPEG_BYTES = 100_000
INFERENCE_MS = 20.0  # what the share is taken of
REQUESTS = 400
PAUSE_S = 0.002  # as between requests: an idle core is not a busy one


def measure(*, runs: int) -> dict[str, Any]:
    """Record REQUESTS requests with their results, `runs` times, into a ring and into a file."""
    with tempfile.TemporaryDirectory() as folder:
        ring, file = [], []
        for run in range(runs):
            ring += _spend(open_recorder(None, cache=Path(folder), wire="frames", arguments=[]))
            file += _spend(open_recorder(Path(folder, f"{run}.rec"), cache=None, wire="frames", arguments=[]))
    share = spread(ring)["median"] / INFERENCE_MS * 100
    return {
        "ring_ms": spread(ring),
        "file_ms": spread(file),
        "targets": [at_most(f"ring, median, of {INFERENCE_MS:g} ms", share, 1, "%")],
    }


def _spend(recorder: Recorder) -> list[float]:
    body = os.urandom(JPEG_BYTES)
    person = {"id": None, "score": 0.95, "provenance": "detected", "bbox_xyxy": [1.0, 2.0, 3.0, 4.0]}
    floats = os.urandom(33 * 7 * 4)
    spent_ms = []
    for id_ in range(1, REQUESTS + 1):
        start_s = time.perf_counter()
        recorder.inbound({"type": "request", "id": id_, "op": "estimate", "params": {"min_score": 0.5}}, body)
        recorder.outbound({"type": "result", "id": id_, "width": 640, "height": 360, "persons": [person]}, floats)
        spent_ms.append((time.perf_counter() - start_s) * 1000)
        time.sleep(PAUSE_S)
    recorder.close(0)
    return spent_ms
