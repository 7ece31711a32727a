"""ViTPose's network in torch, out of a file, and the engine that runs it there. Nothing else here needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.estimators.vitpose.heatmaps import Crop, Heatmaps
from sidecar.estimators.vitpose.layout import recognised
from sidecar.estimators.vitpose.network import Reader, VitPose
from sidecar.pose.skeleton import COCO_17
from sidecar.runtimes.torch import Batches, Placement
from sidecar.runtimes.torch_tensors import load_tensors

if TYPE_CHECKING:
    from sidecar.estimators.protocol import CancelToken, ModelRef

CPU_BATCH = 4  # a fifth more people a second than one at a time; 16 are no faster (bench/vit.py)
GPU_BATCH = 64


def make_reader(model: ModelRef, *, flip_test: bool) -> Reader:
    """The network of a file, ready to infer, on the CPU.

    Raises:
        ModelFileRefused: the file is damaged, or of another model.
    """
    weights = recognised(read_state_dict(model.path), model.path)
    if weights.keypoints != len(COCO_17.keypoints):
        raise ModelFileRefused(
            model.path, "mismatch", f"answers with {weights.keypoints} keypoints; only COCO's 17 are known"
        )
    network = VitPose(weights.size, weights.head, weights.keypoints)
    load_tensors(network, weights.tensors, source=model.path)
    return Reader(network, flip_test=flip_test).eval()


def engine_on_torch(reader: Reader, placement: Placement) -> OnTorch:
    """The network on its device, in its precision."""
    reader = reader.to(placement.device)
    reader.network.to(placement.dtype)  # mean and deviation stay float32
    return OnTorch(reader, placement, batch=CPU_BATCH if placement.device.type == "cpu" else GPU_BATCH)


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
