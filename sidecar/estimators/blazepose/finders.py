"""Two ways to look at a whole image: for the one person BlazePose's own detector finds, or for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sidecar.estimators.blazepose.crop import BLACK, crop, whole
from sidecar.estimators.blazepose.geometry import from_window
from sidecar.estimators.blazepose.networks import find_region, propose_regions
from sidecar.estimators.blazepose.several import (
    PEOPLE_MAX,
    box_region,
    boxes_to_read,
    lowest_box_score,
    settle,
    without_duplicates,
)
from sidecar.estimators.proposing import Proposal
from sidecar.pose.person import Person
from sidecar.pose.region import Region

if TYPE_CHECKING:
    from sidecar.detectors.protocol import Detector
    from sidecar.estimators.protocol import Image
    from sidecar.runtimes.openvino import Model

WINDOW_PX = 320  # a part of an image is handed to a person detector at this size, the detector's own

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

    def propose(self, image: Image, window: Region | None, *, min_score: float) -> list[Proposal]:
        """See `Proposer.propose`. The detector sees a window at its input size, turned upright."""
        seen = image if window is None else crop(image, window, side_px=WINDOW_PX, border=BLACK)
        (boxes,) = self.detector.detect([seen], min_score=min_score)
        proposals = []
        for x1, y1, x2, y2, score in boxes[:PEOPLE_MAX].tolist():
            region = box_region(x1, y1, x2, y2)
            if region is not None and window is None:
                proposals.append(Proposal(region, score, (x1, y1, x2, y2)))
            elif region is not None and window is not None:
                proposals.append(Proposal(_in_image(region, window), score))
        return proposals


def _in_image(region: Region, window: Region) -> Region:
    """A region in px of a window's crop, in px of the image."""
    middle = np.array([region.cx, region.cy], np.float32) / WINDOW_PX
    cx, cy = from_window(middle, window)
    return Region(cx, cy, region.size * window.size / WINDOW_PX, region.rotation + window.rotation)
