"""Likeness of people."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.pose.person import Person
from sidecar.tracking.similarity import (
    Shapes,
    box_overlap,
    distances,
    joined,
    keypoint_similarity,
    shapes_of,
    size_ratios,
)
from tests.tracking.makers import make_person

TORSO = (11, 12, 23, 24)


def shapes(*people: Person) -> Shapes:
    return shapes_of(people, TORSO)


def likeness(one: Shapes, other: Shapes) -> float:
    return float(keypoint_similarity(one, other, np.ones((1, 1), bool))[0, 0])


def test_a_person_is_like_itself() -> None:
    person = shapes(make_person())
    assert box_overlap(person, person) == pytest.approx(1)
    assert likeness(person, person) == pytest.approx(1)


@pytest.mark.parametrize(("distance", "overlap"), [(30, 1 / 3), (60, 0), (500, 0)])
def test_overlap_of_equal_squares(distance: float, overlap: float) -> None:
    found = box_overlap(shapes(make_person()), shapes(make_person(100 + distance)))
    assert found == pytest.approx(overlap, abs=1e-5)


def test_who_is_moved_is_elsewhere() -> None:
    one, other = shapes(make_person(100, 50)), shapes(make_person(160, 80))
    moved = one.moved(np.array([[60.0, 30.0]]))
    assert box_overlap(moved, other) == pytest.approx(1, abs=1e-4)
    assert likeness(moved, other) == pytest.approx(1, abs=1e-4)
    assert distances(moved, other) == pytest.approx(0, abs=1e-4)
    assert likeness(one, other) < 0.01


def test_keypoints_tell_two_postures_in_one_box_apart() -> None:
    turned = make_person()
    turned.keypoints[2:, :2] = make_person().keypoints[2:, :2][::-1]
    assert box_overlap(shapes(make_person()), shapes(turned)) > 0.99
    assert likeness(shapes(make_person()), shapes(turned)) < 0.5


def test_a_person_who_is_a_point_divides_by_nothing() -> None:
    point = shapes(make_person(side=0, region=False))
    assert box_overlap(point, point) == 0
    assert point.sides.tolist() == [1]
    assert point.centres[0] == pytest.approx((100, 100))
    assert likeness(point, point) == 1


def test_everybody_is_compared_with_everybody() -> None:
    rows, columns = shapes(make_person(), make_person(300)), shapes(make_person(300), make_person(), make_person(900))
    assert np.rint(box_overlap(rows, columns)).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert np.rint(keypoint_similarity(rows, columns, np.ones((2, 3), bool))).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert distances(rows, columns)[0] == pytest.approx([200, 0, 800], abs=1e-3)


def test_keypoints_are_compared_only_where_it_was_asked() -> None:
    people = shapes(make_person(), make_person())
    assert keypoint_similarity(people, people, np.eye(2, dtype=bool)).tolist() == [[1, 0], [0, 1]]


def test_sizes_compare_alike_both_ways() -> None:
    small, large = shapes(make_person(side=30)), shapes(make_person(side=60))
    assert size_ratios(small, large) == pytest.approx(0.5)
    assert size_ratios(large, small) == pytest.approx(0.5)


def test_groups_are_joined_and_taken_apart() -> None:
    one, other = shapes(make_person()), shapes(make_person(300), make_person(500))
    together = joined([one, other])
    assert len(together) == 3
    assert together.take([2, 0]).centres.tolist() == [other.centres[1].tolist(), one.centres[0].tolist()]


def test_arms_do_not_move_the_centre() -> None:
    waving = make_person()
    waving.keypoints[15:23, :2] += 40
    assert distances(shapes(waving), shapes(make_person())) == pytest.approx(0)
