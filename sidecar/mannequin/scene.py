"""A scene from its options: who, where, and frame after frame of picture and truth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.mannequin.backdrop.places import PLACES, paint_place
from sidecar.mannequin.body.figure import build, in_camera
from sidecar.mannequin.body.kinematics import Joints, solve
from sidecar.mannequin.body.palette import palettes_for
from sidecar.mannequin.body.shape import random_clothes, random_shape
from sidecar.mannequin.camera import Camera
from sidecar.mannequin.motion.choreography import LANE_M, MOTIONS, Motion, cast
from sidecar.mannequin.render.quadric import Surface
from sidecar.mannequin.render.raster import Hits
from sidecar.mannequin.render.raster import cast as cast_rays
from sidecar.mannequin.render.shade import Weave, shade
from sidecar.mannequin.render.shadow import ShadowField, draw_shadow
from sidecar.mannequin.truth import TruthPerson, observe

Image = NDArray[np.uint8]  # (H, W, 3) RGB

SUPERSAMPLE = 2
PATTERN_START_M = 0.19  # above the pelvis: where a chest band begins
MAX_PEOPLE = 8
MAX_SECONDS = 3600.0
MAX_FPS = 240.0
MIN_SIDE_PX, MAX_SIDE_PX = 32, 4096
HALF_VIEW = math.radians(20)  # above and below the optical axis
PITCH = math.radians(4.5)


class SceneOptionError(ValueError):
    """A scene option is out of range. The message names the value and the range."""


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """What to render.

    Attributes:
        people: 1 to 8.
        seconds: length, > 0, at most an hour.
        seed: picks place, light, bodies, clothes and timing; same seed, same pixels.
        motion: walk, wave, jump, cross, still or mix.
        fps: frames per second.
        width, height: px, even (H.264 needs it), 32 to 4096.
        yaw_deg: where standing people face, 0 the viewer, 90 to their left; None lets the seed choose.
        place: park, plaza or hall; None lets the seed choose.
    """

    people: int = 1
    seconds: float = 4.0
    seed: int = 7
    motion: Motion = "mix"
    fps: float = 30.0
    width: int = 640
    height: int = 360
    yaw_deg: float | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        _check("people", self.people, 1, MAX_PEOPLE)
        _check("seconds", self.seconds, 1e-3, MAX_SECONDS)
        _check("seed", self.seed, 0, 2**63 - 1)
        _check("fps", self.fps, 0.1, MAX_FPS)
        for name, side in (("width", self.width), ("height", self.height)):
            _check(name, side, MIN_SIDE_PX, MAX_SIDE_PX)
            if side % 2:
                raise SceneOptionError(f"{name} must be even, got {side}")
        if self.motion not in MOTIONS:
            raise SceneOptionError(f"motion must be one of {', '.join(MOTIONS)}, got {self.motion!r}")
        if self.place is not None and self.place not in PLACES:
            raise SceneOptionError(f"place must be one of {', '.join(PLACES)}, got {self.place!r}")
        if self.yaw_deg is not None:
            _check("yaw_deg", self.yaw_deg, -360.0, 360.0)

    @property
    def frames(self) -> int:
        """Number of frames, at least one."""
        return max(1, round(self.seconds * self.fps))


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SceneOptionError(f"{name} must be between {low:g} and {high:g}, got {value!r}")


def camera_for(options: SceneOptions) -> Camera:
    """A lens at chest height, far enough back for everybody's tracks."""
    back = 4.2 + 0.66 * (options.people - 1)
    focal = min(options.height / 2 / math.tan(HALF_VIEW), options.width / 2 / 0.60)
    return Camera(np.array([0.0, 1.32, back]), PITCH, focal, options.width, options.height)


def scene(options: SceneOptions) -> Iterator[tuple[Image, list[TruthPerson]]]:
    """Frames with their truth, one after the other. Every frame is a new array."""
    stage = Stage(options)
    for frame in range(options.frames):
        yield stage.render(frame / options.fps)


