"""Mannequins are people to the default estimator: found in every frame, limbs where the truth has them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.estimators import registry
from sidecar.estimators.protocol import Estimator, LoadContext
from sidecar.mannequin.motion.choreography import Motion
from sidecar.mannequin.scene import SceneOptions, Stage
from sidecar.pose.skeleton import BLAZEPOSE_33
from sidecar.weights.store import ModelMissing

LIMBS = [
    BLAZEPOSE_33.index(f"{side}_{joint}")
    for side in ("left", "right")
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
]
NEAR = 0.2  # of the torso's length


@pytest.fixture(scope="module")
def estimator() -> Iterator[Estimator]:
    try:
        loaded = registry.spec("blazepose").create(LoadContext(options={}, threads=1, cache_dir=None))
    except ModelMissing as missing:
        pytest.skip(f"weights are absent: {missing.hint}")
    yield loaded
    loaded.close()


def near(found: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of the 12 limb joints are within NEAR torso lengths of the truth; both (33, 2)."""
    shoulders, hips = (
        truth[[BLAZEPOSE_33.index(f"{side}_{joint}") for side in ("left", "right")]].mean(axis=0)
        for joint in ("shoulder", "hip")
    )
    distance = np.linalg.norm(found[LIMBS] - truth[LIMBS], axis=1)
    return np.asarray(distance <= NEAR * np.linalg.norm(shoulders - hips))


def pck(estimator: Estimator, options: SceneOptions, *, every: int, hidden: bool = False) -> float:
    """Share of limb joints found near the truth over a clip; a frame without a person counts as all wrong.

    Joints that no eye can see count only with `hidden`.
    """
    stage = Stage(options)
    hits = []
    for frame in range(0, options.frames, every):
        picture, (truth,) = stage.render(frame / options.fps)
        people = estimator.estimate([picture])[0]
        found = near(people[0].keypoints[:, :2], truth.joints2d) if people else np.zeros(len(LIMBS), bool)
        hits.append(found[truth.visible[LIMBS] | hidden])
    return float(np.concatenate(hits).mean())


def test_the_default_clip_reaches_its_pck(estimator: Estimator) -> None:
    assert pck(estimator, SceneOptions(), every=4, hidden=True) >= 0.95


@pytest.mark.parametrize("motion", ["walk", "wave", "jump", "cross", "still"])
def test_every_motion_can_be_followed(estimator: Estimator, motion: Motion) -> None:
    assert pck(estimator, SceneOptions(motion=motion), every=12) >= 0.93


@pytest.mark.parametrize("place", ["park", "plaza", "hall"])
def test_people_stand_out_from_every_place(estimator: Estimator, place: str) -> None:
    assert pck(estimator, SceneOptions(place=place, seed=20), every=12) >= 0.93


@pytest.mark.parametrize("yaw_deg", [0, 45, -45, 135, 180])
def test_people_are_found_from_every_side(estimator: Estimator, yaw_deg: float) -> None:
    assert pck(estimator, SceneOptions(motion="still", seconds=1.0, yaw_deg=yaw_deg), every=10) >= 0.93
