"""Reading videos: upright RGB frames with the container's own timestamps, one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation
from av.video.stream import VideoStream

from sidecar.media.image import Image
from sidecar.media.orientation import UPRIGHT, Orientation

MAX_PIXELS = 64_000_000  # per frame; beyond this a header is broken or hostile (8K is 33 million)
DECODER_THREADS = 2  # decoding is bit-exact at any count; more only costs memory (a 4K frame each)
FALLBACK_FPS = Fraction(30)  # for the few containers that state no rate at all
TAIL_TOLERANCE_S = 1.0  # an announced length may differ this much from the last frame's end in an intact file

_PLAYLISTS = {"hls", "dash", "concat", "concatf", "image2", "sdp", "imf"}  # formats that open further files


class MediaError(Exception):
    """A file cannot be read as a video.

    Attributes:
        code: stable code of protocol/errors.json.
        reason: missing | not_a_file | unreadable | empty | not_media | playlist | no_video | no_frames | too_large |
            changed.
        hint: the next step.
    """

    code = "DECODE_FAILED"

    def __init__(self, reason: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What the container says, and the first frame confirms.

    Attributes:
        width, height: px of the upright frames.
        rotation: degrees clockwise that were applied to make frames upright: 0, 90, 180 or 270.
        mirrored: whether the metadata asked for a mirror image too, and got it.
        fps: nominal frame rate.
        time_base: the unit of the container's timestamps, s.
        pixel_aspect: width over height of one pixel of the upright frames, for players; coordinates ignore it.
        frames_hint: frames the container announces; None where it does not.
        duration_s: length the container announces; None where it does not.
        colour_tags: (matrix, primaries, transfer) as the stream is tagged, numbers of ITU-T H.273.
    """

    width: int
    height: int
    rotation: int
    mirrored: bool
    fps: Fraction
    time_base: Fraction
    pixel_aspect: Fraction
    frames_hint: int | None
    duration_s: float | None
    container: str
    codec: str
    pixel_format: str
    colour_tags: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class VideoFrameRGB:
    """One decoded frame: its index from 0, its time in the container's clock, its upright pixels."""

    index: int
    time_s: float
    image: Image


