"""Reading videos: upright RGB frames with the container's own timestamps, one at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from sidecar.media.damage import Loss, Promise
from sidecar.media.frame_index import FrameIndex
from sidecar.media.image import Image
from sidecar.media.opening import CHECK_FILE, MediaError, open_container
from sidecar.media.orientation import UPRIGHT, Orientation

FALLBACK_FPS = Fraction(30)  # for the few containers that state no rate at all
SEEK_TRIES = 3  # keyframes, each before the one that was overshot
RECENT_FRAMES, RECENT_PIXELS = 20, 32_000_000  # kept as they were decoded, for a stretch that begins among them


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
        self._reported: tuple[int, int] | None = None  # time stamps of the part that was asked for, None: all
        self._shown_from: int | None = None  # time stamp; frames before it are decoded only where others need them
        self._on_the_way: Callable[[], None] = lambda: None
        self._cut_short = False
        self._end_s = 0.0
        self._converter = VideoReformatter()  # one for all frames: what it prepares costs as much as converting
        self._recent: deque[VideoFrame] | None = None  # up to where decoding can go on; None: it cannot
        self._is_sound = True  # as far as it was read, and in order
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
            self._damaged_frames += frame.is_corrupt
            yield VideoFrameRGB(index, time_s, self._upright_rgb(frame))
            index += 1
            frame = next(self._frames, None)

    def between(
        self, index: FrameIndex, start: int, stop: int, *, counted: range, check: Callable[[], None] = lambda: None
    ) -> Generator[VideoFrameRGB]:
        """Yield frames `start` to `stop - 1` of the index, without reading those before the nearest keyframe.

        Their pixels are those that `__iter__` gives. Frames that cannot be decoded are left out, and their numbers too.
        May be called again for what `can_go_on_to`.

        Args:
            counted: the frames whose loss counts.
            check: called for every packet on the way there, which may be long; may raise to stop.
        """
        first, end = index.pts[start], index.pts[stop - 1] + 1
        self._shown_from, self._on_the_way = first, check
        self._reported = (index.pts[counted.start], index.pts[counted.stop - 1] + 1)
        again = deque[VideoFrame]()  # decoded before
        if self._recent is not None and self.can_go_on_to(index, start):
            again.extend(self._recent)
            frames: Iterator[VideoFrame] = chain(_drained(again), self._frames)
        else:
            frames = self._begin_at(index, first)
        room = RECENT_PIXELS // (self.info.width * self.info.height)
        recent, self._recent = deque[VideoFrame](maxlen=max(1, min(RECENT_FRAMES, room))), None
        expected: int | None = None
        try:
            for frame in frames:
                if frame.pts is None or frame.pts < first:
                    check()
                    continue
                recent.append(frame)
                if frame.pts >= end:
                    return
                self._is_sound &= not frame.is_corrupt
                self._damaged_frames += frame.is_corrupt and self._is_reported(frame.pts)
                number = index.position(frame.pts)
                self._is_sound &= expected is None or number == expected
                expected = number + 1
                yield VideoFrameRGB(number, float(frame.pts * self.info.time_base), self._upright_rgb(frame))
            recent.clear()  # the end
        finally:
            recent.extend(again)
            self._recent = recent if recent and self._is_sound else None

    def release(self) -> None:
        """Let go of decoded frames: the reader and its generators hold each other."""
        self._recent, self._first, self._frames = None, None, iter(())

    @property
    def can_go_on(self) -> bool:
        """Whether `between` may be called once more."""
        return self._recent is not None

    def can_go_on_to(self, index: FrameIndex, start: int) -> bool:
        """Whether `between` would find a frame by going on, and sooner than from a keyframe."""
        if not self._recent:
            return False
        oldest, latest, pts = self._recent[0].pts, self._recent[-1].pts, index.pts[start]
        return oldest is not None and latest is not None and oldest <= pts and index.keyframes_up_to(pts)[0] <= latest

    @property
    def loss(self) -> Loss:
        """What could not be decoded so far."""
        return Loss(self._broken_packets, self._damaged_frames, self._cut_short)

    @property
    def promise(self) -> Promise:
        """What the container announces."""
        is_alone = len(self._container.streams) == 1
        return Promise(
            name=os.fsencode(self._path.name).decode("utf-8", "replace"),
            frames=self.info.frames_hint,
            duration_s=self.info.duration_s,
            start_s=(self._container.start_time or 0) / av.time_base if is_alone else None,
            lacks_bytes=self._lacks_bytes(),
        )

    @property
    def truncated(self) -> bool:
        """Whether frames that the container announces were not there. Known after the last frame."""
        return self.promise.is_broken(self.loss, end_s=self._end_s)

    @property
    def damage(self) -> str | None:
        """One sentence about what could not be decoded; None for an intact file. Known after the last frame."""
        return self.promise.damage(self.loss, end_s=self._end_s)

    def _decode(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._cut_short, self._is_sound = True, False
                yield from self._still_in_the_decoder()
                return
            if packet is None:
                return
            if self._shown_from is not None:
                is_unseen = packet.pts is not None and packet.pts < self._shown_from
                if is_unseen:
                    self._on_the_way()
                self._stream.codec_context.skip_frame = "NONREF" if is_unseen else "DEFAULT"
            try:
                yield from packet.decode()
            except av.FFmpegError:
                self._is_sound = False
                self._broken_packets += self._is_reported(packet.pts)

    def _still_in_the_decoder(self) -> Iterator[VideoFrame]:
        """Frames of packets that were read: the decoder puts them in order, and a broken end flushes none."""
        with suppress(av.FFmpegError):
            yield from self._stream.codec_context.decode(None)

    def _is_reported(self, pts: int | None) -> bool:
        if self._reported is None or pts is None:
            return True
        first, end = self._reported
        return first <= pts < end

    def _begin_at(self, index: FrameIndex, pts: int) -> Iterator[VideoFrame]:
        """Frames from this one or an earlier one on: some containers seek past the keyframe they are asked for."""
        if pts == index.pts[0] and self._first is not None:
            first, self._first = self._first, None
            return chain((first,), self._frames)
        self._first = None
        for keyframe in (*index.keyframes_up_to(pts)[:SEEK_TRIES], index.pts[0]):
            self._container.seek(keyframe, stream=self._stream, backward=True)
            self._frames = self._decode()
            found = next(self._frames, None)
            if found is not None and found.pts is not None and found.pts <= pts:
                return chain((found,), self._frames)
        self._is_sound = False  # this container cannot seek at all
        return self._from_the_beginning()

    def _from_the_beginning(self) -> Iterator[VideoFrame]:
        with open_video(self._path) as again:
            assert again._first is not None
            yield again._first
            yield from again._frames

    def _upright_rgb(self, frame: VideoFrame) -> Image:
        info = self.info
        width, height = (info.height, info.width) if self.orientation.transposed else (info.width, info.height)
        # A stream that changes its size midway is scaled to the size it started with.
        rgb = self._converter.reformat(
            frame,
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


def _drained(frames: deque[VideoFrame]) -> Iterator[VideoFrame]:
    while frames:
        yield frames.popleft()


@contextmanager
def open_video(path: Path | str) -> Iterator[VideoReader]:
    """Open a video file and decode its first frame.

    Raises:
        MediaError: not a readable file, not a video, no video stream, no frame, or frames over MAX_PIXELS.
    """
    path = Path(path)
    with open_container(path) as (container, stream):
        reader = VideoReader(path, container, stream)
        try:
            yield reader
        finally:
            reader.release()


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
    return MediaError("no_frames", f"{path} has a video stream, but no frame could be decoded, {said}", CHECK_FILE)
