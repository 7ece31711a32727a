"""Frames come out upright, in order, at the container's times, with OpenCV's pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from sidecar.media.frame_index import index_frames
from sidecar.media.opening import open_container
from sidecar.media.video_reader import VideoReader, open_video
from tests.media.clips import cut_off, make_clip
from tests.paths import FIXTURES, needs_shared

UNEVEN = [0, 100, 250, 300, 1000, 1100]


def opencv_frames(path: Path) -> list[Any]:
    video = cv2.VideoCapture(str(path))
    frames: list[Any] = []
    while True:
        there, image = video.read()
        if not there:
            return frames
        frames.append(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def test_frames_carry_their_index_and_the_exact_time_of_an_uneven_clip(tmp_path: Path) -> None:
    with open_video(make_clip(tmp_path / "uneven.mp4", frames=6, ticks=UNEVEN)) as reader:
        frames = list(reader)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4, 5]
    assert [frame.time_s for frame in frames] == [float(Fraction(tick, 2500)) for tick in UNEVEN]


def test_facts_of_a_clip(tmp_path: Path) -> None:
    with open_video(make_clip(tmp_path / "clip.mp4")) as reader:
        info = reader.info
    assert (info.width, info.height, info.rotation, info.mirrored) == (64, 48, 0, False)
    assert info.fps == 25
    assert (info.frames_hint, info.codec, info.pixel_format) == (12, "h264", "yuv420p")
    assert info.duration_s == pytest.approx(12 / 25)


@pytest.mark.parametrize(
    ("rotation", "mirrored", "clockwise", "red_corner"),
    [
        pytest.param(0, False, 0, (0, 0), id="as stored"),
        pytest.param(-90, False, 90, (0, -1), id="a quarter turn clockwise"),
        pytest.param(180, False, 180, (-1, -1), id="upside down"),
        pytest.param(90, False, 270, (-1, 0), id="a quarter turn counter-clockwise"),
        pytest.param(0, True, 0, (0, -1), id="mirrored"),
    ],
)
def test_the_display_matrix_is_applied_once_and_reported(
    tmp_path: Path, rotation: float, mirrored: bool, clockwise: int, red_corner: tuple[int, int]
) -> None:
    path = make_clip(tmp_path / "turned.mp4", rotation=rotation, mirrored=mirrored, frames=30)
    with open_video(path) as reader:
        info, frame = reader.info, list(reader)[20]
    assert (info.rotation, info.mirrored) == (clockwise, mirrored)
    assert frame.image.shape == (info.height, info.width, 3) == ((64, 48, 3) if clockwise % 180 else (48, 64, 3))
    row, column = (8 if red_corner[0] == 0 else -9), (8 if red_corner[1] == 0 else -9)
    assert frame.image[row, column].tolist() == pytest.approx([254, 0, 0], abs=4)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({}, id="yuv420p"),
        pytest.param({"pixel_format": "yuvj420p"}, id="full range"),
        pytest.param({"pixel_format": "gray"}, id="gray"),
        pytest.param({"pixel_format": "yuv444p", "width": 63, "height": 47}, id="odd size"),
        pytest.param({"rotation": 90}, id="turned"),
        pytest.param({"codec": "libx264rgb", "pixel_format": "rgb24"}, id="rgb"),
    ],
)
def test_pixels_are_those_of_opencv(tmp_path: Path, shape: dict[str, Any]) -> None:
    path = make_clip(tmp_path / "clip.mkv", **shape) if "codec" in shape else make_clip(tmp_path / "clip.mp4", **shape)
    with open_video(path) as reader:
        ours = [frame.image for frame in reader]
    np.testing.assert_array_equal(ours, opencv_frames(path))


def test_ten_bit_video_becomes_eight_bit_rgb(tmp_path: Path) -> None:
    with open_video(make_clip(tmp_path / "ten.mp4", pixel_format="yuv420p10le")) as reader:
        image = next(iter(reader)).image
    assert image.dtype == np.uint8
    assert image[8, 8].tolist() == pytest.approx([255, 0, 0], abs=6)


@needs_shared
@pytest.mark.parametrize("clip", ["dryslope", "kicker", "grab"])
def test_pixels_of_real_clips_are_those_the_peer_saw(clip: str) -> None:
    wanted = {int(path.stem.rsplit("_", 1)[1]): path for path in (FIXTURES / "frames").glob(f"{clip}_*.png")}
    assert wanted
    with open_video(FIXTURES / "clips" / f"{clip}.mp4") as reader:
        for frame in reader:
            if frame.index in wanted:
                reference: Any = cv2.imread(str(wanted[frame.index]))
                np.testing.assert_array_equal(frame.image[..., ::-1], reference)


def test_sound_beside_the_video_makes_no_difference(tmp_path: Path) -> None:
    with open_video(make_clip(tmp_path / "both.mp4", audio=True)) as reader:
        assert len(list(reader)) == 12
        assert (reader.truncated, reader.damage) == (False, None)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_an_intact_file_is_not_called_truncated(tmp_path: Path, suffix: str) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    with open_video(make_clip(tmp_path / f"clip{suffix}", frames=60, codec=codec)) as reader:
        assert len(list(reader)) == 60
        assert (reader.truncated, reader.damage) == (False, None)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv"])
def test_of_a_truncated_file_what_is_there_comes_and_the_rest_is_reported(tmp_path: Path, name: str) -> None:
    path = cut_off(make_clip(tmp_path / name, frames=100, faststart=name.endswith("mp4")))
    with open_video(path) as reader:
        frames = list(reader)
        assert 20 < len(frames) < 100
        assert reader.truncated
        assert name in str(reader.damage)
        assert "4.000 s announced" in str(reader.damage)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_broken_packet_takes_no_other_frame_along(tmp_path: Path, codec: str, share: float) -> None:
    path = cut_off(make_clip(tmp_path / "cut.mp4", frames=60, faststart=True, codec=codec), share=share)
    index = index_frames(path)
    assert index is not None
    with open_video(path) as reader:
        assert len(list(reader)) >= len(index.pts) - 1


class EndsInAnError:
    """A container whose packets end so after a few."""

    def __init__(self, container: Any, packets: int) -> None:
        self._container, self._packets = container, packets

    def demux(self, stream: Any) -> Iterator[Any]:
        yield from islice(self._container.demux(stream), self._packets)
        raise av.FFmpegError(5, "Input/output error")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)


@pytest.mark.parametrize("packets", [1, 4, 9, 30])
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_where_the_packets_end_in_an_error_every_one_before_gives_its_frame(
    tmp_path: Path, codec: str, packets: int
) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=40, codec=codec, keyframe_every=250)
    with open_container(path) as (container, stream):
        reader = VideoReader(path, EndsInAnError(container, packets), stream)  # type: ignore[arg-type]
        assert len(list(reader)) == packets
        assert reader.truncated


def test_damage_in_the_middle_costs_frames_and_not_the_rest(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "damaged.mp4", frames=100, faststart=True)
    data = bytearray(path.read_bytes())
    for index in range(len(data) // 2, len(data) // 2 + 400):
        data[index] ^= 0x5A
    path.write_bytes(data)
    with open_video(path) as reader:
        assert len(list(reader)) > 80
        assert not reader.truncated


def test_frames_that_were_decoded_with_damage_are_counted(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "scratched.mp4", frames=100, faststart=True)
    data = bytearray(path.read_bytes())
    for index in range(len(data) // 3, len(data), 997):
        data[index] ^= 0x5A
    path.write_bytes(data)
    with open_video(path) as reader:
        assert len(list(reader)) > 80
        assert re.search(r"scratched\.mp4: .*\d+ frames were decoded with damage", str(reader.damage))


def test_a_file_may_be_removed_while_it_is_read(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    with open_video(path) as reader:
        path.unlink()
        assert len(list(reader)) == 12
        assert not reader.truncated


def test_a_reader_may_be_left_early_and_is_iterated_once(tmp_path: Path) -> None:
    with open_video(make_clip(tmp_path / "clip.mp4")) as reader:
        iterator = iter(reader)
        assert [next(iterator).index, next(iterator).index] == [0, 1]
        with pytest.raises(RuntimeError, match="iterated already"):
            next(iter(reader))


def test_a_name_with_a_colon_is_a_name_and_not_a_protocol(tmp_path: Path) -> None:
    with open_video(make_clip(tmp_path / "take.mp4").rename(tmp_path / "pipe:1.mp4")) as reader:
        assert len(list(reader)) == 12
