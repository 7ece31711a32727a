"""Effort `fast` leaves out every other frame of who moves steadily, and no other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.finding.choose import finder_for
from sidecar.finding.effort import FAST
from sidecar.finding.one_person import OnePerson
from sidecar.pose.person import Person
from tests.finding.makers import Being, Seeing, found, places, sightings

GOOD = 0.95


def fast(estimator: Seeing) -> OnePerson:
    return OnePerson(estimator, FAST, min_score=0.5)


def walking(frames: int, *, speed: float = 3.0) -> list[list[Being]]:
    """Somebody who walks to the right."""
    return [[(60 + speed * index, 90.0, GOOD)] for index in range(frames)]


def empty(people: list[list[Person]]) -> list[int]:
    return [index for index, persons in enumerate(people) if not persons]


def test_somebody_steady_costs_half_a_look_a_frame() -> None:
    estimator = Seeing(walking(60))
    people = found(fast(estimator), 60)
    assert len(estimator.reads) + len(estimator.windows) <= 60 / 2 + 60 / FAST.check_every + 5
    assert len(empty(people)) >= 25
    assert [place for frame in places(people) for place in frame] == [
        60 + 3 * index for index in range(60) if people[index]
    ]


def test_no_two_frames_in_a_row_are_left_out_and_neither_end_is() -> None:
    for count in range(1, 30):
        left_out = empty(found(fast(Seeing(walking(count))), count))
        assert not {0, count - 1} & set(left_out)
        assert all(index + 1 not in left_out for index in left_out)


@pytest.mark.parametrize("start", [0, 7, 8])
@pytest.mark.parametrize("stop", [20, 21])
def test_the_ends_of_a_segment_are_looked_at(start: int, stop: int) -> None:
    people = found(fast(Seeing(walking(40))), 40, start=start, stop=stop)
    assert len(people) == stop - start
    assert people[0]
    assert people[-1]


@pytest.mark.parametrize("start", range(12, 20))
def test_the_first_frame_is_looked_at_after_a_warm_up_too(start: int) -> None:
    estimator = Seeing(walking(60), detects=lambda index: index < start)
    people = found(fast(estimator), 60, start=start, stop=50)
    assert min(index for index, _ in estimator.reads) < start
    assert people[0]
    assert people[-1]


@pytest.mark.parametrize("stop", [30, 31])
def test_whoever_is_lost_in_the_last_frame_is_looked_for_behind_it(stop: int) -> None:
    frames = walking(50)
    frames[stop - 1] = []
    estimator = Seeing(frames)
    found(fast(estimator), 50, start=0, stop=stop)
    assert max(index for index, _ in estimator.reads) >= stop


def test_where_the_leap_lands_on_nobody_the_frame_between_is_looked_at() -> None:
    frames = walking(40)
    for index in range(21, 25):
        frames[index] = []
    estimator = Seeing(frames)
    people = found(fast(estimator), 40)
    assert [index for index in empty(people) if 20 <= index <= 25] == [21, 22, 23, 24], "not the frames on both sides"
    assert {20, 25} <= {index for index, _ in estimator.reads}


def test_a_weak_frame_makes_its_neighbours_worth_a_look() -> None:
    frames = walking(40)
    for index in range(20, 26):
        frames[index] = [(60 + 3 * index, 90.0, 0.5)]
    people = found(fast(Seeing(frames)), 40)
    assert all(people[19:26])


def test_who_stops_at_once_is_looked_at_in_every_frame_until_they_are_steady() -> None:
    # 16 px a frame, then none: the leap lands beside them.
    frames = [[(60.0 + 16 * min(index, 10), 90.0, GOOD)] for index in range(30)]
    people = found(fast(Seeing(frames, near=0.1)), 30)
    assert places(people)[10:12] == [[220], [220]]


def test_nobody_is_left_out_across_a_cut() -> None:
    frames: list[list[Being]] = [[(60.0, 90.0, GOOD)]] * 15 + [[(250.0, 90.0, GOOD)]] * 15
    for cut in (14, 15):
        here = frames[15 - cut :][:30] if cut == 14 else frames
        seen = list(sightings(0, len(here)))
        noise = np.random.default_rng(3)
        scenes = [
            noise.integers(0, 255, (6, 10, 3), dtype=np.uint8).repeat(30, axis=0).repeat(32, axis=1) for _ in "ab"
        ]
        for index, frame in enumerate(seen):
            frame.image[1:] = scenes[index >= cut][1:]
        people = [persons for _, persons in fast(Seeing(here)).find(seen, start=0, stop=len(here))]
        assert people[cut - 1], "the last frame of a scene"
        assert people[cut], "the first frame of a scene"


@pytest.mark.parametrize(("fps", "skips"), [(60, True), (25, True), (20, True), (19, False), (1, False)])
def test_frames_far_apart_are_all_looked_at(fps: float, skips: bool) -> None:
    frames = [replace(frame, time_ns=round((frame.index + 1) * 1e9 / fps)) for frame in sightings(0, 40)]
    people = [persons for _, persons in fast(Seeing(walking(40))).find(frames, start=0, stop=40)]
    assert bool(empty(people)) == skips


def test_a_frame_before_a_pause_is_looked_at() -> None:
    late = [replace(frame, time_ns=frame.time_ns + 10**9 * (frame.index >= 21)) for frame in sightings(0, 40)]
    later = [replace(frame, time_ns=frame.time_ns + 10**9 * (frame.index >= 20)) for frame in sightings(0, 40)]
    for frames, last in ((late, 20), (later, 19)):
        people = [persons for _, persons in fast(Seeing(walking(40))).find(frames, start=0, stop=40)]
        assert people[last]
        assert people[last + 1]


def test_nothing_is_left_out_that_would_not_be_filled() -> None:
    for max_gap_s, skips in ((0.0, False), (0.05, False), (0.07, True), (5.0, True)):
        finder = finder_for(Seeing(walking(40)), effort="fast", min_score=0.5, max_gap_s=max_gap_s)
        assert bool(empty(found(finder, 40))) == skips


def test_twice_the_same_answer() -> None:
    frames = walking(40)
    frames[12:18] = [[]] * 6
    once, twice = (found(fast(Seeing(frames)), 40) for _ in range(2))
    assert [[p.keypoints.tobytes() for p in people] for people in once] == [
        [p.keypoints.tobytes() for p in people] for people in twice
    ]
