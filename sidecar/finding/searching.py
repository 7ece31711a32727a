"""Looking for somebody whose place is not known: with a detector, in windows of several places, sizes and turns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sidecar.finding.album import Picture
from sidecar.finding.belief import agrees, continuity
from sidecar.finding.following import PROPOSED_MIN, STEADY, around, lies
from sidecar.finding.gaze import Gaze
from sidecar.finding.trail import Look
from sidecar.pose.region import Region

SIGHTING_MIN, SIGHTING_LYING_MIN = 0.65, 0.75
LOOKS_WHILE_LOST = 4  # at each frame after the first
LOOKS = 2  # at a proposal: the second shows whether the first was steady
LOOKS_OF_A_SEARCH = 1 + LOOKS  # at least: who may not look at what a detector proposes asks it for nothing
TILES = (0.5, 0.25)  # sides of windows, in the picture's longer side: for people who fill a third of one, or an eighth
_QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Somebody who was searched for.

    Attributes:
        look: at them.
        certainty: of the detector, which saw them as they are; 0 where it saw them otherwise.
    """

    look: Look
    certainty: float


def needed(found: Look) -> float:
    """What a person found by searching must be worth: horizons and fences are bodies that lie."""
    return SIGHTING_LYING_MIN if lies(found.region) else SIGHTING_MIN


def search(gaze: Gaze, picture: Picture, *, near: Region | None, lost_frames: int, turn: int) -> Found | None:
    """The most believable person that the gaze can afford to find, None where there is none.

    Args:
        gaze: what looks, and says how often.
        picture: where.
        near: where somebody was lost, if so; a person there is believed more.
        lost_frames: for how long.
        turn: number of the search; windows that cannot all be afforded take turns.
    """
    best: Found | None = None
    for window in windows(picture.width, picture.height, near=near, turn=turn):
        if not gaze.may_look():
            break
        for proposal in gaze.propose(picture, window, min_score=PROPOSED_MIN):
            if not gaze.may_look():
                break
            look = gaze.settle(picture, proposal.region, looks=LOOKS)
            if look is None:
                continue
            worth = look.worth * (0.7 + 0.3 * min(1.0, proposal.score / 0.5))
            if near is not None:
                worth *= 0.7 + 0.3 * continuity(near, look.region, frames=1 + lost_frames)
            if best is None or worth > best.look.worth:
                certainty = proposal.score if agrees(proposal.region, look.region) else 0.0
                best = Found(replace(look, worth=worth), certainty)
        if best is not None and best.look.worth >= STEADY:
            break
    return best


def windows(width: float, height: float, *, near: Region | None, turn: int) -> Iterator[Region]:
    """Where to look, the most promising first.

    Around `near` first, as upright as the person was there; then everything; then parts and turned views, beginning
    with another one each turn.
    """
    if near is not None:
        yield around(near)
    yield Region(width / 2, height / 2, max(width, height))
    others = list(_others(width, height))
    first = turn % len(others)
    yield from others[first:] + others[:first]


def _others(width: float, height: float) -> Iterator[Region]:
    side = max(width, height)
    views = [Region(width / 2, height / 2, side, turn * _QUARTER) for turn in (1, 2, 3)]
    tiles = [
        Region(x, y, part * side)
        for part in TILES
        for y in _spread(height, part * side)
        for x in _spread(width, part * side)
    ]
    # Middle tiles first: whoever films looks at somebody.
    tiles.sort(key=lambda tile: math.hypot(tile.cx - width / 2, tile.cy - height / 2))
    for number in range(max(len(views), len(tiles))):
        yield from tiles[number : number + 1]
        yield from views[number : number + 1]


def _spread(length: float, side: float) -> list[float]:
    """Middles of overlapping windows of this side that cover a length."""
    if side >= length:
        return [length / 2]
    count = math.ceil((length - side) / (side * 0.6)) + 1
    return [side / 2 + (length - side) * number / (count - 1) for number in range(count)]
