"""Who was really seen: copies of the last pose are told from sightings, and of doubles one is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sidecar.phalp.people import Tracked


@dataclass(slots=True, eq=False)
class Track:
    """One id through the file.

    Attributes:
        seen: the sightings by frame, in order.
        copies: frames in which the tracker repeated a sighting.
    """

    tid: int
    seen: dict[int, Tracked] = field(default_factory=dict)
    copies: set[int] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Sightings:
    """The tracks in order of their first sighting, and what was found on the way.

    Attributes:
        copies: entries that repeat a pose.
        doubles: entries whose id was in the frame already.
    """

    tracks: list[Track]
    copies: int
    doubles: int


def find_sightings(frames: Iterable[list[Tracked]]) -> Sightings:
    """Sort the entries of all frames.

    The tracker writes a person that it lost into every frame, unchanged, and says so in `tracked_time`. Entries that
    do not say so and are equal to the one before, to the last bit, are taken for copies too: no network answers the
    same numbers for two frames of a living picture. Of doubles the first that was seen is kept, else the first.
    """
    tracks: dict[int, Track] = {}
    last: dict[int, Tracked] = {}
    copies = doubles = 0
    for number, people in enumerate(frames):
        chosen: dict[int, Tracked] = {}
        for person in people:
            held = chosen.get(person.tid)
            doubles += held is not None
            if held is None or (held.unseen != 0 and person.unseen == 0):
                chosen[person.tid] = person
        for person in chosen.values():
            track = tracks.setdefault(person.tid, Track(person.tid))
            before = last.get(person.tid)
            if person.unseen != 0 or (before is not None and _is_same(before, person)):
                track.copies.add(number)
                copies += 1
            else:
                track.seen[number] = person
            last[person.tid] = person
    seen = [track for track in tracks.values() if track.seen]
    seen.sort(key=lambda track: next(iter(track.seen)))
    return Sightings(seen, copies, doubles)


def _is_same(one: Tracked, other: Tracked) -> bool:
    return np.array_equal(one.box_xyxy, other.box_xyxy) and np.array_equal(one.keypoints, other.keypoints)
