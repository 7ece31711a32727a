"""Agreement with MediaPipe 0.10.21 on identical pixels, each picture by itself (its static mode)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.pose.person import Person
from tests.estimators.blazepose.conftest import Load
from tests.estimators.blazepose.photos import read_rgb
from tests.paths import FIXTURES, needs_shared

pytestmark = needs_shared

PICTURES = [*sorted((FIXTURES / "frames").glob("*.png")), *sorted((FIXTURES / "images").glob("*.jpg"))]


@dataclass(frozen=True)
class Pair:
    """What we and the peer say of one picture; None: nobody."""

    name: str
    ours: Person | None
    peers: dict[str, Any] | None


@pytest.fixture(scope="module")
def pairs(load: Load) -> list[Pair]:
    with gzip.open(FIXTURES / "golden" / "mediapipe_pose_full.json.gz") as file:
        inputs = json.load(file)["inputs"]
    estimator = load()
    return [
        Pair(path.name, next(iter(estimator.estimate([read_rgb(path)])[0]), None), peers_answer(inputs, path))
        for path in PICTURES
    ]


def peers_answer(inputs: dict[str, Any], path: Path) -> dict[str, Any] | None:
    if path.suffix == ".jpg":
        frames, index = inputs[path.name]["static"]["frames"], 0
    else:
        clip, _, number = path.stem.rpartition("_")
        frames, index = inputs[f"{clip}.mp4"]["static"]["frames"], int(number)
    answer: dict[str, Any] | None = frames[index]
    return answer


def differences(pairs: list[Pair], field: str) -> NDArray[np.float64]:
    """Distances between the keypoints of all people that both found, in the field's unit."""
    both = [(pair.ours, pair.peers) for pair in pairs if pair.ours is not None and pair.peers is not None]
    assert len(both) >= 45
    if field == "landmarks":
        offsets = [ours.keypoints[:, :2] - np.array(peers[field])[:, :2] for ours, peers in both]
    else:
        offsets = [ours.keypoints_world - np.array(peers[field]) for ours, peers in both]
    return np.asarray(np.linalg.norm(np.concatenate(offsets), axis=1), np.float64)


def test_every_picture_has_a_person_for_both_or_for_neither(pairs: list[Pair]) -> None:
    assert len(pairs) == len(PICTURES) >= 63
    assert [pair.name for pair in pairs if (pair.ours is None) != (pair.peers is None)] == []


def test_landmarks_lie_within_hundredths_of_a_pixel(pairs: list[Pair]) -> None:
    distances_px = differences(pairs, "landmarks")
    assert distances_px.mean() <= 0.05
    assert np.percentile(distances_px, 99) <= 0.6


def test_world_landmarks_lie_within_half_a_millimetre(pairs: list[Pair]) -> None:
    assert differences(pairs, "world").mean() * 1000 <= 0.5


def test_depth_and_visibility_agree(pairs: list[Pair]) -> None:
    for pair in pairs:
        if pair.ours is not None and pair.peers is not None:
            ours, peers = pair.ours.keypoints, np.array(pair.peers["landmarks"])
            assert np.abs(ours[:, 2] - peers[:, 2]).mean() <= 1.0, pair.name
            np.testing.assert_allclose(ours[:, 3], peers[:, 3], atol=0.01, err_msg=pair.name)
