"""What the keys of a published checkpoint begin with, and the file that keeps of it what we need."""

from __future__ import annotations

from pathlib import Path

from sidecar.checkpoints.converting import Converted, convert

BACKBONE, HEAD = "backbone.", "smpl_head."
NETWORK = (BACKBONE, HEAD)
REGRESSOR = "smpl.J_regressor_extra"  # (19, 6890): the joints of SMPL_to_J19.pkl, where the checkpoint kept its body
KNOWN = (*NETWORK, "smpl.", "discriminator.", "initialized")


def to_safetensors(source: Path, target: Path, *, sha256: str | None = None) -> Converted:
    """Write the network's tensors of a published checkpoint, and nothing else of it, as safetensors.

    Args:
        sha256: what the source must have; None takes it as it is and notes its digest.

    Raises:
        ModelFileRefused: the source is damaged, of another model, or has another digest.
        OSError: the target cannot be written.
    """
    return convert(source, target, keep=(*NETWORK, REGRESSOR), known=KNOWN, sha256=sha256)
