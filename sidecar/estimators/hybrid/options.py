"""The hybrid's options, read once: those of both readers, and which models they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecar.estimators.hmr2 import SPEC as HMR2
from sidecar.estimators.hmr2 import options as hmr2
from sidecar.estimators.hybrid import SPEC
from sidecar.estimators.options import read_choice, reject_unknown
from sidecar.estimators.protocol import OptionError
from sidecar.estimators.vitpose import SPEC as VITPOSE
from sidecar.estimators.vitpose import options as vitpose


@dataclass(frozen=True, slots=True)
class Options:
    """What `--option` and INIT may set, for each reader; detector and device are the same in both."""

    vitpose: vitpose.Options
    hmr2: hmr2.Options


def read_options(given: Mapping[str, Any]) -> Options:
    """Check and complete the options.

    Raises:
        OptionError: an option is unknown or out of range, or contradicts another.
    """
    reject_unknown(given, known=SPEC.options)
    body = read_choice(given, "hmr2", choices=hmr2.MODELS, default=hmr2.MODELS[0])
    return Options(
        vitpose.read_options(_of(given, VITPOSE.options, **_weights(given))),
        hmr2.read_options(_of(given, HMR2.options, model=body)),
    )


def _weights(given: Mapping[str, Any]) -> dict[str, str]:
    """ViTPose's options `model` or `file`."""
    flat = read_choice(given, "vitpose", choices=vitpose.MODELS, default=vitpose.DEFAULT)
    file = given.get("vitpose_file")
    if file is None:
        return {"model": flat}
    if not isinstance(file, str) or not file:
        raise OptionError(f"option vitpose_file must be a path, got {file!r}")
    if "vitpose" in given:
        raise OptionError("options vitpose and vitpose_file name two sets of weights; give one of them")
    return {"file": file}


def _of(given: Mapping[str, Any], known: Mapping[str, str], **own: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in known} | own
