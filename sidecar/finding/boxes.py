"""A person detector's boxes beside the poses of a frame: which shows whom, and which shows nobody new."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.estimators.proposing import Proposal
from sidecar.finding.belief import nearness
from sidecar.finding.following import lies
from sidecar.finding.overlap import box_overlap, covered, part_of, share_within
from sidecar.finding.trail import Look, Trail

CERTAIN_BOX = 0.3  # a box this certain makes a new person, a weaker one only helps to find a known one again
SUPPORT = 0.3  # overlap with some box that a pose needs where the detector looked
INSIDE = 0.8  # share of a box in another one from which on it lies inside
PART_OF_LYING = 0.5  # share of a box in the pose of somebody who lies
MADE_OF, MADE_OF_LYING = 0.8, 0.4  # share of a pose's keypoints, in the boxes of others
IN_VAIN_FRAMES, SAME_BOX = 8, 0.5  # for so long a box that overlaps so much is not looked into again


def distinct(boxes: Sequence[Proposal]) -> list[Proposal]:
    """The boxes without the weak ones inside of certain ones: a person's half is not another person."""
    kept: list[Proposal] = []
    for box in boxes:
        if box.score >= CERTAIN_BOX or not any(_inside(box, other) for other in kept if other.score >= CERTAIN_BOX):
            kept.append(box)
    return kept


def pair(boxes: Sequence[Proposal], looks: Sequence[Look]) -> dict[int, int]:
    """Which box shows which look, by numbers: each at most once, the best overlaps first."""
    overlaps = [(overlap_with(box, look), b, n) for b, box in enumerate(boxes) for n, look in enumerate(looks)]
    pairs: dict[int, int] = {}
    for overlap, b, n in sorted(overlaps, key=lambda item: -item[0]):
        if overlap >= SUPPORT and b not in pairs and n not in pairs.values():
            pairs[b] = n
    return pairs


def may_show(box: Proposal, trail: Trail, index: int) -> bool:
    """Whether somebody who was lost can be where a box is."""
    expected = trail.expected(index, 1)
    return expected is not None and nearness(expected, box.region, frames=index - trail.last) > 0


def shows_part_of(box: Proposal, look: Look) -> bool:
    """Whether a box shows a part of somebody who was found whole: of who is upside down, detectors see the legs."""
    if box.bbox_xyxy is None:
        return False
    shown = look.person.bbox_xyxy
    return part_of(box.bbox_xyxy, shown) or (lies(look.region) and covered(box.bbox_xyxy, shown) > PART_OF_LYING)


def made_of(look: Look, others: Sequence[Look]) -> bool:
    """Whether a pose that no box shows is one of the limbs of others: of who is hidden, the network reads those."""
    most = MADE_OF_LYING if lies(look.region) else MADE_OF
    return share_within(look.person, [other.person for other in others]) >= most


def overlap_with(box: Proposal, look: Look) -> float:
    return 0.0 if box.bbox_xyxy is None else box_overlap(box.bbox_xyxy, look.person.bbox_xyxy)


class InVain:
    """The boxes that were looked into lately and showed nobody new."""

    def __init__(self) -> None:
        self._boxes: list[tuple[int, Proposal]] = []

    def add(self, box: Proposal, index: int) -> None:
        """A box of a frame showed nobody."""
        self._boxes.append((index, box))

    def __contains__(self, box: Proposal) -> bool:
        """Whether a box is about where one of an earlier frame was."""
        return any(
            box_overlap(box.bbox_xyxy, other.bbox_xyxy) > SAME_BOX
            for _, other in self._boxes
            if box.bbox_xyxy is not None and other.bbox_xyxy is not None
        )

    def forget(self, index: int) -> None:
        """What is long ago in a frame says nothing of it any more."""
        self._boxes = [(i, box) for i, box in self._boxes if index - i < IN_VAIN_FRAMES]


def _inside(box: Proposal, other: Proposal) -> bool:
    if box.bbox_xyxy is None or other.bbox_xyxy is None:
        return False
    return covered(box.bbox_xyxy, other.bbox_xyxy) > INSIDE
