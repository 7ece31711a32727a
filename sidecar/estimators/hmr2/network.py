"""HMR2.0 as one network: crops in, numbers of bodies out; loaded from the published checkpoint or its conversion."""

# mypy: allow-subclassing-any, no-warn-return-any

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.reading import require_known, under
from sidecar.estimators.hmr2.head import HeadSize, SmplHead
from sidecar.estimators.hmr2.layout import KNOWN, NETWORK
from sidecar.estimators.vit.backbone import ViT
from sidecar.estimators.vit.sizes import SIZES, VitSize
from sidecar.runtimes.torch import Placement
from sidecar.runtimes.torch_tensors import load_tensors


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """What the network says of B people: pose (B, 24, 6), betas (B, 10), camera (B, 3) as s, tx, ty. float32."""

    pose: NDArray[np.float32]
    betas: NDArray[np.float32]
    camera: NDArray[np.float32]


class Hmr2Network(nn.Module):
    """Backbone and head. On GPUs the backbone may compute in half precision; the head never does."""

    def __init__(self, backbone: VitSize, head: HeadSize) -> None:
        super().__init__()
        self.backbone = ViT(backbone)
        self.smpl_head = SmplHead(head)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, 256, 192) normalised -> pose (B, 144), betas (B, 10), camera (B, 3), float32."""
        features = self.backbone(crops.to(self.backbone.pos_embed.dtype))
        return self.smpl_head(features.float().flatten(2).transpose(1, 2))

    def read(self, crops: NDArray[np.float32]) -> Numbers:
        """(B, 3, 256, 192) -> what the network says, on the CPU."""
        found = self(torch.from_numpy(crops).to(self.backbone.pos_embed.device))
        pose, betas, camera = (numbers.cpu().numpy() for numbers in found)
        return Numbers(pose.reshape(-1, 24, 6), betas, camera)


def load_network(
    state: Mapping[str, Array],
    placement: Placement,
    *,
    source: Path,
    backbone: VitSize = SIZES["huge"],
    head: HeadSize = HeadSize(),  # noqa: B008 - frozen
) -> Any:
    """The network with a checkpoint's numbers, ready on its device.

    Args:
        state: of the whole checkpoint; what only training needs is passed over.
        source: for messages.

    Raises:
        ModelFileRefused: the checkpoint is of another model.
    """
    require_known(source, state, KNOWN)
    wanted = {key: array for prefix in NETWORK for key, array in _keeping(prefix, state).items()}
    with torch.device("meta"):  # no memory, and no random numbers that would be overwritten
        network = Hmr2Network(backbone, head)
    network.to_empty(device=placement.device)
    load_tensors(network, wanted, source=source)
    network.backbone.to(placement.dtype)
    return network.eval()


def _keeping(prefix: str, state: Mapping[str, Array]) -> dict[str, Array]:
    return {prefix + key: array for key, array in under(prefix, state).items()}
