"""torchvision's detectors, trained on COCO, as person detectors: their boxes of people, nothing of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sidecar.detectors.catalogue import TORCHVISION
from sidecar.runtimes.torch import Batches, Placement
from sidecar.runtimes.torchvision import PERSON, as_input, build

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image, ModelRef

Boxes = NDArray[np.float32]


class TorchvisionDetector:
    """Faster R-CNN, SSDLite, RetinaNet or FCOS, one image at a time.

    In a batch, images are padded to one size, which moves boxes a little: an answer shall not depend on what else was
    asked.
    """

    def __init__(self, model: ModelRef, *, placement: Placement) -> None:
        self.name = model.name
        self.model = model
        self._device = placement.device
        self._network = build(TORCHVISION[model.name], model.path, placement.device)
        self._batches = Batches(placement, size=1)

    def detect(self, images: Sequence[Image], *, min_score: float) -> list[Boxes]:
        """See `Detector.detect`."""
        found = self._batches.run(lambda batch: [self._detect(batch[0], min_score)], images)
        self._batches.release()
        return found

    def _detect(self, image: Image, min_score: float) -> Boxes:
        (answer,) = self._network([as_input(image, self._device)])
        people = (answer["labels"] == PERSON) & (answer["scores"] >= min_score)
        rows = np.concatenate(
            [answer["boxes"][people].cpu().numpy(), answer["scores"][people, None].cpu().numpy()], axis=1
        ).astype(np.float32)
        best_first: Boxes = rows[np.argsort(-rows[:, 4], kind="stable")]
        return best_first
