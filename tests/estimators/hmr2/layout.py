"""The published layout of HMR2.0's head, spelled out, and whole checkpoints in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.estimators.vit.layout import backbone_shapes, random_state

TINY = {"context": 24, "width": 16, "depth": 2, "heads": 2, "head_width": 6, "hidden": 20}


def head_shapes(
    *, context: int = 1280, width: int = 1024, depth: int = 6, heads: int = 8, head_width: int = 64, hidden: int = 1024
) -> dict[str, tuple[int, ...]]:
    inner = heads * head_width
    shapes: dict[str, tuple[int, ...]] = {
        "transformer.to_token_embedding.weight": (width, 1),
        "transformer.to_token_embedding.bias": (width,),
        "transformer.pos_embedding": (1, 1, width),
    }
    for n in range(depth):
        layer = f"transformer.transformer.layers.{n}"
        shapes[f"{layer}.0.fn.to_qkv.weight"] = (3 * inner, width)
        shapes[f"{layer}.1.fn.to_kv.weight"] = (2 * inner, context)
        shapes[f"{layer}.1.fn.to_q.weight"] = (inner, width)
        for step in (0, 1):
            shapes[f"{layer}.{step}.fn.to_out.0.weight"] = (width, inner)
            shapes[f"{layer}.{step}.fn.to_out.0.bias"] = (width,)
        shapes[f"{layer}.2.fn.net.0.weight"] = (hidden, width)
        shapes[f"{layer}.2.fn.net.0.bias"] = (hidden,)
        shapes[f"{layer}.2.fn.net.3.weight"] = (width, hidden)
        shapes[f"{layer}.2.fn.net.3.bias"] = (width,)
        for step in (0, 1, 2):
            shapes[f"{layer}.{step}.norm.weight"] = (width,)
            shapes[f"{layer}.{step}.norm.bias"] = (width,)
    for name, count in (("decpose", 144), ("decshape", 10), ("deccam", 3)):
        shapes[f"{name}.weight"] = (count, width)
        shapes[f"{name}.bias"] = (count,)
    for name, count in (("init_body_pose", 144), ("init_betas", 10), ("init_cam", 3)):
        shapes[name] = (1, count)
    return shapes


def checkpoint_shapes(*, width: int, depth: int, head: dict[str, int]) -> dict[str, tuple[int, ...]]:
    backbone = {f"backbone.{key}": shape for key, shape in backbone_shapes(width=width, depth=depth).items()}
    return {**backbone, **{f"smpl_head.{key}": shape for key, shape in head_shapes(**head).items()}}


def tiny_checkpoint(seed: int = 3) -> dict[str, Any]:
    """A small network among what only training needs; its mean pose stands straight and is seen from afar."""
    state: dict[str, Any] = dict(random_state(checkpoint_shapes(width=24, depth=2, head=TINY), seed))
    state["smpl_head.init_body_pose"] = np.tile(np.array([1, 0, 0, 0, 1, 0], np.float32), 24)[None]
    state["smpl_head.init_cam"] = np.array([[0.9, 0, 0]], np.float32)
    for name in ("decpose", "decshape", "deccam"):
        state[f"smpl_head.{name}.weight"] *= 0.1
        state[f"smpl_head.{name}.bias"] *= 0.1
    state["smpl.J_regressor_extra"] = np.full((19, 6890), 1 / 6890, np.float32)
    state["smpl.betas"] = np.zeros((1, 10), np.float32)
    state["discriminator.linear.weight"] = np.zeros((2, 2), np.float32)
    state["initialized"] = np.array(True)
    return state
