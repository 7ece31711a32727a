"""Who came out of a crossing as whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from sidecar.tracking.course import course_of
from sidecar.tracking.crossing import Outcome, resolve
from sidecar.tracking.sighting import Sighting
from tests.tracking.makers import make_person, seen

TORSO = (11, 12, 23, 24)
FRAME_S = 1 / 30
MEET = 29.5  # between two frames, both are in one place
LAST = 55


def walker(frame: int, speed: float, *, side: float = 60.0) -> Sighting:
    """Somebody who passes x = 300 at MEET."""
    return seen(make_person(300 + speed * (frame - MEET) * FRAME_S, side=side), frame)


def right(frame: int) -> Sighting:
    return walker(frame, 120)


def left(frame: int) -> Sighting:
    return walker(frame, -100)


BEFORE = {
    1: course_of([right(frame) for frame in range(8, 20)], TORSO),
    2: course_of([left(frame) for frame in range(8, 20)], TORSO),
}


def decide(followed: Mapping[int, Sequence[Sighting]], lost: set[int]) -> Outcome:
    return resolve(BEFORE, followed, lost, TORSO, now_s=LAST * FRAME_S)


def frames_of(outcome: Outcome, key: int) -> list[int]:
    return [one.frame for one in outcome.sightings[key]]


def test_who_was_followed_rightly_keeps_everything() -> None:
    followed = {1: [right(n) for n in range(20, 56)], 2: [left(n) for n in (*range(20, 26), *range(35, 56))]}
    outcome = decide(followed, {2})
    assert outcome.became == {1: 1, 2: 2}
    assert outcome.sightings == {1: followed[1], 2: followed[2]}


def test_who_was_confused_is_told_apart_from_the_frame_on_in_which_it_happened() -> None:
    mixed = [right(n) for n in range(20, 30)] + [left(n) for n in range(30, 56)]
    other = [left(n) for n in range(20, 26)] + [right(n) for n in range(36, 56)]
    outcome = decide({1: mixed, 2: other}, {2})
    assert outcome.became == {1: 2, 2: 1}
    assert frames_of(outcome, 1) == [*range(20, 30), *range(36, 56)]
    assert frames_of(outcome, 2) == [*range(20, 26), *range(30, 56)]


def test_a_pose_that_slipped_onto_the_other_before_it_was_lost_is_dropped() -> None:
    slipped = [seen(make_person(300 + 60), n) for n in (25, 26)]
    followed = {1: [right(n) for n in range(20, 56)], 2: [left(n) for n in range(20, 25)] + slipped}
    followed[2] += [left(n) for n in range(36, 56)]
    assert frames_of(decide(followed, {2}), 2) == [*range(20, 25), *range(36, 56)]


def test_when_only_one_came_out_it_is_the_one_that_fits() -> None:
    assert decide({1: [left(n) for n in range(40, 56)], 2: []}, {2}).became == {1: 2, 2: 1}
    assert decide({1: [right(n) for n in range(40, 56)], 2: []}, {2}).became == {1: 1, 2: 2}


def test_when_nobody_came_out_nothing_changes() -> None:
    followed = {1: [right(n) for n in range(20, 24)], 2: [left(n) for n in range(20, 25)]}
    outcome = decide(followed, {1, 2})
    assert outcome.became == {1: 1, 2: 2}
    assert outcome.sightings == {1: followed[1], 2: followed[2]}


def test_size_tells_apart_those_who_stop_and_turn() -> None:
    before = {
        1: course_of([seen(make_person(280, side=90), n) for n in range(8, 20)], TORSO),
        2: course_of([seen(make_person(320, side=50), n) for n in range(8, 20)], TORSO),
    }
    followed = {
        1: [seen(make_person(300, side=50), n) for n in range(40, 56)],
        2: [seen(make_person(300, 130, side=90), n) for n in range(40, 56)],
    }
    assert resolve(before, followed, {1}, TORSO, now_s=LAST * FRAME_S).became == {1: 2, 2: 1}


@pytest.mark.parametrize("crowd", [3, 5])
def test_several_are_told_apart_at_once(crowd: int) -> None:
    def member(key: int, frame: int) -> Sighting:
        return walker(frame, 60.0 * (key - crowd / 2))

    before = {key: course_of([member(key, n) for n in range(8, 20)], TORSO) for key in range(crowd)}
    turned = {key: [member((key + 1) % crowd, n) for n in range(44, 56)] for key in range(crowd)}
    outcome = resolve(before, turned, set(before), TORSO, now_s=LAST * FRAME_S)
    assert outcome.became == {key: (key + 1) % crowd for key in range(crowd)}
    assert sorted(outcome.sightings) == list(range(crowd))


def dressed(x: float, frame: int, shade: float | None) -> Sighting:
    person = make_person(x)
    return seen(person if shade is None else replace(person, colours=np.full((7, 3), shade, np.float32)), frame)


@pytest.mark.parametrize(("shades", "became"), [((0.2, 0.7), {1: 2, 2: 1}), ((None, None), {1: 1, 2: 2})])
def test_colours_tell_apart_those_who_stop_and_turn(shades: tuple[float | None, ...], became: dict[int, int]) -> None:
    one, other = shades
    before = {
        1: course_of([dressed(280, n, one) for n in range(8, 20)], TORSO),
        2: course_of([dressed(320, n, other) for n in range(8, 20)], TORSO),
    }
    followed = {1: [dressed(290, n, other) for n in range(40, 56)], 2: [dressed(310, n, one) for n in range(40, 56)]}
    assert resolve(before, followed, {1}, TORSO, now_s=LAST * FRAME_S).became == became
