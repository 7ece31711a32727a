"""HMR2.0's options, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecar.detectors.catalogue import DETECTORS, RTMDET
from sidecar.estimators.hmr2 import BATCH_DEFAULT, BATCH_MAX, SPEC
from sidecar.estimators.options import read_choice, read_int, reject_unknown
from sidecar.runtimes.torch_options import TorchOptions, read_torch_options

MODELS = ("hmr2b", "hmr2a")
ON, OFF = "on", "off"


@dataclass(frozen=True, slots=True)
class Options:
    """What `--option` and INIT may set.

    Attributes:
        model: name of the checkpoint.
        detector: name of the person detector.
        meshes: send vertices?
        batch: most people in the network at once.
        torch: device, fallback and precision.
    """

    model: str
    detector: str
    meshes: bool
    batch: int
    torch: TorchOptions


def read_options(given: Mapping[str, Any]) -> Options:
    """Check and complete the options.

    Raises:
        OptionError: an option is unknown or out of range.
    """
    reject_unknown(given, known=SPEC.options)
    return Options(
        model=read_choice(given, "model", choices=MODELS, default=MODELS[0]),
        detector=read_choice(given, "detector", choices=DETECTORS, default=RTMDET),
        meshes=read_choice(given, "meshes", choices=(OFF, ON), default=OFF) == ON,
        batch=read_int(given, "batch", low=1, high=BATCH_MAX, default=BATCH_DEFAULT),
        torch=read_torch_options(given),
    )
