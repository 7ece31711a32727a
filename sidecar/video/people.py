"""Frames to people: each segment has its own finder, as if each had its own worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sidecar.finding.protocol import SegmentFinder, Sighting
from sidecar.media.video_reader import VideoFrameRGB
from sidecar.pose.person import Person
from sidecar.video.plan import segments
from sidecar.video.stage_clock import StageClock


@dataclass(frozen=True, slots=True)
class FramePeople:
    """The people of one frame. Ids are null until frames are assembled."""

    index: int
    time_s: float
    people: tuple[Person, ...]


def find_people(
    frames: Iterable[VideoFrameRGB],
    new_finder: Callable[[], SegmentFinder],
    *,
    frame_interval_s: float,
    clock: StageClock,
) -> Iterator[tuple[VideoFrameRGB, FramePeople]]:
    """Find the people of every frame, in one pass, with the frames in memory that a finder has not answered yet.

    Frames that end one segment and warm up the next go to both finders: nothing of one segment reaches the other,
    and any worker that is given a segment's frames finds the same people.

    Args:
        frames: in order, from the first.
        new_finder: makes a finder without memory.
        frame_interval_s: nominal; the first frame's time stamp, for MediaPipe's begins at one interval and not at 0.
        clock: gets the time of stage `infer`, in which waiting for frames counts.
    """
    strip, finder = _Strip(frames, frame_interval_s), new_finder()
    for segment, following in pairwise(segments(warm_up_frames=finder.warm_up_frames)):
        sightings = strip.sightings(segment.first_needed, segment.stop + finder.look_ahead_frames)
        found = finder.find(sightings, start=segment.start, stop=segment.stop)
        while True:
            with clock.measure("infer"):
                entry = next(found, None)
            if entry is None:
                break
            index, people = entry
            frame = strip.frame(index)
            strip.drop_before(min(index + 1, following.first_needed))
            yield frame, FramePeople(index, frame.time_s, tuple(people))
        if not strip.reaches(segment.stop):
            return
        finder = new_finder()


class _Strip:
    """The frames that some finder may still ask for, read as far as one asked."""

    def __init__(self, frames: Iterable[VideoFrameRGB], frame_interval_s: float) -> None:
        self._source = iter(frames)
        self._frame_interval_s = frame_interval_s
        self._origin_s: float | None = None
        self._frames: deque[VideoFrameRGB] = deque()

    def drop_before(self, index: int) -> None:
        """Forget frames that nobody needs any more."""
        while self._frames and self._frames[0].index < index:
            self._frames.popleft()

    def reaches(self, index: int) -> bool:
        """Whether the video has this frame."""
        while not self._frames or self._frames[-1].index < index:
            frame = next(self._source, None)
            if frame is None:
                return False
            if self._origin_s is None:
                self._origin_s = frame.time_s - self._frame_interval_s
            self._frames.append(frame)
        return True

    def frame(self, index: int) -> VideoFrameRGB:
        """A frame that was read and not dropped."""
        return self._frames[index - self._frames[0].index]

    def sightings(self, start: int, stop: int) -> Iterator[Sighting]:
        """The frames from `start` to `stop - 1`, as far as there are any."""
        for index in range(start, stop):
            if not self.reaches(index):
                return
            frame = self.frame(index)
            assert self._origin_s is not None
            yield Sighting(index, round((frame.time_s - self._origin_s) * 1e9), frame.image)
