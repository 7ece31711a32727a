"""Two daemons against one, one inference thread each: the same images, runs alternating."""

from __future__ import annotations

import time
from statistics import median
from threading import Thread
from typing import Any

from bench.daemon import Daemon
from bench.figures import at_least, spread
from bench.pictures import jpegs

IMAGES = 80


def measure(*, runs: int) -> dict[str, Any]:
    """Images per second of one daemon and of two at once."""
    images = (jpegs() * IMAGES)[:IMAGES]
    one, two = [], []
    with Daemon() as first, Daemon() as second:
        for daemon in (first, second):
            _work(daemon, images[:10])
        for _ in range(runs):
            one.append(_images_per_second([first], images))
            two.append(_images_per_second([first, second], images))
    ratio = median(b / a for a, b in zip(one, two, strict=True))
    return {
        "one_daemon_fps": spread(one, 1),
        "two_daemons_fps": spread(two, 1),
        "ratio": round(ratio, 3),
        "targets": [at_least("two daemons over one, median of pairs", ratio, 1.8, "x")],
    }


def _images_per_second(daemons: list[Daemon], images: list[bytes]) -> float:
    threads = [Thread(target=_work, args=(daemon, images)) for daemon in daemons]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(daemons) * len(images) / (time.perf_counter() - started)


def _work(daemon: Daemon, images: list[bytes]) -> None:
    daemon.submit(images[0])
    for image in images[1:]:  # one running, one prefetched: what the credits allow
        daemon.submit(image)
        daemon.answer()
    daemon.answer()
