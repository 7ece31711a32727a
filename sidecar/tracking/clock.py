"""Frames that are not final yet, by number, on a clock that always goes forward."""

from __future__ import annotations

from collections import deque


class FrameClock:
    """Numbers frames from 0 and gives each a time later than the one before.

    Some containers step back in time or stand still; such a frame is taken to be one frame interval after the last,
    so that what is bounded by time is bounded.
    """

    def __init__(self, frame_interval_s: float) -> None:
        self._interval_s = frame_interval_s
        self._first = 0
        self._times: deque[float] = deque()
        self._last_stamp: float | None = None
        self.now_s = 0.0

    def add(self, stamp_s: float) -> int:
        """The next frame, with the time stamp that its container gives it. Returns its number."""
        if self._last_stamp is not None:
            passed = stamp_s - self._last_stamp
            self.now_s += passed if passed > 0 else self._interval_s
        self._last_stamp = stamp_s
        self._times.append(self.now_s)
        return self._first + len(self._times) - 1

    @property
    def first(self) -> int:
        """Number of the first frame that is remembered."""
        return self._first

    @property
    def stop(self) -> int:
        """Number of the next frame."""
        return self._first + len(self._times)

    def time_s(self, frame: int) -> float:
        """Time of a frame that is remembered."""
        return self._times[frame - self._first]

    def forget_first(self) -> None:
        """The first frame is final."""
        self._times.popleft()
        self._first += 1
