"""ViTPose files in their published layouts, with seeded random numbers in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.vit.sizes import SIZES, VitSize
from tests.estimators.vit.layout import backbone_shapes, random_state

State = dict[str, NDArray[Any]]


def head_shapes(width: int, head: str, keypoints: int = 17) -> dict[str, tuple[int, ...]]:
    if head == "simple":
        return {
            "keypoint_head.final_layer.weight": (keypoints, width, 3, 3),
            "keypoint_head.final_layer.bias": (keypoints,),
        }
    shapes: dict[str, tuple[int, ...]] = {
        "keypoint_head.deconv_layers.0.weight": (width, 256, 4, 4),
        "keypoint_head.deconv_layers.3.weight": (256, 256, 4, 4),
        "keypoint_head.final_layer.weight": (keypoints, 256, 1, 1),
        "keypoint_head.final_layer.bias": (keypoints,),
    }
    for layer in (1, 4):
        for name in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"keypoint_head.deconv_layers.{layer}.{name}"] = (256,)
        shapes[f"keypoint_head.deconv_layers.{layer}.num_batches_tracked"] = ()
    return shapes


def original_shapes(size: VitSize, head: str, keypoints: int = 17) -> dict[str, tuple[int, ...]]:
    """Names and shapes of an original file."""
    backbone = backbone_shapes(width=size.width, depth=size.depth)
    return {f"backbone.{key}": shape for key, shape in backbone.items()} | head_shapes(size.width, head, keypoints)


def filled(shapes: dict[str, tuple[int, ...]], seed: int = 5) -> State:
    """Random numbers that batch norms can live with."""
    state: State = dict(random_state(shapes, seed))
    for key in state:
        is_norm = any(part in key for part in ("batchnorm", ".deconv_layers.1.", ".deconv_layers.4."))
        if key.endswith("num_batches_tracked"):
            state[key] = np.array(1000)
        elif is_norm and key.endswith(("weight", "running_var")):
            state[key] = np.abs(state[key]) + np.float32(0.5)
    return state


def original_state(size: str = "small", head: str = "classic", *, keypoints: int = 17, seed: int = 5) -> State:
    return filled(original_shapes(SIZES[size], head, keypoints), seed)


def save(state: State, path: Any, *, rooted: bool = False, meta: object = None) -> Any:
    """As the publisher writes it: the bare dict, or below `state_dict` beside `meta`."""
    import torch

    tensors = {key: torch.from_numpy(np.array(value)) for key, value in state.items()}
    torch.save({"state_dict": tensors, "meta": meta} if rooted else tensors, path)
    return path
