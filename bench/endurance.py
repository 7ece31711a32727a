"""100,000 calls and 500 restarts in one host process: what it holds before and after."""

from __future__ import annotations

import sys
from typing import Any

from bench import node
from bench.figures import at_least, at_most

CALLS = 100_000
RESTARTS = 500
# Meanwhile caches fill: Node's compiler, the allocator.
WARM_UP_LOOKS = 5
# V8 lets the space for young objects grow with the load; of a fixed size it does not hide what is held.
FLAGS = ("--expose-gc", "--max-semi-space-size=4")
COUNTS = ("descriptors", "listeners", "children")


def measure(*, runs: int) -> dict[str, Any]:
    """Once, whatever `runs`: it looks many times. Counts from before the first call, memory after warm-up."""
    program = node.ROOT / "tests" / "chaos" / "endurance-main.ts"
    report = node.run(program, sys.executable, str(CALLS), str(RESTARTS), flags=FLAGS)
    looks: list[dict[str, Any]] = report.pop("footprints")
    warm = looks[WARM_UP_LOOKS:]
    start = {name: looks[0][name] for name in COUNTS}
    end = {name: looks[-1][name] for name in COUNTS}
    rss = [look["rssBytes"] / 1e6 for look in warm]
    heap = [look["heapBytes"] / 1e6 for look in warm]
    return {
        **report,
        "node_flags": " ".join(FLAGS),
        "start": {**start, "rss_mb": round(rss[0], 1), "heap_mb": round(heap[0], 1)},
        "end": {**end, "rss_mb": round(rss[-1], 1), "heap_mb": round(heap[-1], 1)},
        "rss_mb_by_look": [round(value, 1) for value in rss],
        "targets": [
            at_least("calls answered", report["answered"], report["calls"], ""),
            at_least("restarts", report["restarts"], RESTARTS, ""),
            *(at_most(f"growth of {name}", (end[name] or 0) - (start[name] or 0), 0, "") for name in COUNTS),
            at_most("growth of the host's RSS after warm-up", rss[-1] - rss[0], 10, "MB"),
        ],
    }
