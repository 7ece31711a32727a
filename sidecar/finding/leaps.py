"""Which trails show the person, and which a tree or a shadow that was followed while they were out of sight."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.finding.belief import nearness
from sidecar.finding.following import alike
from sidecar.finding.shots import Shots
from sidecar.finding.trail import Direction, Trail

PASSING_LOOKS = 16  # whoever is seen elsewhere for no longer is not the person who was there before or comes after
NEIGHBOUR_FRAMES = 12
LEAP = 0.2  # nearness in the same colours, under which nobody goes from one trail to the next


def without_leaps(trails: Sequence[Trail], shots: Shots) -> list[Trail]:
    """The trails without short ones that a person would have had to leap to, out of a longer one or into it."""
    kept: list[Trail] = []
    for trail in sorted(trails, key=lambda trail: -len(trail.looks)):
        if len(trail.looks) > PASSING_LOOKS or not _leaps(trail, kept, shots):
            kept.append(trail)
    return [trail for trail in trails if trail in kept]


def _leaps(trail: Trail, longer: Sequence[Trail], shots: Shots) -> bool:
    """Whether no longer trail just before or after leads to this one, although there are such."""
    meetings = [meeting for other in longer for meeting in _meetings(trail, other, shots)]
    return bool(meetings) and max(meetings) < LEAP


def _meetings(trail: Trail, other: Trail, shots: Shots) -> list[float]:
    """How well the other trail goes on in this one: out of its looks before, and back out of those after."""
    found = []
    ends: tuple[tuple[int, Direction], ...] = ((trail.first, 1), (trail.last, -1))
    for end, direction in ends:
        anchor, expected = other.anchor(end, direction), other.expected(end, direction)
        if anchor is None or expected is None or abs(end - anchor) > NEIGHBOUR_FRAMES:
            continue
        if shots.together(anchor, end):
            look = trail.looks[end]
            found.append(nearness(expected, look.region, frames=abs(end - anchor)) * alike(look, other, end))
    return found
