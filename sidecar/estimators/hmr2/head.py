"""HMR2.0's head: one token that looks at the image's features six times, then says pose, shape and camera.

Source: 4D-Humans, hmr2/models/heads/smpl_head.py and components/pose_transformer.py. Attributes are named as the
published files name their tensors.
"""

# mypy: allow-subclassing-any, no-warn-return-any

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

POSE_NUMBERS, SHAPE_NUMBERS, CAMERA_NUMBERS = 24 * 6, 10, 3


@dataclass(frozen=True, slots=True)
class HeadSize:
    """How large the head is; the defaults are the published ones.

    Attributes:
        context: channels of the image's features.
        width: of the token.
        depth: rounds.
        heads, head_width: of each attention.
        hidden: of the two layers that end a round.
    """

    context: int = 1280
    width: int = 1024
    depth: int = 6
    heads: int = 8
    head_width: int = 64
    hidden: int = 1024

    @property
    def inner(self) -> int:
        """Channels of all heads together."""
        return self.heads * self.head_width


class SelfAttention(nn.Module):
    """The token looks at itself: with one token, a linear map."""

    def __init__(self, size: HeadSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.to_qkv = nn.Linear(size.width, 3 * size.inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(size.inner, size.width))

    def forward(self, token: Tensor, context: Tensor) -> Tensor:
        """(B, N, width) -> the same; the context is not looked at."""
        return self.to_out(_attend(*self.to_qkv(token).chunk(3, dim=-1), heads=self.heads))


class CrossAttention(nn.Module):
    """The token looks at the image's features, which come as they are."""

    def __init__(self, size: HeadSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.to_kv = nn.Linear(size.context, 2 * size.inner, bias=False)
        self.to_q = nn.Linear(size.width, size.inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(size.inner, size.width))

    def forward(self, token: Tensor, context: Tensor) -> Tensor:
        """(B, N, width), (B, M, context) -> (B, N, width)."""
        key, value = self.to_kv(context).chunk(2, dim=-1)
        return self.to_out(_attend(self.to_q(token), key, value, heads=self.heads))


class FeedForward(nn.Module):
    """Two layers; the places between hold the training's dropout, so that the numbers of the others are theirs."""

    def __init__(self, size: HeadSize) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(size.width, size.hidden), nn.GELU(), nn.Identity(), nn.Linear(size.hidden, size.width)
        )

    def forward(self, token: Tensor, context: Tensor) -> Tensor:
        """(B, N, width) -> the same; the context is not looked at."""
        return self.net(token)


class PreNorm(nn.Module):
    """A step on the normalised token, added to what came in."""

    def __init__(self, size: HeadSize, step: nn.Module) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size.width)
        self.fn = step

    def forward(self, token: Tensor, context: Tensor) -> Tensor:
        """(B, N, width), (B, M, context) -> (B, N, width)."""
        return token + self.fn(self.norm(token), context)


class _Rounds(nn.Module):
    def __init__(self, size: HeadSize) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleList(PreNorm(size, step(size)) for step in (SelfAttention, CrossAttention, FeedForward))
            for _ in range(size.depth)
        )


class TokenDecoder(nn.Module):
    """The token and its rounds."""

    def __init__(self, size: HeadSize) -> None:
        super().__init__()
        self.to_token_embedding = nn.Linear(1, size.width)
        self.pos_embedding = nn.Parameter(torch.zeros(1, 1, size.width))
        self.transformer: Any = _Rounds(size)

    def forward(self, context: Tensor) -> Tensor:
        """(B, M, context) -> (B, width). The token begins as zero: its embedding is the bias alone."""
        token = self.to_token_embedding(context.new_zeros(len(context), 1, 1)) + self.pos_embedding
        for steps in self.transformer.layers:
            for step in steps:
                token = step(token, context)
        return token[:, 0]


class SmplHead(nn.Module):
    """Features to numbers; the means they are added to come with the checkpoint."""

    def __init__(self, size: HeadSize) -> None:
        super().__init__()
        self.transformer = TokenDecoder(size)
        self.decpose = nn.Linear(size.width, POSE_NUMBERS)
        self.decshape = nn.Linear(size.width, SHAPE_NUMBERS)
        self.deccam = nn.Linear(size.width, CAMERA_NUMBERS)
        self.register_buffer("init_body_pose", torch.zeros(1, POSE_NUMBERS))
        self.register_buffer("init_betas", torch.zeros(1, SHAPE_NUMBERS))
        self.register_buffer("init_cam", torch.zeros(1, CAMERA_NUMBERS))

    def forward(self, context: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, M, context) -> pose (B, 144), shape (B, 10), camera (B, 3)."""
        token = self.transformer(context)
        return (
            self.decpose(token) + self.init_body_pose,
            self.decshape(token) + self.init_betas,
            self.deccam(token) + self.init_cam,
        )


def _attend(query: Tensor, key: Tensor, value: Tensor, *, heads: int) -> Tensor:
    """(B, N, inner), (B, M, inner), (B, M, inner) -> (B, N, inner), each head on its own run of channels."""
    query, key, value = (part.reshape(*part.shape[:2], heads, -1).transpose(1, 2) for part in (query, key, value))
    return functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
