"""The published layout of the backbone's tensors, spelled out, and random numbers in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def backbone_shapes(*, width: int, depth: int, tokens: int = 192) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "pos_embed": (1, tokens + 1, width),
        "patch_embed.proj.weight": (width, 3, 16, 16),
        "patch_embed.proj.bias": (width,),
        "last_norm.weight": (width,),
        "last_norm.bias": (width,),
    }
    for n in range(depth):
        for name, out, into in (
            ("attn.qkv", 3 * width, width),
            ("attn.proj", width, width),
            ("mlp.fc1", 4 * width, width),
            ("mlp.fc2", width, 4 * width),
        ):
            shapes[f"blocks.{n}.{name}.weight"] = (out, into)
            shapes[f"blocks.{n}.{name}.bias"] = (out,)
        for norm in ("norm1", "norm2"):
            shapes[f"blocks.{n}.{norm}.weight"] = (width,)
            shapes[f"blocks.{n}.{norm}.bias"] = (width,)
    return shapes


def random_state(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, NDArray[np.float32]]:
    """Numbers that keep activations near 1, so that a wrong term shows."""
    chance = np.random.default_rng(seed)
    state = {}
    for key, shape in shapes.items():
        spread = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 and "pos" not in key else 0.3
        centre = 1.0 if "norm" in key and key.endswith("weight") else 0.0
        state[key] = (centre + spread * chance.normal(size=shape)).astype(np.float32)
    return state
