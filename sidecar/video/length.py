"""How long a source may be: known from the places of its frames, before any is looked at."""

from __future__ import annotations

from sidecar.media.damage import TAIL_TOLERANCE_S
from sidecar.media.opening import MediaError
from sidecar.video.footage import Footage


class VideoTooLong(MediaError):
    """A source is longer than its caller wants to wait for."""

    code = "VIDEO_TOO_LONG"


def require_length(footage: Footage, max_duration_s: float) -> None:
    """Check a length; one that nobody knows passes.

    Raises:
        VideoTooLong: it is over the limit by more than headers and frames of an intact file may differ.
    """
    duration_s = footage.duration_s
    if duration_s is not None and duration_s > max_duration_s + TAIL_TOLERANCE_S:
        raise VideoTooLong(
            "too_long",
            f"the video lasts {duration_s:.0f} s, the limit is {max_duration_s:g} s",
            "Cut it, or raise the limit.",
        )
