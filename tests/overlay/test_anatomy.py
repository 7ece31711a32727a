from __future__ import annotations

from sidecar.overlay.anatomy import FINE, anatomy
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17, Skeleton


def make_skeleton(*edges: tuple[int, int]) -> Skeleton:
    return Skeleton("made", ("left_hip", "left_knee", "pelvis"), edges, has_z=False, has_world=False)


def test_a_joint_beside_the_bones_is_drawn_finer() -> None:
    assert anatomy(make_skeleton((0, 1))).joint_scale.tolist() == [1, 1, FINE]


def test_where_there_are_no_bones_every_joint_is_drawn_in_full() -> None:
    assert anatomy(make_skeleton()).joint_scale.tolist() == [1, 1, 1]


def test_the_limbs_of_known_skeletons_are_drawn_in_full() -> None:
    for skeleton in (BLAZEPOSE_33, COCO_17):
        scale = anatomy(skeleton).joint_scale
        assert all(scale[skeleton.index(f"left_{joint}")] == 1 for joint in ("shoulder", "elbow", "hip", "knee"))
