"""A segment's frames again, when all have been seen once: back from every look, and into what stayed empty."""

from __future__ import annotations

from sidecar.finding.belief import agrees, continuity
from sidecar.finding.following import DOUBTFUL, follow
from sidecar.finding.leaps import without_leaps
from sidecar.finding.pursuit import Pursuit
from sidecar.finding.rivals import favour, near
from sidecar.finding.searching import needed
from sidecar.finding.trail import Direction, Look, Trail

LOST_FRAMES_MAX = 5
LOOKS_BACKWARD = 6
GAP_SEARCHES, LOOKS_IN_GAPS = 6, 10
SIGHTING_IN_GAP_MIN = 0.5  # near where the person was before or after
SAME_PERSON = 0.3  # continuity with where they were


def look_back(pursuit: Pursuit, *, savings: float) -> None:
    """From every look back into frames where nobody, somebody doubtful, or the same person otherwise was found."""
    pursuit.gaze.save(savings)
    pursuit.trails = without_leaps([trail for trail in pursuit.trails if trail.looks], pursuit.footage.shots)
    left_out = pursuit.left_out()
    contested = False
    for index in reversed(pursuit.footage.frames):
        if index not in pursuit.footage:
            break  # nor are those before it
        later = pursuit.later(index)
        if index in left_out or later is None:
            continue
        anchor = later.anchor(index, -1)
        if anchor is not None and not pursuit.footage.shots.together(index, anchor):
            anchor = None
        now, mine = pursuit.at(index), index in later.looks
        if mine or anchor is None or anchor - index > LOST_FRAMES_MAX:
            contested = False
        elif anchor == index + 1:
            contested = contested or now is not None
        if now is not None and now.worth >= DOUBTFUL and not contested:
            continue
        if anchor is None or anchor - index > LOST_FRAMES_MAX:
            continue
        pursuit.gaze.turn_to_frame(LOOKS_BACKWARD)
        look = follow(pursuit.gaze, pursuit.footage[index], later, index, -1)
        if look is None or (now is not None and not _replaces(look, now)):
            contested = False
            continue
        pursuit.put(later, index, look)


def search_gaps(pursuit: Pursuit) -> None:
    """Spend what is left on frames that nobody was found in."""
    left_out = pursuit.left_out()
    empty = [
        index
        for index in pursuit.footage.frames
        if index in pursuit.footage and index not in left_out and pursuit.at(index) is None
    ]
    for index in empty[:: max(1, len(empty) // GAP_SEARCHES)]:
        if pursuit.at(index) is not None:
            continue
        expected = pursuit.expected_near(index)
        pursuit.gaze.turn_to_frame(LOOKS_IN_GAPS)
        found = pursuit.search(index, near=expected, lost_frames=0)
        if found is None or found.look.worth < SIGHTING_IN_GAP_MIN:
            continue
        look = found.look
        if look.worth >= needed(look) or (expected is not None and continuity(expected, look.region) >= SAME_PERSON):
            pursuit.trails.append(Trail({index: look}))
            _fill(pursuit, pursuit.trails[-1], index, 1)
            _fill(pursuit, pursuit.trails[-1], index, -1)


def _fill(pursuit: Pursuit, trail: Trail, index: int, direction: Direction) -> None:
    """Follow a trail through empty frames."""
    index += direction
    first = index - direction
    while (
        index in pursuit.footage
        and pursuit.at(index) is None
        and pursuit.gaze.may_read()
        and pursuit.footage.shots.together(first, index)
    ):
        pursuit.gaze.turn_to_frame(LOOKS_BACKWARD)
        look = follow(pursuit.gaze, pursuit.footage[index], trail, index, direction)
        if look is None:
            return
        trail.looks[index] = look
        index += direction


def _replaces(look: Look, now: Look) -> bool:
    """Whether a look shows the same person better than the one that is there."""
    if now.worth >= DOUBTFUL and (agrees(look.region, now.region) or not near(look.region, now.region)):
        return False
    return look.worth * favour(look, now) > now.worth
