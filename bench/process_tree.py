"""Resident memory of a process with everything it started, at its highest."""

from __future__ import annotations

import subprocess
from threading import Event, Thread

import psutil

LOOK_EVERY_S = 0.2


class PeakMemory:
    """Watches from `__enter__` to `__exit__`.

    Attributes:
        peak_bytes: the largest sum of resident sizes seen; pages shared between processes count in each.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.peak_bytes = 0
        self._root = psutil.Process(process.pid)
        self._over = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.peak_bytes = max(self.peak_bytes, self._held())

    def _held(self) -> int:
        held = 0
        try:
            for process in [self._root, *self._root.children(recursive=True)]:
                held += _resident(process)
        except psutil.NoSuchProcess:
            return 0  # it has ended meanwhile
        return held


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
