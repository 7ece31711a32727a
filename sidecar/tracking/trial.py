"""Is it a person? What is seen once or twice, or never clearly, is not reported."""

from __future__ import annotations

from collections import deque
from itertools import dropwhile

from sidecar.tracking.sighting import Sighting

FRAMES_TO_BELIEVE = 3  # sightings of just the score that is asked for that make a person


class Trial:
    """The sightings of a track until it is decided.

    A track is a person once the scores of its strong sightings, those of `min_score` and more, add up to
    FRAMES_TO_BELIEVE times `min_score` within the trial's window. Where the video begins or ends on it there may be
    fewer frames than that: then it needs halfway from `min_score` to 1 in each of them. In a video that has fewer
    frames altogether one strong sighting is enough.
    """

    def __init__(self, *, min_score: float, window_s: float, head_s: float) -> None:
        """Begin.

        Args:
            min_score: makes a sighting a strong one.
            window_s: how long sightings count.
            head_s: how long before its first strong sighting a person's weak ones are kept.
        """
        self._min_score = min_score
        self._window_s = window_s
        self._head_s = head_s
        self._sightings: deque[Sighting] = deque()

    def see(self, sighting: Sighting) -> None:
        """The next sighting."""
        self._sightings.append(sighting)

    def forget(self, *, frame: int, time_s: float) -> None:
        """It is `frame`, `time_s` now: drop what is too long ago, but none of the last FRAMES_TO_BELIEVE frames."""
        while self._sightings:
            first = self._sightings[0]
            if time_s - first.time_s <= self._window_s or frame - first.frame < FRAMES_TO_BELIEVE:
                break
            self._sightings.popleft()

    @property
    def first_time_s(self) -> float | None:
        """Time of the first sighting that counts; None where there is none."""
        return self._sightings[0].time_s if self._sightings else None

    @property
    def passed(self) -> bool:
        """Is it a person, wherever in the video it was?"""
        return self._evidence() >= FRAMES_TO_BELIEVE * self._min_score and self._is_strong()

    def passes_at_an_end(self, *, frames: int, ended: bool) -> bool:
        """Is it a person, given that it will not be seen again?

        Args:
            frames: of the video so far.
            ended: whether there will be no more.
        """
        if self.passed or not self._is_strong():
            return self.passed
        if ended and frames < FRAMES_TO_BELIEVE:
            return True
        room = min(self._sightings[-1].frame + 1, frames - self._sightings[0].frame if ended else FRAMES_TO_BELIEVE)
        return room < FRAMES_TO_BELIEVE and self._evidence() >= room * (1 + self._min_score) / 2

    def sightings(self) -> list[Sighting]:
        """What is known of the person: from shortly before the first strong sighting."""
        strong_s = next(one.time_s for one in self._sightings if self._strong(one))
        return list(dropwhile(lambda one: strong_s - one.time_s > self._head_s, self._sightings))

    def _strong(self, sighting: Sighting) -> bool:
        return sighting.person.score >= self._min_score

    def _is_strong(self) -> bool:
        return any(map(self._strong, self._sightings))

    def _evidence(self) -> float:
        return sum(one.person.score for one in self._sightings if self._strong(one))
