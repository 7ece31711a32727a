"""RTMDet-nano, a person detector: 320 px, suppression of duplicates inside the model.

Source: open-mmlab/mmpose, projects/rtmpose (RTMDet-nano person, exported with mmdeploy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from sidecar.runtimes.openvino import load_model

if TYPE_CHECKING:
    from sidecar.estimators.protocol import Image, ModelRef

NAME = "rtmdet-nano"
INPUT_PX = 320

_PAD = 114.0
# Of RGB images; the model's channels are B, G, R.
_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
_STD = np.array([58.395, 57.12, 57.375], np.float32)

Boxes = NDArray[np.float32]


class RtmDet:
    """RTMDet-nano on the CPU, one image at a time."""

    name = NAME

    def __init__(
        self, model: ModelRef, *, threads: int, cache_dir: Path | None, warn: Callable[[str, str, str | None], None]
    ) -> None:
        self.model = model
        self._network = load_model(
            model.path,
            model.sha256,
            outputs=("dets",),
            threads=threads,
            cache_dir=cache_dir,
            warn=warn,
            input_shape=(1, 3, INPUT_PX, INPUT_PX),
        )

    def detect(self, images: Sequence[Image], *, min_score: float) -> list[Boxes]:
        """See `Detector.detect`."""
        return [self._detect(image, min_score) for image in images]

    def _detect(self, image: Image, min_score: float) -> Boxes:
        scale = fit(image, self._network.input[0])
        (found,) = self._network()
        rows = found.reshape(-1, 5)
        rows = rows[rows[:, 4] >= min_score]
        boxes = rows[np.argsort(-rows[:, 4], kind="stable")]
        boxes[:, :4] /= scale
        return boxes


def fit(image: Image, planes: NDArray[np.float32]) -> float:
    """Scale the image into the top left corner of normalised B, G, R planes (3, side, side), and return the scale."""
    side = planes.shape[1]
    height, width = image.shape[:2]
    scale = float(side / max(height, width))
    small_width, small_height = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, (small_width, small_height), interpolation=cv2.INTER_LINEAR)
    for channel in range(3):
        plane = planes[2 - channel]
        plane.fill((_PAD - _MEAN[channel]) / _STD[channel])
        plane[:small_height, :small_width] = (small[:, :, channel] - _MEAN[channel]) / _STD[channel]
    return scale
