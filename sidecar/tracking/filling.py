"""People between two sightings, and beyond the last one: they move, and are the less certain the further away."""

from __future__ import annotations

import math

import numpy as np

from sidecar.tracking.motion import coasted
from sidecar.tracking.similarity import Floats

SCORE_HALVES_S = 0.5  # score and visibility of a filled person halve with every so much time to a sighting
# Velocities at the ends of a gap tell less of its middle the longer it is: what they count falls by e with so much
# time. Limbs turn round sooner than bodies.
BODY_COAST_S = 1.5
LIMB_COAST_S = 0.5


def certainty(away_s: float) -> float:
    """Factor on score and visibility, in (0, 1], so far from a sighting."""
    return math.pow(0.5, away_s / SCORE_HALVES_S)


def between(
    before: Floats, after: Floats, leave: Floats, arrive: Floats, shares: Floats, gap_s: float, torso: list[int]
) -> Floats:
    """Keypoints inside a gap, by cubic Hermite curves.

    The velocity of the body is trusted for longer than that of limbs against it.

    Args:
        before, after: (K, D) coordinates at both ends.
        leave, arrive: (K, D) velocities there, per second.
        shares: (N,) how much of the gap has passed, in (0, 1).
        gap_s: its length.
        torso: keypoints that make the body.

    Returns:
        (N, K, D).
    """
    way = after - before
    leave, arrive = (way + _trusted(velocity * gap_s - way, gap_s, torso) for velocity in (leave, arrive))
    s = shares[:, None, None]
    curve = (
        (2 * s**3 - 3 * s**2 + 1) * before
        + (s**3 - 2 * s**2 + s) * leave
        + (3 * s**2 - 2 * s**3) * after
        + (s**3 - s**2) * arrive
    )
    return np.asarray(curve)


def beyond(end: Floats, velocity: Floats, away_s: Floats, torso: list[int]) -> Floats:
    """Keypoints before the first or after the last sighting, (N, K, D): the body coasts on in its posture.

    Args:
        end: (K, D) coordinates there.
        velocity: (K, D) there, per second.
        away_s: (N,) times after the sighting; those before it are negative.
    """
    body = velocity[torso].mean(axis=0)
    passed = np.array([math.copysign(coasted(abs(away)), away) for away in away_s.tolist()])
    return np.asarray(end + passed[:, None, None] * body)


def _trusted(bend: Floats, gap_s: float, torso: list[int]) -> Floats:
    """How much of the bend at a gap's end, by which a velocity differs from the straight way, the curve follows."""
    body = bend[torso].mean(axis=0)
    kept = body * math.exp(-gap_s / BODY_COAST_S) + (bend - body) * math.exp(-gap_s / LIMB_COAST_S)
    return np.asarray(kept)
