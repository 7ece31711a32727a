"""BlazePose as an estimator: whole images go to a finder, regions straight to the landmark network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sidecar.estimators.asking import asked, opened, require_image
from sidecar.estimators.blazepose.finders import Finder, Read
from sidecar.estimators.blazepose.networks import read_region
from sidecar.estimators.proposing import Proposal
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.pose.person import LOW_SCORE_MIN, Person
from sidecar.pose.region import Region
from sidecar.runtimes.openvino import Model


class BlazePose:
    """See `Estimator`. Regions are read one by one: on a CPU the network gains nothing from a batch."""

    def __init__(self, info: EstimatorInfo, *, landmarks: Model, finder: Finder) -> None:
        self.info = info
        self._parts: tuple[Model, Finder] | None = (landmarks, finder)

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
        """
        landmarks, finder = opened(self._parts)
        min_score = max(min_score, LOW_SCORE_MIN)
        found = []
        for image, wanted in asked(images, regions, cancel=cancel):
            read = _reader(landmarks, image, cancel)
            if wanted is None:
                found.append(finder(image, read, min_score=min_score))
            else:
                found.append(_in_regions(read, wanted, min_score))
        return found

    def propose(self, image: Image, window: Region | None = None, *, min_score: float) -> list[Proposal]:
        """See `Proposer.propose`.

        Raises:
            ValueError: the image has the wrong type, shape or size.
            RuntimeError: the estimator is closed.
        """
        _, finder = opened(self._parts)
        require_image(image)
        return finder.propose(image, window, min_score=max(min_score, LOW_SCORE_MIN))

    def close(self) -> None:
        """Release the networks. Idempotent."""
        self._parts = None


def _reader(landmarks: Model, image: Image, cancel: CancelToken | None) -> Read:
    def read(region: Region) -> Person | None:
        if cancel is not None:
            cancel.raise_if_cancelled()
        return read_region(landmarks, image, region)

    return read


def _in_regions(read: Read, regions: Sequence[Region], min_score: float) -> list[Person]:
    people = ((index, read(region)) for index, region in enumerate(regions))
    return [
        replace(person, region_index=index)
        for index, person in people
        if person is not None and person.score >= min_score
    ]
