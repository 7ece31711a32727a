"""Straight courses through sightings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.tracking.course import course_of
from tests.tracking.makers import make_person, seen

TORSO = (11, 12, 23, 24)


def test_a_course_says_where_how_fast_and_how_large() -> None:
    course = course_of([seen(make_person(100 + 6 * n, 50 - 3 * n), n) for n in range(5)], TORSO)
    assert course.velocity == pytest.approx([180, -90], abs=0.1)
    assert course.at(course.time_s) == pytest.approx(course.place)
    assert course.at(course.time_s + 1) - course.place == pytest.approx([180, -90], abs=0.1)
    assert course.side == pytest.approx(60, abs=0.1)
    assert course.diagonal == pytest.approx(60 * 2**0.5, abs=0.1)


def test_one_sighting_goes_nowhere() -> None:
    assert course_of([seen(make_person(), 0)], TORSO).velocity.tolist() == [0, 0]


def test_facing_is_from_the_bodys_left_to_its_right_seen_from_above() -> None:
    world = np.zeros((33, 3), np.float32)
    world[[11, 23]], world[[12, 24]] = (0, 0, 0.2), (0, 0, -0.2)
    person = replace(make_person(), keypoints_world=world)
    assert course_of([seen(person, 0)], TORSO).facing == pytest.approx([0, -1])


@pytest.mark.parametrize("world", [None, np.zeros((33, 3), np.float32)])
def test_without_a_world_or_width_nobody_faces_anywhere(world: np.ndarray | None) -> None:
    assert course_of([seen(replace(make_person(), keypoints_world=world), 0)], TORSO).facing is None


def test_a_skeleton_without_shoulders_and_hips_faces_nowhere() -> None:
    assert course_of([seen(make_person(), 0)], range(33)).facing is None


def test_the_colours_are_the_usual_ones_of_the_sightings_that_have_some() -> None:
    shades = [None, 0.2, 0.3, 0.9, 0.3]
    people = [
        make_person() if shade is None else replace(make_person(), colours=np.full((7, 3), shade, np.float32))
        for shade in shades
    ]
    course = course_of([seen(person, n) for n, person in enumerate(people)], TORSO)
    assert course.colours == pytest.approx(np.full((7, 3), 0.3))
    assert course_of([seen(make_person(), 0)], TORSO).colours is None
