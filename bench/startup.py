"""Start-up: process start to HELLO and READY, by phase."""

from __future__ import annotations

from typing import Any

from bench.daemon import Daemon
from bench.figures import at_most, spread


def measure(*, runs: int) -> dict[str, Any]:
    """Start one daemon at a time, `runs` counted after one warm-up that fills the caches."""
    hello, ready, phases = [], [], []
    for run in range(runs + 1):
        with Daemon(threads=2) as daemon:
            if run:
                hello.append(daemon.hello_ms)
                ready.append(daemon.ready_ms)
                phases.append(daemon.ready["timings_ms"])
    medians = {name: spread([phase[name] for phase in phases], 1) for name in phases[0]}
    return {
        "hello_ms": spread(hello, 1),
        "ready_ms": spread(ready, 1),
        "phases_ms": medians,
        "targets": [
            at_most("HELLO after process start, median", spread(hello)["median"], 100, "ms"),
            at_most("READY after process start, median", spread(ready)["median"], 800, "ms"),
        ],
    }
