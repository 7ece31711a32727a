"""A third-party estimator of one person with a body that any process can move: its shape follows the picture.

Option `file` is where the small body model lies, or will lie.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.estimators.protocol import Estimator, EstimatorInfo, EstimatorSpec, Image, LoadContext, ModelRef
from sidecar.pose.body import Body
from sidecar.pose.person import Person
from sidecar.pose.skeleton import COCO_17
from sidecar.weights.store import sha256_of
from tests.smpl.makers import make_fields


class Shaped:
    def __init__(self, file: Path) -> None:
        self.info = EstimatorInfo(
            "shaped",
            COCO_17,
            "none",
            ("numpy", np.__version__),
            models=(ModelRef("made-body", file, sha256_of(file)),),
            body_model="made-body",
        )

    def estimate(self, images: Sequence[Image], **_: Any) -> list[list[Person]]:
        return [[_person(image)] for image in images]

    def close(self) -> None:
        pass


def _person(image: Image) -> Person:
    height, width = image.shape[:2]
    keypoints = np.ones((17, 4), np.float32)
    keypoints[:, 0] = width * np.linspace(0.4, 0.6, 17)
    keypoints[:, 1] = height * np.linspace(0.2, 0.8, 17)
    still = np.tile(np.eye(3, dtype=np.float32), (24, 1, 1))
    body = Body(
        global_orient=still[0],
        body_pose=still[1:],
        betas=np.full(10, image.mean() / 50, np.float32),
        translation=np.array([0, 0, 8], np.float32),
        focal_px=float(width),
    )
    return Person(keypoints, 0.9, body=body)


def _create(context: LoadContext) -> Estimator:
    file = Path(context.options["file"])
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        made = Path(folder) / "body.npz"
        np.savez(made, **make_fields())
        made.replace(file)  # several daemons write the same bytes
    return Shaped(file)


SPEC = EstimatorSpec("shaped", "one person with a shape", _create, options={"file": "of the body model"})
