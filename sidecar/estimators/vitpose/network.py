"""ViTPose in torch: pixels in, heatmaps out.

Source: ViTAE-Transformer/ViTPose, mmpose/models/heads/topdown_heatmap_simple_head.py. Attributes are named as the
original files name their tensors.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sidecar.estimators.vit.backbone import ViT
from sidecar.estimators.vit.sizes import VitSize
from sidecar.estimators.vitpose.layout import Head
from sidecar.pose.skeleton import COCO_17

DECONV_CHANNELS = 256
UPSAMPLING = 4

# Of RGB in [0, 1].
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def _mirrored(name: str) -> str:
    swapped = {"left": "right", "right": "left"}
    side, _, rest = name.partition("_")
    return f"{swapped[side]}_{rest}" if side in swapped else name


# Row of the mirror image's keypoint for each of ours.
MIRRORED = tuple(COCO_17.index(_mirrored(name)) for name in COCO_17.keypoints)


class ClassicHead(nn.Module):
    """Two transposed convolutions that double the side, then a heatmap per keypoint."""

    def __init__(self, width: int, keypoints: int) -> None:
        super().__init__()
        layers: list[Any] = []
        for channels in (width, DECONV_CHANNELS):
            norm = nn.BatchNorm2d(DECONV_CHANNELS)
            norm.num_batches_tracked = None  # a counter of the training, which converted files lack
            layers += [
                nn.ConvTranspose2d(channels, DECONV_CHANNELS, kernel_size=4, stride=2, padding=1, bias=False),
                norm,
                nn.ReLU(),
            ]
        self.deconv_layers = nn.Sequential(*layers)
        self.final_layer = nn.Conv2d(DECONV_CHANNELS, keypoints, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, width, rows, columns) -> (B, keypoints, 4 rows, 4 columns)."""
        heatmaps: Tensor = self.final_layer(self.deconv_layers(features))
        return heatmaps


class SimpleHead(nn.Module):
    """Bilinear upsampling, then a heatmap per keypoint."""

    def __init__(self, width: int, keypoints: int) -> None:
        super().__init__()
        self.final_layer = nn.Conv2d(width, keypoints, kernel_size=3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, width, rows, columns) -> (B, keypoints, 4 rows, 4 columns)."""
        large = functional.interpolate(
            functional.relu(features), scale_factor=UPSAMPLING, mode="bilinear", align_corners=False
        )
        heatmaps: Tensor = self.final_layer(large)
        return heatmaps


class VitPose(nn.Module):
    """Backbone and head; a normalised image (B, 3, 256, 192) to heatmaps (B, keypoints, 64, 48)."""

    def __init__(self, size: VitSize, head: Head, keypoints: int) -> None:
        super().__init__()
        self.backbone = ViT(size)
        self.keypoint_head = (ClassicHead if head == "classic" else SimpleHead)(size.width, keypoints)

    def forward(self, image: Tensor) -> Tensor:
        """See the class."""
        heatmaps: Tensor = self.keypoint_head(self.backbone(image))
        return heatmaps


class Reader(nn.Module):
    """Crops as bytes to heatmaps as float32: normalised, and with the mirror image's heatmaps averaged in."""

    mean: Tensor
    std: Tensor
    mirrored: Tensor

    def __init__(self, network: VitPose, *, flip_test: bool) -> None:
        super().__init__()
        self.network = network
        self.flip_test = flip_test
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("mirrored", torch.tensor(MIRRORED), persistent=False)

    def forward(self, crops: Tensor) -> Tensor:
        """(B, H, W, 3) uint8 RGB -> (B, keypoints, rows, columns)."""
        pixels = (crops.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        pixels = pixels.to(self.network.backbone.pos_embed.dtype)
        heatmaps: Tensor = self.network(pixels).float()
        if not self.flip_test:
            return heatmaps
        # Unbiased coordinates: the mirror image's heatmaps need no shift by a pixel.
        back: Tensor = self.network(pixels.flip(3)).float()[:, self.mirrored].flip(3)
        return (heatmaps + back) * 0.5
