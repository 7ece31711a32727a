"""What is written is what browsers play, at the times and with the colours that were given."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sidecar.media.video_reader import open_video
from sidecar.media.video_writer import VideoWriter
from tests.media.clips import make_clip, picture


def test_h264_in_yuv420p_with_the_index_in_front(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, width=64, height=48, fps=25) as writer:
        for index in range(10):
            writer.write(picture(index))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.frames) == ("h264", "yuv420p", 10)
        assert stream.average_rate == 25
        assert container.duration == 10 / 25 * av.time_base
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_copy_has_the_times_rate_size_and_colours_of_its_source(tmp_path: Path) -> None:
    ticks = [40, 100, 250, 300, 1000, 1100]
    source, copy = make_clip(tmp_path / "source.mp4", frames=6, ticks=ticks), tmp_path / "copy.mp4"
    with open_video(source) as reader:
        info, frames = reader.info, list(reader)
        with VideoWriter(copy, width=info.width, height=info.height, fps=info.fps, time_base=info.time_base,
                         colour_tags=info.colour_tags, crf=1) as writer:  # fmt: skip
            for frame in frames:
                writer.write(frame.image, frame.time_s)
    with open_video(copy) as reader:
        copied = list(reader)
        assert (reader.info.width, reader.info.height) == (64, 48)
        assert reader.info.colour_tags == info.colour_tags
    assert [frame.time_s for frame in copied] == [frame.time_s for frame in frames]
    for one, other in zip(frames, copied, strict=True):
        assert np.abs(one.image[:24, :20].astype(int) - other.image[:24, :20]).mean() < 3


@pytest.mark.parametrize(("width", "height"), [(63, 47), (64, 47), (63, 48), (1, 1)])
def test_odd_sides_grow_by_a_repeated_line(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "odd.mp4"
    with VideoWriter(path, width=width, height=height, fps=25, crf=1) as writer:
        writer.write(np.full((height, width, 3), 200, np.uint8))
    with open_video(path) as reader:
        image = next(iter(reader)).image
    assert image.shape == (height + height % 2, width + width % 2, 3)
    assert image.min() > 190


@pytest.mark.parametrize(("width", "height"), [(64, 48), (66, 50), (62, 46), (48, 54), (61, 45)])
def test_every_size_keeps_colours_in_their_places(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "halves.mp4"
    image = np.full((height, width, 3), (200, 60, 40), np.uint8)
    image[height // 4 * 2 :] = (40, 90, 210)
    image[:, : width // 4 * 2] //= 2
    with VideoWriter(path, width=width, height=height, fps=25, crf=1) as writer:
        writer.write(image)
    with open_video(path) as reader:
        copied = next(iter(reader)).image[:height, :width]
    assert np.abs(copied.astype(int) - image).max() < 24
    assert np.abs(copied.astype(int) - image).mean() < 3


def test_times_that_stand_still_or_fall_move_to_the_next_tick(tmp_path: Path) -> None:
    path = tmp_path / "still.mp4"
    tick = Fraction(1, 1000)
    with VideoWriter(path, width=64, height=48, fps=25, time_base=tick) as writer:
        for index, time_s in enumerate([0.0, 0.04, 0.04, 0.02, 0.1]):
            writer.write(picture(index), time_s)
    with open_video(path) as reader:
        assert [round(frame.time_s * 1000) for frame in reader] == [0, 40, 41, 42, 100]


def test_a_video_that_nobody_wants_any_more_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "dropped.mp4"

    def write() -> None:
        with VideoWriter(path, width=64, height=48, fps=25) as writer:
            for index in range(30):
                writer.write(picture(index))
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        write()
    assert not path.exists()


def test_misuse_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one pixel a side, got 0x48"):
        VideoWriter(tmp_path / "none.mp4", width=0, height=48, fps=25)
    writer = VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=25)
    with pytest.raises(ValueError, match=r"shape \(48, 64, 3\), got \(48, 62, 3\)"):
        writer.write(picture(width=62))
    writer.write(picture())
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed already"):
        writer.write(picture())
