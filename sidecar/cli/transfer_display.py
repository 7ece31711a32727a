"""Shows on stderr that a transfer is alive: a bar for people, a line every two seconds for logs."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

LINE_INTERVAL_S = 2.0


class BarDisplay:
    """A moving bar, for a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> BarDisplay:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Show what goes on; a Report."""
        self._progress.update(self._task, description=doing, completed=done, total=total)


class LineDisplay:
    """A line when something new begins, and one every LINE_INTERVAL_S while it lasts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doing, self._done, self._total = "", 0, None  # type: str, int, int | None
        self._start_s = time.monotonic()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="transfer-display", daemon=True)

    def __enter__(self) -> LineDisplay:
        self._ticker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._ticker.join()

    def __call__(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Take note of what goes on; a Report."""
        with self._lock:
            is_new = doing != self._doing
            self._doing, self._done, self._total = doing, done, total
            if is_new:
                self._write()

    def _tick(self) -> None:
        while not self._over.wait(LINE_INTERVAL_S):
            with self._lock:
                self._write()

    def _write(self) -> None:
        of_total = "" if self._total is None else f" of {self._total / 1e6:.1f}"
        amount = f" {self._done / 1e6:.1f}{of_total} MB" if self._done or self._total else ""
        print(f"  {self._doing}{amount} ({time.monotonic() - self._start_s:.0f} s)", file=sys.stderr, flush=True)


def transfer_display() -> BarDisplay | LineDisplay:
    """The display that fits stderr. It is a context manager, and itself the Report to hand on."""
    console = Console(stderr=True)
    return BarDisplay(console) if console.is_interactive else LineDisplay()
