"""The trails that the main person of a segment has left so far: at most one look in each frame."""

from __future__ import annotations

from sidecar.finding.footage import Footage
from sidecar.finding.gaze import Gaze
from sidecar.finding.searching import Found, search
from sidecar.finding.trail import Direction, Look, Trail
from sidecar.pose.region import Region

NEAR_FRAMES_MAX = 10  # how long before or after a look somebody is expected near it


class Pursuit:
    """What is looked with, what has been seen, and where."""

    def __init__(self, gaze: Gaze) -> None:
        self.gaze = gaze
        self.footage = Footage()
        self.trails: list[Trail] = []
        self.skipped: set[int] = set()  # frames that nobody looked at
        self._searches = 0

    def left_out(self) -> set[int]:
        """Frames that need no look: they were skipped, and lie between two looks at one person."""
        return {
            index
            for index in self.skipped
            if any(index - 1 in trail.looks and index + 1 in trail.looks for trail in self.trails)
        }

    def at(self, index: int) -> Look | None:
        """Who was found in a frame."""
        return next((trail.looks[index] for trail in self.trails if index in trail.looks), None)

    def put(self, trail: Trail, index: int, look: Look) -> None:
        """Let a look be the one of a frame."""
        for other in self.trails:
            other.looks.pop(index, None)
        trail.looks[index] = look

    def search(self, index: int, *, near: Region | None, lost_frames: int) -> Found | None:
        """Look for the person all over a frame, beginning with other places each time."""
        self._searches += 1
        return search(self.gaze, self.footage[index], near=near, lost_frames=lost_frames, turn=self._searches - 1)

    def later(self, index: int) -> Trail | None:
        """The trail that has the next look after a frame."""
        later = [(anchor, trail) for trail in self.trails if (anchor := trail.anchor(index, -1)) is not None]
        return min(later, key=lambda pair: pair[0], default=(0, None))[1]

    def expected_near(self, index: int) -> Region | None:
        """Where the person should be in a frame between others, by the nearest look."""
        ways: tuple[Direction, ...] = (1, -1)
        anchors = [
            (abs(index - anchor), number, way)
            for number, trail in enumerate(self.trails)
            for way in ways
            if (anchor := trail.anchor(index, way)) is not None and self.footage.shots.together(index, anchor)
        ]
        if not anchors or min(anchors)[0] > NEAR_FRAMES_MAX:
            return None
        _, number, way = min(anchors)
        return self.trails[number].expected(index, way)
