"""One person through time: somebody for every frame from the first sighting to the last."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from sidecar.pose.body import Body
from sidecar.pose.person import Person, Provenance
from sidecar.smpl import filling as bodies
from sidecar.tracking import filling
from sidecar.tracking.cleaning import Clean, Cleaner
from sidecar.tracking.clock import FrameClock
from sidecar.tracking.options import AssembleOptions
from sidecar.tracking.sighting import PLANAR, VISIBILITY, Sighting, person_of
from sidecar.tracking.similarity import Floats


class Timeline:
    """Sightings in, in order; cleaned and filled people out, as soon as they are settled."""

    def __init__(self, options: AssembleOptions, clock: FrameClock, torso: list[int]) -> None:
        self._options = options
        self._clock = clock
        self._torso = torso
        self._cleaner = Cleaner(options.clean, keep_raw=options.keep_raw)
        self._last: Clean | None = None
        self._people: deque[tuple[int, Person]] = deque()
        self._closed = False

    def see(self, sighting: Sighting) -> None:
        """The person's next sighting."""
        self._cleaner.see(sighting)

    def advance(self, *, now_s: float) -> None:
        """Settle what can be settled: nothing more of the time up to `now_s` will come."""
        for clean in self._cleaner.ready(now_s):
            if self._last is None:
                self._people.extend(self._before(clean))
            else:
                self._people.extend(self._between(self._last, clean))
            self._people.append((clean.frame, clean.person))
            self._last = clean

    def close(self) -> None:
        """The person will not be seen again. The frames of the clock may get a prediction."""
        if self._closed:
            return
        self.advance(now_s=float("inf"))
        self._closed = True
        if self._last is not None:
            self._people.extend(self._after(self._last))

    def is_settled(self, frame: int) -> bool:
        """Is it decided whether the person is in a frame, and how?"""
        return self._closed or (self._last is not None and frame <= self._last.frame)

    def take(self, frame: int) -> Person | None:
        """The person in a settled frame; frames are asked for in order, each once."""
        if self._people and self._people[0][0] == frame:
            return self._people.popleft()[1]
        return None

    @property
    def is_over(self) -> bool:
        """Is there nothing more to take?"""
        return self._closed and not self._people

    def _between(self, one: Clean, other: Clean) -> list[tuple[int, Person]]:
        frames = range(one.frame + 1, other.frame)
        if not frames:
            return []
        gap_s = other.time_s - one.time_s
        # The time without a person: a gap of one frame is as long as a frame is shown.
        absent_s = other.time_s - self._clock.time_s(frames[0])
        provenance: Provenance = "interpolated" if absent_s <= self._options.max_gap_s else "predicted"
        columns = min(one.values.shape[1], other.values.shape[1])
        start, stop = one.values[:, :columns], other.values[:, :columns]
        since_s = np.array([self._clock.time_s(frame) for frame in frames]) - one.time_s
        shares = since_s / gap_s
        curves = filling.between(
            start,
            stop,
            one.velocity[:, :columns] * one.steadiness + (stop - start) / gap_s * (1 - one.steadiness),
            other.velocity[:, :columns] * other.steadiness + (stop - start) / gap_s * (1 - other.steadiness),
            shares,
            gap_s,
            self._torso,
        )
        straight = (1 - shares[:, None]) * start[:, VISIBILITY] + shares[:, None] * stop[:, VISIBILITY]
        filled = []
        for number, frame in enumerate(frames):
            share = float(shares[number])
            fade = filling.certainty(min(float(since_s[number]), gap_s - float(since_s[number])))
            values = curves[number]
            values[:, VISIBILITY] = straight[number] * fade
            score = ((1 - share) * one.person.score + share * other.person.score) * fade
            distance = min(frame - one.frame, other.frame - frame)
            person = _filled(one.person, values, score, provenance, distance)
            filled.append((frame, replace(person, body=_body_between(one.person, other.person, share))))
        return filled

    def _before(self, first: Clean) -> list[tuple[int, Person]]:
        frames = [
            frame
            for frame in range(self._clock.first, first.frame)
            if first.time_s - self._clock.time_s(frame) <= self._options.extrapolate_s
        ]
        return self._beyond(first, frames)

    def _after(self, last: Clean) -> list[tuple[int, Person]]:
        frames = [
            frame
            for frame in range(max(last.frame + 1, self._clock.first), self._clock.stop)
            if self._clock.time_s(frame) - last.time_s <= self._options.extrapolate_s
        ]
        return self._beyond(last, frames)

    def _beyond(self, end: Clean, frames: list[int]) -> list[tuple[int, Person]]:
        if not frames or not self._options.extrapolate_s:
            return []
        away_s = np.array([self._clock.time_s(frame) for frame in frames]) - end.time_s
        everywhere: Floats = filling.beyond(end.values, end.velocity * end.steadiness, away_s, self._torso)
        filled = []
        for number, frame in enumerate(frames):
            fade = filling.certainty(abs(float(away_s[number])))
            values = everywhere[number]
            values[:, VISIBILITY] = end.values[:, VISIBILITY] * fade
            values[:, PLANAR:] = end.values[:, PLANAR:]
            distance = abs(frame - end.frame)
            filled.append((frame, _filled(end.person, values, end.person.score * fade, "predicted", distance)))
        return filled


def _filled(like: Person, values: Floats, score: float, provenance: Provenance, distance: int) -> Person:
    person = person_of(like, values)
    return replace(
        person,
        score=score,
        provenance=provenance,
        distance=distance,
        region=None,
        region_index=None,
        keypoints_raw=None,
        body=None,
    )


def _body_between(one: Person, other: Person, share: float) -> Body | None:
    return None if one.body is None or other.body is None else bodies.between(one.body, other.body, share)
