"""Frames to people: each segment has its own finder, as if each had its own worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sidecar.media.video_reader import VideoFrameRGB
from sidecar.pose.person import Person
from sidecar.tracking.finders import PeopleFinder
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
    new_finder: Callable[[], PeopleFinder],
    *,
    frame_interval_s: float,
    clock: StageClock,
) -> Iterator[tuple[VideoFrameRGB, FramePeople]]:
    """Find the people of every frame, in one pass and with one frame in memory.

    Frames that end one segment and warm up the next go to both finders: nothing of one segment reaches the other,
    and any worker that is given a segment's frames finds the same people.

    Args:
        frames: in order, from the first.
        new_finder: makes a finder without memory.
        frame_interval_s: nominal; the first frame's time stamp, for MediaPipe's begins at one interval and not at 0.
        clock: gets the time of stage `infer`.
    """
    finder, following = new_finder(), None
    plan = segments(warm_up_frames=finder.warm_up_frames)
    next(plan)
    upcoming = next(plan)
    origin_s: float | None = None
    for frame in frames:
        if frame.index == upcoming.first_needed:
            following = new_finder()
        if frame.index == upcoming.start:
            assert following is not None
            finder, following, upcoming = following, None, next(plan)
        if origin_s is None:
            origin_s = frame.time_s - frame_interval_s
        time_ns = round((frame.time_s - origin_s) * 1e9)
        with clock.measure("infer"):
            people = finder.find(frame.image, time_ns=time_ns)
            if following is not None:
                following.find(frame.image, time_ns=time_ns)
        yield frame, FramePeople(frame.index, frame.time_s, tuple(people))
