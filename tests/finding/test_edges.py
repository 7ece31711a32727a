"""Who disappears behind somebody is not believed where they are stretched, and nobody else is doubted."""

from __future__ import annotations

import pytest

from sidecar.finding.edges import REACH_FRAMES, drop_stretched_edges
from sidecar.finding.trail import Look, Trail
from tests.finding.makers import standing

FRAMES = range(120)
GAP = range(50, 70)  # in which nobody sees the one behind


def trail(*, stretched: dict[int, float] | None = None, gap: range = GAP, frames: range = FRAMES) -> Trail:
    """Somebody who stands still, stretched by a factor in some frames."""
    sizes = {index: 80.0 * (stretched or {}).get(index, 1.0) for index in frames if index not in gap}
    return Trail({index: Look(standing(100, 90, size=size), 1.0) for index, size in sizes.items()})


def in_front(frames: range = FRAMES) -> Trail:
    """Somebody who covers them all the time."""
    return Trail({index: Look(standing(104, 90, size=90), 1.0) for index in frames})


def dropped(behind: Trail, *others: Trail) -> list[int]:
    before = set(behind.looks)
    drop_stretched_edges([behind, *others], FRAMES)
    return sorted(before - set(behind.looks))


def test_stretched_looks_at_both_edges_of_a_gap_go() -> None:
    behind, front = trail(stretched={48: 1.2, 49: 1.3, 70: 0.8, 71: 1.15}), in_front()
    assert dropped(behind, front) == [48, 49, 70, 71]
    assert len(front.looks) == len(FRAMES)


def test_whoever_nobody_covers_is_believed() -> None:
    assert dropped(trail(stretched={48: 1.2, 49: 1.3})) == []
    assert dropped(trail(stretched={48: 1.2, 49: 1.3}), in_front(range(40))) == []


def test_a_little_is_no_stretch_and_ends_the_doubt() -> None:
    assert dropped(trail(stretched={49: 1.05}), in_front()) == []
    assert dropped(trail(stretched={46: 1.4, 48: 1.4, 49: 1.4}), in_front()) == [48, 49]


def test_only_edges_are_doubted() -> None:
    assert dropped(trail(stretched={30: 1.5, 100: 1.5}), in_front()) == []
    assert dropped(trail(stretched={50: 1.5, 53: 1.5}, gap=range(51, 53)), in_front()) == [], "a gap of two frames"
    far = dict.fromkeys(range(30, 50), 1.5)
    assert dropped(trail(stretched=far), in_front()) == [], "that is how tall they are"


def test_at_most_so_many_go() -> None:
    stretched = dict.fromkeys(range(50 - REACH_FRAMES - 3, 50), 1.5)
    assert dropped(trail(stretched=stretched), in_front()) == list(range(50 - REACH_FRAMES, 50))


def test_who_comes_into_sight_late_or_leaves_early_has_edges_there() -> None:
    late = trail(gap=range(0), frames=range(10, 120), stretched={10: 1.3})
    early = trail(gap=range(0), frames=range(110), stretched={109: 1.3})
    assert dropped(late, in_front()) == [10]
    assert dropped(early, in_front()) == [109]
    assert dropped(trail(gap=range(0), stretched={0: 1.3, 119: 1.3}), in_front()) == [], "the ends of the segment"


@pytest.mark.parametrize("frames", [range(1), range(5)])
def test_of_a_few_looks_nobody_can_tell(frames: range) -> None:
    assert dropped(trail(gap=range(0), frames=frames, stretched={0: 2.0}), in_front()) == []


def test_nobody_and_no_frames() -> None:
    drop_stretched_edges([], FRAMES)
    drop_stretched_edges([], [])
    empty = Trail()
    assert dropped(empty, in_front()) == []
