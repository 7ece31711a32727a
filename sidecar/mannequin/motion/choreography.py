"""Who does what, where and when."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sidecar.mannequin.body.kinematics import BodyPose
from sidecar.mannequin.body.shape import Shape
from sidecar.mannequin.motion.gait import Standing, walk
from sidecar.mannequin.motion.gestures import idle, jump, wave
from sidecar.mannequin.motion.path import EASE_S, TABLE_HZ, Rest, Track, distances

Motion = Literal["walk", "wave", "jump", "cross", "still", "mix"]
MOTIONS: tuple[Motion, ...] = get_args(Motion)

LANE_M = 1.15  # between tracks, so that bodies pass without touching
FOREVER_S = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One person's part in the scene; `pose` is a pure function of time."""

    shape: Shape
    track: Track
    start: float
    walked: NDArray[np.float64]
    rests: tuple[Rest, ...]
    waves: bool = False
    jumps: bool = False
    left_handed: bool = False
    phase: float = 0.0

    def pose(self, time: float) -> BodyPose:
        """The body at `time` seconds."""
        shares = [(rest.share(time), rest.heading) for rest in self.rests]
        resting, heading = max(shares, default=(0.0, 0.0))
        distance = self.start + float(np.interp(time * TABLE_HZ, np.arange(len(self.walked)), self.walked))
        pose = walk(self.shape, self.track, distance, Standing(1 - resting, heading))
        pose = idle(pose, time, self.phase, resting)
        if self.jumps:
            pose = jump(pose, time + self.phase * 0.1)
        if self.waves:
            pose = wave(pose, time + self.phase, resting, left=self.left_handed)
        return pose


def cast(
    shapes: list[Shape], motion: Motion, duration: float, rng: Generator, *, yaw: float | None
) -> tuple[Part, ...]:
    """One part per shape. `yaw` (radians) turns those who stand; None lets the seed choose within 60 degrees."""
    return tuple(_part(shape, number, len(shapes), motion, duration, rng, yaw) for number, shape in enumerate(shapes))


def _part(
    shape: Shape, number: int, people: int, motion: Motion, duration: float, rng: Generator, yaw: float | None
) -> Part:
    phase, jitter = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(-1, 1))
    heading = float(rng.uniform(-1.05, 1.05)) if yaw is None else yaw
    left_handed = bool(rng.random() < 0.5)
    lane = (people - 1) / 2 - number  # the first person is the nearest
    direction = 1.0 if number % 2 == 0 else -1.0
    if motion == "mix":
        return _mixed(shape, number, people, duration, phase, jitter, heading, left_handed)
    if motion in ("walk", "cross"):
        wide = motion == "walk" and people == 1
        radius = 0.85 if wide else 0.30
        straight = (1.0 if wide else 2.4) + 0.25 * jitter
        track = Track(0.0, 0.0 if people == 1 else lane * LANE_M, straight, radius, direction)
        speed = 1.12 + 0.08 * jitter
        start = -speed * duration * (0.30 if motion == "cross" else 0.45) + 0.25 * jitter
        # Those who cross meet about the middle at a third of the clip; those who walk are spread over their tracks.
        if motion == "cross":
            start = max(start, -straight / 2) + 0.2 * number
        else:
            start += 0.5 * straight * number
        return Part(shape, track, start, distances(duration, speed, ()), (), phase=phase)
    spread = min(1.25, 3.6 / people)
    track = Track((number - (people - 1) / 2) * spread, 0.35 * (-1) ** number * (people > 1))
    rest = Rest(-FOREVER_S, FOREVER_S, heading)
    part = Part(shape, track, 0.0, np.zeros(2), (rest,), phase=phase, left_handed=left_handed)
    return replace(part, waves=motion == "wave", jumps=motion == "jump")


def _mixed(
    shape: Shape, number: int, people: int, duration: float, phase: float, jitter: float, heading: float, left: bool
) -> Part:
    """The demo: the first walks in, stops to wave and walks on; the others cross behind, jump, wave."""
    lane = -number * LANE_M + (0.35 * (people - 1))
    role = number % 3
    if role == 0:
        speed = 1.15 + 0.05 * jitter
        begin = 0.30 * duration
        rest = Rest(begin, max(begin + 2 * EASE_S, 0.80 * duration), 0.3 * heading)
        direction = -1.0 if left else 1.0
        track = Track(0.0, lane, 1.3, 0.45, direction)
        start = -speed * max(0.0, begin) - 0.1
        walked = distances(duration, speed, (rest,))
        return Part(shape, track, start, walked, (rest,), waves=True, phase=phase, left_handed=left)
    if role == 1:
        speed = 1.1 + 0.08 * jitter
        track = Track(0.0, lane, 2.2, 0.30, -1.0 if left else 1.0)
        return Part(shape, track, -0.5 * speed * duration, distances(duration, speed, ()), (), phase=phase)
    track = Track(1.1 if number % 2 == 0 else -1.2, lane)
    rest = Rest(-FOREVER_S, FOREVER_S, 0.7 * heading)
    return Part(shape, track, 0.0, np.zeros(2), (rest,), jumps=True, phase=phase, left_handed=left)
