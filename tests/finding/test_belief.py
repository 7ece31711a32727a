"""What a pose is believed for, and what against."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sidecar.finding.belief import agrees, belief, continuity, steadiness, turned
from sidecar.finding.proportions import body_rows, disagreement, stature
from sidecar.pose.falling import falling
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17, Skeleton
from tests.finding.makers import standing

ROWS = body_rows(BLAZEPOSE_33)
HERE = Region(100, 100, 80)


def believed(person: Person) -> float:
    return belief(person, width=320, height=240, rows=ROWS)


def test_a_body_in_the_picture_is_believed_as_far_as_its_score() -> None:
    assert believed(standing(100, 100, score=0.9)) == pytest.approx(0.9)


def test_a_pose_with_a_thin_body_is_doubted() -> None:
    person = standing(100, 100)
    thin = replace(person, keypoints=person.keypoints * np.array([1, 1, 1, 1], np.float32))
    thin.keypoints[:, 0] = 100
    thin.keypoints[:, 1] = 100 + (thin.keypoints[:, 1] - 100) * 0.3
    assert ROWS is not None
    assert stature(thin, ROWS) < stature(person, ROWS)
    assert believed(thin) < 0.6 * believed(person)


def test_an_unseen_torso_costs_a_part() -> None:
    person = standing(100, 100)
    person.keypoints[BLAZEPOSE_33.index("left_hip"), 3] = 0.3
    assert 0.4 < believed(person) < 0.6


def test_keypoints_that_are_no_picture_of_the_world_keypoints_are_doubted() -> None:
    person = standing(100, 100)
    assert person.keypoints_world is not None
    mixed = replace(person, keypoints_world=person.keypoints_world[::-1].copy())
    assert ROWS is not None
    assert disagreement(person, ROWS) == pytest.approx(0, abs=1e-5)
    assert disagreement(mixed, ROWS) > 0.4
    assert believed(mixed) < believed(person)
    assert disagreement(replace(person, keypoints_world=None), ROWS) == 0


def test_a_pose_outside_the_picture_is_not_believed() -> None:
    assert believed(standing(-100, 100)) == 0
    assert believed(standing(-5, 100)) < believed(standing(100, 100))


@pytest.mark.parametrize("size", [5.0, 5000.0])
def test_a_region_that_can_hold_nobody_is_not_believed(size: float) -> None:
    assert believed(replace(standing(100, 100), region=Region(100, 100, size))) == 0
    assert believed(replace(standing(100, 100), region=None)) == 0


def test_a_skeleton_without_a_body_is_believed_for_its_score_and_place() -> None:
    face = Skeleton("face", ("nose",), (), has_z=False, has_world=False)
    assert body_rows(face) is None
    assert body_rows(COCO_17) is not None
    assert belief(standing(100, 100, score=0.7), width=320, height=240, rows=None) == pytest.approx(0.7)


def test_a_collapsed_pose_is_no_division_by_zero() -> None:
    person = standing(100, 100)
    person.keypoints[:, :2] = 100
    assert ROWS is not None
    assert disagreement(person, ROWS) == 1.0


@pytest.mark.parametrize(
    ("found", "least", "most"),
    [
        pytest.param(Region(101, 100, 82), 1, 1, id="about there"),
        pytest.param(Region(130, 100, 80), 0.3, 0.9, id="further"),
        pytest.param(Region(160, 100, 80), 0, 0, id="too far"),
        pytest.param(Region(100, 100, 165), 0, 0, id="twice the size"),
        pytest.param(Region(100, 100, 80, 1.0), 0.3, 0.7, id="turned by a sixth"),
        pytest.param(Region(100, 100, 80, math.pi), 0, 0, id="upside down"),
    ],
)
def test_people_go_on_where_they_were(found: Region, least: float, most: float) -> None:
    assert least <= continuity(HERE, found) <= most
    assert continuity(HERE, found, frames=3) >= continuity(HERE, found)


def test_a_person_is_a_fixed_point_and_a_drifting_pose_is_none() -> None:
    assert steadiness(HERE, Region(100.5, 100, 80)) == 1
    assert steadiness(HERE, Region(115, 100, 80)) == 0


def test_turns_are_measured_the_short_way_round() -> None:
    assert turned(Region(0, 0, 1, 3.1), Region(0, 0, 1, -3.1)) == pytest.approx(math.tau - 6.2)
    assert agrees(Region(0, 0, 1, 3.1), Region(0, 0, 1, -3.1))


def test_two_readings_of_a_person_agree_and_a_half_does_not() -> None:
    assert agrees(HERE, Region(104, 100, 90))
    assert not agrees(HERE, Region(100, 80, 45))


def test_falling_is_one_then_a_line_then_nothing() -> None:
    assert [falling(value, 1, 3) for value in (0, 1, 2, 3, 9)] == [1, 1, 0.5, 0, 0]
