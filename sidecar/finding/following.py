"""Looking for a known person in the next frame, or in the one before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from sidecar.finding.album import Picture
from sidecar.finding.belief import continuity
from sidecar.finding.gaze import Gaze
from sidecar.finding.trail import Direction, Look, Trail
from sidecar.pose.region import Region

STEADY = 0.8  # a look worth this much needs no second one
DOUBTFUL = 0.6  # a look worth less gives way to a better one
FAINT = 0.25  # a look worth less shows nobody
UNLIKE_COST = 0.7  # of what has other colours than the person
ENLARGED = 1.4
PROPOSED_MIN = 0.2  # what the detector is less certain of is not looked at
NEAR_SIDES = 2.0  # a window around somebody, in sizes of their region
LYING = math.radians(60)
TURNS = (math.radians(50), -math.radians(50))  # people turn over within frames


def follow(gaze: Gaze, picture: Picture, trail: Trail, index: int, direction: Direction) -> Look | None:
    """The person of a trail in a frame, from the looks before (1) or after it (-1); None where they cannot be seen.

    One look where that is enough. Where it is not, others as far as the gaze allows: where the first one led to,
    where the person was last, around there; where the first was doubtful, where a detector sees somebody, and turned.
    """
    expected = trail.expected(index, direction)
    anchor = trail.anchor(index, direction)
    if expected is None or anchor is None:
        return None
    best = judged(gaze.read(picture, expected), trail, index, direction)
    if best is None or best.worth < STEADY:
        for look in _others(gaze, picture, best, trail.looks[anchor].region, expected):
            look = judged(look, trail, index, direction)
            if look is not None and (best is None or look.worth > best.worth):
                best = look
                if best.worth >= STEADY:
                    break
    return best if best is not None and best.worth >= FAINT else None


def judged(look: Look | None, trail: Trail, index: int, direction: Direction) -> Look | None:
    """A look, worth less the less it continues a trail."""
    return None if look is None else replace(look, worth=look.worth * fitness(look, trail, index, direction))


def fitness(look: Look, trail: Trail, index: int, direction: Direction) -> float:
    """How well a look in a frame goes on where the looks before (1) or after it (-1) lead to.

    From one frame to the next the place tells; after a frame without the person the colours do too.
    """
    expected, anchor = trail.expected(index, direction), trail.anchor(index, direction)
    if expected is None or anchor is None:
        return 1.0
    frames = abs(index - anchor)
    fit = continuity(expected, look.region, frames=frames)
    return fit if frames == 1 else fit * alike(look, trail, index)


def alike(look: Look, trail: Trail, index: int) -> float:
    """1 for a look in the colours of a trail, less for another."""
    return 1 - UNLIKE_COST * (1 - trail.likeness(look, index))


def _others(gaze: Gaze, picture: Picture, first: Look | None, last: Region, expected: Region) -> Iterator[Look | None]:
    if first is not None and first.worth >= FAINT and gaze.may_look():
        yield gaze.read(picture, first.region)
    if math.hypot(last.cx - expected.cx, last.cy - expected.cy) > 0.05 * expected.size and gaze.may_look():
        yield gaze.read(picture, last)
    if gaze.may_look():
        yield gaze.read(picture, replace(expected, size=expected.size * ENLARGED))
    if first is not None and first.worth >= DOUBTFUL:
        return  # what is left seldom shows anybody better
    window = around(expected)
    for seen in [window, replace(window, rotation=0.0)] if lies(expected) else [window]:
        if gaze.may_look():
            for proposal in gaze.propose(picture, seen, min_score=PROPOSED_MIN):
                if gaze.may_look():
                    yield gaze.settle(picture, proposal.region, looks=2)
    for turn in TURNS:
        if gaze.may_look():
            yield gaze.read(picture, replace(expected, rotation=expected.rotation + turn))


def lies(region: Region) -> bool:
    """Whether the person in a region lies or stands on their head: some do, but many a mistake does too."""
    return abs(math.remainder(region.rotation, math.tau)) > LYING


def around(region: Region) -> Region:
    """The window in which a detector looks for whoever should be in a region."""
    return replace(region, size=region.size * NEAR_SIDES)
