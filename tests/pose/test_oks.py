from __future__ import annotations

import math

import numpy as np
import pytest

from sidecar.pose.oks import COCO_SIGMAS, oks

AREA = 40_000.0
TRUTH = np.arange(34, dtype=float).reshape(17, 2) * 10


def test_the_same_points_agree_fully() -> None:
    assert oks(TRUTH, TRUTH, area=AREA) == 1.0


def test_each_keypoint_forgives_by_its_own_sigma() -> None:
    # Every point off by two sigmas' worth of the scale: exp(-4 s^2 a / (8 s^2 a)) = exp(-1/2).
    moved = TRUTH.copy()
    moved[:, 0] += 2 * COCO_SIGMAS * math.sqrt(AREA)
    assert oks(moved, TRUTH, area=AREA) == pytest.approx(math.exp(-0.5))


def test_only_visible_keypoints_count() -> None:
    moved = TRUTH.copy()
    moved[5:] += 1e6
    seen = np.arange(17) < 5
    assert oks(moved, TRUTH, area=AREA, visible=seen) == 1.0
    assert oks(moved, TRUTH, area=AREA) == pytest.approx(5 / 17)


def test_nothing_visible_agrees_in_nothing() -> None:
    assert oks(TRUTH, TRUTH, area=AREA, visible=np.zeros(17)) == 0.0


@pytest.mark.parametrize("area", [0.0, -1.0, math.nan])
def test_a_person_without_area_is_refused(area: float) -> None:
    with pytest.raises(ValueError, match=r"area must be > 0 px\^2, got"):
        oks(TRUTH, TRUTH, area=area)


def test_other_skeletons_are_refused() -> None:
    with pytest.raises(ValueError, match=r"points must have shape \(17, 2\), got \(33, 4\)"):
        oks(np.zeros((33, 4)), TRUTH, area=AREA)
