"""Stretches read one after the other with one reader give what readers of their own give, whatever the order."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.media import kept_reader
from sidecar.media.frame_index import FrameIndex, index_frames
from sidecar.media.kept_reader import KeptReader
from sidecar.media.video_reader import VideoFrameRGB, VideoReader, open_video
from tests.media.clips import cut_off, make_clip
from tests.paths import FIXTURES, needs_shared

# (start, stop, frames taken of it): on, back, over one another, left early, again, to the end and from it.
STRETCHES = [
    [(0, 9, 9), (9, 20, 11), (20, 40, 99)],
    [(0, 9, 5), (9, 20, 3), (12, 20, 99), (30, 40, 99)],
    [(0, 17, 9), (1, 25, 24), (17, 40, 23), (33, 40, 99), (0, 40, 99)],
    [(0, 30, 30), (15, 30, 3), (18, 22, 99), (22, 25, 99), (25, 40, 99)],
    [(5, 13, 99), (5, 13, 99), (13, 13 + 8, 0), (13, 21, 99), (20, 22, 99), (38, 40, 99)],
]
CLIPS = [
    pytest.param({"keyframe_every": 250}, id="one keyframe"),
    pytest.param({"keyframe_every": 5}, id="many keyframes"),
    pytest.param({"keyframe_every": 16, "rotation": 90.0}, id="rotated"),
    pytest.param({"pixel_format": "yuv420p10le", "keyframe_every": 250}, id="10 bit"),
    pytest.param({"codec": "mpeg4", "keyframe_every": 250}, id="mpeg4"),
    pytest.param({"codec": "libx265", "keyframe_every": 250}, id="hevc"),
    pytest.param({"ticks": [index * 100 + index % 3 * 20 for index in range(40)]}, id="variable frame rate"),
]


def indexed(path: Path) -> FrameIndex:
    index = index_frames(path)
    assert index is not None
    return index


def read(kept: KeptReader, path: Path, stretches: Iterable[tuple[int, int, int]]) -> list[list[VideoFrameRGB]]:
    index = indexed(path)
    found = []
    for start, stop, taken in stretches:
        with (
            kept.reader(path, index, start) as reader,
            closing(reader.between(index, start, stop, counted=range(start, stop))) as frames,
        ):
            found.append(list(islice(frames, taken)))
    return found


def in_one_pass(path: Path) -> list[VideoFrameRGB]:
    with open_video(path) as reader:
        return list(reader)


def same(one: list[VideoFrameRGB], other: list[VideoFrameRGB]) -> bool:
    facts = [[(frame.index, frame.time_s) for frame in frames] for frames in (one, other)]
    return facts[0] == facts[1] and all(np.array_equal(a.image, b.image) for a, b in zip(one, other, strict=True))


def counted(monkeypatch: pytest.MonkeyPatch, home: Any, name: str) -> list[tuple[Any, ...]]:
    """The arguments of each call of a function from now on."""
    calls: list[tuple[Any, ...]] = []
    function = getattr(home, name)

    def call(*given: Any, **named: Any) -> Any:
        calls.append(given)
        return function(*given, **named)

    monkeypatch.setattr(home, name, call)
    return calls


@pytest.mark.parametrize("stretches", STRETCHES)
@pytest.mark.parametrize("make", CLIPS)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_any_stretches_are_those_of_one_pass(
    tmp_path: Path, make: dict[str, object], stretches: list[tuple[int, int, int]], suffix: str
) -> None:
    path = make_clip(tmp_path / f"clip{suffix}", frames=40, **make)  # type: ignore[arg-type]
    whole, kept = in_one_pass(path), KeptReader()
    for (start, stop, taken), part in zip(stretches, read(kept, path, stretches), strict=True):
        assert same(part, whole[start:stop][:taken]), (start, stop, taken)
    kept.close()


def test_many_stretches_by_chance(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=120, keyframe_every=50)
    whole, kept, chance = in_one_pass(path), KeptReader(), random.Random(7)
    for _ in range(120):
        start = chance.randrange(120)
        stop = chance.randint(start + 1, 120)
        taken = chance.choice([0, 1, 5, 200])
        (part,) = read(kept, path, [(start, stop, taken)])
        assert same(part, whole[start:stop][:taken]), (start, stop, taken)
    kept.close()


def test_what_begins_where_the_last_one_ended_opens_and_seeks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=60, keyframe_every=250)
    opened = counted(monkeypatch, kept_reader, "open_video")
    begun = counted(monkeypatch, VideoReader, "_begin_at")
    kept = KeptReader()
    read(kept, path, [(0, 15, 15), (7, 20, 13), (26, 33, 3), (29, 33, 99)])
    kept.close()
    assert (len(opened), len(begun)) == (1, 1)


def test_a_nearer_keyframe_is_sought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=60, keyframe_every=10)
    opened = counted(monkeypatch, kept_reader, "open_video")
    kept = KeptReader()
    read(kept, path, [(0, 12, 12), (42, 50, 8)])
    kept.close()
    assert len(opened) == 2


def test_after_damage_nothing_goes_on(tmp_path: Path) -> None:
    path = cut_off(make_clip(tmp_path / "clip.mp4", frames=60, faststart=True), share=0.6)
    whole, kept = in_one_pass(path), KeptReader()
    assert 0 < len(whole) < 60
    index = indexed(path)
    stretches = [(start, min(start + 8, len(index.pts)), 99) for start in range(0, len(index.pts), 8)]
    parts = [frame for part in read(kept, path, stretches) for frame in part]
    assert [frame.time_s for frame in parts] == [frame.time_s for frame in whole]
    kept.close()


def test_a_stretch_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=20)
    index = indexed(path)
    kept = KeptReader()
    with pytest.raises(RuntimeError, match="mine"), kept.reader(path, index, 0):
        raise RuntimeError("mine")
    assert kept._take() is None
    assert same(read(kept, path, [(0, 5, 99)])[0], in_one_pass(path)[:5])
    kept.close()
    kept.close()


def test_a_closed_reader_holds_no_frames(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=20)
    index = indexed(path)
    kept = KeptReader()
    with kept.reader(path, index, 0) as reader, closing(reader.between(index, 0, 9, counted=range(9))) as frames:
        list(frames)
    states = [reader.can_go_on]
    kept.close()
    assert [*states, reader.can_go_on] == [True, False]
    assert not list(reader._frames)


def test_a_file_is_closed_when_nobody_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_reader, "KEEP_S", 0.05)
    path = make_clip(tmp_path / "clip.mp4", frames=20)
    kept = KeptReader()
    read(kept, path, [(0, 5, 5)])
    deadline_s = time.monotonic() + 20
    while kept._kept is not None and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert kept._kept is None
    assert same(read(kept, path, [(5, 9, 99)])[0], in_one_pass(path)[5:9])
    kept.close()


@needs_shared
@pytest.mark.parametrize("clip", ["dryslope", "grab"])
def test_every_other_segment_of_a_real_clip(clip: str) -> None:
    path = FIXTURES / "clips" / f"{clip}.mp4"
    whole, kept = in_one_pass(path), KeptReader()
    stretches = [(max(0, start - 8), min(start + 38, len(whole)), 40) for start in range(0, len(whole), 60)]
    for (start, stop, taken), part in zip(stretches, read(kept, path, stretches), strict=True):
        assert same(part, whole[start:stop][:taken])
    kept.close()
