"""The daemon over calling the estimator in-process: the same images, alternating, so that drift hits both."""

from __future__ import annotations

import time
from typing import Any

from bench.daemon import Daemon
from bench.figures import at_most, spread
from bench.pictures import jpegs
from sidecar.bootstrap.cache import cache_root
from sidecar.estimators import registry
from sidecar.estimators.protocol import LoadContext
from sidecar.media.image import decode

ROUNDS = 12


def measure(*, runs: int) -> dict[str, Any]:
    """Decode and estimate here, then the same through a daemon; one thread each."""
    images = jpegs()
    here = registry.spec("blazepose").create(LoadContext(options={}, threads=1, cache_dir=cache_root()))
    inside, through, differences = [], [], []
    with Daemon() as daemon:
        for image in images:
            here.estimate([decode(image)])
            daemon.estimate(image)
        for image in images * ROUNDS:
            started = time.perf_counter()
            here.estimate([decode(image)])
            middle = time.perf_counter()
            daemon.estimate(image)
            ended = time.perf_counter()
            inside.append((middle - started) * 1e3)
            through.append((ended - middle) * 1e3)
            differences.append(through[-1] - inside[-1])
    here.close()
    return {
        "in_process_ms": spread(inside),
        "through_daemon_ms": spread(through),
        "difference_ms": spread(differences),
        "targets": [at_most("overhead of the daemon, median of pairs", spread(differences)["median"], 1.0, "ms")],
    }
