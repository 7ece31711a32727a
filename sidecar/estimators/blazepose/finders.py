"""Two ways to look at a whole image: for the one person BlazePose's own detector finds, or for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sidecar.estimators.blazepose.networks import find_region
from sidecar.estimators.blazepose.several import (
    box_region,
    boxes_to_read,
    lowest_box_score,
    settle,
    without_duplicates,
)
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


@dataclass(frozen=True, slots=True)
class OwnDetector:
    """At most one person: BlazePose's detector knows no crowds."""

    model: Model

    def __call__(self, image: Image, read: Read, *, min_score: float) -> list[Person]:
        """See `Finder`."""
        region = find_region(self.model, image, min_score=min_score)
        person = None if region is None else read(region)
        return [] if person is None or person.score < min_score else [person]


@dataclass(frozen=True, slots=True)
class PersonDetector:
    """Everybody in a detector's boxes, each looked at `recrops` times more."""

    detector: Detector
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
