from __future__ import annotations

import numpy as np
import pytest

from sidecar.smpl.joints import MID_HIP, SMPL_24, SMPL_44, joints_44
from sidecar.smpl.skinning import Skinned

# vchoutas/smplx, vertex_ids.py ("smplh"), in the order in which its joint selector appends them.
FACE_AND_FEET = {
    "nose": 332, "right_eye": 6260, "left_eye": 2800, "right_ear": 4071, "left_ear": 583,
    "left_big_toe": 3216, "left_small_toe": 3226, "left_heel": 3387,
    "right_big_toe": 6617, "right_small_toe": 6624, "right_heel": 6787,
}  # fmt: skip
INNER = {
    "neck": "neck", "mid_hip": "pelvis",
    **{f"{side}_{joint}": f"{side}_{joint}" for side in ("left", "right")
       for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")},
}  # fmt: skip


def numbered() -> Skinned:
    """Joint j at (j, 0, 0), vertex v at (0, v, 0)."""
    joints, vertices = np.zeros((1, 24, 3)), np.zeros((1, 6890, 3))
    joints[0, :, 0], vertices[0, :, 1] = np.arange(24), np.arange(6890)
    return Skinned(vertices, joints, joints[:, 0])


def test_every_openpose_joint_comes_from_its_place() -> None:
    found = joints_44(numbered(), np.zeros((19, 6890)))[0]
    assert found.shape == (44, 3)
    for name, vertex in FACE_AND_FEET.items():
        assert found[SMPL_44.index(name)].tolist() == [0, vertex, 0], name
    for name, joint in INNER.items():
        assert found[SMPL_44.index(name)].tolist() == [SMPL_24.index(joint), 0, 0], name
    assert len(FACE_AND_FEET) + len(INNER) == 25
    assert SMPL_44.keypoints[MID_HIP] == "mid_hip"


def test_the_other_nineteen_are_regressed() -> None:
    regressor = np.zeros((19, 6890))
    regressor[np.arange(19), np.arange(19) * 7] = 0.5
    regressor[np.arange(19), np.arange(19) * 11 + 1] += 0.5
    found = joints_44(numbered(), regressor)[0, 25:, 1]
    np.testing.assert_allclose(found, (np.arange(19) * 7 + np.arange(19) * 11 + 1) / 2)


def test_names_are_distinct() -> None:
    assert len(set(SMPL_44.keypoints)) == 44
    assert SMPL_44.keypoints[25:28] == ("right_ankle_lsp", "right_knee_lsp", "right_hip_lsp")


def test_a_regressor_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(19, 6890\), got \(17, 6890\)"):
        joints_44(numbered(), np.zeros((17, 6890)))
