"""Boxes and regions in, people out; the network is imitated by one that sees the brightest pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")

from sidecar.estimators.protocol import Cancelled, CancelToken, EstimatorInfo  # noqa: E402
from sidecar.estimators.vitpose.estimator import VitPoseEstimator  # noqa: E402
from sidecar.estimators.vitpose.people import read_person  # noqa: E402
from sidecar.estimators.vitpose.window import Window  # noqa: E402
from sidecar.pose.region import Region  # noqa: E402
from sidecar.pose.skeleton import COCO_17  # noqa: E402
from tests.estimators.vitpose.bright import Boxes, Bright, dotted  # noqa: E402

pytestmark = pytest.mark.torch

INFO = EstimatorInfo("vitpose", COCO_17, "cpu", ("torch", "0"), detector="boxes")


def test_everybody_in_the_detectors_boxes_best_first() -> None:
    engine = Bright()
    boxes = Boxes((40, 50, 100, 200, 0.9), (240, 50, 300, 200, 0.8))
    estimator = VitPoseEstimator(INFO, engine=engine, detector=boxes)
    (people,) = estimator.estimate([dotted((70, 100, 200), (270, 120, 250))], min_score=0.3)
    assert [person.score for person in people] == pytest.approx([250 / 255, 200 / 255], abs=0.06)
    # Unbiased coordinates count from pixel centres, as published.
    np.testing.assert_allclose(people[0].keypoints[:, :2], [[270, 120]] * 17, atol=0.6)
    np.testing.assert_allclose(people[1].keypoints[:, :2], [[70, 100]] * 17, atol=0.6)
    assert all(person.region_index is None for person in people)
    assert boxes.asked == [0.3]


def test_two_boxes_on_one_person_are_one_person() -> None:
    boxes = Boxes((40, 50, 100, 200, 0.9), (42, 50, 102, 202, 0.8))

    class Spread(Bright):
        def __call__(self, crops: Sequence[Any], *, cancel: CancelToken | None) -> list[Any]:
            rows, columns = np.mgrid[0:64, 0:48]
            maps = [np.exp(-((columns - 8 - 2 * k) ** 2 + (rows - 8 - 3 * k) ** 2) / 8) for k in range(17)]
            return [np.stack(maps).astype(np.float32) for _ in crops]

    estimator = VitPoseEstimator(INFO, engine=Spread(), detector=boxes)
    (people,) = estimator.estimate([dotted()])
    assert len(people) == 1


@pytest.mark.parametrize("turn", [0.0, 0.7, math.pi, -1.2])
def test_regions_are_read_without_a_detector(turn: float) -> None:
    boxes = Boxes()
    estimator = VitPoseEstimator(INFO, engine=Bright(), detector=boxes)
    image = dotted((150, 140, 220))
    regions = [Region(160, 150, 90, turn), Region(300, 60, 40, turn)]
    (people,) = estimator.estimate([image], regions=[regions])
    assert [person.region_index for person in people] == [0]  # nothing in the second
    np.testing.assert_allclose(people[0].keypoints[0, :2], [150, 140], atol=1.0)
    assert boxes.asked == []


def test_all_crops_of_a_request_go_in_one_call() -> None:
    engine = Bright()
    estimator = VitPoseEstimator(INFO, engine=engine, detector=Boxes((40, 50, 100, 200, 0.9)))
    image = dotted((70, 100, 200))
    found = estimator.estimate([image, image, image], regions=[None, [Region(70, 100, 80)] * 3, []])
    assert [len(people) for people in found] == [1, 3, 0]
    assert engine.crops == 4
    assert estimator.estimate([]) == []


def test_a_network_that_answers_no_numbers_finds_nobody() -> None:
    maps = np.full((17, 64, 48), np.nan, np.float32)
    assert read_person(maps, Window(10, 10, 30, 40)) is None


def test_unsure_keypoints_do_not_count_for_the_person() -> None:
    maps = np.zeros((17, 64, 48), np.float32)
    maps[:10, 30, 20] = 0.8
    maps[10:, 30, 20] = 0.1
    person = read_person(maps, Window(10, 10, 30, 40))
    assert person is not None
    assert person.score == pytest.approx(0.8)
    assert person.keypoints[12, 3] == pytest.approx(0.1)
    assert person.provenance == "detected"


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3))])
def test_what_is_no_image_is_refused(image: Any) -> None:
    with pytest.raises(ValueError, match="an image must be uint8"):
        VitPoseEstimator(INFO, engine=Bright(), detector=Boxes()).estimate([image])


def test_cancelling_and_closing() -> None:
    class Fired:
        def raise_if_cancelled(self) -> None:
            raise Cancelled

    estimator = VitPoseEstimator(INFO, engine=Bright(), detector=Boxes())
    with pytest.raises(Cancelled):
        estimator.estimate([dotted()], cancel=Fired())
    estimator.close()
    estimator.close()
    with pytest.raises(RuntimeError, match="closed"):
        estimator.estimate([dotted()])
