"""How much work a finder may spend on a frame: the choices behind `--effort`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

EffortName = Literal["thorough", "fast", "mediapipe"]
EFFORTS: tuple[EffortName, ...] = get_args(EffortName)
DEFAULT_EFFORT: EffortName = "thorough"


@dataclass(frozen=True, slots=True)
class Effort:
    """What may be spent on frames that need more than one look.

    Looks are counted, not seconds, so that results are the same on every machine.

    Attributes:
        allowance: looks that every frame adds to the savings; the one that follows somebody is paid from it.
        savings: looks that a segment begins with.
        second_savings: looks that are added when a segment has been seen once, for looking backward.
        looks_at_once: most looks at one frame.
        check_every: frames between two questions to the detector while somebody is followed.
        skip_s: leave every other frame out, for it to be interpolated, while somebody moves steadily and the frames
            before and after lie no further apart: at 20 frames per second and more.
    """

    allowance: float
    savings: float
    second_savings: float
    looks_at_once: int
    check_every: int
    skip_s: float = 0.0


THOROUGH = Effort(allowance=2.0, savings=24.0, second_savings=12.0, looks_at_once=8, check_every=8)
FAST = Effort(allowance=1.25, savings=10.0, second_savings=4.0, looks_at_once=5, check_every=16, skip_s=0.1)

# With a person detector, for each person in each frame.
THOROUGH_EACH = Effort(allowance=3.0, savings=32.0, second_savings=0.0, looks_at_once=8, check_every=3)
FAST_EACH = Effort(allowance=1.5, savings=10.0, second_savings=0.0, looks_at_once=6, check_every=6)
