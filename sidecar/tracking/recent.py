"""A track's latest sightings, kept back for a moment: what leads into a crossing is known only after it began."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from sidecar.tracking.course import Course, course_of
from sidecar.tracking.sighting import Sighting

HOLD_S = 0.15  # poses slip onto somebody else for so long before their own person is lost
BEFORE_S = 0.4  # the course into a crossing is taken from so much time before that
MIN_SEEN = 3  # sightings that make a course
BACK_SHARE = 0.6  # of the frames of a window, in which somebody is seen who is back


class Recent:
    """Sightings that wait, and those before them that a course can be taken from."""

    def __init__(self) -> None:
        self._past: deque[Sighting] = deque()
        self._waiting: deque[Sighting] = deque()

    def see(self, sighting: Sighting) -> None:
        """The next sighting."""
        self._waiting.append(sighting)

    def release(self, *, now_s: float) -> list[Sighting]:
        """The sightings that need not wait any longer."""
        released = []
        while self._waiting and self._waiting[0].time_s <= now_s - HOLD_S:
            released.append(self._waiting.popleft())
        self._past.extend(released)
        while self._past and self._past[0].time_s < self._past[-1].time_s - BEFORE_S:
            self._past.popleft()
        return released

    @property
    def last_time_s(self) -> float:
        """When the person was seen last."""
        latest = self._waiting or self._past
        return latest[-1].time_s if latest else float("-inf")

    def is_back(self, *, window_s: float, frame: int, now_s: float) -> bool:
        """Was the person seen in most frames of a window up to `frame`, which is now?"""
        seen = [one for one in self._waiting if one.time_s > now_s - window_s]
        if len(seen) < MIN_SEEN or now_s - seen[0].time_s < window_s * BACK_SHARE:
            return False
        return len(seen) >= BACK_SHARE * (frame - seen[0].frame + 1)

    def waiting(self) -> list[Sighting]:
        """The sightings that wait."""
        return list(self._waiting)

    def replace_waiting(self, sightings: Sequence[Sighting]) -> None:
        """It was decided that these are the sightings that wait."""
        self._waiting = deque(sightings)

    def course(self, torso: Sequence[int]) -> Course | None:
        """The course of the sightings that do not wait any more; None where they are too few."""
        return course_of(self._past, torso) if len(self._past) >= MIN_SEEN else None
