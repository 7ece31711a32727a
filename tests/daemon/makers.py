"""Builders for the daemon's tests."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from sidecar.daemon.requests import ImageSource, Request
from sidecar.pose.person import Person
from sidecar.pose.skeleton import COCO_17


def make_request(request_id: int = 1, **changes: Any) -> Request:
    """A request for one grey pixel."""
    fields: dict[str, Any] = {
        "id": request_id,
        "op": "estimate",
        "params": {},
        "sources": (ImageSource("gray8", 1, 1, 0, None, None),),
        "is_batch": False,
        "min_score": 0.5,
        "body": b"\x80",
        "body_b64": None,
        "path": None,
        "received_s": time.monotonic(),
        "deadline_s": None,
        "trace": None,
    }
    return Request(**{**fields, **changes})


def make_person(**changes: Any) -> Person:
    """Somebody with 17 keypoints."""
    keypoints = np.arange(len(COCO_17.keypoints) * 4, dtype=np.float32).reshape(-1, 4)
    fields: dict[str, Any] = {"keypoints": keypoints, "score": 0.75}
    return Person(**{**fields, **changes})
