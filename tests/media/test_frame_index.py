"""Segments read apart give the frames, times and pixels of one pass from the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sidecar.media.frame_index import FrameIndex, index_frames
from sidecar.media.video_reader import VideoFrameRGB, VideoReader, open_video
from tests.media.clips import cut_off, make_clip, spliced, trimmed
from tests.paths import FIXTURES, needs_shared


def between(reader: VideoReader, index: FrameIndex, start: int, stop: int) -> Iterator[VideoFrameRGB]:
    return reader.between(index, start, stop, counted=range(start, stop))


def in_one_pass(path: Path) -> list[VideoFrameRGB]:
    with open_video(path) as reader:
        return list(reader)


def in_parts(path: Path, length: int) -> list[VideoFrameRGB]:
    index = index_frames(path)
    assert index is not None
    frames: list[VideoFrameRGB] = []
    for start in reversed(range(0, len(index.pts), length)):  # in no helpful order
        with open_video(path) as reader:
            frames[:0] = between(reader, index, start, min(start + length, len(index.pts)))
    return frames


def same(one: list[VideoFrameRGB], other: list[VideoFrameRGB]) -> bool:
    facts = [[(frame.index, frame.time_s) for frame in frames] for frames in (one, other)]
    return facts[0] == facts[1] and all(np.array_equal(a.image, b.image) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".ts"])
@pytest.mark.parametrize("length", [1, 7, 12, 40])
def test_parts_are_the_whole(tmp_path: Path, suffix: str, length: int) -> None:
    path = make_clip(tmp_path / f"clip{suffix}", frames=23)
    assert same(in_parts(path, length), in_one_pass(path))


@pytest.mark.parametrize(
    "make",
    [
        pytest.param({"ticks": [0, 100, 250, 300, 1000, 1100], "frames": 6}, id="variable frame rate"),
        pytest.param({"rotation": 90.0}, id="rotated"),
        pytest.param({"pixel_format": "yuv420p10le"}, id="10 bit"),
        pytest.param({"codec": "mpeg4"}, id="mpeg4"),
        pytest.param({"frames": 40, "keyframe_every": 250}, id="one keyframe"),
        pytest.param({"codec": "libx265", "frames": 40, "keyframe_every": 250}, id="hevc"),
        pytest.param({"audio": True}, id="with sound"),
    ],
)
def test_parts_of_unusual_clips(tmp_path: Path, make: dict[str, object]) -> None:
    path = make_clip(tmp_path / "clip.mp4", **make)  # type: ignore[arg-type]
    assert same(in_parts(path, 4), in_one_pass(path))


def test_a_truncated_clip_is_indexed_as_far_as_it_goes(tmp_path: Path) -> None:
    path = cut_off(make_clip(tmp_path / "clip.mp4", frames=60, faststart=True), share=0.6)
    whole, parts = in_one_pass(path), in_parts(path, 8)
    assert 0 < len(whole) < 60
    assert [frame.time_s for frame in parts] == [frame.time_s for frame in whole]


@pytest.mark.parametrize("seconds", [0.12, 0.6, 1.0])
@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
@pytest.mark.parametrize("keyframe_every", [5, 250])
def test_parts_of_a_clip_that_was_trimmed_by_an_edit_list(
    tmp_path: Path, codec: str, seconds: float, keyframe_every: int
) -> None:
    whole = make_clip(tmp_path / "whole.mp4", frames=40, codec=codec, keyframe_every=keyframe_every)
    path = trimmed(whole, tmp_path / "clip.mp4", seconds=seconds)
    expected = in_one_pass(whole)[round(seconds * 25) :]
    shown = in_one_pass(path)
    assert len(shown) == len(expected)
    assert all(np.array_equal(one.image, other.image) for one, other in zip(shown, expected, strict=True))
    assert same(in_parts(path, 7), shown)
    with open_video(path) as reader:
        list(reader)
        assert reader.damage is None


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_pieces_put_together_by_an_edit_list_have_no_index(tmp_path: Path, codec: str) -> None:
    whole = make_clip(tmp_path / "whole.mp4", frames=60, codec=codec, keyframe_every=10)
    pieces = [(0.28, 0.6), (1.2, 0.48), (1.84, 0.4)]
    path = spliced(whole, tmp_path / "clip.mp4", pieces=pieces)
    assert 20 <= len(in_one_pass(path)) <= 37
    assert index_frames(path) is None
    trim = spliced(whole, tmp_path / "trim.mp4", pieces=pieces[:1])
    assert index_frames(trim) is not None
    assert same(in_parts(trim, 7), in_one_pass(trim))


def test_a_stream_without_time_stamps_has_no_index(tmp_path: Path) -> None:
    assert index_frames(make_clip(tmp_path / "clip.h264")) is None


def test_reading_through_a_long_video_can_be_given_up(tmp_path: Path) -> None:
    path, read = make_clip(tmp_path / "clip.mp4", frames=60), [0]

    def check() -> None:
        read[0] += 1
        if read[0] == 40:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        index_frames(path, check=check)
    assert read[0] == 40


def test_the_way_from_a_far_keyframe_can_be_given_up(tmp_path: Path) -> None:
    path, passed = make_clip(tmp_path / "clip.mp4", frames=60, keyframe_every=60), [0]
    index = index_frames(path)
    assert index is not None
    start = next(n for n in range(59, 0, -1) if index.pts[n] not in index.keyframes and n % 5 == 4)
    on_the_way = start - index.position(index.keyframes_up_to(index.pts[start])[0])

    def check() -> None:
        passed[0] += 1
        if passed[0] == on_the_way - 1:
            raise KeyError("enough")

    assert on_the_way > 2
    with open_video(path) as reader, pytest.raises(KeyError, match="enough"):
        next(reader.between(index, start, 60, counted=range(start, 60), check=check))


@needs_shared
@pytest.mark.parametrize("clip", ["dryslope", "two_people", "kicker"])
def test_parts_of_real_clips(clip: str) -> None:
    path = FIXTURES / "clips" / f"{clip}.mp4"
    index = index_frames(path)
    assert index is not None
    with open_video(path) as reader:
        expected = {frame.index: frame for frame in reader if frame.index % 33 in (0, 32)}
    for start in range(0, len(index.pts), 33):
        stop = min(start + 33, len(index.pts))
        with open_video(path) as reader:
            part = list(between(reader, index, start, stop))
        assert [frame.index for frame in part] == list(range(start, stop))
        for frame in (part[0], part[-1]):
            if frame.index in expected:
                assert frame.time_s == expected[frame.index].time_s
                assert np.array_equal(frame.image, expected[frame.index].image)
