"""Segments tile a video of any length, and warm up on the end of the one before."""

from __future__ import annotations

from itertools import islice

from sidecar.video.plan import SEGMENT_FRAMES, segments


def test_segments_follow_on_each_other_without_gap_or_overlap() -> None:
    plan = list(islice(segments(warm_up_frames=16), 5))
    assert plan[0].start == 0
    assert [one.stop for one in plan[:-1]] == [one.start for one in plan[1:]]
    assert {one.stop - one.start for one in plan} == {SEGMENT_FRAMES}


def test_the_first_segment_starts_cold_and_the_others_warm() -> None:
    assert [one.first_needed for one in islice(segments(warm_up_frames=16), 3)] == [0, 48, 112]
    assert [one.first_needed for one in islice(segments(warm_up_frames=0), 3)] == [0, 64, 128]


def test_the_length_is_pinned_for_results_depend_on_it() -> None:
    assert SEGMENT_FRAMES == 64
