"""Sources over a limit are refused by the places of their frames, whatever their headers say."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import pytest
from av.video.stream import VideoStream

from sidecar.video.footage import open_footage
from sidecar.video.length import VideoTooLong, require_length
from sidecar.video.source import identify
from tests.media.clips import make_clip, picture

FRAMES = 30  # one a second


class Pipe:
    """Takes bytes and cannot go back: containers that are written to it cannot say how long they are."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)


def make_streamed(path: Path, *, container: str, codec: str, seconds_each: int = 1) -> Path:
    """A recording as a browser or a pipe makes it: no duration, no index."""
    with path.open("wb") as file, av.open(Pipe(file), "w", format=container) as output:
        stream = output.add_stream(codec, rate=1)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(picture(number))
            frame.pts, frame.time_base = number * seconds_each, Fraction(1, 1)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("container", "codec"), [("matroska", "libx264"), ("webm", "libvpx"), ("webm", "libvpx-vp9"), ("mpegts", "libx264")]
)
def test_a_video_that_does_not_say_how_long_it_is(tmp_path: Path, container: str, codec: str) -> None:
    path = make_streamed(tmp_path / "streamed", container=container, codec=codec)
    footage = open_footage(identify(path))
    if container != "mpegts":  # there the length is guessed from the last packets
        assert footage.info.duration_s is None
    assert footage.duration_s == pytest.approx(FRAMES, abs=0.01)
    require_length(footage, FRAMES)
    with pytest.raises(VideoTooLong, match=r"^the video lasts 30 s, the limit is 20 s$") as refused:
        require_length(footage, 20)
    assert (refused.value.code, refused.value.hint) == ("VIDEO_TOO_LONG", "Cut it, or raise the limit.")


def test_few_frames_far_apart_are_long(tmp_path: Path) -> None:
    path = make_streamed(tmp_path / "slow.mkv", container="matroska", codec="libx264", seconds_each=3600)
    with pytest.raises(VideoTooLong, match="lasts 104"):
        require_length(open_footage(identify(path)), 4 * 3600)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv"])
def test_a_video_of_just_the_limit_passes(tmp_path: Path, name: str) -> None:
    footage = open_footage(identify(make_clip(tmp_path / name, frames=250, fps=25)))
    assert footage.duration_s == pytest.approx(10)
    require_length(footage, 10)
    with pytest.raises(VideoTooLong):
        require_length(footage, 8)


def test_a_late_start_is_no_length(tmp_path: Path) -> None:
    ticks = [100_000 + 100 * number for number in range(50)]
    footage = open_footage(identify(make_clip(tmp_path / "late.mkv", frames=50, fps=25, ticks=ticks)))
    assert footage.duration_s == pytest.approx(2)


def test_a_folder_of_pictures_is_as_long_as_its_rate_makes_it(tmp_path: Path) -> None:
    import cv2

    for number in range(6):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture(number))
    footage = open_footage(identify(tmp_path, fps=0.5))
    assert footage.duration_s == 12
    with pytest.raises(VideoTooLong):
        require_length(footage, 10)


def test_a_raw_stream_passes_where_nobody_knows(tmp_path: Path) -> None:
    path = make_streamed(tmp_path / "raw.h264", container="h264", codec="libx264")
    footage = open_footage(identify(path))
    assert (footage.frames, footage.duration_s) == (None, None)
    require_length(footage, 1)
