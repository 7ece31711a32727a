"""Several people through a segment, with a person detector."""

from __future__ import annotations

from sidecar.estimators.proposing import Proposal
from sidecar.finding.boxes import distinct, pair
from sidecar.finding.effort import THOROUGH_EACH
from sidecar.finding.everybody import Everybody
from sidecar.finding.evidence import shadows, united
from sidecar.finding.trail import Look, Trail
from sidecar.pose.region import Region
from tests.finding.makers import SIDE, Being, Seeing, found, places, standing

GOOD = 0.95


def finder(estimator: Seeing, *, min_score: float = 0.5) -> Everybody:
    return Everybody(estimator, THOROUGH_EACH, min_score=min_score)


def couple(frames: int) -> list[list[Being]]:
    return [[(60.0 + index, 90.0, GOOD), (260.0 - index, 90.0, GOOD)] for index in range(frames)]


def box(x1: float, y1: float, x2: float, y2: float, score: float) -> Proposal:
    return Proposal(Region((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1), score, (x1, y1, x2, y2))


def test_everybody_is_in_every_frame_and_the_detector_rests_between() -> None:
    estimator = Seeing(couple(40), boxes=True)
    assert places(found(finder(estimator), 40)) == [[60 + index, 260 - index] for index in range(40)]
    assert len(estimator.windows) <= 40 / THOROUGH_EACH.check_every + 2


def test_who_comes_later_is_followed_back_to_where_they_came() -> None:
    frames = [people[:1] if index < 10 else people for index, people in enumerate(couple(40))]
    estimator = Seeing(frames, boxes=True, detects=lambda index: index % 5 == 0)
    assert [len(people) for people in found(finder(estimator), 40)] == [1] * 10 + [2] * 30


def test_who_leaves_is_gone() -> None:
    frames = [people if index < 20 else people[:1] for index, people in enumerate(couple(40))]
    assert [len(people) for people in found(finder(Seeing(frames, boxes=True)), 40)] == [2] * 20 + [1] * 20


def test_a_weak_box_finds_a_lost_person_again_and_makes_nobody_new() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, GOOD)]] * 30
    known = [people if index < 10 or index > 12 else [] for index, people in enumerate(frames)]
    weak = [people if index < 10 else [(x, y, 0.6) for x, y, _ in people] for index, people in enumerate(known)]
    assert [len(people) for people in found(finder(Seeing(weak, boxes=True)), 30)] == [1] * 10 + [0] * 3 + [1] * 17
    assert places(found(finder(Seeing([[(60.0, 90.0, 0.2)]] * 30, boxes=True)), 30)) == [[]] * 30


def test_somebody_seen_once_in_the_middle_was_not_there() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, GOOD)] + [(250.0, 90.0, GOOD)] * (index == 15) for index in range(30)]
    assert places(found(finder(Seeing(frames, boxes=True)), 30)) == [[60]] * 30


def test_nobody_no_people() -> None:
    assert places(found(finder(Seeing([[]] * 10, boxes=True)), 10)) == [[]] * 10


def test_a_weak_box_inside_a_certain_one_is_a_part_of_a_person() -> None:
    whole, half, other = box(0, 0, 40, 100, 0.8), box(0, 0, 40, 50, 0.2), box(0, 0, 40, 50, 0.5)
    assert distinct([whole, half]) == [whole]
    assert distinct([whole, other]) == [whole, other], "a certain one may be somebody in front"


def test_a_box_shows_one_person_and_the_best_overlap_wins() -> None:
    here, there = Look(standing(60, 90), 1.0), Look(standing(64, 92), 1.0)
    shown = Proposal(Region(60, 90, 80), 0.9, here.person.bbox_xyxy)
    assert pair([shown], [there, here]) == {0: 1}
    assert pair([], [here]) == {}


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


def test_who_is_upside_down_and_in_no_box_is_found_by_the_other_detector() -> None:
    alone = Seeing([[(60.0 + index, 90.0, GOOD)] for index in range(30)], boxes=True, draws=lambda index: False)
    assert places(found(finder(alone), 30)) == [[60 + index] for index in range(30)]


def test_a_second_person_of_weak_boxes_only_is_nobody() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, GOOD), (250.0, 90.0, 0.36)] for _ in range(30)]
    assert places(found(finder(Seeing(frames, boxes=True)), 30)) == [[60]] * 30
