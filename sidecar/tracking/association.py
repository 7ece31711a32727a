"""Who is who: each frame's people are linked to the tracks of the frames before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.pose.person import Person
from sidecar.tracking.matching import match
from sidecar.tracking.motion import Motion
from sidecar.tracking.similarity import (
    Floats,
    Shapes,
    box_overlap,
    distances,
    joined,
    keypoint_similarity,
    shapes_of,
    size_ratios,
)

MIN_SIMILARITY = 0.1  # mean of box overlap and keypoint similarity, for sightings of the score that is asked for
MIN_WEAK_SIMILARITY = 0.25  # the same for weaker ones
REACH_SIDES = 1.0  # how far apart, in sides of the person's box, two sightings may be ...
REACH_SIDES_PER_S = 4.0  # ... and how much further for every second between them ...
MOST_REACH_SIDES = 4.0  # ... up to here ...
NEWCOMER_REACH_SIDES = 1.5  # ... or here, for tracks that few sightings speak for: phantoms come anywhere
MIN_SIZE_RATIO = 0.4  # of two sightings that are linked by their place alone
NEWCOMER_SHARE = 0.8  # similarity of tracks that few sightings speak for counts less: who is established goes first
ESTABLISHED_SIGHTINGS = 3
MIN_CONTACT = 0.1  # overlap of boxes from which one person may hide another
MIN_SECOND_SIMILARITY = 0.3  # of keypoints, from which two sightings in a frame may be of one person
STALE_AFTER_S = 1.0  # so long after the last sighting of the score that is asked for, weak ones must be better ...
STALE_SHARE = 0.5  # ... than this part of that score


@dataclass(slots=True, eq=False)
class _Track:
    key: int
    motion: Motion
    sightings: int = 0
    strong: int = 0
    last_strong_s: float = float("-inf")

    @property
    def established(self) -> bool:
        return self.strong >= ESTABLISHED_SIGHTINGS


class Linker:
    """Gives every person of a video the key of a track. Keys grow by one for every track, and are never reused.

    The people of a frame are matched with the tracks that are remembered, by the Hungarian method, in three passes:
    those of the score that is asked for, by overlap and keypoints with the place a track is moving to; then weaker
    ones with the tracks that are left, likewise; then whoever is left, by the distance from a track's last sighting
    (the recovery of OC-SORT: Cao et al., CVPR 2023). Whoever matches none starts a track.
    """

    def __init__(self, *, torso: Sequence[int], memory_s: float, trial_s: float, min_score: float) -> None:
        """Start without tracks.

        Args:
            torso: keypoints that make a person's centre.
            memory_s: how long established tracks are remembered after a sighting.
            trial_s: the same for tracks that are not.
            min_score: sightings below are weak.
        """
        self._torso = torso
        self._memory_s = memory_s
        self._trial_s = trial_s
        self._min_score = min_score
        self._tracks: list[_Track] = []
        self._next_key = 1
        self._last_time_s = float("-inf")

    def link(self, people: Sequence[Person], *, time_s: float) -> list[int | None]:
        """A track's key for each person of the next frame; None for whom no track may have. Times must grow."""
        self._tracks = [track for track in self._tracks if self._remembers(track, time_s)]
        self._last_time_s = time_s
        if not people:
            return []
        shapes = shapes_of(people, self._torso)
        found = self._match(people, shapes, time_s)
        seconds = _second_sightings(shapes, found, time_s)
        keys: list[int | None] = []
        for index, person in enumerate(people):
            if index in seconds:
                keys.append(None)
                continue
            strong = person.score >= self._min_score
            seen = shapes.take([index])
            track = found.get(index)
            if track is None:
                track = _Track(self._next_key, Motion(seen, time_s))
                self._next_key += 1
                self._tracks.append(track)
            elif not strong and self._stale(track, person, time_s):
                keys.append(None)
                continue
            else:
                track.motion.see(seen, time_s)
            track.sightings += 1
            if strong:
                track.strong += 1
                track.last_strong_s = time_s
            keys.append(track.key)
        return keys

    @property
    def remembered(self) -> set[int]:
        """Keys of the tracks that may still be seen again."""
        return {track.key for track in self._tracks}

    def lost_near_others(self) -> dict[int, list[int]]:
        """Established tracks that were not seen in the last frame, where somebody else was.

        Their keys, each with the keys of the established tracks that were seen where it was expected.
        """
        lost = [t for t in self._tracks if t.established and t.motion.time_s < self._last_time_s]
        seen = [t for t in self._tracks if t.established and t.motion.time_s == self._last_time_s]
        if not lost or not seen:
            return {}
        contact = box_overlap(_expected(lost, self._last_time_s), joined([t.motion.shape for t in seen]))
        return {
            track.key: [seen[number].key for number in np.flatnonzero(row >= MIN_CONTACT).tolist()]
            for track, row in zip(lost, contact, strict=True)
            if row.max() >= MIN_CONTACT
        }

    def motion(self, key: int) -> Motion:
        """A copy of a remembered track's motion."""
        return next(track.motion for track in self._tracks if track.key == key).copy()

    def rename(self, became: Mapping[int, int], motions: Mapping[int, Motion]) -> None:
        """Tracks turned out to be those of other people.

        Args:
            became: the right key for each key, one to one.
            motions: by the right key; for those that are not seen at the moment.
        """
        for track in self._tracks:
            right = became.get(track.key, track.key)
            if right != track.key:
                track.key = right
                if track.motion.time_s < self._last_time_s:
                    track.motion = motions[right]

    def _remembers(self, track: _Track, time_s: float) -> bool:
        """Whoever was in the frame before is remembered, however long ago that is."""
        memory_s = self._memory_s if track.established else self._trial_s
        return track.motion.time_s >= self._last_time_s or time_s - track.motion.time_s <= memory_s

    def _stale(self, track: _Track, person: Person, time_s: float) -> bool:
        weak_for_s = time_s - track.last_strong_s
        return track.strong > 0 and weak_for_s > STALE_AFTER_S and person.score < STALE_SHARE * self._min_score

    def _match(self, people: Sequence[Person], shapes: Shapes, time_s: float) -> dict[int, _Track]:
        """Tracks by person's index."""
        found: dict[int, _Track] = {}
        if not self._tracks:
            return found
        strong = [i for i, person in enumerate(people) if person.score >= self._min_score]
        weak = [i for i, person in enumerate(people) if person.score < self._min_score]
        free = self._tracks

        def assign(persons: list[int], score: Callable[[list[_Track], Shapes, float], Floats], minimum: float) -> None:
            nonlocal free
            persons = [i for i in persons if i not in found]
            if not persons or not free:
                return
            pairs = match(score(free, shapes.take(persons), time_s), minimum=minimum)
            found.update({persons[person]: free[track] for track, person in pairs})
            taken = {track for track, _ in pairs}
            free = [track for number, track in enumerate(free) if number not in taken]

        assign(strong, _similarity, MIN_SIMILARITY)
        assign(weak, _similarity, MIN_WEAK_SIMILARITY)
        assign(strong, _nearness, 0.0)
        assign(weak, _nearness, 0.0)
        return found


