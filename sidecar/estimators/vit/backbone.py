"""The backbone in torch. Attributes are named as the published files name their tensors.

Source: ViTAE-Transformer/ViTPose, mmpose/models/backbones/vit.py, which 4D-Humans, hmr2/models/backbones/vit.py,
repeats. There is no class token, but its position is kept: it is added to every token's own.
"""

# mypy: allow-subclassing-any, no-warn-return-any

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from sidecar.estimators.vit.sizes import PADDING_PX, PATCH_PX, VitSize

NORM_EPSILON = 1e-6


class PatchEmbed(nn.Module):
    """Squares of the image as tokens."""

    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, size.width, kernel_size=PATCH_PX, stride=PATCH_PX, padding=PADDING_PX)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, tokens, width), rows of the image one after the other."""
        return self.proj(image).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    """Every token looks at every other."""

    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.qkv = nn.Linear(size.width, 3 * size.width)
        self.proj = nn.Linear(size.width, size.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, tokens, width) -> the same."""
        batch, count, width = tokens.shape
        parts = self.qkv(tokens).reshape(batch, count, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value)
        return self.proj(seen.transpose(1, 2).reshape(batch, count, width))


class Mlp(nn.Module):
    """Two layers with the exact GELU between them."""

    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.fc1 = nn.Linear(size.width, size.hidden_ratio * size.width)
        self.fc2 = nn.Linear(size.hidden_ratio * size.width, size.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, tokens, width) -> the same."""
        return self.fc2(functional.gelu(self.fc1(tokens)))


class Block(nn.Module):
    """Attention, then the two layers, each on normalised tokens and added to what came in."""

    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(size.width, eps=NORM_EPSILON)
        self.attn = Attention(size)
        self.norm2 = nn.LayerNorm(size.width, eps=NORM_EPSILON)
        self.mlp = Mlp(size)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, tokens, width) -> the same."""
        tokens = tokens + self.attn(self.norm1(tokens))
        return tokens + self.mlp(self.norm2(tokens))


class ViT(nn.Module):
    """A normalised image (B, 3, H, W) to features (B, width, rows, columns)."""

    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.size = size
        self.patch_embed = PatchEmbed(size)
        self.pos_embed = nn.Parameter(torch.zeros(1, size.tokens + 1, size.width))
        self.blocks = nn.ModuleList(Block(size) for _ in range(size.depth))
        self.last_norm = nn.LayerNorm(size.width, eps=NORM_EPSILON)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) float, H and W of `size.input_px` -> (B, width, rows, columns).

        Raises:
            ValueError: the image has another shape.
        """
        if image.ndim != 4 or tuple(image.shape[1:]) != (3, *self.size.input_px):
            raise ValueError(f"images must have shape (B, 3, {self.size.input_px}), got {tuple(image.shape)}")
        tokens = self.patch_embed(image)
        tokens = tokens + self.pos_embed[:, 1:] + self.pos_embed[:, :1]
        for block in self.blocks:
            tokens = block(tokens)
        rows, columns = self.size.grid
        return self.last_norm(tokens).transpose(1, 2).reshape(len(image), self.size.width, rows, columns)
