"""Both readers' keypoints in one list, and two views of a person made one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sidecar.pose.person import Person
from sidecar.pose.skeleton import COCO_17, Skeleton
from sidecar.smpl.joints import SMPL_44

_DEPTH = np.array([SMPL_44.index(name) for name in COCO_17.keypoints])  # rows of the body's joints of COCO's names

HYBRID_61 = Skeleton(
    name="hybrid_61",
    keypoints=(
        *COCO_17.keypoints,
        *(f"{name}_smpl" if name in COCO_17.keypoints else name for name in SMPL_44.keypoints),
    ),
    edges=COCO_17.edges,  # a second set of bones over the first would hide both, and the mesh
    has_z=True,
    has_world=True,
)


def joined(flat: Person, solid: Person) -> Person:
    """One person with the keypoints of HYBRID_61.

    The first 17 are ViTPose's, with its scores; their depth and their place in space are those of the body's joints of
    the same names. The other 44 are the body's, as HMR2 gives them.

    Args:
        flat: with the 17 keypoints of COCO; score, provenance and region are this one's.
        solid: with the 44 of SMPL_44, in px and in metres, and the body.
    """
    assert solid.keypoints_world is not None
    near = flat.keypoints.copy()
    near[:, 2] = solid.keypoints[_DEPTH, 2]
    return replace(
        flat,
        keypoints=np.concatenate([near, solid.keypoints]),
        keypoints_world=np.concatenate([solid.keypoints_world[_DEPTH], solid.keypoints_world]),
        body=solid.body,
    )