def _second_sightings(people: Shapes, found: Mapping[int, _Track], time_s: float) -> set[int]:
    """Sightings of somebody who has a better one: where people cross, the pose of one is often found on the other.

    Such a sighting is more like that of another person than like what its own track expects.
    """
    if len(people) < 2:
        return set()
    near = box_overlap(people, people) > 0
    np.fill_diagonal(near, False)
    alike = keypoint_similarity(people, people, near)
    if alike.max() < MIN_SECOND_SIMILARITY:
        return set()
    expected = np.zeros(len(people))
    for index, track in found.items():
        moved = _expected([track], time_s)
        expected[index] = keypoint_similarity(moved, people.take([index]), np.ones((1, 1), bool))[0, 0]
    nearer = alike > np.maximum(expected, MIN_SECOND_SIMILARITY)[:, None]
    return set(np.flatnonzero((nearer & (expected[None] > expected[:, None])).any(axis=1)).tolist())


def _expected(tracks: list[_Track], time_s: float) -> Shapes:
    """Where the people of tracks would be by now."""
    shifts = np.stack([track.motion.shift(time_s) for track in tracks])
    return joined([track.motion.shape for track in tracks]).moved(shifts)


def _similarity(tracks: list[_Track], people: Shapes, time_s: float) -> Floats:
    """In [0, 1], with the tracks where they would be by now."""
    moved = _expected(tracks, time_s)
    overlap = box_overlap(moved, people)
    reachable = (overlap > 0) | (distances(moved, people) < moved.sides[:, None])
    shares = np.array([1.0 if track.established else NEWCOMER_SHARE for track in tracks])
    return np.asarray((overlap + keypoint_similarity(moved, people, reachable)) / 2 * shares[:, None])


def _nearness(tracks: list[_Track], people: Shapes, time_s: float) -> Floats:
    """1 at the place of the last sighting, 0 where its person could not have got to, less beyond."""
    last = joined([track.motion.shape for track in tracks])
    gaps = np.array([time_s - track.motion.time_s for track in tracks])
    most = np.array([MOST_REACH_SIDES if track.established else NEWCOMER_REACH_SIDES for track in tracks])
    reach = last.sides * np.minimum(REACH_SIDES + REACH_SIDES_PER_S * gaps, most)
    near = 1 - distances(last, people) / reach[:, None]
    return np.where(size_ratios(last, people) >= MIN_SIZE_RATIO, near, -1.0)
