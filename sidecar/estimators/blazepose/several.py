"""From a person detector's boxes to people: look into a box, then again where its landmarks point.

A box gives a rough region; the landmarks read there give a better one, and so on. On the labelled photos three more
looks raise the mean OKS from 0.70 to 0.78.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sidecar.pose.oks import BLAZEPOSE_TO_COCO, oks
from sidecar.pose.person import Person
from sidecar.pose.region import Region

_MARGIN = 1.25
# Two boxes that end on one person agree at 0.63 or more; neighbours that overlap reach 0.46 (clips of people in a row).
_SAME_PERSON = 0.6

Read = Callable[[Region], Person | None]


def box_region(x1: float, y1: float, x2: float, y2: float) -> Region | None:
    """The upright square around a box, with a margin; None for a box without area."""
    width, height = x2 - x1, y2 - y1
    if not (width > 0 and height > 0):
        return None
    return Region((x1 + x2) / 2, (y1 + y2) / 2, max(width, height) * _MARGIN)


def settle(read: Read, region: Region, *, recrops: int) -> Person | None:
    """Read a region, then `recrops` times the region that the last landmarks gave."""
    person = read(region)
    for _ in range(recrops):
        if person is None or person.region is None:
            break
        person = read(person.region)
    return person


def without_duplicates(people: Sequence[Person]) -> list[Person]:
    """Drop everyone who is the same person as an earlier one."""
    kept: list[Person] = []
    for person in people:
        if all(_likeness(person, other) < _SAME_PERSON for other in kept):
            kept.append(person)
    return kept


def _likeness(one: Person, other: Person) -> float:
    area = (_area(one) + _area(other)) / 2
    if area <= 0:
        return 0.0
    rows = list(BLAZEPOSE_TO_COCO)
    return oks(one.keypoints[rows], other.keypoints[rows], area=area)


def _area(person: Person) -> float:
    x1, y1, x2, y2 = person.bbox_xyxy
    return (x2 - x1) * (y2 - y1)
