"""What finds the people of a segment, and what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from sidecar.estimators.protocol import Image
from sidecar.pose.person import Person


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One frame as a finder sees it.

    Attributes:
        index: of the frame in its video, from 0.
        time_ns: > 0, grows from frame to frame.
        image: RGB uint8 (H, W, 3).
    """

    index: int
    time_ns: int
    image: Image


class SegmentFinder(Protocol):
    """Finds the people of one segment after another. What it finds depends on the frames it is given and on nothing
    else: not on other segments, threads or the time of day.
    """

    warm_up_frames: int  # frames before a segment that it wants to see
    look_ahead_frames: int  # frames after a segment that it may look at, when somebody is lost at its end

    def find(self, frames: Iterable[Sighting], *, start: int, stop: int) -> Iterator[tuple[int, list[Person]]]:
        """The people of frames `start` to `stop - 1`, as they were observed: without ids, nothing filled in.

        Every frame that there is has one entry, in order; entries may come long after their frames, never before.

        Args:
            frames: in order, from `start - warm_up_frames`, or from a later one where the video begins later, up to
                `stop + look_ahead_frames`. Read only as far as needed.
            start: first frame to report.
            stop: first frame not to report, > `start`.
        """
