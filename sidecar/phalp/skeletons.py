"""The skeleton of imported people where only boxes were kept."""

from __future__ import annotations

from sidecar.pose.skeleton import Skeleton

BOX_CORNERS = Skeleton(
    name="box_corners",
    keypoints=("top_left", "top_right", "bottom_right", "bottom_left"),
    edges=((0, 1), (1, 2), (2, 3), (3, 0)),
    has_z=False,
    has_world=False,
)
