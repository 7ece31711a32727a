"""Answers with fixed figures, or with nobody."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image, regions_by_image
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.pose.skeleton import COCO_17

_DELAY_STEP_S = 0.005  # how long a cancelled request may still wait

# A standing figure facing the camera, x and y in fractions of its region's side.
_FIGURE = np.array(
    [
        (0.50, 0.12), (0.52, 0.10), (0.48, 0.10), (0.55, 0.11), (0.45, 0.11),
        (0.60, 0.26), (0.40, 0.26), (0.64, 0.41), (0.36, 0.41), (0.66, 0.55), (0.34, 0.55),
        (0.56, 0.54), (0.44, 0.54), (0.57, 0.72), (0.43, 0.72), (0.57, 0.90), (0.43, 0.90),
    ],
    np.float32,
)  # fmt: skip


class NullEstimator:
    """Answers with `persons` fixed figures side by side, or one in each region, after `delay_ms`."""

    def __init__(self, *, persons: int, delay_ms: int) -> None:
        self._persons = persons
        self._delay_s = delay_ms / 1000
        self.info = EstimatorInfo(
            name="null",
            skeleton=COCO_17,
            device="none",
            runtime=("numpy", np.__version__),
            options={"persons": persons},
        )

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """See `Estimator.estimate`. Every figure scores 1, so `min_score` leaves none out."""
        found = []
        for image, wanted in zip(images, regions_by_image(images, regions), strict=True):
            self._wait(cancel)
            if wanted is None:
                found.append([_person(region) for region in _side_by_side(image, self._persons)])
            else:
                found.append([_person(region, index) for index, region in enumerate(wanted) if self._persons])
        return found

    def close(self) -> None:
        """Nothing to release."""

    def _wait(self, cancel: CancelToken | None) -> None:
        end = time.monotonic() + self._delay_s
        while True:
            if cancel is not None:
                cancel.raise_if_cancelled()
            left_s = end - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(left_s, _DELAY_STEP_S))


def _side_by_side(image: Image, count: int) -> list[Region]:
    height, width = image.shape[:2]
    return [Region((i + 0.5) * width / count, height / 2, float(min(height, width / count))) for i in range(count)]


def _person(region: Region, index: int | None = None) -> Person:
    keypoints: NDArray[np.float32] = np.zeros((len(_FIGURE), 4), np.float32)
    keypoints[:, :2] = (_FIGURE - 0.5) * np.float32(region.size) + np.array([region.cx, region.cy], np.float32)
    keypoints[:, 3] = 1
    return Person(keypoints=keypoints, score=1.0, region=region, region_index=index)
