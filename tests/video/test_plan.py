"""How a video is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sidecar.video.plan import ENDLESS, SEGMENT_FRAMES, SEGMENT_FRAMES_MIN, segments


@pytest.mark.parametrize(
    ("frames", "lengths"),
    [
        pytest.param(1, [1], id="one frame"),
        pytest.param(31, [31], id="too short to cut"),
        pytest.param(40, [20, 20], id="two"),
        pytest.param(131, [33, 33, 32, 33], id="four of nearly one length"),
        pytest.param(256, [64] * 4, id="just four"),
        pytest.param(257, [32] * 7 + [33], id="eight, so that four workers finish together"),
    ],
)
def test_segments_have_nearly_one_length(frames: int, lengths: list[int]) -> None:
    plan = segments(frames, warm_up_frames=0)
    assert sorted(one.stop - one.start for one in plan) == sorted(lengths)


@pytest.mark.parametrize("frames", [1, 15, 16, 17, 63, 64, 65, 1000, 216_000])
def test_segments_are_the_whole_video_once(frames: int) -> None:
    plan = segments(frames, warm_up_frames=16)
    assert (plan[0].start, plan[-1].stop) == (0, frames)
    for number, (one, following) in enumerate(pairwise(plan)):
        assert (one.number, one.stop) == (number, following.start)
    assert all(one.stop - one.start <= SEGMENT_FRAMES for one in plan)
    assert len(plan) == 1 or min(one.stop - one.start for one in plan) >= SEGMENT_FRAMES_MIN


def test_a_segment_warms_up_on_what_is_before_it() -> None:
    plan = segments(100, warm_up_frames=30)
    assert [one.first_needed for one in plan] == [0, 0, 20, 45]


def test_a_video_of_unknown_length_is_one_segment() -> None:
    (segment,) = segments(None, warm_up_frames=16)
    assert (segment.start, segment.stop, segment.first_needed) == (0, ENDLESS, 0)


def test_lengths_are_pinned_for_they_are_part_of_results() -> None:
    assert (SEGMENT_FRAMES, SEGMENT_FRAMES_MIN) == (64, 16)
