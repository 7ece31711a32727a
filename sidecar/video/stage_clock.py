"""Seconds per stage."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

TOTAL = "total"


class StageClock:
    """Adds up how long each stage worked. Stages run side by side, so they may add up to more than passed."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._start = time.perf_counter()

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Count the time inside; a stage belongs to one thread."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - start

    def add(self, seconds: Mapping[str, float]) -> None:
        """Count what another clock measured; its `total` ran beside others and is left out."""
        for stage, spent_s in seconds.items():
            if stage != TOTAL:
                self._seconds[stage] = self._seconds.get(stage, 0.0) + spent_s

    def measure_each(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, counting how long each took to come."""
        iterator = iter(items)
        while True:
            with self.measure(stage):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

    def passed(self) -> float:
        """Seconds since this clock was made."""
        return time.perf_counter() - self._start

    def seconds(self) -> dict[str, float]:
        """Seconds by stage, and the time that passed as `total`."""
        stages = {stage: round(seconds, 3) for stage, seconds in self._seconds.items()}
        return {**stages, TOTAL: round(self.passed(), 3)}
