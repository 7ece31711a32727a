"""Two sightings of one body are one."""

from __future__ import annotations

import numpy as np

from sidecar.pose.person import Person
from sidecar.tracking.duplicates import without_duplicates
from tests.tracking.makers import make_person, moved

TORSO = (11, 12, 23, 24)


def mirrored(person: Person) -> Person:
    """Somebody else in the same box."""
    other = make_person()
    other.keypoints[2:, 0] = 200 - person.keypoints[2:, 0]
    return other


def test_the_better_sighting_of_a_body_stays() -> None:
    good, bad = make_person(score=0.9), moved(make_person(score=0.6), 2)
    assert without_duplicates([bad, good], TORSO) == [good]


def test_two_bodies_in_one_box_are_two() -> None:
    one = make_person()
    assert len(without_duplicates([one, mirrored(one)], TORSO)) == 2


def test_people_come_best_first_and_equals_in_their_order() -> None:
    people = [make_person(100 * n, score=score) for n, score in enumerate((0.5, 0.9, 0.9, 0.7), start=1)]
    assert without_duplicates(people, TORSO) == [people[1], people[2], people[3], people[0]]


def test_of_three_in_a_row_who_each_resemble_the_next_the_ends_stay() -> None:
    people = [moved(make_person(score=0.9 - 0.1 * n), 4.0 * n) for n in range(3)]
    assert without_duplicates(people, TORSO) == [people[0], people[2]]


def test_nobody_and_one_are_left_alone() -> None:
    person = make_person()
    assert without_duplicates([], TORSO) == []
    assert without_duplicates([person], TORSO) == [person]


def test_bodies_without_extent_do_no_harm() -> None:
    points = [make_person(side=0, region=False), make_person(side=0, region=False)]
    assert len(without_duplicates(points, TORSO)) == 2
    assert all(np.isfinite(person.keypoints).all() for person in points)
