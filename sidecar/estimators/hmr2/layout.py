"""What the keys of a published checkpoint begin with, and which of its tensors a conversion keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import require_known

BACKBONE, HEAD = "backbone.", "smpl_head."
NETWORK = (BACKBONE, HEAD)
REGRESSOR = "smpl.J_regressor_extra"  # (19, 6890): the joints of SMPL_to_J19.pkl, where the checkpoint kept its body
KNOWN = (*NETWORK, "smpl.", "discriminator.", "initialized")


def network_tensors(state: Mapping[str, Array], source: Path) -> dict[str, Array]:
    """A published checkpoint's tensors of the network, and its joints; nothing else of it.

    Raises:
        ModelFileRefused: the checkpoint is of another model.
    """
    require_known(source, state, KNOWN)
    missing = [prefix for prefix in NETWORK if not any(key.startswith(prefix) for key in state)]
    if missing:
        raise ModelFileRefused(source, "mismatch", f"has no tensor that begins with {' or '.join(missing)}")
    return {key: array for key, array in state.items() if key.startswith((*NETWORK, REGRESSOR))}
