"""Keypoints are found by name, and what a skeleton lacks is absent or refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sidecar.export.joints import BODY_25, COCO, FEET, ExportError, joint_table
from sidecar.pose.oks import BLAZEPOSE_TO_COCO
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17, Skeleton

OPENPOSE_ORDER = [
    "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "MidHip", "RHip", "RKnee",
    "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye", "REar", "LEar", "LBigToe", "LSmallToe", "LHeel", "RBigToe",
    "RSmallToe", "RHeel",
]  # fmt: skip


def rows(skeleton: Skeleton, *, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).uniform(0.1, 1.0, (len(skeleton.keypoints), 4))


def short(name: str) -> str:
    """left_big_toe as OpenPose spells it: LBigToe."""
    words = [word.title() for word in name.split("_")]
    return "".join({"Left": "L", "Right": "R"}.get(word, word) for word in words)


def test_coco_by_name_is_the_mapping_of_the_domain() -> None:
    keypoints = rows(BLAZEPOSE_33)
    taken = joint_table(COCO, BLAZEPOSE_33).take(keypoints)
    assert np.array_equal(taken, keypoints[list(BLAZEPOSE_TO_COCO)][:, [0, 1, 3]])
    keypoints = rows(COCO_17)
    assert np.array_equal(joint_table(COCO, COCO_17).take(keypoints), keypoints[:, [0, 1, 3]])


def test_body_25_has_the_order_of_openpose() -> None:
    assert [short(str(sources[0])) for sources in BODY_25] == OPENPOSE_ORDER


@pytest.mark.parametrize("skeleton", [BLAZEPOSE_33, COCO_17], ids=lambda skeleton: skeleton.name)
def test_neck_and_hip_are_middles_as_sure_as_the_fainter_end(skeleton: Skeleton) -> None:
    keypoints = rows(skeleton)
    taken = joint_table(BODY_25, skeleton, may_lack=FEET).take(keypoints)
    for joint, part in ((1, "shoulder"), (8, "hip")):
        pair = keypoints[[skeleton.index(f"left_{part}"), skeleton.index(f"right_{part}")]]
        assert taken[joint].tolist() == [*pair[:, :2].mean(axis=0), pair[:, 3].min()]


def test_feet_come_from_blazepose_and_small_toes_from_nobody() -> None:
    keypoints = rows(BLAZEPOSE_33)
    taken = joint_table(BODY_25, BLAZEPOSE_33, may_lack=FEET).take(keypoints)
    for joint, name in {19: "left_foot_index", 21: "left_heel", 22: "right_foot_index", 24: "right_heel"}.items():
        assert taken[joint].tolist() == keypoints[BLAZEPOSE_33.index(name)][[0, 1, 3]].tolist()
    assert taken[[20, 23]].tolist() == [[0, 0, 0]] * 2


def test_coco_skeletons_have_no_feet() -> None:
    taken = joint_table(BODY_25, COCO_17, may_lack=FEET).take(rows(COCO_17))
    assert not taken[sorted(FEET)].any()
    assert taken[: min(FEET)].all()


def test_joints_of_its_own_are_preferred_to_middles() -> None:
    skeleton = replace(BLAZEPOSE_33, keypoints=(*BLAZEPOSE_33.keypoints, "neck", "left_small_toe"))
    keypoints = rows(skeleton)
    taken = joint_table(BODY_25, skeleton, may_lack=FEET).take(keypoints)
    assert taken[[1, 20]].tolist() == keypoints[[33, 34]][:, [0, 1, 3]].tolist()


def test_what_cannot_be_seen_is_absent() -> None:
    keypoints = rows(COCO_17)
    keypoints[[0, 5], 3] = 0
    taken = joint_table(BODY_25, COCO_17, may_lack=FEET).take(keypoints)
    assert not taken[[0, 1, 5]].any()  # nose, left shoulder and the neck between it and the right one
    assert taken[2].all()


@pytest.mark.parametrize("wanted", [COCO, BODY_25])
def test_a_skeleton_without_a_body_is_refused_by_name(wanted: tuple[tuple[str, ...], ...]) -> None:
    skeleton = Skeleton("box_corners", ("nose", "top_left"), (), has_z=False, has_world=False)
    with pytest.raises(ExportError, match=r"skeleton box_corners has no (left_eye|neck), which") as caught:
        joint_table(wanted, skeleton, may_lack=FEET)
    assert "mot and csv" in caught.value.hint
