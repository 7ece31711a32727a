"""Which finder sees which frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from sidecar.finding.protocol import Sighting
from sidecar.media.video_reader import VideoFrameRGB
from sidecar.pose.person import Person
from sidecar.video.people import find_people
from sidecar.video.stage_clock import StageClock
from tests.tracking.makers import BLACK, make_person

FPS = 25


class RecordingFinder:
    """Answers with its own number, when it has seen all there is; remembers the times it saw."""

    def __init__(self, number: int, warm_up_frames: int, look_ahead_frames: int) -> None:
        self.warm_up_frames = warm_up_frames
        self.look_ahead_frames = look_ahead_frames
        self.number = number
        self.times_ns: list[int] = []

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """See `SegmentFinder.find`."""
        seen = list(frames)
        self.times_ns += [frame.time_ns for frame in seen]
        for frame in seen:
            if start <= frame.index < stop:
                yield frame.index, [make_person(self.number)]


def frames(count: int, *, start_s: float = 0.0) -> Iterator[VideoFrameRGB]:
    return (VideoFrameRGB(index, start_s + index / FPS, BLACK) for index in range(count))


def run(
    count: int, *, warm_up: int = 16, look_ahead: int = 0, start_s: float = 0.0
) -> tuple[list[RecordingFinder], list[int]]:
    finders: list[RecordingFinder] = []

    def new_finder() -> RecordingFinder:
        finders.append(RecordingFinder(len(finders), warm_up, look_ahead))
        return finders[-1]

    found = find_people(frames(count, start_s=start_s), new_finder, frame_interval_s=1 / FPS, clock=StageClock())
    answered_by = []
    for number, (frame, people) in enumerate(found):
        assert frame.index == people.index == number
        answered_by.append(round(float(people.people[0].keypoints[:2, 0].mean())))
    return finders, answered_by


def test_one_segment_has_one_finder_and_it_sees_every_frame_once() -> None:
    finders, answered_by = run(64 - 16)
    assert [len(finder.times_ns) for finder in finders] == [48]
    assert answered_by == [0] * 48


def test_a_second_segment_warms_up_unheard() -> None:
    finders, answered_by = run(150)
    assert [len(finder.times_ns) for finder in finders] == [64, 16 + 64, 16 + 22]
    assert answered_by == [0] * 64 + [1] * 64 + [2] * 22


def test_a_finder_without_memory_needs_no_warm_up() -> None:
    finders, answered_by = run(75, warm_up=0)
    assert [len(finder.times_ns) for finder in finders] == [64, 11]
    assert answered_by == [0] * 64 + [1] * 11


def test_a_finder_that_looks_ahead_is_shown_what_comes_and_answers_for_its_own_frames() -> None:
    finders, answered_by = run(130, warm_up=0, look_ahead=8)
    assert [len(finder.times_ns) for finder in finders] == [64 + 8, 64 + 2, 2]
    assert answered_by == [0] * 64 + [1] * 64 + [2] * 2


def test_a_video_that_ends_with_a_segment_has_no_empty_one_after_it() -> None:
    finders, answered_by = run(128, look_ahead=8)
    assert len(finders) == 2
    assert len(answered_by) == 128


@pytest.mark.parametrize("start_s", [0.0, -1.0, 3600.0])
def test_times_begin_at_one_interval_wherever_the_container_begins(start_s: float) -> None:
    finders, _ = run(3, start_s=start_s)
    assert finders[0].times_ns == pytest.approx([40_000_000, 80_000_000, 120_000_000], abs=1)


def test_a_segment_gets_the_times_it_would_get_from_any_worker() -> None:
    finders, _ = run(150)
    assert finders[2].times_ns[0] == pytest.approx((128 - 16 + 1) * 40_000_000, abs=1)


def test_no_frames_no_people() -> None:
    assert run(0)[1] == []