class Stage:
    """The parts of a scene that do not move, and everyone who does."""

    def __init__(self, options: SceneOptions) -> None:
        place_rng, body_rng, motion_rng = (np.random.default_rng([options.seed, stream]) for stream in range(3))
        place = options.place or PLACES[options.seed % len(PLACES)]
        self.camera = camera_for(options)
        self.backdrop, self._light = paint_place(place, self.camera, place_rng)
        self._shapes = [random_shape(body_rng) for _ in range(options.people)]
        first_hue = int(body_rng.integers(8))
        self.clothes = [random_clothes(body_rng, number, first_hue=first_hue) for number in range(options.people)]
        self._palettes, self._materials = palettes_for(self.clothes)
        yaw = None if options.yaw_deg is None else math.radians(options.yaw_deg)
        self._parts = cast(self._shapes, options.motion, options.seconds, motion_rng, yaw=yaw)
        depth = 2.5 + LANE_M * options.people
        self._ground = ShadowField((-5.0, -depth), (5.0, depth), self.camera, self._light.to_sun)

    def render(self, time: float) -> tuple[Image, list[TruthPerson]]:
        """Picture and truth at `time` seconds; a pure function of it."""
        world = [solve(part.shape, part.pose(time)) for part in self._parts]
        people = [in_camera(joints, self.camera) for joints in world]
        picture = self._shadowed(world)
        surfaces: list[Surface] = []
        owners: list[int] = []
        for number, joints in enumerate(people):
            for part in build(joints, self._shapes[number], self.clothes[number], self._palettes[number]):
                found = part.surfaces()
                surfaces += found
                owners += [number] * len(found)
        hits = cast_rays(surfaces, self.camera, supersample=SUPERSAMPLE)
        if hits is not None:
            colours, coverage = shade(hits, surfaces, self._materials, self._weave(people), self._light, self.camera)
            _compose(picture, colours, coverage, hits)
        return picture, observe(people, self.camera, hits, np.array(owners), SUPERSAMPLE)

    def _shadowed(self, world: list[Joints]) -> Image:
        bones = [
            bone for joints, shape in zip(world, self._shapes, strict=True) for bone in _bones(joints, shape.girth)
        ]
        light = draw_shadow(self._ground, bones)
        return np.asarray(cv2.multiply(self.backdrop, cv2.merge([light, light, light]), scale=1 / 255), np.uint8)

    def _weave(self, people: list[Joints]) -> Weave:
        axes = np.zeros((len(self._materials.stripes), 3), np.float32)
        offsets = np.zeros(len(axes), np.float32)
        for joints, palette in zip(people, self._palettes, strict=True):
            up = joints.frames["chest"][:, 1]
            axes[palette.shirt] = up
            offsets[palette.shirt] = -PATTERN_START_M - float(up @ joints["pelvis"])
        return Weave(axes, offsets)


def _bones(joints: Joints, girth: float) -> list[tuple[NDArray[np.float64], NDArray[np.float64], float]]:
    """Start, end and radius of what throws a shadow."""
    pairs = [("collar", "pelvis", 0.15), ("skull", "collar", 0.06), ("skull", "skull", 0.10)]
    for side in ("left", "right"):
        pairs += [
            (f"{side}_{start}", f"{side}_{end}", radius)
            for start, end, radius in (
                ("shoulder", "elbow", 0.05), ("elbow", "wrist", 0.04), ("wrist", "index", 0.04),
                ("hip", "knee", 0.085), ("knee", "ankle", 0.06), ("heel", "foot_index", 0.045),
            )
        ]  # fmt: skip
    return [(joints[start], joints[end], radius * girth) for start, end, radius in pairs]


def _compose(picture: Image, colours: Image, coverage: NDArray[np.uint8], hits: Hits) -> None:
    """Lay the bodies over the picture, each pixel the mean of its sub-pixels."""
    height, width = (side // SUPERSAMPLE for side in coverage.shape)
    left, top = hits.left // SUPERSAMPLE, hits.top // SUPERSAMPLE
    body = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA)
    share = cv2.resize(coverage, (width, height), interpolation=cv2.INTER_AREA)
    free = cv2.merge([255 - share] * 3)
    window = picture[top : top + height, left : left + width]
    window[...] = cv2.add(cv2.multiply(window, free, scale=1 / 255), body)
