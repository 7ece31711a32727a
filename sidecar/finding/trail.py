"""One person's looks through a segment, and where they would be in another frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal

from sidecar.pose.appearance import likeness
from sidecar.pose.person import Person
from sidecar.pose.region import Region

Direction = Literal[1, -1]  # forward or backward in time

REACH_FRAMES = 4  # speed is taken from looks at most so far apart
SPEED_MAX = 0.35  # in sizes of the region per frame; what seems faster is a mistake
SPEED_KEPT = 0.8  # of the speed, from one unseen frame to the next
SIZE_LOOKS = 9  # a person's usual size is the median of so many looks
LITTLE_CERTAINTY = 0.2  # whom no detector has seen, landmarks may have
COLOURS_FROM, COLOUR_LOOKS = 0.8, 9  # a person's colours are those of so many looks worth so much
FAR_FRAMES = 256  # what was seen so long before or after tells nothing
SIZE_ROOM = 1.25  # how much smaller or larger than usual the next look is expected at most


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What was found in a frame.

    Attributes:
        person: with a region.
        worth: how far to believe in it, as itself and as the continuation of its trail, in [0, 1].
    """

    person: Person
    worth: float

    @property
    def region(self) -> Region:
        """Where this person is."""
        assert self.person.region is not None
        return self.person.region


@dataclass(slots=True, eq=False)
class Trail:
    """Looks by frame index.

    Attributes:
        looks: what was found.
        supported: the last frame in which a person detector saw the same.
        certainties: of a person detector, each time that it was asked.
        boxed: the frames in which one saw them.
    """

    looks: dict[int, Look] = field(default_factory=dict)
    supported: int = 0
    certainties: list[float] = field(default_factory=list)
    boxed: set[int] = field(default_factory=set)

    def support(self, index: int, certainty: float) -> None:
        """A person detector saw the same."""
        self.supported = index
        self.boxed.add(index)
        self.certainties.append(certainty)

    @property
    def certainty(self) -> float:
        """Of a person detector, on average."""
        return sum(self.certainties) / max(1, len(self.certainties))

    @property
    def evidence(self) -> float:
        """For how long and how well somebody was seen, by both detectors and landmarks."""
        return max(self.certainty, LITTLE_CERTAINTY) * sum(look.worth for look in self.looks.values())

    @property
    def first(self) -> int:
        """Index of the earliest look."""
        return min(self.looks)

    @property
    def last(self) -> int:
        """Index of the latest look."""
        return max(self.looks)

    def anchor(self, index: int, direction: Direction) -> int | None:
        """The frame nearest to `index` that was looked at, coming from the past (1) or from the future (-1)."""
        known = [i for i in self._around(index) if (index - i) * direction > 0]
        return min(known, key=lambda i: abs(index - i), default=None)

    def expected(self, index: int, direction: Direction) -> Region | None:
        """Where the person would be in a frame, by the looks before it (1) or after it (-1).

        They go on as they moved, slowing down, and are about as large as usual: a region that shrinks from frame to
        frame is how a pose slides from a whole person to a part of them.
        """
        anchor = self.anchor(index, direction)
        if anchor is None:
            return None
        here = self.looks[anchor].region
        usual = self._usual_size(anchor, direction)
        here = replace(here, size=min(max(here.size, usual / SIZE_ROOM), usual * SIZE_ROOM))
        back = self.anchor(anchor, direction)
        if back is None or abs(anchor - back) > REACH_FRAMES:
            return here
        there = self.looks[back].region
        span = abs(anchor - back)
        dx, dy = (here.cx - there.cx) / span, (here.cy - there.cy) / span
        pace = math.hypot(dx, dy)
        if pace == 0:
            return here
        frames = abs(index - anchor)
        travelled = (1 - SPEED_KEPT**frames) / (1 - SPEED_KEPT) * SPEED_KEPT
        factor = min(pace, SPEED_MAX * here.size) / pace * travelled
        return replace(here, cx=here.cx + dx * factor, cy=here.cy + dy * factor)

    def likeness(self, look: Look, index: int) -> float:
        """How much a look in a frame has the colours of the person, as far as they are known, in [0, 1]."""
        if look.person.colours is None:
            return 1.0
        known = sorted(
            (i for i in self._around(index) if i != index and self.looks[i].worth >= COLOURS_FROM),
            key=lambda i: abs(index - i),
        )
        looks = [self.looks[i].person.colours for i in known[:COLOUR_LOOKS]]
        return likeness(look.person.colours, [colours for colours in looks if colours is not None])

    def _usual_size(self, anchor: int, direction: Direction) -> float:
        known = sorted(
            (i for i in self._around(anchor) if (anchor - i) * direction >= 0), key=lambda i: abs(anchor - i)
        )
        return float(median(self.looks[i].region.size for i in known[:SIZE_LOOKS]))

    def _around(self, index: int) -> list[int]:
        """Frames with a look that may tell something of a frame: a video that cannot be cut is one long segment."""
        if len(self.looks) <= 2 * FAR_FRAMES:
            return list(self.looks)
        return [i for i in range(index - FAR_FRAMES, index + FAR_FRAMES + 1) if i in self.looks]
