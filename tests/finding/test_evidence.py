"""One human once, and nobody for whom little speaks."""

from __future__ import annotations

from sidecar.finding.evidence import evident, shadows, united
from sidecar.finding.footage import Footage
from sidecar.finding.trail import Look, Trail
from tests.finding.makers import SIDE, sightings, standing


def seen(first: int, last: int, x: float, *, size: float = SIDE, worth: float = 0.9, certainty: float = 0.6) -> Trail:
    looks = {i: Look(standing(x, 90, size=size), worth) for i in range(first, last + 1)}
    return Trail(looks, certainties=[certainty])


def test_two_readings_of_one_person_are_united_frame_by_frame() -> None:
    whole, half = seen(0, 20, 100), seen(15, 30, 102, size=SIDE / 2, worth=0.95)
    assert shadows(half, whole)
    (person,) = united([half, whole])
    assert sorted(person.looks) == list(range(31))
    assert {round(person.looks[i].worth, 2) for i in range(15)} == {0.9}
    assert {round(person.looks[i].worth, 2) for i in range(15, 21)} == {0.95}, "the more believable one"


def test_neighbours_and_those_who_cross_for_a_moment_stay_two() -> None:
    assert len(united([seen(0, 20, 100), seen(0, 20, 160)])) == 2
    crossing = Trail({i: Look(standing(60 + 6 * i, 90), 0.9) for i in range(21)}, certainties=[0.6])
    assert len(united([seen(0, 20, 120), crossing])) == 2


def footage(frames: int) -> Footage:
    result = Footage()
    for frame in sightings(0, frames):
        result.add(frame)
    return result


def test_a_second_person_needs_boxes_on_average() -> None:
    rider, other, tree = seen(0, 39, 60), seen(0, 39, 160, certainty=0.4), seen(0, 39, 260, certainty=0.25)
    assert evident([rider, other, tree], footage(40), min_score=0.5) == [rider, other]
    assert evident([tree], footage(40), min_score=0.5) == [tree], "alone, it is the best there is"


def test_who_is_seen_in_no_box_goes_on_before_and_after_and_leaps_nowhere() -> None:
    rider, again = seen(0, 20, 100), seen(24, 39, 104, certainty=0.0)
    assert evident([rider, again], footage(40), min_score=0.5) == [rider, again]
    elsewhere = seen(24, 30, 280, certainty=0.0)
    assert evident([rider, elsewhere], footage(40), min_score=0.5) == [rider]


def test_a_moment_in_the_middle_or_a_low_score_is_nobody() -> None:
    assert evident([seen(10, 11, 100)], footage(40), min_score=0.5) == []
    assert evident([seen(0, 39, 100)], footage(40), min_score=0.99) == []


def test_two_who_were_boxed_in_one_frame_are_two_however_they_cover_each_other() -> None:
    front, behind = seen(0, 20, 100, size=2 * SIDE), seen(8, 16, 102)
    assert shadows(behind, front)
    front.support(8, 0.7)
    behind.support(9, 0.4)
    assert shadows(behind, front)
    behind.support(8, 0.4)
    assert not shadows(behind, front)
    assert len(united([front, behind])) == 2
