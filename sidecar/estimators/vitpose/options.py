"""ViTPose's options, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.detectors.catalogue import DETECTORS
from sidecar.estimators.options import read_choice, reject_unknown
from sidecar.estimators.protocol import OptionError
from sidecar.estimators.vitpose import SPEC
from sidecar.runtimes.torch_options import CPU, TorchOptions, read_torch_options

MODELS = ("s", "b", "l", "h", "s-simple", "b-simple", "l-simple")
DEFAULT = "b"
RUNTIMES = ("auto", "torch", "openvino")


@dataclass(frozen=True, slots=True)
class Options:
    """What `--option` and INIT may set.

    Attributes:
        model: name of the published weights, vitpose- and this.
        file: weights in place of `model`.
        detector: who finds people in whole images.
        flip_test: average the heatmaps of the image and of its mirror image.
        runtime: auto, torch or openvino.
        torch: device and precision.
    """

    model: str
    file: Path | None
    detector: str
    flip_test: bool
    runtime: str
    torch: TorchOptions


def read_options(given: Mapping[str, Any]) -> Options:
    """Check and complete the options.

    Raises:
        OptionError: an option is unknown or out of range, or contradicts another.
    """
    reject_unknown(given, known=SPEC.options)
    file = given.get("file")
    if file is not None and (not isinstance(file, str) or not file):
        raise OptionError(f"option file must be a path, got {file!r}")
    if file is not None and "model" in given:
        raise OptionError("options model and file name two sets of weights; give one of them")
    torch = read_torch_options(given)
    runtime = read_choice(given, "runtime", choices=RUNTIMES, default="auto")
    if runtime == "openvino" and torch.device.startswith("cuda"):
        raise OptionError(f"option runtime 'openvino' computes on the CPU, and device is {torch.device!r}")
    return Options(
        model=read_choice(given, "model", choices=MODELS, default=DEFAULT),
        file=None if file is None else _path(file),
        detector=read_choice(given, "detector", choices=DETECTORS, default=DETECTORS[0]),
        flip_test=read_choice(given, "flip_test", choices=("on", "off"), default="on") == "on",
        runtime=runtime,
        torch=TorchOptions(CPU) if runtime == "openvino" else torch,
    )


def _path(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError as error:
        raise OptionError(f"option file {file!r}: {error}") from error
