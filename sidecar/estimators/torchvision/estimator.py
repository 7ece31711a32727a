"""Keypoint R-CNN as an estimator: whole images as they are, regions turned upright first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.asking import asked, opened
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.estimators.torchvision.regions import nearest_to_middle, upright
from sidecar.pose.person import LOW_SCORE_MIN, Person, observed
from sidecar.pose.region import Region
from sidecar.runtimes.torch import Batches, Placement
from sidecar.runtimes.torchvision import PERSON, as_input

_LOGIT_MAX = 60.0  # beyond, a sigmoid is 0 or 1 and its exponential overflows


class KeypointRcnn:
    """See `Estimator`. One image at a time: in a batch images are padded to one size, which moves keypoints."""

    def __init__(self, info: EstimatorInfo, *, network: Any, placement: Placement) -> None:
        self.info = info
        self._network: Any = network
        self._device = placement.device
        self._batches = Batches(placement, size=1)

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
            OutOfMemory: not even one image fits into memory.
        """
        opened(self._network)
        min_score = max(min_score, LOW_SCORE_MIN)
        found: list[list[Person]] = []
        for image, wanted in asked(images, regions, cancel=cancel):
            if wanted is None:
                found.append(self._people(image, min_score, cancel))
            else:
                found.append(self._in_regions(image, wanted, min_score, cancel))
        self._batches.release()
        return found

    def close(self) -> None:
        """Release the network and its memory. Idempotent."""
        self._network = None
        self._batches.release()

    def _people(self, image: Image, min_score: float, cancel: CancelToken | None) -> list[Person]:
        def read(batch: Sequence[Image]) -> list[list[Person]]:
            (answer,) = self._network([as_input(batch[0], self._device)])
            return [people(answer, min_score)]

        return self._batches.run(read, [image], cancel=cancel)[0]

    def _in_regions(
        self, image: Image, regions: Sequence[Region], min_score: float, cancel: CancelToken | None
    ) -> list[Person]:
        kept = []
        for index, region in enumerate(regions):
            view = upright(image, region)
            person = nearest_to_middle(self._people(view.pixels, min_score, cancel), view.side_px)
            if person is not None:
                kept.append(replace(person, keypoints=view.to_image(person.keypoints), region_index=index))
        return kept


def people(answer: dict[str, Any], min_score: float) -> list[Person]:
    """The people in the network's answer for one image, best first.

    The network scores a keypoint by the logit at its peak; its sigmoid is our visibility. The published `v` is
    always 1 and says nothing.
    """
    wanted = (answer["labels"] == PERSON) & (answer["scores"] >= min_score)
    scores = answer["scores"][wanted].cpu().numpy().astype(float)
    points: NDArray[np.float32] = answer["keypoints"][wanted].cpu().numpy()
    logits: NDArray[np.float32] = answer["keypoints_scores"][wanted].cpu().numpy()
    visibility = 1 / (1 + np.exp(-np.clip(logits, -_LOGIT_MAX, _LOGIT_MAX)))
    found = []
    for score, place, visible in zip(scores, points, visibility, strict=True):
        rows = np.concatenate([place[:, :2], np.zeros((len(place), 1)), visible[:, None]], axis=1)
        if np.isfinite(rows).all():
            found.append(Person(rows.astype(np.float32), min(1.0, float(score)), provenance=observed(float(score))))
    return sorted(found, key=lambda person: -person.score)
