"""Two poses of one place, of which one is the person: how they are held against each other."""

from __future__ import annotations

from sidecar.finding.belief import distance
from sidecar.finding.following import lies
from sidecar.finding.trail import SIZE_ROOM, Look
from sidecar.pose.region import Region

LARGER_WINS, LARGER_MAX = 1.1, 2.0  # poses slide from a whole person to a part of them, not the other way
UPRIGHT_WINS = 1.15  # ... and to what lies around them


def near(one: Region, other: Region) -> bool:
    """Whether two regions may show one person, or parts of one."""
    return distance(one, other) < max(one.size, other.size)


def favour(look: Look, now: Look) -> float:
    """What a look's worth is multiplied with when it would take the place of another."""
    ratio = look.region.size / now.region.size
    favour = 1.0
    if SIZE_ROOM < max(ratio, 1 / ratio) < LARGER_MAX:
        favour = LARGER_WINS if ratio > 1 else 1 / LARGER_WINS
    lying, lay = lies(look.region), lies(now.region)
    if lying != lay:
        favour *= 1 / UPRIGHT_WINS if lying else UPRIGHT_WINS
    return favour