class VideoReader:
    """Iterates once over the frames of an open video; made by `open_video`.

    A damaged packet costs its own frames only. After the last frame `truncated` and `damage` say what was missing.

    Colours: frames are converted with the BT.601 matrix whatever the stream is tagged with, because OpenCV does so
    and published pose results come from its pixels; the result is equal to OpenCV 4's, bit for bit. A writer that
    converts back with the same matrix and copies `colour_tags` reproduces the source's colours.
    """

    def __init__(self, path: Path, container: InputContainer, stream: VideoStream) -> None:
        self._path = path
        self._container = container
        self._stream = stream
        self._size_bytes = path.stat().st_size
        self._broken_packets = 0
        self._damaged_frames = 0
        self._cut_short = False
        self._end_s = 0.0
        self._frames = self._decode()
        self._first = next(self._frames, None)
        if self._first is None:
            raise _no_frames(path, stream.frames)
        self.orientation = Orientation.of(self._first) if self._first else UPRIGHT
        self.info = _info(container, stream, self._first, self.orientation)

    def __iter__(self) -> Iterator[VideoFrameRGB]:
        """Yield the frames in order of presentation; memory holds one at a time. Ends early at damage, not with it."""
        if self._first is None:
            raise RuntimeError(f"{self._path} was iterated already; open it again")
        frame: VideoFrame | None = self._first
        self._first = None
        index = 0
        while frame is not None:
            # Streams without timestamps (raw H.264, some AVI) run at the nominal rate.
            time_s = float(index / self.info.fps) if frame.pts is None else float(frame.pts * self.info.time_base)
            self._end_s = max(self._end_s, time_s + float(1 / self.info.fps))
            yield VideoFrameRGB(index, time_s, self._upright_rgb(frame))
            index += 1
            frame = next(self._frames, None)

    @property
    def truncated(self) -> bool:
        """Whether frames that the container announces were not there. Known after the last frame."""
        return self._cut_short or self._lacks_bytes() or self._ends_early()

    @property
    def damage(self) -> str | None:
        """One sentence about what could not be decoded; None for an intact file. Known after the last frame."""
        found = []
        if self._broken_packets:
            found.append(f"{self._broken_packets} packets could not be decoded, and their frames are missing")
        if self._damaged_frames:
            found.append(f"{self._damaged_frames} frames were decoded with damage, and their people may be wrong")
        broken = "; ".join(found)
        if not self.truncated:
            return f"{self._path.name}: {broken}" if broken else None
        announced = [f"{self._stream.frames} frames"] if self._stream.frames else []
        announced += [f"{self.info.duration_s:.3f} s"] if self.info.duration_s else []
        ending = f"ends at {self._end_s:.3f} s" + (f" of {', '.join(announced)} announced" if announced else "")
        return f"{self._path.name} is truncated: it {ending}" + (f"; {broken}" if broken else "")

    def _decode(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._cut_short = True
                return
            if packet is None:
                return
            try:
                for frame in packet.decode():
                    self._damaged_frames += frame.is_corrupt
                    yield frame
            except av.FFmpegError:
                self._broken_packets += 1

    def _upright_rgb(self, frame: VideoFrame) -> Image:
        info = self.info
        width, height = (info.height, info.width) if self.orientation.transposed else (info.width, info.height)
        # A stream that changes its size midway is scaled to the size it started with.
        rgb = frame.reformat(
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=None if frame.format.is_rgb else Colorspace.ITU601,
            interpolation=Interpolation.BICUBIC,
            threads=1,
        )
        return self.orientation.apply(np.asarray(rgb.to_ndarray(), np.uint8))

    def _lacks_bytes(self) -> bool:
        """Does the index (MP4, MOV, AVI) point behind the end of the file?"""
        entries = self._stream.index_entries
        return len(entries) > 0 and max(entry.pos + entry.size for entry in entries) > self._size_bytes

    def _ends_early(self) -> bool:
        """Does a container that has the video alone announce more seconds than it gave (Matroska, WebM)?"""
        if self.info.duration_s is None or len(self._container.streams) != 1:
            return False
        start_s = (self._container.start_time or 0) / av.time_base
        return self._end_s - start_s < self.info.duration_s - TAIL_TOLERANCE_S


@contextmanager
def open_video(path: Path | str) -> Iterator[VideoReader]:
    """Open a video file and decode its first frame.

    Raises:
        MediaError: not a readable file, not a video, no video stream, no frame, or frames over MAX_PIXELS.
    """
    path = Path(path)
    check_file(path)
    try:
        # "file:" keeps names with a colon from being taken for a protocol; nothing else may be opened from inside.
        container = av.open(f"file:{path}", mode="r", options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError("not_media", f"{path} is not a video that can be read: {_said(error)}", _CHECK_FILE) from error
    with container:
        yield VideoReader(path, container, _video_stream(path, container))


_CHECK_FILE = "play the file elsewhere to check it, or pass another"


def check_file(path: Path) -> None:
    """Raise MediaError unless the path is a regular file with something in it."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise MediaError("not_a_file", f"{path} is a directory, not a video", "pass one video or image file")
        if not stat.S_ISREG(mode):
            raise MediaError("not_a_file", f"{path} is not a regular file", "save the stream to a file first")
        with path.open("rb") as file:
            head = file.read(1)
    except (FileNotFoundError, NotADirectoryError) as error:
        where = "" if path.is_absolute() else f"; it was looked for in {os.path.realpath(path.parent)}"
        raise MediaError("missing", f"{path} does not exist", f"check the path{where}") from error
    except OSError as error:
        hint = "check the path, and the permissions of the file and the folders above it"
        raise MediaError("unreadable", f"{path} cannot be read: {error.strerror}", hint) from error
    if not head:
        raise MediaError("empty", f"{path} is empty (0 bytes)", "check whether the download or recording finished")


def _video_stream(path: Path, container: InputContainer) -> VideoStream:
    if container.format.name in _PLAYLISTS:
        raise MediaError(
            "playlist", f"{path} is a list of other files ({container.format.name}), not a video", "pass the video file"
        )
    # Cover art of an audio file is a video stream to the demuxer.
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        raise MediaError("no_video", f"{path} holds {kinds} and no video", "pass a file with a video stream")
    stream = streams[0]
    if stream.codec_context is None:
        raise MediaError("not_media", f"{path}: no decoder for its video stream", "convert it to H.264")
    if stream.width * stream.height > MAX_PIXELS:
        raise MediaError(
            "too_large",
            f"{path} announces {stream.width}x{stream.height} frames, over the limit of {MAX_PIXELS} pixels",
            "scale the video down first",
        )
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = DECODER_THREADS
    return stream


def _info(container: InputContainer, stream: VideoStream, first: VideoFrame, orientation: Orientation) -> VideoInfo:
    width, height = first.width, first.height
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if orientation.transposed:
        width, height, aspect = height, width, 1 / aspect
    duration = stream.duration * stream.time_base if stream.duration and stream.time_base else None
    if duration is None and container.duration is not None:
        duration = Fraction(container.duration, av.time_base)
    return VideoInfo(
        width=width,
        height=height,
        rotation=orientation.rotation,
        mirrored=orientation.mirrored,
        fps=stream.guessed_rate or stream.average_rate or FALLBACK_FPS,
        time_base=first.time_base or stream.time_base or Fraction(1, 90_000),
        pixel_aspect=aspect,
        frames_hint=stream.frames or None,
        duration_s=None if duration is None else float(duration),
        container=container.format.name,
        codec=stream.codec_context.name,
        pixel_format=first.format.name,
        colour_tags=(int(first.colorspace), int(first.color_primaries), int(first.color_trc)),
    )


def _no_frames(path: Path, announced: int) -> MediaError:
    said = f"although it announces {announced}" if announced else "and announces none"
    return MediaError("no_frames", f"{path} has a video stream, but no frame could be decoded, {said}", _CHECK_FILE)


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
