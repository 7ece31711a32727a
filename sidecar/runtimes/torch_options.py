"""Where torch shall compute and how exactly, as options say it. Imports nothing heavy, so that a spec may name them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sidecar.estimators.options import read_choice
from sidecar.estimators.protocol import OptionError

AUTO = "auto"
CPU = "cpu"
CPU_PRECISION = "f32"
FALLBACKS = ("fail", CPU)
PRECISIONS = (AUTO, "f32", "bf16", "fp16")

# For the `options` of a spec.
DEVICE_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "device": "auto (default): the first GPU, else the CPU; cpu; cuda; or cuda:N",
        "fallback": "where the device is not there: fail (default), or cpu",
    }
)
PRECISION_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"precision": "auto (default): bf16 on GPUs that have it, else fp16, f32 on the CPU; f32; bf16; fp16"}
)

_DEVICE = re.compile(r"auto|cpu|cuda(:(0|[1-9][0-9]?))?")


@dataclass(frozen=True, slots=True)
class TorchOptions:
    """What was asked for; `sidecar.runtimes.torch.place` says what it became.

    Attributes:
        device: auto, cpu, cuda, or cuda:N.
        fallback: what to do where the device is not there: fail, or cpu.
        precision: auto, f32, bf16 or fp16.
    """

    device: str = AUTO
    fallback: str = FALLBACKS[0]
    precision: str = AUTO


def read_torch_options(given: Mapping[str, Any], *, default_precision: str = AUTO) -> TorchOptions:
    """The options of DEVICE_OPTIONS and PRECISION_OPTIONS; others are the caller's.

    Args:
        given: an estimator's options; unknown ones must have been refused already.
        default_precision: where nobody chose one.

    Raises:
        OptionError: a value is none of the known ones, or half precision is asked of the CPU.
    """
    device = given.get("device", AUTO)
    if not isinstance(device, str) or _DEVICE.fullmatch(device) is None:
        raise OptionError(f"option device must be one of auto, cpu, cuda, cuda:0 to cuda:99, got {device!r}")
    precision = read_choice(given, "precision", choices=PRECISIONS, default=default_precision)
    if device == CPU and precision in ("bf16", "fp16"):
        raise OptionError(f"option precision {precision!r} needs a GPU; on the CPU it is f32")
    return TorchOptions(device, read_choice(given, "fallback", choices=FALLBACKS, default=FALLBACKS[0]), precision)
