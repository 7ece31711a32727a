"""Who is who: track ids for the people of consecutive frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sidecar.pose.person import Person
from sidecar.tracking.similarity import Point, box_overlap, centre, keypoint_similarity, side

MAX_GAP_S = 1.0  # a person unseen for longer comes back as a new one
MIN_SIMILARITY = 0.1  # mean of box overlap and keypoint similarity
REACH_SIDES = 1.0  # how far apart, in sides of the person's box, two sightings may be ...
REACH_SIDES_PER_S = 4.0  # ... and how much further for every second between them


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    id: int
    person: Person
    time_s: float
    velocity: Point  # px/s

    def shift(self, time_s: float) -> Point:
        gap_s = time_s - self.time_s
        return self.velocity[0] * gap_s, self.velocity[1] * gap_s

    def similarity(self, person: Person, time_s: float) -> float:
        """In [0, 1], with the track where it would be by now."""
        shift = self.shift(time_s)
        return (
            box_overlap(self.person, person, shift=shift) + keypoint_similarity(self.person, person, shift=shift)
        ) / 2

    def nearness(self, person: Person, time_s: float) -> float:
        """1 at the place of the last sighting, 0 where it could not have got to, less beyond."""
        reach = side(self.person) * (REACH_SIDES + REACH_SIDES_PER_S * (time_s - self.time_s))
        return 1 - math.dist(centre(self.person), centre(person)) / reach

    def seen(self, person: Person, time_s: float) -> _Track:
        gap_s = time_s - self.time_s
        velocity = self.velocity
        if gap_s > 0:
            (x, y), (last_x, last_y) = centre(person), centre(self.person)
            measured = (x - last_x) / gap_s, (y - last_y) / gap_s
            velocity = (velocity[0] + measured[0]) / 2, (velocity[1] + measured[1]) / 2
        return _Track(self.id, person, time_s, velocity)


class Associator:
    """Gives every person of a video an id: 1 for the first, then growing, never reused.

    Each frame's people are matched twice with the tracks seen within MAX_GAP_S, by the Hungarian method: first by
    overlap and keypoints with the place a track is moving to, then, those left, by distance from its last place.
    Whoever matches none starts a track.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._next_id = 1

    def assign(self, people: Sequence[Person], *, time_s: float) -> list[Person]:
        """The people of the next frame with their ids, in the order given; times must not fall."""
        alive = [track for track in self._tracks if time_s - track.time_s <= MAX_GAP_S]
        matches = _match(alive, people, lambda t, p: t.similarity(p, time_s), minimum=MIN_SIMILARITY)
        free_tracks = [track for i, track in enumerate(alive) if i not in matches.values()]
        free_people = [i for i in range(len(people)) if i not in matches]
        late = _match(free_tracks, [people[i] for i in free_people], lambda t, p: t.nearness(p, time_s), minimum=0.0)
        found = {person: alive[track] for person, track in matches.items()}
        found |= {free_people[person]: free_tracks[track] for person, track in late.items()}
        named: list[Person] = []
        for index, person in enumerate(people):
            track = found.get(index)
            if track is None:
                track = _Track(self._next_id, person, time_s, (0.0, 0.0))
                self._next_id += 1
                alive.append(track)
            else:
                alive[alive.index(track)] = track = track.seen(person, time_s)
            named.append(replace(person, id=track.id))
        self._tracks = alive
        return named


def _match(
    tracks: Sequence[_Track],
    people: Sequence[Person],
    score: Callable[[_Track, Person], float],
    *,
    minimum: float,
) -> dict[int, int]:
    """The pairs of person and track, as indices, with the highest total score; none scores under the minimum."""
    if not tracks or not people:
        return {}
    scores = np.array([[score(track, person) for track in tracks] for person in people])
    if scores.size == 1:
        pairs = [(0, 0)]
    else:
        from scipy.optimize import linear_sum_assignment  # 0.2 s that a video of one person need not spend

        # Scores under the minimum all count alike, so that a hopeless pair never costs a good one.
        rows, columns = linear_sum_assignment(np.maximum(scores, minimum), maximize=True)
        pairs = list(zip(rows.tolist(), columns.tolist(), strict=True))
    return {person: track for person, track in pairs if scores[person, track] >= minimum}
