"""People per frame to people with ids: the step that sees segments in order."""

from __future__ import annotations

from dataclasses import replace

from sidecar.tracking.association import Associator
from sidecar.video.people import FramePeople


class Assembler:
    """Links the people of consecutive frames, across the seams of segments."""

    def __init__(self) -> None:
        self._associator = Associator()
        self._time_s = float("-inf")

    def add(self, frame: FramePeople) -> FramePeople:
        """The next frame, its people with ids."""
        self._time_s = max(self._time_s, frame.time_s)  # some containers step back in time
        people = self._associator.assign(frame.people, time_s=self._time_s)
        return replace(frame, people=tuple(people))
