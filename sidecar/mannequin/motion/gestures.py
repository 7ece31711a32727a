"""What a standing body does: idle, wave, jump. Each takes a pose and gives it back changed."""

from __future__ import annotations

import math
from dataclasses import replace

from sidecar.mannequin.body.kinematics import ArmPose, BodyPose
from sidecar.mannequin.motion.path import ease

JUMP_PERIOD_S = 1.6
JUMP_HEIGHT_M = 0.28
CROUCH_M = 0.24
GRAVITY = 9.81
LIFT_OFF_M = 0.06  # the pelvis rises above standing before the toes leave the ground


def blend_arm(first: ArmPose, second: ArmPose, share: float) -> ArmPose:
    """`first` at 0, `second` at 1."""

    def between(a: float, b: float) -> float:
        return a + (b - a) * share

    x, y, z = (between(a, b) for a, b in zip(first.bend_to, second.bend_to, strict=True))
    return ArmPose(
        between(first.lift, second.lift),
        between(first.swing, second.swing),
        between(first.bend, second.bend),
        (x, y, z),
    )


def idle(pose: BodyPose, time: float, phase: float, amount: float) -> BodyPose:
    """Breath and a slow shift of weight, and eyes that wander."""
    sway = math.sin(1.3 * time + phase)
    return replace(
        pose,
        root=(pose.root[0] + 0.018 * sway * amount, pose.root[1]),
        pelvis=pose.pelvis - 0.006 * amount * (1 + math.sin(2.1 * time + phase)),
        roll=pose.roll + 0.03 * sway * amount,
        lean=pose.lean + 0.015 * math.sin(1.9 * time + phase) * amount,
        turn=pose.turn + 0.28 * math.sin(0.7 * time + 2 * phase) * amount,
    )


def wave(pose: BodyPose, time: float, amount: float, *, left: bool) -> BodyPose:
    """One arm up beside the head, the forearm to and fro at 1.6 Hz; `amount` from hanging 0 to waving 1."""
    beat = math.sin(2 * math.pi * 1.6 * time)
    raised = ArmPose(lift=1.62 + 0.06 * beat, swing=0.1, bend=1.45 + 0.42 * beat, bend_to=(0.10, 1.0, 0.25))
    arms = list(pose.arms)
    index = 0 if left else 1
    arms[index] = blend_arm(pose.arms[index], raised, amount)
    side = 1.0 if left else -1.0
    return replace(pose, arms=(arms[0], arms[1]), roll=pose.roll - 0.03 * side * amount)


def jump(pose: BodyPose, time: float) -> BodyPose:
    """Jumps on the spot, one every JUMP_PERIOD_S: crouch, fly, land, recover."""
    speed = math.sqrt(2 * GRAVITY * JUMP_HEIGHT_M)
    flight = 2 * speed / GRAVITY
    since = time % JUMP_PERIOD_S
    down, push = 0.36, 0.26
    land = down + push + flight
    if since < down:
        pelvis, arms = -CROUCH_M * ease(since / down), -0.6 * ease(since / down)
    elif since < down + push:
        share = ease((since - down) / push * 0.62) / ease(0.62)
        pelvis, arms = -CROUCH_M + (CROUCH_M + LIFT_OFF_M) * share, -0.6 + 2.0 * share
    elif since < land:
        air = since - down - push
        pelvis = LIFT_OFF_M + speed * air - GRAVITY / 2 * air * air
        arms = 1.4 + 0.9 * ease(1.4 * air / flight)
    else:
        share = (since - land) / (JUMP_PERIOD_S - land)
        dip = math.sin(math.pi * min(1.0, share * 1.25)) ** 2
        pelvis, arms = LIFT_OFF_M * (1 - ease(share * 4)) - 0.6 * CROUCH_M * dip, 2.3 * (1 - ease(share * 1.1))
    flying = max(0.0, pelvis - LIFT_OFF_M) if down + push <= since < land else 0.0
    toes = ease((pelvis + 0.02) / (LIFT_OFF_M + 0.02)) if down < since < land + 0.12 else 0.0
    feet = tuple(replace(foot, lift=flying + foot.lift, toes_down=0.6 * toes) for foot in pose.feet)
    bent = max(0.0, -pelvis) / CROUCH_M
    ahead = (0.0, math.sin(arms), math.cos(arms))  # turns with the upper arm, so that an elbow never flips
    arm = ArmPose(lift=0.18 + 0.12 * abs(arms), swing=arms, bend=0.35 + 0.3 * bent, bend_to=ahead)
    return replace(
        pose,
        pelvis=pose.pelvis + pelvis,
        feet=(feet[0], feet[1]),
        arms=(arm, arm),
        lean=pose.lean + 0.5 * bent,
        nod=pose.nod - 0.3 * bent,
    )
