"""Likeness of two persons."""

from __future__ import annotations

import pytest

from sidecar.tracking.similarity import box_overlap, centre, keypoint_similarity, side
from tests.tracking.makers import make_person


def test_a_person_is_like_itself() -> None:
    person = make_person()
    assert box_overlap(person, person) == pytest.approx(1)
    assert keypoint_similarity(person, person) == pytest.approx(1)


@pytest.mark.parametrize(("distance", "overlap"), [(30, 1 / 3), (60, 0), (500, 0)])
def test_overlap_of_equal_squares(distance: float, overlap: float) -> None:
    assert box_overlap(make_person(), make_person(100 + distance)) == pytest.approx(overlap, abs=1e-5)


def test_a_shift_moves_the_first() -> None:
    one, other = make_person(100, 50), make_person(160, 80)
    assert box_overlap(one, other, shift=(60, 30)) == pytest.approx(1, abs=1e-4)
    assert keypoint_similarity(one, other, shift=(60, 30)) == pytest.approx(1, abs=1e-4)
    assert keypoint_similarity(one, other) < 0.01


def test_keypoints_tell_two_postures_in_one_box_apart() -> None:
    one = make_person()
    turned = make_person()
    turned.keypoints[2:, :2] = one.keypoints[2:, :2][::-1]
    assert box_overlap(one, turned) > 0.99
    assert keypoint_similarity(one, turned) < 0.5


def test_a_person_who_is_a_point_divides_by_nothing() -> None:
    point = make_person(side=0, region=False)
    assert box_overlap(point, point) == 0
    assert side(point) == 1
    assert centre(point) == pytest.approx((100, 100))
