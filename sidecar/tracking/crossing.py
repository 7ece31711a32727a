"""Who came out of a crossing as whom, judged from before and after.

Where people pass each other one is hidden, and the pose of one is found on the other. Whoever follows them frame by
frame cannot know; whoever waits until they are apart can.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.pose.appearance import difference
from sidecar.tracking.course import Course, centre_of, course_of
from sidecar.tracking.matching import match
from sidecar.tracking.motion import coasted
from sidecar.tracking.sighting import Sighting
from sidecar.tracking.similarity import Floats

AFTER_S = 0.2  # for so long everybody must be seen again before it is decided
MIN_AFTER = 3  # sightings in that time, to have come out at all
SIZE_COST = 2.0  # of a difference in size, by its logarithm
FACING_COST = 0.5  # of facing the opposite way
COLOUR_COST = 2.0  # of a difference of colours (see pose/appearance.py), which is ...
USUAL_DIFFERENCE = 0.1  # ... this where they are not known
EXCHANGE_COST = 0.25  # of another answer than that of following frame by frame
MOST_COST = 1e3
MOST_MISS = 1.0  # sides; whoever moves otherwise than straight ahead does so whichever way it was
SLIP_S = 0.15  # for so long before and after somebody is hidden, the pose may be on the other one
MOST_MISSED = 2  # frames without a sighting that are no gap
OFF_PATH_SIDES = 0.25  # sightings further from the way through the crossing are of the other one, or of both


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What is known after a crossing.

    Attributes:
        became: for the key under which somebody was followed, the key of who it is; one to one.
        sightings: of everybody, by their key, in order.
    """

    became: dict[int, int]
    sightings: dict[int, list[Sighting]]


def resolve(
    before: Mapping[int, Course],
    followed: Mapping[int, Sequence[Sighting]],
    lost: set[int],
    torso: Sequence[int],
    *,
    now_s: float,
) -> Outcome:
    """Decide who is who.

    Args:
        before: the course of everybody before, by key.
        followed: what was seen since, by the same keys, as it was followed frame by frame.
        lost: keys of those who were not seen all the time.
        torso: keypoints that make a body's centre.
        now_s: the time of the latest frame.
    """
    recent = {key: [one for one in seen if one.time_s > now_s - AFTER_S] for key, seen in followed.items()}
    after = {key: course_of(seen, torso) for key, seen in recent.items() if len(seen) >= MIN_AFTER}
    became = _became(before, after)
    ends = {who: after[key] for key, who in became.items() if key in after}
    paths = {key: _Path(course, ends.get(key)) for key, course in before.items()}
    told: dict[int, dict[int, tuple[float, Sighting]]] = {key: {} for key in before}
    for key, seen in followed.items():
        doubtful = _beside_gaps(seen, now_s) if key in lost or became[key] != key else set()
        for who, one, away in _told_apart(seen, paths, key, became[key], torso):
            if one.frame in doubtful and away > OFF_PATH_SIDES:
                continue
            known = told[who].get(one.frame)
            if known is None or away < known[0]:
                told[who][one.frame] = (away, one)
    return Outcome(became, {key: [seen[frame][1] for frame in sorted(seen)] for key, seen in told.items()})


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """The way of one person through a crossing: straight before and after, a cubic curve between."""

    before: Course
    after: Course | None

    def distance(self, place: Floats, time_s: float) -> float:
        """From a place, in sides of the person."""
        return float(np.linalg.norm(place - self._at(time_s))) / self.before.side

    def _at(self, time_s: float) -> Floats:
        before, after = self.before, self.after
        if time_s <= before.time_s:
            return before.at(time_s)
        if after is None:
            return before.place + before.velocity * coasted(time_s - before.time_s)
        if time_s >= after.time_s:
            return after.at(time_s)
        gap_s = after.time_s - before.time_s
        s = (time_s - before.time_s) / gap_s
        return (
            (2 * s**3 - 3 * s**2 + 1) * before.place
            + (s**3 - 2 * s**2 + s) * gap_s * before.velocity
            + (3 * s**2 - 2 * s**3) * after.place
            + (s**3 - s**2) * gap_s * after.velocity
        )


def _became(before: Mapping[int, Course], after: Mapping[int, Course]) -> dict[int, int]:
    keys, ends = list(before), list(after)
    became: dict[int, int] = {}
    if ends:
        costs = [
            [_cost(before[key], after[end]) + (EXCHANGE_COST if key != end else 0.0) for key in keys] for end in ends
        ]
        pairs = match(MOST_COST - np.minimum(np.array(costs), MOST_COST), minimum=0.0)
        became = {ends[end]: keys[key] for end, key in pairs}
    free = [key for key in keys if key not in became.values()]
    for key in keys:  # who has not come out keeps the key, or has that of who came out under it
        if key not in became:
            became[key] = key if key in free else free[0]
            free.remove(became[key])
    return became


def _cost(before: Course, after: Course) -> float:
    """How little the end of one course fits the beginning of another."""
    miss = np.linalg.norm(before.at(after.time_s) - after.place) + np.linalg.norm(
        after.at(before.time_s) - before.place
    )
    size = abs(math.log(after.diagonal / before.diagonal))
    turned = 0.5
    if before.facing is not None and after.facing is not None:
        turned = (1 - float(before.facing @ after.facing)) / 2
    recoloured = USUAL_DIFFERENCE
    if before.colours is not None and after.colours is not None:
        recoloured = difference(before.colours, after.colours)
    return (
        min(float(miss) / (before.side + after.side), MOST_MISS)
        + SIZE_COST * size
        + FACING_COST * turned
        + COLOUR_COST * recoloured
    )


def _beside_gaps(seen: Sequence[Sighting], now_s: float) -> set[int]:
    """Frames shortly before somebody was lost and shortly after they were found: the pose is often on the other one."""
    doubtful = set()
    times = [one.time_s for one in seen]
    gaps = [
        (one, other)
        for first, second, one, other in zip(seen, seen[1:], times, times[1:], strict=False)
        if second.frame - first.frame > MOST_MISSED
    ]
    if times and now_s - times[-1] > SLIP_S:
        gaps.append((times[-1], math.inf))
    for start, stop in gaps:
        doubtful |= {
            one.frame for one in seen if start - SLIP_S < one.time_s <= start or stop <= one.time_s < stop + SLIP_S
        }
    return doubtful


def _told_apart(
    seen: Sequence[Sighting], paths: Mapping[int, _Path], key: int, who: int, torso: Sequence[int]
) -> list[tuple[int, Sighting, float]]:
    """Whose each sighting of a followed track is, and how far from that one's path, in sides.

    Somebody who was followed under another's key was so from one frame on: the one that fits the paths best.
    """
    places = [centre_of(one, torso) for one in seen]
    first = [paths[key].distance(place, one.time_s) for place, one in zip(places, seen, strict=True)]
    if key == who:
        return [(key, one, away) for one, away in zip(seen, first, strict=True)]
    second = [paths[who].distance(place, one.time_s) for place, one in zip(places, seen, strict=True)]
    totals = [sum(first[:cut]) + sum(second[cut:]) for cut in range(len(seen) + 1)]
    cut = int(np.argmin(totals))
    return [
        (key, one, first[number]) if number < cut else (who, one, second[number]) for number, one in enumerate(seen)
    ]
