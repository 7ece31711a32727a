"""Bodies out of seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from sidecar.pose.body import Body
from tests.smpl.makers import rotations


def make_body(seed: int = 1, **changes: Any) -> Body:
    turns = rotations(24, seed=seed).astype(np.float32)
    fields: dict[str, Any] = {
        "global_orient": turns[0],
        "body_pose": turns[1:],
        "betas": np.random.default_rng(seed).normal(size=10).astype(np.float32),
        "translation": np.array([0, 0, 4 + seed], np.float32),
        "focal_px": 12500.0,
    }
    return Body(**{**fields, **changes})
