"""Cutting a video into segments that can be worked on apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

# Fixed, and part of a result's identity: results must not depend on how many workers there were.
SEGMENT_FRAMES = 64  # most frames of a segment
SEGMENT_FRAMES_MIN = 16  # a shorter video is not cut: a segment begins with a search
SEGMENTS_MULTIPLE = 4  # so that two or four workers finish together
ENDLESS = 2**62  # where nobody knows how many frames there are, one segment holds them all


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames `start` to `stop - 1`. Its worker may look at `warm_up` frames before them, and reports none of those."""

    number: int
    start: int
    stop: int
    warm_up: int

    @property
    def first_needed(self) -> int:
        """Index of the first frame its worker must see."""
        return self.start - self.warm_up


def segments(frames: int | None, *, warm_up_frames: int) -> tuple[Segment, ...]:
    """The segments of a video: all of nearly one length, whatever the number of workers.

    Args:
        frames: how many frames the video has; None: nobody knows.
        warm_up_frames: frames that a worker wants to see before its own. The first segment starts without.
    """
    if frames is None:
        return (Segment(0, 0, ENDLESS, 0),)
    wanted = math.ceil(frames / SEGMENT_FRAMES / SEGMENTS_MULTIPLE) * SEGMENTS_MULTIPLE
    count = max(1, min(wanted, frames // SEGMENT_FRAMES_MIN))
    cuts = [round(frames * number / count) for number in range(count + 1)]
    return tuple(
        Segment(number, start, stop, min(start, warm_up_frames)) for number, (start, stop) in enumerate(pairwise(cuts))
    )
