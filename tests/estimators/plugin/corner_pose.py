"""A whole third-party estimator: it reports one person with a keypoint in each corner of the image.

It needs numpy only; one with an inference engine imports that inside `create`, after the daemon has probed it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sidecar.estimators import protocol
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton

NAMES = ("top_left", "top_right", "bottom_right", "bottom_left")
CORNERS = Skeleton("corners", NAMES, edges=((0, 1), (1, 2), (2, 3), (3, 0)), has_z=False, has_world=False)


class CornerPose:
    info = EstimatorInfo(name="corners", skeleton=CORNERS, device="none", runtime=("numpy", np.__version__))

    def estimate(
        self, images: Sequence[Image], *, regions: Any = None, min_score: float = 0.5, cancel: CancelToken | None = None
    ) -> list[list[Person]]:
        people = []
        for image, squares in zip(images, protocol.regions_by_image(images, regions), strict=True):
            if cancel is not None:
                cancel.raise_if_cancelled()
            h, w = image.shape[:2]
            rows = np.array([(0, 0, 0, 1), (w, 0, 0, 1), (w, h, 0, 1), (0, h, 0, 1)], np.float32)
            people.append([Person(keypoints=rows, score=1.0)] if squares is None else [])
        return people

    def close(self) -> None:
        pass


SPEC = protocol.EstimatorSpec("corners", "one person with a keypoint in each corner", lambda context: CornerPose())
