"""Builders of people, and an estimator that answers what it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image, ModelRef
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.pose.skeleton import BLAZEPOSE_33, Skeleton
from sidecar.tracking.sighting import Sighting, sighting

BLACK: Image = np.zeros((48, 64, 3), np.uint8)


def make_person(
    x: float = 100.0,
    y: float = 100.0,
    *,
    side: float = 60.0,
    score: float = 0.9,
    region: bool = True,
    skeleton: Skeleton = BLAZEPOSE_33,
) -> Person:
    """Somebody whose box is a square around (x, y), always in the same posture."""
    spread = np.random.default_rng(7).uniform(-0.5, 0.5, (len(skeleton.keypoints), 2))
    spread[0], spread[1] = (-0.5, -0.5), (0.5, 0.5)
    keypoints: NDArray[np.float32] = np.ones((len(spread), 4), np.float32)
    keypoints[:, :2] = spread * side + (x, y)
    world = np.full((len(spread), 3), 0.25, np.float32)
    return Person(keypoints, score, keypoints_world=world, region=Region(x, y, side * 2.5) if region else None)


@dataclass
class ScriptedEstimator:
    """Calls `answer(call number, regions)` for every image; remembers what it was asked."""

    answer: Callable[[int, Sequence[Region] | None], list[Person]]
    follows_one_person: bool = True
    detector: str | None = None
    models: tuple[ModelRef, ...] = ()
    settings: Mapping[str, int] | None = None
    faces: NDArray[np.uint32] | None = None
    body_model: str | None = None
    asked: list[Sequence[Region] | None] = field(default_factory=list)
    min_scores: list[float] = field(default_factory=list)

    @property
    def info(self) -> EstimatorInfo:
        """Facts of this instance."""
        return EstimatorInfo(
            name="scripted",
            skeleton=BLAZEPOSE_33,
            device="none",
            runtime=("script", "1"),
            models=self.models,
            detector=self.detector,
            follows_one_person=self.follows_one_person,
            options=self.settings,
            faces=self.faces,
            body_model=self.body_model,
        )

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """See `Estimator.estimate`."""
        found = []
        for index in range(len(images)):
            wanted = None if regions is None else regions[index]
            self.asked.append(wanted)
            self.min_scores.append(min_score)
            found.append(self.answer(len(self.asked) - 1, wanted))
        return found

    def close(self) -> None:
        """Nothing to release."""


def moved(person: Person, dx: float, dy: float = 0.0) -> Person:
    """The same person elsewhere."""
    return replace(person, keypoints=person.keypoints + np.array([dx, dy, 0, 0], np.float32))


def seen(person: Person, frame: int, *, frame_s: float = 1 / 30) -> Sighting:
    """A sighting of somebody in a frame of an even video."""
    return sighting(frame, frame * frame_s, person)
