"""The people of one frame, on their way from a segment's worker to the result."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.pose.person import Person


@dataclass(frozen=True, slots=True)
class FramePeople:
    """The people of one frame. Ids are null until frames are assembled."""

    index: int
    time_s: float
    people: tuple[Person, ...]
