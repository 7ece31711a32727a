"""Where somebody may be, in the whole image and in turned windows of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sidecar.estimators.blazepose.detection import detections
from sidecar.estimators.blazepose.geometry import from_window
from sidecar.estimators.proposing import Proposer
from sidecar.mannequin.scene import SceneOptions, scene
from sidecar.pose.region import Region
from tests.estimators.blazepose.conftest import Load


def test_a_window_s_middle_is_its_centre_however_it_is_turned() -> None:
    for rotation in (0.0, 1.0, math.pi):
        assert from_window(np.array([0.5, 0.5]), Region(40, 30, 20, rotation)) == pytest.approx((40, 30))


def test_a_window_s_corner_turns_with_it() -> None:
    assert from_window(np.array([0.0, 0.0]), Region(40, 30, 20)) == pytest.approx((30, 20))
    assert from_window(np.array([0.0, 0.0]), Region(40, 30, 20, math.pi / 2)) == pytest.approx((50, 20))


def test_predictions_of_one_place_count_once_and_the_limit_holds() -> None:
    boxes, logits = np.zeros((2254, 12), np.float32), np.full(2254, -9, np.float32)
    boxes[:, 6:8] = (0, -40)  # the scale point lies above the middle
    for row, logit in ((0, 2.0), (1, 1.0), (900, 3.0), (1500, 0.0)):
        logits[row] = logit
    found = detections(boxes, logits, min_score=0.3, limit=5)
    assert [round(one.score, 2) for one in found] == [0.95, 0.88, 0.5]
    assert len(detections(boxes, logits, min_score=0.3, limit=2)) == 2
    assert detections(boxes, logits, min_score=0.99, limit=5) == []
    boxes[900, 4] = np.nan
    assert [round(one.score, 2) for one in detections(boxes, logits, min_score=0.3, limit=5)] == [0.88, 0.5]


def test_a_mannequin_is_proposed_where_it_stands_in_any_window_that_shows_it(load: Load) -> None:
    image, _ = next(iter(scene(SceneOptions(seconds=0.1, seed=4))))
    estimator = load()
    assert isinstance(estimator, Proposer)
    whole = estimator.propose(image, min_score=0.3)[0].region
    turned_image = np.ascontiguousarray(image[::-1, ::-1])
    height, width = image.shape[:2]
    window = Region(width / 2, height / 2, float(max(width, height)), math.pi)
    upside_down = estimator.propose(turned_image, window, min_score=0.3)[0].region
    assert math.hypot(width - upside_down.cx - whole.cx, height - upside_down.cy - whole.cy) < 0.1 * whole.size
    assert abs(abs(upside_down.rotation) - math.pi) < 0.5


def test_a_closed_estimator_and_a_broken_image_are_refused(load: Load) -> None:
    with pytest.raises(ValueError, match="must be uint8"):
        load().propose(np.zeros((5, 5), np.uint8), min_score=0.3)  # type: ignore[attr-defined]
