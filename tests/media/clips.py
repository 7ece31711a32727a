"""Tiny videos, made on the spot."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def picture(index: int = 0, *, width: int = 64, height: int = 48) -> Image:
    """Red top left quarter, a column that moves with the index, noise below: every orientation looks different."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = (255, 0, 0)
    image[:, index % width] = 255
    noise = np.random.default_rng(index).integers(0, 255, (height // 4, width, 3))
    image[-(height // 4) :] = noise
    return image


def make_clip(
    path: Path,
    *,
    frames: int = 12,
    width: int = 64,
    height: int = 48,
    fps: int = 25,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    ticks: Sequence[int] | None = None,
    rotation: float = 0,
    mirrored: bool = False,
    audio: bool = False,
    faststart: bool = False,
    keyframe_every: int = 5,
) -> Path:
    """Write a video of `picture(0)`, `picture(1)`, ...

    Args:
        ticks: presentation times in hundredths of a frame; default: evenly.
        rotation, mirrored: into the display matrix, as PyAV understands them (degrees counter-clockwise).
        faststart: the index before the pictures, so that a file cut off later can be opened.
    """
    tick = Fraction(1, fps * 100)
    with av.open(str(path), "w", options={"movflags": "+faststart"} if faststart else {}) as container:
        stream = _add_video(container, codec, fps, {"g": str(keyframe_every)})
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.time_base = tick
        if rotation or mirrored:
            stream.set_display_rotation(rotation, hflip=mirrored)
        sound = container.add_stream("aac", rate=44_100) if audio else None
        container.start_encoding()
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(index, width=width, height=height))
            frame.pts, frame.time_base = ticks[index] if ticks else index * 100, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _mux_silence(container, sound)
    return path


def trimmed(path: Path, target: Path, *, seconds: float) -> Path:
    """The clip without its beginning as phones trim it: all packets are there, an edit list says what is shown."""
    with (
        av.open(str(path)) as source,
        av.open(str(target), "w", options={"avoid_negative_ts": "disabled", "use_editlist": "1"}) as copy,
    ):
        video = source.streams.video[0]
        assert video.time_base is not None
        stream, cut = copy.add_stream_from_template(video), round(seconds / video.time_base)
        for packet in source.demux(video):
            if packet.dts is not None and packet.pts is not None:
                packet.pts, packet.dts, packet.stream = packet.pts - cut, packet.dts - cut, stream
                copy.mux(packet)
    return target


def spliced(path: Path, target: Path, *, pieces: Sequence[tuple[float, float]]) -> Path:
    """The clip's pieces (start and length, s) one after the other, by an edit list. The clip is an MP4."""
    data = bytearray(path.read_bytes())
    movie = data.rindex(b"moov") - 4
    track = data.index(b"trak", movie) - 4
    old = data.index(b"edts", track) - 4
    old_size = int.from_bytes(data[old : old + 4])
    first = int.from_bytes(data[old + 28 : old + 32])  # its only entry says where the media begins
    movie_rate, rate = (_time_scale(data, name, movie) for name in (b"mvhd", b"mdhd"))
    entries = b"".join(
        struct.pack(">IiI", round(length * movie_rate), round(start * rate) + first, 1 << 16)
        for start, length in pieces
    )
    edits = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(pieces)) + entries
    data[old : old + old_size] = struct.pack(">I4s", 8 + len(edits), b"edts") + edits
    for box in (movie, track):
        size = int.from_bytes(data[box : box + 4]) + 8 + len(edits) - old_size
        data[box : box + 4] = size.to_bytes(4)
    target.write_bytes(data)
    return target


def _time_scale(data: bytearray, box: bytes, start: int) -> int:
    at = data.index(box, start) + 16  # version 0
    return int.from_bytes(data[at : at + 4])


def make_sound(path: Path) -> Path:
    """Write a file of half a second of silence and no video."""
    with av.open(str(path), "w") as container:
        _mux_silence(container, container.add_stream("aac", rate=44_100))
    return path


def make_sound_with_cover(path: Path) -> Path:
    """Write silence with a picture attached: a video stream to demuxers, not a video to people."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=44_100)
        cover = _add_video(container, "mjpeg", 1, {})
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        container.start_encoding()
        frame = av.VideoFrame.from_ndarray(picture()).reformat(format="yuvj420p")
        container.mux(cover.encode(frame))
        container.mux(cover.encode(None))
        _mux_silence(container, sound)
    return path


def make_zero_frames(path: Path) -> Path:
    """Write an MP4 with a header of a video stream and nothing in it."""
    with av.open(str(path), "w", options={"movflags": "+empty_moov+frag_keyframe"}) as container:
        stream = _add_video(container, "libx264", 25, {})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return path


def cut_off(path: Path, share: float = 0.6) -> Path:
    """Drop the end of a file in place."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def _add_video(container: OutputContainer, codec: str, fps: int, options: dict[str, str]) -> VideoStream:
    stream = container.add_stream(codec, rate=fps, options=options)
    assert isinstance(stream, VideoStream)
    return stream


def _mux_silence(container: OutputContainer, stream: AudioStream) -> None:
    for index in range(20):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate, frame.pts = 44_100, index * 1024
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
