"""A segment through a finder that answers each frame at once and remembers the ones before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sidecar.finding.protocol import Sighting
from sidecar.finding.video_mode import PeopleFinder
from sidecar.pose.person import Person


class FrameByFrame:
    """See `SegmentFinder`: a new finder for every segment, warmed up on the frames before it."""

    look_ahead_frames = 0

    def __init__(self, new_finder: Callable[[], PeopleFinder], warm_up_frames: int) -> None:
        self._new_finder = new_finder
        self.warm_up_frames = warm_up_frames

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """See `SegmentFinder.find`."""
        finder = self._new_finder()
        for frame in frames:
            if frame.index >= stop:
                return
            people = finder.find(frame.image, time_ns=frame.time_ns)
            if frame.index >= start:
                yield frame.index, people
