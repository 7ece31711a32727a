"""ViTPose's start, random weights: torch beside OpenVINO, and beside OpenVINO whose cache is full."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bench.daemon import Daemon
from bench.figures import at_most, spread
from tests.estimators.vitpose.makers import original_state, save

SIZES = ("small", "base")
TORCH, COLD, WARM = "torch", "openvino, empty cache", "openvino, full cache"
WAYS = (TORCH, COLD, WARM)


def measure(*, runs: int) -> dict[str, Any]:
    """Each way in turn, `runs` times: process start to READY, its phases, and the memory it has then."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            weights = save(original_state(size), Path(folder) / f"{size}.pth")
            started: dict[str, list[Daemon]] = {way: [] for way in WAYS}
            for run in range(runs):
                for way in WAYS:
                    cache = Path(folder) / f"{size}-{way if way == TORCH else run}"
                    started[way].append(_started(weights, way, cache))
            rows += [{"size": size, "way": way, **_figures(daemons)} for way, daemons in started.items()]
    return {"runs": runs, "rows": rows, "targets": [target for size in SIZES for target in _targets(size, rows)]}


def _started(weights: Path, way: str, cache: Path) -> Daemon:
    options = {"file": str(weights), "runtime": "torch" if way == TORCH else "openvino", "device": "cpu"}
    with Daemon(estimator="vitpose", threads=2, options=options, cache=cache) as daemon:
        return daemon


def _figures(daemons: list[Daemon]) -> dict[str, Any]:
    phases = [daemon.ready["timings_ms"] for daemon in daemons]
    return {
        "ready_ms": spread([daemon.ready_ms for daemon in daemons], 1),
        "phases_ms": {name: spread([phase[name] for phase in phases], 1) for name in phases[0]},
        "rss_mb": spread([daemon.ready["rss_bytes"] / 1e6 for daemon in daemons], 1),
    }


def _targets(size: str, rows: list[dict[str, Any]]) -> list[dict[str, object]]:
    of = {row["way"]: row for row in rows if row["size"] == size}
    return [
        at_most(
            f"ViTPose-{size[0].upper()}: {what} with a full cache over torch",
            of[WARM][key]["median"] / of[TORCH][key]["median"],
            1,
            "x",
        )
        for what, key in (("time to READY", "ready_ms"), ("memory", "rss_mb"))
    ]
