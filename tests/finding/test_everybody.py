"""Several people through a segment, with a person detector."""

from __future__ import annotations

from sidecar.finding.effort import THOROUGH_EACH
from sidecar.finding.everybody import Everybody
from tests.finding.makers import Being, Seeing, found, places

GOOD = 0.95


def finder(estimator: Seeing, *, min_score: float = 0.5) -> Everybody:
    return Everybody(estimator, THOROUGH_EACH, min_score=min_score)


def couple(frames: int) -> list[list[Being]]:
    return [[(60.0 + index, 90.0, GOOD), (260.0 - index, 90.0, GOOD)] for index in range(frames)]


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


def test_who_is_upside_down_and_in_no_box_is_found_by_the_other_detector() -> None:
    alone = Seeing([[(60.0 + index, 90.0, GOOD)] for index in range(30)], boxes=True, draws=lambda index: False)
    assert places(found(finder(alone), 30)) == [[60 + index] for index in range(30)]


def test_a_second_person_of_weak_boxes_only_is_nobody() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, GOOD), (250.0, 90.0, 0.36)] for _ in range(30)]
    assert places(found(finder(Seeing(frames, boxes=True)), 30)) == [[60]] * 30
