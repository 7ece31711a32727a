"""Where every frame of a video is, found without decoding: what lets segments be read apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from sidecar.media.opening import open_container


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """The frames that a container's packets announce, in order of presentation.

    Attributes:
        pts: of each frame, in the stream's time base; strictly increasing.
        keyframes: those of them at which decoding can begin.
        is_cut_short: the packets ended with an error instead of the end.
    """

    pts: tuple[int, ...]
    keyframes: tuple[int, ...]
    is_cut_short: bool

    def position(self, pts: int) -> int:
        """Number of the frame with this time stamp, or of the next one, from 0."""
        return bisect_left(self.pts, pts)

    def keyframes_up_to(self, pts: int) -> tuple[int, ...]:
        """Keyframes at which a reader of this frame can begin, the nearest first."""
        return self.keyframes[: bisect_right(self.keyframes, pts)][::-1]


def index_frames(path: Path, *, check: Callable[[], None] = lambda: None) -> FrameIndex | None:
    """Read all packets of the video stream and decode none.

    None where frames cannot be told apart by time stamps: some are missing or come twice (raw streams, some AVI), or
    no keyframe is marked; and where an edit list puts several pieces together, for what is decoded at a splice depends
    on where decoding began. Such a video can only be read from its beginning.

    Args:
        check: called for every packet; may raise to stop.

    Raises:
        MediaError: not a readable video.
    """
    pts: list[int] = []
    keyframes: list[int] = []
    is_cut_short = cuts_within = False
    with open_container(path) as (container, stream):
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                is_cut_short = True
                break
            if packet is None:
                break
            check()
            if packet.size == 0:  # the flush at the end
                continue
            if packet.pts is None:
                return None
            if packet.is_discard:  # an edit list cuts it off, as phones trim; decoding may have to begin there
                cuts_within |= packet.is_keyframe and bool(pts)
            elif cuts_within:
                return None
            else:
                pts.append(packet.pts)
            if packet.is_keyframe:
                keyframes.append(packet.pts)
    pts.sort()
    keyframes.sort()
    if not pts or not keyframes or keyframes[0] > pts[0] or len(set(pts)) != len(pts):
        return None
    return FrameIndex(tuple(pts), tuple(keyframes), is_cut_short)
