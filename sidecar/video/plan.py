"""Cutting a video into segments that can be worked on apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

# Fixed, and part of a result's identity: results must not depend on how many workers there were. A worker has a
# segment's pictures in memory, to look at them again.
SEGMENT_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames `start` to `stop - 1`. Its worker may look at `warm_up` frames before them, and reports none of those."""

    start: int
    stop: int
    warm_up: int

    @property
    def first_needed(self) -> int:
        """Index of the first frame its worker must see."""
        return self.start - self.warm_up


def segments(*, warm_up_frames: int) -> Iterator[Segment]:
    """The segments of a video of any length, without end.

    The first starts cold, as MediaPipe does: a video of one segment is what its video mode gives. The others warm up
    on the end of the one before, so that filters and regions are the same as without a cut, or nearly.
    """
    for number in count():
        start = number * SEGMENT_FRAMES
        yield Segment(start, start + SEGMENT_FRAMES, min(start, warm_up_frames))
