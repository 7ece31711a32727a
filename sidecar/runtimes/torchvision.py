"""torchvision's detection networks with published weights from a local file: built as published, never fetched here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from sidecar.bootstrap.probe import import_or_fail
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.runtimes.torch_tensors import as_tensor

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

    Files of 2019 have older names for some of their tensors; torchvision's own loading knows them.

    Args:
        name: of the builder.
        file: a state dict, of either form that torch writes or as safetensors; nothing in it is run.
        device: where to compute.
        choices: further arguments of the builder.

    Raises:
        ModelFileRefused: the file is damaged, would run code, or belongs to another network.
    """
    network = getattr(torchvision.models.detection, name)(weights=None, weights_backbone=None, **choices)
    state = {key: as_tensor(array) for key, array in read_state_dict(file).items()}
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
