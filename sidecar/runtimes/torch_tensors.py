"""Numbers out of a checkpoint into the parameters and buffers of a torch module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.reading import require_match


def load_tensors(module: Any, tensors: Mapping[str, Array], *, source: Path) -> None:
    """Copy numbers into a `torch.nn.Module`, whatever their float type. Strict in both directions.

    Raises:
        ModelFileRefused: keys are missing, unexpected or of another shape; the message names them.
    """
    own = module.state_dict(keep_vars=True)
    require_match(
        source,
        {key: tuple(array.shape) for key, array in tensors.items()},
        {key: tuple(tensor.shape) for key, tensor in own.items()},
    )
    with torch.no_grad():
        for key, tensor in own.items():
            tensor.copy_(as_tensor(tensors[key]))


def as_tensor(array: Array) -> torch.Tensor:
    """A copy on the CPU: the arrays of a checkpoint are its file, mapped read-only."""
    return torch.from_numpy(np.array(array, order="C"))
