"""Sightings that are kept back for a moment."""

from __future__ import annotations

import pytest

from sidecar.tracking.recent import BEFORE_S, HOLD_S, Recent
from tests.tracking.makers import make_person, seen

FRAME_S = 1 / 30
TORSO = (11, 12, 23, 24)


def recent_of(frames: list[int]) -> Recent:
    recent = Recent()
    for frame in frames:
        recent.see(seen(make_person(3.0 * frame), frame))
    return recent


def test_sightings_wait_and_then_come_once() -> None:
    recent = recent_of(list(range(10)))
    first = [one.frame for one in recent.release(now_s=9 * FRAME_S)]
    assert first == [n for n in range(10) if n * FRAME_S <= 9 * FRAME_S - HOLD_S]
    assert [one.frame for one in recent.waiting()] == list(range(len(first), 10))
    assert [one.frame for one in recent.release(now_s=float("inf"))] == list(range(len(first), 10))
    assert recent.waiting() == []


def test_the_course_is_that_of_sightings_before_those_that_wait() -> None:
    recent = recent_of(list(range(40)))
    recent.release(now_s=39 * FRAME_S)
    recent.see(seen(make_person(5000), 40))
    course = recent.course(TORSO)
    assert course is not None
    assert course.velocity == pytest.approx([90, 0], abs=0.1)
    assert course.time_s == pytest.approx(39 * FRAME_S - HOLD_S - BEFORE_S / 2, abs=2 * FRAME_S)


def test_too_few_sightings_have_no_course() -> None:
    recent = recent_of([0, 1])
    recent.release(now_s=10)
    assert recent.course(TORSO) is None


@pytest.mark.parametrize(
    ("frames", "back"),
    [
        (list(range(20)), True),
        ([n for n in range(20) if n != 17], True),
        (list(range(17)), False),  # gone for three frames
        ([17, 18, 19], False),  # only just here
        ([14, 16, 17, 18], True),
        ([], False),
    ],
)
def test_back_is_who_was_seen_in_most_frames_of_a_window(frames: list[int], back: bool) -> None:
    assert recent_of(frames).is_back(window_s=0.2, frame=19, now_s=19 * FRAME_S) is back


def test_what_was_decided_replaces_what_waits() -> None:
    recent = recent_of([0, 1, 2])
    recent.replace_waiting([seen(make_person(), 1)])
    assert [one.frame for one in recent.waiting()] == [1]
