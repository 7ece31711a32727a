"""The hybrid's options, read once: those of both readers, and which models they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sidecar.estimators.hmr2 import SPEC as HMR2
from sidecar.estimators.hmr2 import options as hmr2
from sidecar.estimators.hybrid import SPEC
from sidecar.estimators.options import read_choice, reject_unknown
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
    flat = read_choice(given, "vitpose", choices=vitpose.MODELS, default=vitpose.DEFAULT)
    body = read_choice(given, "hmr2", choices=hmr2.MODELS, default=hmr2.MODELS[0])
    return Options(
        vitpose.read_options(_of(given, VITPOSE.options, model=flat)),
        hmr2.read_options(_of(given, HMR2.options, model=body)),
    )


def _of(given: Mapping[str, Any], known: Mapping[str, str], *, model: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in known} | {"model": model}
