"""The 44 joints of HMR2.0: OpenPose's 25, picked from the body's own joints and surface, and 19 regressed from it.

Source: 4D-Humans, hmr2/models/smpl_wrapper.py; the vertex numbers are those of vchoutas/smplx, vertex_ids.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.pose.skeleton import OPENPOSE_25, Skeleton
from sidecar.smpl.skinning import Skinned

REGRESSED = 19  # rows of the second regressor, SMPL_to_J19.pkl

SMPL_24 = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip

# Nose, eyes and ears (right before left), left toes and heel, right toes and heel: joints 24 to 34 of 45. The ten
# finger tips that follow them there are in none of the 44.
_SURFACE = np.array([332, 6260, 2800, 4071, 583, 3216, 3226, 3387, 6617, 6624, 6787])
_TO_OPENPOSE = np.array([24, 12, 17, 19, 21, 16, 18, 20, 0, 2, 5, 8, 1, 4, 7, *range(25, 35)])

SMPL_44 = Skeleton(
    name="smpl_44",
    keypoints=(
        *OPENPOSE_25.keypoints,
        "right_ankle_lsp", "right_knee_lsp", "right_hip_lsp", "left_hip_lsp", "left_knee_lsp", "left_ankle_lsp",
        "right_wrist_lsp", "right_elbow_lsp", "right_shoulder_lsp", "left_shoulder_lsp", "left_elbow_lsp",
        "left_wrist_lsp", "neck_lsp", "head_top_lsp", "pelvis_mpii", "thorax_mpii", "spine_h36m", "jaw_h36m",
        "head_h36m",
    ),
    edges=OPENPOSE_25.edges,
    has_z=True,
    has_world=True,
)  # fmt: skip
MID_HIP = OPENPOSE_25.index("mid_hip")


def joints_44(body: Skinned, regressor: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """(B, 44, 3) in the order of SMPL_44, metres, in the model's frame.

    Args:
        body: SMPL's own, of 6890 vertices and 24 joints.
        regressor: (19, 6890).

    Raises:
        ValueError: the regressor does not fit the body.
    """
    wanted = (REGRESSED, body.vertices.shape[1])
    if regressor.shape != wanted:
        raise ValueError(f"the regressor must have shape {wanted}, got {regressor.shape}")
    with_surface = np.concatenate([body.joints, body.vertices[:, _SURFACE]], axis=1)
    return np.concatenate([with_surface[:, _TO_OPENPOSE], regressor @ body.vertices], axis=1)
