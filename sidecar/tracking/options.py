"""How people are linked, filled and cleaned: every choice, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

Cleaning = Literal["hampel+smooth", "smooth", "hampel", "none"]
CLEANINGS: tuple[Cleaning, ...] = get_args(Cleaning)

MAX_GAP_LIMIT_S = 10.0  # frames wait in memory for as long as somebody may come back
MAX_EXTRAPOLATE_S = 10.0


class AssembleOptionError(ValueError):
    """An option is out of range. The message names the option, the value and the range."""


@dataclass(frozen=True, slots=True)
class AssembleOptions:
    """Every choice about tracks.

    Attributes:
        clean: what is done to keypoints: outliers replaced (`hampel`), then smoothed without lag (`smooth`).
        max_gap_s: longest absence whose frames are `interpolated`. Up to twice this the person keeps the id, and the
            frames between are `predicted`; after that the person is a new one.
        extrapolate_s: how long people go on, `predicted`, before their first and after their last sighting.
        keep_raw: keep each sighting's keypoints as they were found beside the cleaned ones.
        min_score: what a sighting needs to count as one. Weaker ones are linked, and are reported inside of tracks
            that enough sightings speak for, with their own score and provenance.
    """

    clean: Cleaning = "hampel+smooth"
    max_gap_s: float = 1.0
    extrapolate_s: float = 0.0
    keep_raw: bool = False
    min_score: float = 0.5

    def __post_init__(self) -> None:
        if self.clean not in CLEANINGS:
            raise AssembleOptionError(f"clean must be one of {', '.join(CLEANINGS)}, got {self.clean!r}")
        if not isinstance(self.keep_raw, bool):
            raise AssembleOptionError(f"keep_raw must be true or false, got {self.keep_raw!r}")
        _check("max_gap_s", self.max_gap_s, MAX_GAP_LIMIT_S)
        _check("extrapolate_s", self.extrapolate_s, MAX_EXTRAPOLATE_S)
        _check("min_score", self.min_score, 1.0)

    def plain(self) -> dict[str, Any]:
        """The options but `min_score` as plain JSON: for headers, which have that elsewhere, and identities."""
        return {
            "clean": self.clean,
            "max_gap_s": float(self.max_gap_s),
            "extrapolate_s": float(self.extrapolate_s),
            "keep_raw": self.keep_raw,
        }


def _check(name: str, value: float, most: float) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (number and math.isfinite(value) and 0 <= value <= most):
        raise AssembleOptionError(f"{name} must be a number from 0 to {most:g}, got {value!r}")
