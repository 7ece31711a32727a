"""torchvision's detection networks with published weights from a local file: built as published, never fetched here."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from sidecar.bootstrap.probe import import_or_fail
from sidecar.checkpoints.errors import ModelFileRefused

# Where a detector is chosen by an option, nobody has looked before whether torchvision is there and fits torch.
torchvision: Any = import_or_fail("torchvision", "torchvision")

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image

PERSON = 1  # of COCO's classes
COCO_CLASSES = 91


def version() -> str:
    """torchvision's version without its build."""
    return str(torchvision.__version__).partition("+")[0]


def build(name: str, file: Path, device: torch.device, **choices: Any) -> Any:
    """The network that `torchvision.models.detection.<name>` builds, with the weights of a file, ready to infer.

    Weights are read by torch's restricted reader, which makes tensors and plain containers and runs nothing. Files of
    2019 still have the form that torch wrote before 1.6, and older names of their tensors; torchvision's own loading
    knows both.

    Args:
        name: of the builder.
        file: a state dict.
        device: where to compute.
        choices: further arguments of the builder.

    Raises:
        ModelFileRefused: the file is damaged, would run code, or belongs to another network.
    """
    network = getattr(torchvision.models.detection, name)(weights=None, weights_backbone=None, **choices)
    state = _read(file)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        told = " ".join(str(error).split())
        raise ModelFileRefused(file, "mismatch", f"is of another model than {name}: {told[:400]}") from error
    return network.to(device).eval()


def as_input(image: Image, device: torch.device) -> torch.Tensor:
    """(H, W, 3) uint8 -> (3, H, W) float32 in [0, 1], as torchvision's `ObjectDetection` transform makes it."""
    pixels = torch.from_numpy(image).to(device).permute(2, 0, 1).contiguous()
    scaled: torch.Tensor = torchvision.transforms.functional.convert_image_dtype(pixels, torch.float32)
    return scaled


def _read(file: Path) -> Mapping[str, torch.Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about forms of pickle that it then refuses
            state = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # Torch's own words recommend the unsafe way.
        raise ModelFileRefused(file, "not_allowed", "holds more than tensors, or is no torch file") from error
    except OSError as error:
        raise ModelFileRefused(file, "unreadable", f"cannot be read: {error.strerror or error}") from error
    except Exception as error:  # whatever a stranger's bytes make of the reader
        raise ModelFileRefused(file, "damaged", f"is no whole torch file: {str(error)[:200]}") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ModelFileRefused(file, "mismatch", "must hold a state dict: names and tensors, nothing else")
    return state
