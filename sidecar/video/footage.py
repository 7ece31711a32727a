"""The frames of a source, any stretch of them: a video by its index or from its beginning, or a folder of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sidecar.media.damage import Loss, Promise
from sidecar.media.frame_index import FrameIndex, index_frames
from sidecar.media.image_folder import PictureFrames, folder_info, folder_promise, list_pictures
from sidecar.media.kept_reader import KeptReader
from sidecar.media.video_reader import VideoFrameRGB, VideoInfo, VideoReader, open_video
from sidecar.video.source import Source


class Stretch(Protocol):
    """Frames being read, in order; those that cannot be decoded are missing, with their numbers."""

    def __iter__(self) -> Iterator[VideoFrameRGB]: ...

    @property
    def loss(self) -> Loss:
        """What was missing so far."""


class Footage(Protocol):
    """A source whose stretches can be read apart."""

    @property
    def info(self) -> VideoInfo:
        """Size, rate and so on."""

    @property
    def promise(self) -> Promise:
        """What it announces."""

    @property
    def origin_s(self) -> float:
        """The moment one frame interval before the first frame: MediaPipe's clock begins at one interval."""

    @property
    def frames(self) -> int | None:
        """How many there are, if none is damaged; None where only reading them tells."""

    @property
    def duration_s(self) -> float | None:
        """From the first frame to the end of the last; None where only reading them tells."""

    def stretch(
        self, start: int, stop: int, *, counted: range | None = None, check: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[Stretch]:
        """Open the frames `start` to `stop - 1`.

        Args:
            counted: those whose loss counts (default: all).
            check: called for all that must be decoded on the way to the first; may raise to stop.
        """

    def close(self) -> None:
        """Let go of what is kept open for a moment, for the next stretch."""


def open_footage(source: Source, *, check: Callable[[], None] = lambda: None) -> Footage:
    """Look at a source: how many frames, of what size.

    Args:
        check: called often while a long video, or a large folder, is read through; may raise to stop.

    Raises:
        MediaError: it cannot be read.
    """
    if source.fps is None:
        return _open_video(source.path, check)
    pictures = list_pictures(source.path, check=check)
    info = folder_info(pictures, source.fps)
    return FolderFootage(pictures, info, folder_promise(source.path, pictures))


@dataclass(frozen=True, slots=True)
class VideoFootage:
    """See `Footage`. Without an index, stretches are read from the beginning."""

    path: Path
    info: VideoInfo
    index: FrameIndex | None
    origin_s: float
    promise: Promise
    _reader: KeptReader = field(default_factory=KeptReader, repr=False, compare=False)

    @property
    def frames(self) -> int | None:
        """See `Footage.frames`."""
        return None if self.index is None else len(self.index.pts)

    @property
    def duration_s(self) -> float | None:
        """See `Footage.duration_s`. Without an index, what the container announces."""
        if self.index is None:
            return self.info.duration_s
        ticks = self.index.pts[-1] - self.index.pts[0]
        return float(ticks * self.info.time_base + 1 / self.info.fps)

    @contextmanager
    def stretch(
        self, start: int, stop: int, *, counted: range | None = None, check: Callable[[], None] = lambda: None
    ) -> Iterator[Stretch]:
        """See `Footage.stretch`. Without an index, everything lost on the way counts."""
        if self.index is None:
            with open_video(self.path) as reader:
                yield _VideoStretch(reader, _between(reader, start, stop))
            return
        stop = min(stop, len(self.index.pts))
        counted = range(start, stop) if counted is None else range(counted.start, min(counted.stop, stop))
        with (
            self._reader.reader(self.path, self.index, start) as reader,
            closing(reader.between(self.index, start, stop, counted=counted, check=check)) as frames,
        ):
            yield _VideoStretch(reader, frames)

    def close(self) -> None:
        """See `Footage.close`."""
        self._reader.close()


@dataclass(frozen=True, slots=True)
class FolderFootage:
    """See `Footage`."""

    pictures: tuple[Path, ...]
    info: VideoInfo
    promise: Promise

    @property
    def origin_s(self) -> float:
        """See `Footage.origin_s`."""
        return -float(1 / self.info.fps)

    @property
    def frames(self) -> int:
        """See `Footage.frames`."""
        return len(self.pictures)

    @property
    def duration_s(self) -> float:
        """See `Footage.duration_s`."""
        return len(self.pictures) / float(self.info.fps)

    @contextmanager
    def stretch(
        self, start: int, stop: int, *, counted: range | None = None, check: Callable[[], None] = lambda: None
    ) -> Iterator[Stretch]:
        """See `Footage.stretch`."""
        yield PictureFrames(self.pictures, self.info, start, stop, counted=counted or range(start, stop))

    def close(self) -> None:
        """See `Footage.close`: nothing is kept."""


class _VideoStretch:
    def __init__(self, reader: VideoReader, frames: Iterator[VideoFrameRGB]) -> None:
        self._reader = reader
        self._frames = frames

    def __iter__(self) -> Iterator[VideoFrameRGB]:
        return self._frames

    @property
    def loss(self) -> Loss:
        return self._reader.loss


def _open_video(path: Path, check: Callable[[], None]) -> VideoFootage:
    index = index_frames(path, check=check)
    with open_video(path) as reader:
        info, promise = reader.info, reader.promise
        first_s = next(iter(reader)).time_s
    return VideoFootage(path, info, index, first_s - float(1 / info.fps), promise)


def _between(frames: VideoReader, start: int, stop: int) -> Iterator[VideoFrameRGB]:
    for frame in frames:
        if frame.index >= stop:
            return
        if frame.index >= start:
            yield frame
