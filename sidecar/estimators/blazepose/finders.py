"""Two ways to look at a whole image: for the one person BlazePose's own detector finds, or for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sidecar.estimators.blazepose.crop import whole
from sidecar.estimators.blazepose.networks import find_region, propose_regions
from sidecar.estimators.blazepose.several import box_region, settle, without_duplicates
from sidecar.estimators.boxes import PEOPLE_MAX, boxes_to_read, lowest_box_score
from sidecar.estimators.proposing import Proposal
from sidecar.pose.person import Person
from sidecar.pose.region import Region

if TYPE_CHECKING:
    from sidecar.detectors.protocol import Detector
    from sidecar.estimators.protocol import Image
    from sidecar.runtimes.openvino import Model

Read = Callable[[Region], Person | None]


class Finder(Protocol):
    """Finds the people of an image by reading regions of it."""

    def __call__(self, image: Image, read: Read, *, min_score: float) -> list[Person]:
        """People scoring at least `min_score`, best first."""

    def propose(self, image: Image, window: Region | None, *, min_score: float) -> list[Proposal]:
        """See `Proposer.propose`."""


@dataclass(frozen=True, slots=True)
class OwnDetector:
    """At most one person: BlazePose's detector knows no crowds."""

    model: Model

    def __call__(self, image: Image, read: Read, *, min_score: float) -> list[Person]:
        """See `Finder`."""
        region = find_region(self.model, image, min_score=min_score)
        person = None if region is None else read(region)
        return [] if person is None or person.score < min_score else [person]

    def propose(self, image: Image, window: Region | None, *, min_score: float) -> list[Proposal]:
        """See `Proposer.propose`."""
        return propose_regions(self.model, image, window or whole(image), min_score=min_score)


@dataclass(frozen=True, slots=True)
class PersonDetector:
    """Everybody in a detector's boxes, each looked at `recrops` times more.

    The two detectors complement each other: the person detector finds everybody who is upright and sees the other
    half of them as somebody small; BlazePose's own one places a single person in a window, turned any way.
    """

    detector: Detector
    own: OwnDetector
    recrops: int

    def __call__(self, image: Image, read: Read, *, min_score: float) -> list[Person]:
        """See `Finder`."""
        (boxes,) = self.detector.detect([image], min_score=lowest_box_score(min_score))
        people = []
        for x1, y1, x2, y2, _ in boxes_to_read(boxes).tolist():
            region = box_region(x1, y1, x2, y2)
            person = None if region is None else settle(read, region, recrops=self.recrops)
            if person is not None and person.score >= min_score:
                people.append(person)
        return sorted(without_duplicates(people), key=lambda person: -person.score)

    def propose(self, image: Image, window: Region | None, *, min_score: float) -> list[Proposal]:
        """See `Proposer.propose`: the boxes of a whole image, and in a window what BlazePose's own detector sees."""
        if window is not None:
            return self.own.propose(image, window, min_score=min_score)
        (boxes,) = self.detector.detect([image], min_score=min_score)
        proposals = []
        for x1, y1, x2, y2, score in boxes[:PEOPLE_MAX].tolist():
            region = box_region(x1, y1, x2, y2)
            if region is not None:
                proposals.append(Proposal(region, score, (x1, y1, x2, y2)))
        return proposals
