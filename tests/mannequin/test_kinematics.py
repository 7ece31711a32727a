"""Joints: bones keep their lengths, left is left, feet stand on the ground."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.mannequin.body.kinematics import ArmPose, BodyPose, FootPose, solve
from sidecar.mannequin.body.shape import Shape
from tests.mannequin.makers import SHAPE, make_camera, make_joints

angles = st.floats(-1.2, 1.2)
arms = st.builds(
    ArmPose,
    lift=st.floats(0, 2.5),
    swing=angles,
    bend=st.floats(0, 2.2),
    bend_to=st.tuples(angles, angles, st.floats(0.2, 1)),
)
feet = st.builds(
    FootPose,
    ground=st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6)),
    lift=st.floats(0, 0.5),
    toes_down=angles,
    heading=angles,
)
poses = st.builds(
    BodyPose, root=st.tuples(st.floats(-3, 3), st.floats(-3, 3)), pelvis=st.floats(0.6, 1.2), heading=st.floats(-7, 7),
    feet=st.tuples(feet, feet), arms=st.tuples(arms, arms), lean=angles, twist=angles, roll=angles,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(poses)
def test_bones_keep_their_lengths_in_any_pose(pose: BodyPose) -> None:
    joints = solve(SHAPE, pose)
    assert np.isfinite(joints.points).all()
    for side in ("left", "right"):
        for start, end, length in (
            ("hip", "knee", SHAPE.thigh), ("knee", "ankle", SHAPE.shank),
            ("shoulder", "elbow", SHAPE.upper_arm), ("elbow", "wrist", SHAPE.forearm),
        ):  # fmt: skip
            bone = joints[f"{side}_{end}"] - joints[f"{side}_{start}"]
            assert np.linalg.norm(bone) == pytest.approx(length, abs=2e-3), (side, start)


@settings(max_examples=60, deadline=None)
@given(poses)
def test_frames_are_rotations(pose: BodyPose) -> None:
    for name, frame in solve(SHAPE, pose).frames.items():
        assert frame.T @ frame == pytest.approx(np.eye(3), abs=1e-6), name
        assert np.linalg.det(frame) == pytest.approx(1.0, abs=1e-6), name


def test_who_faces_the_viewer_has_the_left_side_on_the_right_of_the_picture() -> None:
    camera = make_camera()
    joints = make_joints(heading=0.0)
    pixels = camera.project(camera.to_camera(np.array([joints["left_shoulder"], joints["right_shoulder"]])))
    assert pixels[0, 0] > pixels[1, 0]


@pytest.mark.parametrize(("heading", "towards"), [(0.0, (0, 1)), (math.pi / 2, (1, 0)), (math.pi, (0, -1))])
def test_the_nose_points_where_the_body_is_headed(heading: float, towards: tuple[int, int]) -> None:
    joints = make_joints(heading=heading)
    ears = (joints["left_ear"] + joints["right_ear"]) / 2
    ahead = (joints["nose"] - ears)[[0, 2]]
    assert ahead / np.linalg.norm(ahead) == pytest.approx(np.array(towards), abs=0.05)


def test_standing_feet_are_on_the_ground_and_the_head_is_at_body_height() -> None:
    joints = make_joints()
    for side in ("left", "right"):
        assert 0.0 < joints[f"{side}_heel"][1] < 0.06
        assert 0.0 < joints[f"{side}_foot_index"][1] < 0.06
    top = joints["skull"][1] + SHAPE.head_half_height
    assert top == pytest.approx(SHAPE.height, abs=0.06)


@pytest.mark.parametrize("height", [1.5, 1.75, 2.0])
def test_measures_grow_with_the_body(height: float) -> None:
    shape = Shape(height=height, girth=1.0)
    assert shape.leg + shape.torso + shape.neck + shape.head_half_height == pytest.approx(height, rel=0.03)
