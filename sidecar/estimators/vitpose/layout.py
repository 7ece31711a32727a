"""The published layouts of ViTPose's weights, each turned into the one that our network has.

Original files (ViTAE-Transformer/ViTPose) name their tensors as the network does. Converted ones
(huggingface/transformers, convert_vitpose_to_hf.py) have other names, and query, key and value apart. Files of ViTPose+
hold six experts for a part of each block's last layer; the one for COCO is put in its place, which makes them plain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import require_known
from sidecar.estimators.vit.sizes import SIZES, VitSize

COCO_EXPERT = 0
HEADS = ("keypoint_head.", "head.")  # what the keys of a head begin with, original and converted
Head = Literal["classic", "simple"]

_FOR_TRAINING = ("associate_keypoint_heads.",)  # heads of ViTPose+ for other sets of keypoints
_COUNTER = "num_batches_tracked"  # of batch norms; inference reads none
_EXPERT = re.compile(r"(backbone\.blocks\.[0-9]+\.mlp)\.experts\.([0-9]+)\.(weight|bias)")
_RENAMED = (
    (re.compile(r"^backbone\.embeddings\.patch_embeddings\.projection\."), "backbone.patch_embed.proj."),
    (re.compile(r"^backbone\.embeddings\.position_embeddings$"), "backbone.pos_embed"),
    (re.compile(r"^backbone\.encoder\.layer\.([0-9]+)\."), r"backbone.blocks.\1."),
    (re.compile(r"\.attention\.output\.dense\."), ".attn.proj."),
    (re.compile(r"\.attention\.attention\.(query|key|value)\."), r".attn.\1."),
    (re.compile(r"\.layernorm_before\."), ".norm1."),
    (re.compile(r"\.layernorm_after\."), ".norm2."),
    (re.compile(r"\.mlp\.experts\.experts\."), ".mlp.experts."),
    (re.compile(r"^backbone\.layernorm\."), "backbone.last_norm."),
    (re.compile(r"^head\.deconv1\."), "keypoint_head.deconv_layers.0."),
    (re.compile(r"^head\.batchnorm1\."), "keypoint_head.deconv_layers.1."),
    (re.compile(r"^head\.deconv2\."), "keypoint_head.deconv_layers.3."),
    (re.compile(r"^head\.batchnorm2\."), "keypoint_head.deconv_layers.4."),
    (re.compile(r"^head\.conv\."), "keypoint_head.final_layer."),
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A ViTPose's tensors in our layout, and the network that they fit.

    Attributes:
        size: of the backbone.
        head: which of the two.
        keypoints: how many it answers with.
        tensors: by the names of the original files.
    """

    size: VitSize
    head: Head
    keypoints: int
    tensors: Mapping[str, Array]


def recognised(state: Mapping[str, Array], source: Path) -> Weights:
    """A file's tensors in our layout.

    Raises:
        ModelFileRefused: they are of no ViTPose that we know.
    """
    tensors = {_renamed(key): array for key, array in state.items() if not key.endswith(_COUNTER)}
    tensors = {key: array for key, array in tensors.items() if not key.startswith(_FOR_TRAINING)}
    tensors = _with_expert(_with_joined_attention(tensors), source)
    require_known(source, tensors, ("backbone.", "keypoint_head."))
    final, position = tensors.get("keypoint_head.final_layer.weight"), tensors.get("backbone.pos_embed")
    if final is None or final.ndim != 4 or position is None or position.ndim != 3:
        raise ModelFileRefused(source, "mismatch", "is no ViTPose: it has no head, or no embedding of positions")
    size = next((size for size in SIZES.values() if size.width == position.shape[2]), None)
    if size is None:
        widths = ", ".join(str(size.width) for size in SIZES.values())
        raise ModelFileRefused(source, "mismatch", f"has tokens of {position.shape[2]} channels; known: {widths}")
    head: Head = "classic" if "keypoint_head.deconv_layers.0.weight" in tensors else "simple"
    return Weights(size, head, final.shape[0], tensors)


def _renamed(key: str) -> str:
    for pattern, name in _RENAMED:
        key = pattern.sub(name, key)
    return key


def _with_joined_attention(tensors: Mapping[str, Array]) -> dict[str, Array]:
    joined = {key: array for key, array in tensors.items() if ".attn.query." not in key}
    for key in tensors:
        if ".attn.query." not in key:
            continue
        parts = [key.replace(".query.", f".{part}.") for part in ("query", "key", "value")]
        if all(part in tensors for part in parts):
            joined[key.replace(".query.", ".qkv.")] = np.concatenate([tensors[part] for part in parts])
            for part in parts[1:]:
                del joined[part]
    return joined


def _with_expert(tensors: Mapping[str, Array], source: Path) -> dict[str, Array]:
    """fc2 with the rows of its COCO expert below its own; the other experts are left out."""
    plain = {key: array for key, array in tensors.items() if not _EXPERT.fullmatch(key)}
    for key, array in tensors.items():
        expert = _EXPERT.fullmatch(key)
        if expert is None or int(expert[2]) != COCO_EXPERT:
            continue
        shared = plain.get(f"{expert[1]}.fc2.{expert[3]}")
        if shared is None or shared.ndim != array.ndim or shared.shape[1:] != array.shape[1:]:
            raise ModelFileRefused(source, "mismatch", f"{key} does not continue the layer it belongs to")
        plain[f"{expert[1]}.fc2.{expert[3]}"] = np.concatenate([shared, array])
    return plain
