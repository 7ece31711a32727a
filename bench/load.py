"""200 clients at once ask for everything, and go on as soon as they have an answer: who waits, fails, what grows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from bench import node
from bench.figures import at_most, spread
from bench.pictures import jpegs
from bench.service import Running, completed, gateway, render

CLIENTS = 200
VIDEO_SECONDS = 4.0
LOOK_EVERY_S = 5.0
LIVEZ_P99_MS = 50.0
GROWTH_MB = 50.0
# A 503 that says why is an answer; every other 5xx is a fault.
DELIBERATE = ("503 ",)


def measure(*, runs: int, seconds: float) -> dict[str, Any]:
    """Once, whatever `runs`, for so many seconds, on a pool of two."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = folder / "pictures"
        pictures.mkdir()
        for index, image in enumerate(jpegs()):
            Path(pictures, f"{index}.jpg").write_bytes(image)
        video = render(folder / "ride.mp4", seconds=VIDEO_SECONDS, seed=1)
        with gateway(folder, "--pool-size", "2", "--requests-per-minute", "100000000") as running:
            done = completed(running, video)
            with Footprint(running) as footprint:
                report = node.run(
                    node.HERE / "load.mjs", running.url, str(video), str(pictures), done, str(CLIENTS), str(seconds)
                )
            delay_ms = _event_loop_delay_ms(running)
    heard: dict[str, dict[str, Any]] = report["heard"]
    statuses = [(status, count) for each in heard.values() for status, count in each["statuses"].items()]
    lost = sum(count for status, count in statuses if not status.isdigit())
    faults = sum(n for status, n in report["refusals"].items() if not status.startswith(DELIBERATE))
    livez = spread(heard["GET /livez"]["ms"], 1)
    warm = footprint.rss_mb[len(footprint.rss_mb) // 3 :]
    return {
        "clients": CLIENTS,
        "seconds": seconds,
        "requests_per_s": round(sum(count for _, count in statuses) / seconds, 1),
        "endpoints": {
            name: {"statuses": each["statuses"], "ms": spread(each["ms"], 1)}
            for name, each in heard.items()
            if each["ms"]
        },
        "server_errors": report["refusals"],
        "gateway_rss_mb": [round(size, 1) for size in footprint.rss_mb],
        "gateway_descriptors": footprint.descriptors,
        "gateway_event_loop_delay_ms": delay_ms,
        "clients_event_loop_delay_ms": {name: round(ms, 1) for name, ms in report["own_delay_ms"].items()},
        "targets": [
            at_most("requests without an answer", lost, 0, ""),
            at_most("5xx that is no deliberate 503", faults, 0, ""),
            at_most("p99 of /livez", livez["p99"], LIVEZ_P99_MS, "ms"),
            at_most("growth of the gateway's RSS after a third of the time", max(warm) - warm[0], GROWTH_MB, "MB"),
        ],
    }


class Footprint:
    """Resident memory and descriptors of a gateway: at the start, then every few seconds.

    Attributes:
        rss_mb: of the gateway alone.
        descriptors: open files and sockets.
    """

    def __init__(self, running: Running) -> None:
        self.rss_mb: list[float] = []
        self.descriptors: list[int] = []
        self._process: psutil.Process = running.process
        self._over = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> Footprint:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        self.rss_mb.append(self._process.memory_info().rss / 1e6)
        self.descriptors.append(self._process.num_fds())


def _event_loop_delay_ms(running: Running) -> dict[str, float]:
    """Since the start of the gateway, as it measured it."""
    lines = running.client.get("/metrics").raise_for_status().text.splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("nodejs_eventloop_lag_p"))
    return {name.split("_")[3]: round(float(value) * 1e3, 1) for name, value in found.items()}
