"""Whom all that was seen in a segment shows: one human once, and nobody for whom little speaks."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.finding.footage import Footage
from sidecar.finding.leaps import without_leaps
from sidecar.finding.overlap import covered
from sidecar.finding.trail import Trail

SHADOW_LOOKS = 4  # in which two trails were seen together
SHADOW_INSIDE, SHADOW_FRAMES = 0.7, 0.7  # share of a pose's box in another's, and of the frames in which it is
# A second person needs boxes of so much on average; trees have 0.25, the third and smallest of a group 0.39.
EVIDENT = 0.33
PHANTOM_LOOKS = 2  # whoever is seen no more often, and not at an end of the segment, was not there


def evident(trails: Sequence[Trail], footage: Footage, *, min_score: float) -> list[Trail]:
    """The trails that show people, one for each.

    Args:
        trails: all that were followed.
        footage: the segment.
        min_score: a person must score this much in some frame.
    """
    people = united([trail for trail in trails if _is_seen(trail, footage, min_score)])
    return [trail for trail in people if _is_evident(trail, people, footage)]


def united(trails: Sequence[Trail]) -> list[Trail]:
    """The trails, those of one person put together: in each frame the more believable reading."""
    kept: list[Trail] = []
    for trail in sorted(trails, key=lambda trail: (-trail.evidence, trail.first)):
        same = next((other for other in kept if shadows(trail, other)), None)
        if same is None:
            kept.append(trail)
            continue
        for index, look in trail.looks.items():
            if index not in same.looks or look.worth > same.looks[index].worth:
                same.looks[index] = look
        same.certainties += trail.certainties
        same.boxed |= trail.boxed
    return kept


def shadows(trail: Trail, other: Trail) -> bool:
    """Whether two trails lie in each other for most of the frames that they share: two readings of one person.

    Not where a person detector saw both in one frame: one of them passes behind the other.
    """
    if not trail.boxed.isdisjoint(other.boxed):
        return False
    shared = [
        (look.person.bbox_xyxy, other.looks[index].person.bbox_xyxy)
        for index, look in trail.looks.items()
        if index in other.looks
    ]
    within = [max(covered(one, two), covered(two, one)) > SHADOW_INSIDE for one, two in shared]
    return len(shared) >= SHADOW_LOOKS and sum(within) > SHADOW_FRAMES * len(shared)


def _is_seen(trail: Trail, footage: Footage, min_score: float) -> bool:
    if max(look.person.score for look in trail.looks.values()) < min_score:
        return False
    ends = trail.first == footage.frames[0] or trail.last == footage.last
    return ends or len(trail.looks) > PHANTOM_LOOKS


def _is_evident(trail: Trail, trails: Sequence[Trail], footage: Footage) -> bool:
    """Whether this is somebody besides the others: a second person needs boxes that are more than a suspicion."""
    if trail.certainty >= EVIDENT:
        return True
    better = [other for other in trails if (other.evidence, -other.first) > (trail.evidence, -trail.first)]
    if any(not other.looks.keys().isdisjoint(trail.looks) for other in better):
        return False
    return trail in without_leaps([*better, trail], footage.shots)
