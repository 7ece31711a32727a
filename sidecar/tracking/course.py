"""A straight course through a few sightings: where somebody was, how fast, how large, and which way they faced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.pose.appearance import Colours
from sidecar.tracking.sighting import PLANAR, Sighting
from sidecar.tracking.similarity import Floats

TORSO_OF_FOUR = 4  # left and right shoulder, left and right hip: with these one faces somewhere


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A straight line in time.

    Attributes:
        time_s: the middle of the sightings.
        place: (2,) px, of the body's centre at that time.
        velocity: (2,) px/s.
        side: square root of the box's area, px, on average.
        diagonal: of the box, px, on average; it depends less on posture than the area.
        facing: (2,) unit vector from the body's left to its right, seen from above; None where that is not known.
        colours: of the body, usually; None where they are not known.
    """

    time_s: float
    place: Floats
    velocity: Floats
    side: float
    diagonal: float
    facing: Floats | None
    colours: Colours | None

    def at(self, time_s: float) -> Floats:
        """Where the course leads: (2,) px."""
        return self.place + self.velocity * (time_s - self.time_s)


def centre_of(sighting: Sighting, torso: Sequence[int]) -> Floats:
    """The body's centre, (2,) px."""
    return np.asarray(sighting.values[list(torso), :2].mean(axis=0))


def course_of(sightings: Sequence[Sighting], torso: Sequence[int]) -> Course:
    """The course through sightings, at least one, by least squares."""
    times = np.array([sighting.time_s for sighting in sightings])
    places = np.stack([centre_of(sighting, torso) for sighting in sightings])
    offsets = times - times.mean()
    spread = float(offsets @ offsets)
    velocity = offsets @ (places - places.mean(axis=0)) / spread if spread > 0 else np.zeros(2)
    diagonals = [float(np.hypot(*np.ptp(sighting.values[:, :2], axis=0))) for sighting in sightings]
    return Course(
        float(times.mean()),
        places.mean(axis=0),
        velocity,
        float(np.mean([sighting.side for sighting in sightings])),
        max(1.0, float(np.mean(diagonals))),
        _facing(sightings, torso),
        _colours(sightings),
    )


def _facing(sightings: Sequence[Sighting], torso: Sequence[int]) -> Floats | None:
    if len(torso) != TORSO_OF_FOUR:
        return None
    worlds = [sighting.values[list(torso), PLANAR:] for sighting in sightings if sighting.values.shape[1] > PLANAR]
    if not worlds:
        return None
    left_shoulder, right_shoulder, left_hip, right_hip = np.mean(worlds, axis=0)
    across = (right_shoulder + right_hip - left_shoulder - left_hip)[[0, 2]]
    length = math.hypot(*across.tolist())
    return np.asarray(across / length) if length > 0 else None


def _colours(sightings: Sequence[Sighting]) -> Colours | None:
    known = [colours for sighting in sightings if (colours := sighting.person.colours) is not None]
    return np.median(known, axis=0) if known else None
