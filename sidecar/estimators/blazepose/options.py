"""BlazePose's options, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecar.estimators.blazepose import SPEC
from sidecar.estimators.options import read_choice, read_int, reject_unknown
from sidecar.estimators.protocol import OptionError

NO_DETECTOR = "none"
DETECTORS = (NO_DETECTOR, "rtmdet-nano")
MODELS = ("full", "lite")
RECROPS_MAX = 8
RECROPS_DEFAULT = 3


@dataclass(frozen=True, slots=True)
class Options:
    """What `--option` and INIT may set.

    Attributes:
        model: which landmark network.
        detector: name of the person detector, None for BlazePose's own.
        recrops: looks at each person after the first; 0 without a person detector.
    """

    model: str
    detector: str | None
    recrops: int


def read_options(given: Mapping[str, Any]) -> Options:
    """Check and complete the options.

    Raises:
        OptionError: an option is unknown, out of range, or without effect.
    """
    reject_unknown(given, known=SPEC.options)
    detector = read_choice(given, "detector", choices=DETECTORS, default=NO_DETECTOR)
    if detector == NO_DETECTOR and "recrops" in given:
        raise OptionError(f"option recrops needs a detector; known: {', '.join(DETECTORS[1:])}")
    recrops = read_int(given, "recrops", low=0, high=RECROPS_MAX, default=RECROPS_DEFAULT)
    return Options(
        model=read_choice(given, "model", choices=MODELS, default="full"),
        detector=None if detector == NO_DETECTOR else detector,
        recrops=0 if detector == NO_DETECTOR else recrops,
    )
