"""HMR2.0 as an estimator: a detector's boxes or the caller's regions, read in batches over all images."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.detectors.protocol import Detector
from sidecar.estimators.asking import asked, opened
from sidecar.estimators.hmr2.bodies import Bodies
from sidecar.estimators.hmr2.crop import square_of
from sidecar.estimators.hmr2.people import Look
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.pose.person import LOW_SCORE_MIN, Person
from sidecar.pose.region import Region

PEOPLE_MAX = 64  # per image; the detector's weaker boxes are dropped
REGION_SCORE = 1.0  # the network has no opinion of its own; whoever names a region vouches for it


class Hmr2:
    """See `Estimator`. The score of a person is the detector's."""

    def __init__(self, info: EstimatorInfo, *, bodies: Bodies, detector: Detector) -> None:
        self.info = info
        self._parts: tuple[Bodies, Detector] | None = (bodies, detector)

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
        bodies, detector = opened(self._parts)
        min_score = max(min_score, LOW_SCORE_MIN)
        looks: list[Look] = []
        for index, (image, wanted) in enumerate(asked(images, regions, cancel=cancel)):
            looks += _looks(index, image, wanted, detector, min_score)
        found: list[list[Person]] = [[] for _ in images]
        for look, person in zip(looks, bodies.read(images, looks, cancel=cancel), strict=True):
            if person is not None:
                found[look.image].append(person)
        return found

    def close(self) -> None:
        """Release the network and its memory. Idempotent."""
        if self._parts is not None:
            self._parts[0].release()
        self._parts = None


def _looks(
    index: int, image: Image, regions: Sequence[Region] | None, detector: Detector, min_score: float
) -> list[Look]:
    height, width = image.shape[:2]
    if regions is not None:
        return [Look(index, width, height, region, REGION_SCORE, place) for place, region in enumerate(regions)]
    (boxes,) = detector.detect([image], min_score=min_score)
    squares = [(square_of(x1, y1, x2, y2), score) for x1, y1, x2, y2, score in boxes[:PEOPLE_MAX].tolist()]
    return [
        Look(index, width, height, square, min(1.0, score), None) for square, score in squares if square is not None
    ]
