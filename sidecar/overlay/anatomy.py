"""What of a skeleton the drawing needs: the side and the fineness of every keypoint and bone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sidecar.overlay.palette import SIDES, Side
from sidecar.pose.skeleton import Skeleton

DETAILS = ("nose", "eye", "ear", "mouth", "pinky", "thumb", "index")  # faces and fingers: drawn finer
FINE = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Tables over keypoints (K) and bones (B).

    Attributes:
        bones: (B, 2) keypoint indices.
        bone_sides, joint_sides: side of the body.
        bone_groups: the bones that are drawn alike: (B,) masks, by side and factor on the width.
        bone_scale, joint_scale: (B,), (K,) factors on the width; 1 for limbs, FINE for details, and for joints beside
            the bones (a body model's own).
    """

    bones: NDArray[np.int64]
    bone_sides: tuple[Side, ...]
    joint_sides: tuple[Side, ...]
    bone_groups: tuple[tuple[Side, float, NDArray[np.bool_]], ...]
    bone_scale: NDArray[np.float64]
    joint_scale: NDArray[np.float64]


@lru_cache(maxsize=32)
def anatomy(skeleton: Skeleton) -> Anatomy:
    """The tables of a skeleton, by the names of its keypoints."""
    sides = tuple(_side(name) for name in skeleton.keypoints)
    bones = np.array(skeleton.edges, np.int64).reshape(-1, 2)
    jointed = set(bones.ravel().tolist()) or set(range(len(skeleton.keypoints)))
    scale = np.array(
        [FINE if _is_detail(name) or row not in jointed else 1.0 for row, name in enumerate(skeleton.keypoints)]
    )
    bone_sides = tuple(_bone_side(sides[first], sides[second]) for first, second in bones.tolist())
    bone_scale = scale[bones].min(axis=1) if len(bones) else np.ones(0)
    return Anatomy(
        bones=bones,
        bone_sides=bone_sides,
        joint_sides=sides,
        bone_groups=tuple(_groups(bone_sides, bone_scale)),
        bone_scale=bone_scale,
        joint_scale=scale,
    )


def _groups(sides: tuple[Side, ...], scales: NDArray[np.float64]) -> Iterator[tuple[Side, float, NDArray[np.bool_]]]:
    for side in SIDES:
        on_side = np.array([one == side for one in sides], np.bool_)
        for scale in np.unique(scales[on_side]).tolist():
            yield side, scale, on_side & (scales == scale)


def _side(name: str) -> Side:
    words = name.split("_")
    return "left" if "left" in words else "right" if "right" in words else "middle"


def _bone_side(first: Side, second: Side) -> Side:
    if first == second or second == "middle":
        return first
    return second if first == "middle" else "middle"


def _is_detail(name: str) -> bool:
    words = name.split("_")
    return "foot" not in words and any(word in DETAILS for word in words)
