"""Two engines for one network: crops in, heatmaps out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from sidecar.estimators.protocol import CancelToken
from sidecar.runtimes.openvino import Model
from sidecar.runtimes.torch import Batches, Placement

Crop = NDArray[np.uint8]
Heatmaps = NDArray[np.float32]

CPU_BATCH = 4  # a fifth more people a second than one at a time; 16 are no faster (bench/vit.py)
GPU_BATCH = 64


class Engine(Protocol):
    """Runs the network on crops of any number."""

    def __call__(self, crops: Sequence[Crop], *, cancel: CancelToken | None) -> list[Heatmaps]:
        """(256, 192, 3) crops -> (keypoints, 64, 48) heatmaps, in their order.

        Raises:
            Cancelled: `cancel` fired between batches.
            OutOfMemory: not even one crop fits.
        """


class OnTorch:
    """Batches that shrink when memory ends."""

    def __init__(self, reader: Any, placement: Placement, *, batch: int) -> None:
        self._reader = reader
        self._device = placement.device
        self._batches = Batches(placement, size=batch)

    def __call__(self, crops: Sequence[Crop], *, cancel: CancelToken | None) -> list[Heatmaps]:
        """See `Engine`."""
        found = self._batches.run(self._read, crops, cancel=cancel)
        self._batches.release()
        return found

    def _read(self, crops: Sequence[Crop]) -> list[Heatmaps]:
        pixels = torch.from_numpy(np.stack(crops)).to(self._device)
        return list(self._reader(pixels).cpu().numpy())


class OnOpenVino:
    """One crop after another: four at a time are 2 to 6 % faster, and would be read where there is one person too."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __call__(self, crops: Sequence[Crop], *, cancel: CancelToken | None) -> list[Heatmaps]:
        """See `Engine`."""
        found = []
        for crop in crops:
            if cancel is not None:
                cancel.raise_if_cancelled()
            self._model.input[0] = crop
            (heatmaps,) = self._model()
            found.append(heatmaps[0].copy())
        return found
