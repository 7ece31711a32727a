"""Walking: feet that stay where they were put, a pelvis that rides on them, arms that swing against them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sidecar.mannequin.body.kinematics import SIDES, ArmPose, BodyPose, FootPose
from sidecar.mannequin.body.shape import Shape
from sidecar.mannequin.motion.path import Track, ease

STANCE = 0.60  # share of a stride a foot is on the ground (J. Perry, "Gait Analysis")
STRIDE_PER_LEG = 1.36  # two steps, in leg lengths
LIFT_M = 0.055
HALF_STEP_WIDTH_M = 0.075
STANDING_HALF_WIDTH_M = 0.115


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of the walk is left: `going` 1 in full stride, 0 at rest facing `heading`."""

    going: float
    heading: float


def walk(shape: Shape, track: Track, distance: float, standing: Standing) -> BodyPose:
    """The body after `distance` metres of a track; pure function of where it is."""
    stride = STRIDE_PER_LEG * shape.leg
    x, z, path_heading = track.at(distance)
    heading = _between(standing.heading, path_heading, standing.going)
    cycle = distance / stride
    feet = tuple(
        _foot(track, cycle + 0.5 * number, stride, sign, (x, z, heading), distance, standing.going)
        for number, (_, sign) in enumerate(SIDES)
    )
    swing = math.sin(2 * math.pi * (cycle - 0.05)) * standing.going
    bob = -math.cos(4 * math.pi * (cycle - STANCE / 2)) * 0.018 * standing.going
    return BodyPose(
        root=(x, z),
        pelvis=shape.leg - 0.012 - 0.032 * standing.going - bob,
        heading=heading,
        feet=(feet[0], feet[1]),
        arms=(_arm(-swing, standing.going), _arm(swing, standing.going)),
        lean=0.02 + 0.05 * standing.going,
        twist=0.10 * swing,
        roll=0.03 * math.sin(2 * math.pi * (cycle - 0.3)) * standing.going,
    )


def _between(first: float, second: float, share: float) -> float:
    """The angle `share` of the short way from the first to the second."""
    turn = (second - first + math.pi) % (2 * math.pi) - math.pi
    return first + turn * share


def _arm(swing: float, going: float) -> ArmPose:
    return ArmPose(
        lift=0.15,
        swing=0.02 + 0.42 * swing,
        bend=0.22 + 0.10 * going + 0.25 * max(0.0, swing),
        bend_to=(-0.12, 0.1, 1.0),
    )


def _foot(
    track: Track, cycle: float, stride: float, sign: float, body: tuple[float, float, float],
    distance: float, going: float,
) -> FootPose:  # fmt: skip
    """One foot; `cycle` counts its strides, the whole number at heel strike."""
    phase = cycle % 1.0
    struck = distance - phase * stride  # where the body was at heel strike
    here = _plant(track, struck + STANCE / 2 * stride, sign)
    if phase < STANCE:
        x, z, heading = here
        lift, toes = 0.0, _stance_pitch(phase / STANCE)
    else:
        share = (phase - STANCE) / (1 - STANCE)
        there = _plant(track, struck + (1 + STANCE / 2) * stride, sign)
        moved = ease(share) * 0.75 + share * 0.25
        x, z = here[0] + (there[0] - here[0]) * moved, here[1] + (there[1] - here[1]) * moved
        heading = _between(here[2], there[2], ease(share))
        lift = LIFT_M * math.sin(math.pi * share) ** 2
        toes = 0.72 - (0.72 + 0.28) * ease(share * 1.05)
    body_x, body_z, body_heading = body
    stand_x = body_x + math.cos(body_heading) * sign * STANDING_HALF_WIDTH_M
    stand_z = body_z - math.sin(body_heading) * sign * STANDING_HALF_WIDTH_M
    outwards = 0.13 * sign
    return FootPose(
        ground=(stand_x + (x - stand_x) * going, stand_z + (z - stand_z) * going),
        lift=lift * going,
        toes_down=toes * going,
        heading=_between(body_heading, heading, going) + outwards,
    )


def _stance_pitch(share: float) -> float:
    """Toes up at heel strike, flat, then the heel leaves the ground; radians."""
    return -0.28 * (1 - ease(share / 0.16)) + 0.72 * ease((share - 0.55) / 0.45)


def _plant(track: Track, distance: float, sign: float) -> tuple[float, float, float]:
    """Where a foot stands while the body passes `distance`."""
    x, z, heading = track.at(distance)
    side = sign * HALF_STEP_WIDTH_M
    return x + math.cos(heading) * side, z - math.sin(heading) * side, heading
