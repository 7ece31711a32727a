"""Skeletons of imported people: OpenPose's 25 joints, or the corners of a box where only boxes were kept."""

from __future__ import annotations

from sidecar.pose.skeleton import Skeleton

# The first 25 of PHALP's 45 joints. Of the others 19 are second estimates of the same body, and the last is zero.
OPENPOSE_25 = Skeleton(
    name="openpose_25",
    keypoints=(
        "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
        "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
        "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel",
        "right_big_toe", "right_small_toe", "right_heel",
    ),
    edges=(
        (0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (10, 11), (8, 12), (12, 13),
        (13, 14), (0, 15), (15, 17), (0, 16), (16, 18), (14, 19), (19, 20), (14, 21), (11, 22), (22, 23), (11, 24),
    ),
    has_z=True,
    has_world=True,
)  # fmt: skip

BOX_CORNERS = Skeleton(
    name="box_corners",
    keypoints=("top_left", "top_right", "bottom_right", "bottom_left"),
    edges=((0, 1), (1, 2), (2, 3), (3, 0)),
    has_z=False,
    has_world=False,
)
