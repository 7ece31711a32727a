"""Looks at the edges of a gap: whoever disappears behind somebody is seen stretched over both before they are lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from sidecar.finding.overlap import covered
from sidecar.finding.trail import Look, Trail

GAP_FRAMES = 4  # from look to look, from which an absence has edges
REACH_FRAMES = 6  # how far from a gap a look may be doubted
KNOWN_FRAMES = 25  # looks further from the gap, up to here, tell how tall the person is
KNOWN_MIN = 5  # of them
STRETCHED = 0.1  # taller or smaller than usual by this share
CROWDED = 0.2  # share of a person's box that another's covers


def drop_stretched_edges(trails: Sequence[Trail], frames: Sequence[int]) -> None:
    """Drop looks that show people stretched, before and after they are out of sight, while others cover them.

    Args:
        trails: of everybody; they are changed.
        frames: of the segment, in order.
    """
    doubtful = [(trail, index) for trail in trails for index in _doubtful(trail, trails, frames)]
    for trail, index in doubtful:
        trail.looks.pop(index, None)


def _doubtful(trail: Trail, trails: Sequence[Trail], frames: Sequence[int]) -> Iterable[int]:
    seen = sorted(trail.looks)
    for last, first in zip([frames[0] - 1, *seen], [*seen, frames[-1] + 1], strict=True):
        if first - last >= GAP_FRAMES:
            yield from _edge(trail, trails, range(last, last - REACH_FRAMES, -1))
            yield from _edge(trail, trails, range(first, first + REACH_FRAMES))


def _edge(trail: Trail, trails: Sequence[Trail], reach: range) -> Iterable[int]:
    """The frames of an edge that are doubtful, from the gap on until one is not."""
    beyond = range(reach.stop, reach.start + KNOWN_FRAMES * reach.step, reach.step)
    known = [_height(trail.looks[index]) for index in beyond if index in trail.looks]
    if len(known) < KNOWN_MIN:
        return
    usual = median(known)
    for index in reach:
        look = trail.looks.get(index)
        if look is None or abs(_height(look) / usual - 1) <= STRETCHED or not _is_crowded(trail, trails, index):
            return
        yield index


def _is_crowded(trail: Trail, trails: Sequence[Trail], index: int) -> bool:
    """Whether another's box covers a part of the person's in a frame."""
    own = trail.looks[index].person.bbox_xyxy
    others = (other.looks[index].person.bbox_xyxy for other in trails if other is not trail and index in other.looks)
    return any(covered(own, box) > CROWDED for box in others)


def _height(look: Look) -> float:
    """Of the box, px: people are about as tall from moment to moment, but not as wide."""
    _, top, _, bottom = look.person.bbox_xyxy
    return bottom - top
