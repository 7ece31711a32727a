"""What a person detector satisfies: images in, boxes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sidecar.estimators.protocol import Image, ModelRef


class Detector(Protocol):
    """Finds people, without their joints. Used from one thread."""

    @property
    def name(self) -> str:
        """Its name in options, READY and result files."""

    @property
    def model(self) -> ModelRef:
        """The file in use."""

    def detect(self, images: Sequence[Image], *, min_score: float) -> list[NDArray[np.float32]]:
        """Boxes of the people in each image, best first: (N, 5) rows [x1, y1, x2, y2, score], px, score in [0, 1].

        Boxes are not clipped to the image, and duplicates are already suppressed.
        """
