"""Progress over frames on stderr: a moving bar on a terminal, a line every two seconds elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

LINE_INTERVAL_S = 2.0
SMOOTHING_S = 5.0  # the time left follows the speed of about this long


class Display(Protocol):
    """Says what is going on; never silent for more than LINE_INTERVAL_S, however long one step takes."""

    def phase(self, text: str) -> None:
        """Another kind of work begins."""

    def frames(self, done: int, total: int | None) -> None:
        """So many frames are done; `total` is None where nobody knows."""


class Pace:
    """Frames per second, and seconds left."""

    def __init__(self) -> None:
        self._start_s: float | None = None
        self._marks: list[tuple[float, int]] = []

    def add(self, done: int, *, now_s: float) -> None:
        """So many frames are done at this moment."""
        self._marks.append((now_s, done))
        while len(self._marks) > 2 and now_s - self._marks[0][0] > SMOOTHING_S:
            self._marks.pop(0)

    def text(self, done: int, total: int | None) -> str:
        """Such as `120 of 300 frames, 84.0 fps, 2 s left`."""
        said = f"{done} of {total} frames" if total else f"{done} frames"
        if len(self._marks) < 2:
            return said
        (start_s, start), (end_s, end) = self._marks[0], self._marks[-1]
        if end <= start or end_s <= start_s:
            return said
        rate = (end - start) / (end_s - start_s)
        left = f", {_duration(max(0, total - done) / rate)} left" if total else ""
        return f"{said}, {rate:.1f} fps{left}"


@contextmanager
def frames_display() -> Iterator[Display]:
    """A display on stderr, for the length of the block."""
    console = Console(stderr=True)
    if console.is_interactive:  # a terminal that can move its cursor
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
        with Progress(*columns, TextColumn("{task.fields[pace]}"), console=console, transient=True) as progress:
            yield _Bar(progress)
        return
    lines = _Lines()
    thread = threading.Thread(target=lines.run, name="display", daemon=True)
    thread.start()
    try:
        yield lines
    finally:
        lines.stop()
        thread.join()


class _Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress  # redraws by itself, so a long step shows a turning spinner
        self._task: TaskID = progress.add_task("", total=None, pace="")
        self._pace = Pace()

    def phase(self, text: str) -> None:
        self._progress.update(self._task, description=text)

    def frames(self, done: int, total: int | None) -> None:
        self._pace.add(done, now_s=time.monotonic())
        self._progress.update(self._task, completed=done, total=total, pace=self._pace.text(done, total))


class _Lines:
    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        self._phase = "starting"
        self._frames: tuple[int, int | None] | None = None
        self._pace = Pace()
        self._stopped = threading.Event()

    def phase(self, text: str) -> None:
        self._phase, self._frames = text, None
        self._console.print(f"  {text}")

    def frames(self, done: int, total: int | None) -> None:
        self._frames = (done, total)

    def run(self) -> None:
        while not self._stopped.wait(LINE_INTERVAL_S):
            frames = self._frames
            if frames is None:
                self._console.print(f"  {self._phase} …")
                continue
            self._pace.add(frames[0], now_s=time.monotonic())
            self._console.print(f"  {self._pace.text(*frames)}")

    def stop(self) -> None:
        self._stopped.set()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
