"""A track's sightings in, clean ones with their velocity out, as soon as enough of what follows is known."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from sidecar.pose.person import Person
from sidecar.tracking import outliers, smoothing
from sidecar.tracking.options import Cleaning
from sidecar.tracking.sighting import Sighting, person_of
from sidecar.tracking.similarity import Floats

LEAST_TRUST = 0.01  # what a sighting counts at least; others count as their score
STEADY_SIGHTINGS = 5  # others in the window, from which a velocity is relied on
LOOK_AHEAD_S = outliers.WINDOW_S + smoothing.WINDOW_S


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """A cleaned sighting.

    Attributes:
        values: (K, 4) or (K, 7), see `Sighting`.
        velocity: (K, 4) or (K, 7) per second; that of the visibility means nothing.
        steadiness: how far the velocity can be relied on, in [0, 1]: that of a few sightings is mostly noise.
    """

    frame: int
    time_s: float
    person: Person
    values: Floats
    velocity: Floats
    steadiness: float


class Cleaner:
    """The cleaning of one track, in the order of its sightings, with a bounded look ahead."""

    def __init__(self, cleaning: Cleaning, *, keep_raw: bool) -> None:
        self._rejects = cleaning in ("hampel", "hampel+smooth")
        self._smooths = cleaning in ("smooth", "hampel+smooth")
        self._keep_raw = keep_raw
        self._raw: deque[Sighting] = deque()  # from the first that an outlier window may reach
        self._sound: deque[Sighting] = deque()  # without outliers
        self._checked = 0  # how many of the raw ones are
        self._done = 0  # how many of the sound ones are cleaned

    def see(self, sighting: Sighting) -> None:
        """The next sighting."""
        self._raw.append(sighting)

    def ready(self, now_s: float) -> list[Clean]:
        """The sightings that nothing after `now_s` can change any more, each once."""
        while self._checked < len(self._raw) and self._raw[self._checked].time_s + outliers.WINDOW_S < now_s:
            self._sound.append(self._checked_one(self._checked))
            self._checked += 1
        cleaned = []
        while self._done < len(self._sound) and self._sound[self._done].time_s + LOOK_AHEAD_S < now_s:
            cleaned.append(self._clean(self._done))
            self._done += 1
        self._forget()
        return cleaned

    def _checked_one(self, index: int) -> Sighting:
        """A raw sighting with its outliers replaced by the median of those around."""
        one = self._raw[index]
        if not self._rejects:
            return one
        near, at = _around(self._raw, index, outliers.WINDOW_S)
        values = np.stack([other.values for other in near])
        wrong = outliers.outliers(values[:, :, :2], at, one.side)
        if not wrong.any():
            return one
        body = outliers.median(values.transpose(1, 0, 2))[:, None]
        usual = outliers.median(values - body) + body[at]
        return replace(one, values=np.where(wrong[:, None], usual, one.values))

    def _clean(self, index: int) -> Clean:
        one = self._sound[index]
        near, _ = _around(self._sound, index, smoothing.WINDOW_S)
        offsets = np.array([other.time_s - one.time_s for other in near])
        trust = np.array([max(other.person.score, LEAST_TRUST) for other in near])
        values = np.stack([other.values for other in near])
        curve, velocity = smoothing.fit(offsets, values, trust, one.side)
        smooth = curve if self._smooths else one.values
        person = person_of(one.person, smooth) if self._smooths or self._rejects else one.person
        if self._keep_raw:
            person = replace(person, keypoints_raw=one.person.keypoints)
        steadiness = min(1.0, (len(near) - 1) / STEADY_SIGHTINGS)
        return Clean(one.frame, one.time_s, person, smooth, velocity, steadiness)

    def _forget(self) -> None:
        """Drop what no window reaches any more."""
        while self._checked and self._raw[0].time_s < self._raw[self._checked - 1].time_s - outliers.WINDOW_S:
            self._raw.popleft()
            self._checked -= 1
        while self._done and self._sound[0].time_s < self._sound[self._done - 1].time_s - smoothing.WINDOW_S:
            self._sound.popleft()
            self._done -= 1


def _around(sightings: deque[Sighting], index: int, window_s: float) -> tuple[list[Sighting], int]:
    """The sightings within a window around one of them that hold the same kind of values, and its place there."""
    one = sightings[index]
    first, last = index, index
    while first > 0 and one.time_s - sightings[first - 1].time_s < window_s:
        first -= 1
    while last + 1 < len(sightings) and sightings[last + 1].time_s - one.time_s < window_s:
        last += 1
    near = [sightings[i] for i in range(first, last + 1)]
    alike = [other for other in near if other.values.shape == one.values.shape]
    return alike, next(place for place, other in enumerate(alike) if other is one)
