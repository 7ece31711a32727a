"""A scene of mannequins as a flawed estimator would see it: truth with seeded noise, gaps and confusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sidecar.mannequin.body.figure import in_camera
from sidecar.mannequin.body.kinematics import solve
from sidecar.mannequin.body.shape import random_shape
from sidecar.mannequin.motion.choreography import Motion, cast
from sidecar.mannequin.scene import SceneOptions, camera_for
from sidecar.mannequin.scoring import torso_px
from sidecar.mannequin.truth import TruthPerson
from sidecar.pose.person import Person, observed
from sidecar.pose.skeleton import BLAZEPOSE_33
from sidecar.tracking.options import AssembleOptions
from sidecar.video.assemble import Assembler
from sidecar.video.people import FramePeople

FPS = 30
HIDDEN_FROM = 0.6  # covered share of the box from which somebody is not seen


@dataclass(frozen=True, slots=True)
class Flaws:
    """What goes wrong, as shares of sightings unless said otherwise.

    Attributes:
        noise: of every keypoint, as a part of the torso.
        missing: frames without the person.
        weak: sightings of low score.
        twice: sightings that come twice, the second a little off.
        spikes: keypoints far off.
        phantoms: frames with somebody who is not there.
        hidden_from: covered share of the box from which somebody is not seen; from half of that on, the pose is
            at times that of who stands in front.
    """

    noise: float = 0.03
    missing: float = 0.04
    weak: float = 0.03
    twice: float = 0.03
    spikes: float = 0.002
    phantoms: float = 0.02
    hidden_from: float = HIDDEN_FROM


PERFECT = Flaws(0, 0, 0, 0, 0, 0, hidden_from=2.0)


def truths_of(
    *, people: int = 1, motion: Motion = "walk", seconds: float = 4.0, seed: int = 3, fps: float = FPS
) -> list[list[TruthPerson]]:
    """The truth of a scene, frame by frame, without rendering it.

    Whoever is mostly behind somebody else is not visible, others are where they are in the picture.
    """
    options = SceneOptions(people=people, seconds=seconds, motion=motion, seed=seed, fps=fps)
    body_rng, motion_rng = (np.random.default_rng([seed, stream]) for stream in (1, 2))
    shapes = [random_shape(body_rng) for _ in range(people)]
    parts = cast(shapes, motion, seconds, motion_rng, yaw=None)
    camera = camera_for(options)
    frames = []
    for frame in range(options.frames):
        truth = []
        for number, part in enumerate(parts, start=1):
            points = in_camera(solve(part.shape, part.pose(frame / fps)), camera).points
            root = points[[BLAZEPOSE_33.index("left_hip"), BLAZEPOSE_33.index("right_hip")]].mean(axis=0)
            pixels = camera.project(points)
            seen = np.all((pixels >= 0) & (pixels < (camera.width, camera.height)), axis=1)
            truth.append(TruthPerson(number, pixels, points - root, seen, root))
        hidden = [_covered(one, truth)[1] >= HIDDEN_FROM for one in truth]
        frames.append([replace(one, visible=one.visible & (not gone)) for one, gone in zip(truth, hidden, strict=True)])
    return frames


def person_from(truth: TruthPerson, *, score: float = 0.95) -> Person:
    """The truth as a sighting."""
    rest = np.tile([0.0, 0.95], (len(truth.joints2d), 1))
    keypoints = np.concatenate([truth.joints2d, rest], axis=1).astype(np.float32)
    return Person(keypoints, score, keypoints_world=truth.joints3d.astype(np.float32), provenance=observed(score))


def observe(truths: Sequence[Sequence[TruthPerson]], flaws: Flaws, *, seed: int = 1) -> list[list[Person]]:
    """What an estimator with these flaws finds in every frame, in any order."""
    rng = np.random.default_rng(seed)
    frames = []
    for truth in truths:
        people: list[Person] = []
        for one in truth:
            front, covered = _covered(one, truth)
            if covered >= flaws.hidden_from or rng.random() < flaws.missing:
                continue
            slipped = front is not None and covered > flaws.hidden_from / 2 and rng.random() < 0.3
            shown = front if slipped and front is not None else one
            score = rng.uniform(0.15, 0.45) if rng.random() < flaws.weak else rng.uniform(0.8, 1.0)
            people.append(_noisy(shown, flaws, rng, score))
            if rng.random() < flaws.twice:
                people.append(_noisy(shown, flaws, rng, score * 0.9))
        if rng.random() < flaws.phantoms:
            ghost = truth[int(rng.integers(len(truth)))]
            away = rng.uniform((-200, -80), (200, 80))
            moved = TruthPerson(0, ghost.joints2d + away, ghost.joints3d, ghost.visible, ghost.root)
            people.append(_noisy(moved, flaws, rng, rng.uniform(0.1, 0.7)))
        frames.append([people[place] for place in rng.permutation(len(people)).tolist()])
    return frames


def assemble(
    frames: Sequence[Sequence[Person]], options: AssembleOptions | None = None, *, fps: float = FPS
) -> list[tuple[Person, ...]]:
    """The people of every frame, assembled."""
    assembler = Assembler(options or AssembleOptions(), frame_interval_s=1 / fps, skeleton=BLAZEPOSE_33)
    final: list[FramePeople] = []
    for index, people in enumerate(frames):
        final += assembler.add(FramePeople(index, index / fps, tuple(people)))
    final += assembler.finish()
    assert [frame.index for frame in final] == list(range(len(frames)))
    return [frame.people for frame in final]


def _covered(one: TruthPerson, truth: Sequence[TruthPerson]) -> tuple[TruthPerson | None, float]:
    """Who stands in front, and which share of the box that covers."""
    x0, y0, x1, y1 = one.bbox_xyxy
    front, most = None, 0.0
    for other in truth:
        if other.root[2] < one.root[2]:
            a0, b0, a1, b1 = other.bbox_xyxy
            shared = max(0.0, min(x1, a1) - max(x0, a0)) * max(0.0, min(y1, b1) - max(y0, b0))
            share = shared / ((x1 - x0) * (y1 - y0))
            if share > most:
                front, most = other, share
    return front, most


def _noisy(truth: TruthPerson, flaws: Flaws, rng: np.random.Generator, score: float) -> Person:
    torso = torso_px(truth)
    person = person_from(truth, score=score)
    points = person.keypoints[:, :2]
    points += rng.normal(0, flaws.noise * torso, points.shape).astype(np.float32)
    spiked = rng.random(len(points)) < flaws.spikes
    points[spiked] += rng.uniform(-torso, torso, (int(spiked.sum()), 2)).astype(np.float32)
    return person
