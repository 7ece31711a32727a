"""One person seen in one frame, as numbers that can be smoothed and filled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sidecar.pose.person import Person
from sidecar.tracking.similarity import SMALLEST_SIDE_PX, Floats

VISIBILITY = 3  # column of the values
PLANAR = 4  # columns that are not world coordinates


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A person in a frame.

    Attributes:
        frame: number of the frame.
        time_s: on the track's clock.
        person: as it was found.
        values: (K, 4) [x, y, z, visibility], or (K, 7) with world coordinates.
        side: square root of the box's area, px.
    """

    frame: int
    time_s: float
    person: Person
    values: Floats
    side: float


def sighting(frame: int, time_s: float, person: Person) -> Sighting:
    """A person's sighting."""
    parts = [person.keypoints] if person.keypoints_world is None else [person.keypoints, person.keypoints_world]
    values = np.concatenate(parts, axis=1, dtype=np.float64)
    area = np.prod(np.ptp(values[:, :2], axis=0))
    return Sighting(frame, time_s, person, values, max(SMALLEST_SIDE_PX, float(np.sqrt(area))))


def person_of(person: Person, values: Floats) -> Person:
    """The person with other numbers: (K, 4) or (K, 7)."""
    kept = values.astype(np.float32)
    kept[:, VISIBILITY] = kept[:, VISIBILITY].clip(0.0, 1.0)
    world = np.ascontiguousarray(kept[:, PLANAR:]) if kept.shape[1] > PLANAR else None
    return replace(person, keypoints=np.ascontiguousarray(kept[:, :PLANAR]), keypoints_world=world)
