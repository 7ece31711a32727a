"""HMR2.0 as an estimator: a detector's boxes or the caller's regions, read in batches over all images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sidecar.detectors.protocol import Detector
from sidecar.estimators.asking import asked, opened
from sidecar.estimators.hmr2.crop import crop, square_of
from sidecar.estimators.hmr2.people import BodyReader, Look
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.pose.person import LOW_SCORE_MIN, Person
from sidecar.pose.region import Region
from sidecar.runtimes.torch import Batches

PEOPLE_MAX = 64  # per image; the detector's weaker boxes are dropped
REGION_SCORE = 1.0  # the network has no opinion of its own; whoever names a region vouches for it


class Hmr2:
    """See `Estimator`. The score of a person is the detector's."""

    def __init__(
        self, info: EstimatorInfo, *, network: Any, reader: BodyReader, detector: Detector, batches: Batches
    ) -> None:
        self.info = info
        self._network: Any = network
        self._reader = reader
        self._detector = detector
        self._batches = batches

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        """See `Estimator.estimate`.

        Raises:
            ValueError: an image has the wrong type, shape or size.
            RuntimeError: the estimator is closed.
            OutOfMemory: not even one person fits into memory.
        """
        network = opened(self._network)
        min_score = max(min_score, LOW_SCORE_MIN)
        looks: list[Look] = []
        for index, (image, wanted) in enumerate(asked(images, regions, cancel=cancel)):
            looks += self._looks(index, image, wanted, min_score)
        found: list[list[Person]] = [[] for _ in images]

        def read(batch: Sequence[Look]) -> list[Person | None]:
            numbers = network.read(np.stack([crop(images[look.image], look.region) for look in batch]))
            return self._reader.read(batch, numbers.pose, numbers.betas, numbers.camera)

        try:
            for look, person in zip(looks, self._batches.run(read, looks, cancel=cancel), strict=True):
                if person is not None:
                    found[look.image].append(person)
        finally:
            self._batches.release()
        return found

    def close(self) -> None:
        """Release the network and its memory. Idempotent."""
        self._network = None
        self._batches.release()

    def _looks(self, index: int, image: Image, regions: Sequence[Region] | None, min_score: float) -> list[Look]:
        height, width = image.shape[:2]
        if regions is not None:
            return [Look(index, width, height, region, REGION_SCORE, place) for place, region in enumerate(regions)]
        (boxes,) = self._detector.detect([image], min_score=min_score)
        squares = [(square_of(x1, y1, x2, y2), score) for x1, y1, x2, y2, score in boxes[:PEOPLE_MAX].tolist()]
        return [
            Look(index, width, height, square, min(1.0, score), None) for square, score in squares if square is not None
        ]
