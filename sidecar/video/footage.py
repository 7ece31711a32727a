"""The frames of a source, any stretch of them: a video by its index, or read from its beginning where it has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sidecar.media.damage import Loss, Promise
from sidecar.media.frame_index import FrameIndex, index_frames
from sidecar.media.video_reader import VideoFrameRGB, VideoInfo, VideoReader, open_video


class Stretch:
    """Frames being read; `loss` is known when they have been."""

    def __init__(self, reader: VideoReader, frames: Iterator[VideoFrameRGB]) -> None:
        self._reader = reader
        self._frames = frames

    def __iter__(self) -> Iterator[VideoFrameRGB]:
        return self._frames

    @property
    def loss(self) -> Loss:
        """What was missing so far."""
        return self._reader.loss


@dataclass(frozen=True, slots=True)
class Footage:
    """A video whose stretches can be read apart.

    Attributes:
        index: None where stretches can only be read from the beginning.
        origin_s: the moment one frame interval before the first frame: MediaPipe's clock begins at one interval.
    """

    path: Path
    info: VideoInfo
    index: FrameIndex | None
    origin_s: float
    promise: Promise

    @property
    def frames(self) -> int | None:
        """How many there are, if none is damaged; None where only reading them tells."""
        return None if self.index is None else len(self.index.pts)

    @contextmanager
    def stretch(self, start: int, stop: int) -> Iterator[Stretch]:
        """Open the frames `start` to `stop - 1`; those that cannot be decoded are missing, with their numbers."""
        with open_video(self.path) as reader:
            if self.index is None:
                frames = (frame for frame in reader if frame.index >= start)
                yield Stretch(reader, _until(frames, stop))
            else:
                yield Stretch(reader, reader.between(self.index, start, min(stop, len(self.index.pts))))


def open_footage(path: Path) -> Footage:
    """Index a video.

    Raises:
        MediaError: it cannot be read.
    """
    index = index_frames(path)
    with open_video(path) as reader:
        info, promise = reader.info, reader.promise
        first_s = next(iter(reader)).time_s
    return Footage(path, info, index, first_s - float(1 / info.fps), promise)


def _until(frames: Iterator[VideoFrameRGB], stop: int) -> Iterator[VideoFrameRGB]:
    for frame in frames:
        if frame.index >= stop:
            return
        yield frame
