"""A live source three times as fast as the pool: how old its results are, what is dropped, what memory does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.figures import at_most

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(__file__).parent / "live-stream.mjs"
SECONDS, DELAY_MS, SIZE = 60, 40, 2
GROWTH_MB = 25.0  # of Node's heap between two collections


def measure(*, runs: int) -> dict[str, Any]:
    """One run of a minute; the estimator waits instead of computing, so that the pool's own delay shows."""
    pool = {"python": sys.executable, "servicePath": str(ROOT)}
    asked = {"seconds": SECONDS, "delayMs": DELAY_MS, "size": SIZE, "pool": pool}
    command = ["node", "--max-semi-space-size=4", str(SCRIPT), json.dumps(asked)]
    report: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
    beyond, rss = report["beyondInferenceMs"], report["rssMb"]
    print(f"  {report['images']} images, {report['results']} results, beyond inference {beyond}", flush=True)
    growth = rss["lastQuarter"] - rss["secondQuarter"]
    return {
        **report,
        "seconds": SECONDS,
        "targets": [
            at_most(
                "p50 of a result's age beyond its inference, two intervals", beyond["p50"], report["limitMs"], "ms"
            ),
            at_most("p99 of the same", beyond["p99"], report["limitMs"], "ms"),
            at_most("growth of the host's memory, second to last quarter", growth, GROWTH_MB, "MB"),
        ],
    }
