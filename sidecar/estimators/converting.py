"""What a conversion keeps of a published checkpoint, for whichever family it is of: its tensors tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sidecar.checkpoints.converting import Chosen
from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.estimators.hmr2 import layout as hmr2
from sidecar.estimators.vitpose import layout as vitpose


def chosen(state: Mapping[str, Array], source: Path) -> Chosen:
    """The tensors that an estimator reads, by the names of the original files.

    Returns:
        Its notes say which: `estimator` is its name, `model` tells size and head.

    Raises:
        ModelFileRefused: the file is of no family whose files are converted.
    """
    if any(key.startswith(hmr2.HEAD) for key in state):
        return Chosen(hmr2.network_tensors(state, source), {"estimator": "hmr2", "model": "HMR2.0"})
    if any(key.startswith(vitpose.HEADS) for key in state):
        weights = vitpose.recognised(state, source)
        model = f"ViTPose of {weights.size.width} channels, {weights.head} head"
        return Chosen(weights.tensors, {"estimator": "vitpose", "model": model})
    raise ModelFileRefused(
        source,
        "mismatch",
        f"is neither ViTPose nor HMR2.0; its first tensor is {next(iter(state), 'not there')}",
        hint="Only files of these two are converted; torchvision's are read as they are published.",
    )
