"""The part of HMR2.0 that knows no detector: squares of images in, people with bodies out, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sidecar.estimators.hmr2.crop import crop
from sidecar.estimators.hmr2.people import BodyReader, Look
from sidecar.estimators.protocol import CancelToken, Image
from sidecar.pose.person import Person
from sidecar.runtimes.torch import Batches


class Bodies:
    """Network, body and memory of one HMR2.0."""

    def __init__(self, *, network: Any, reader: BodyReader, batches: Batches) -> None:
        self._network: Any = network
        self._reader = reader
        self._batches = batches

    def read(
        self, images: Sequence[Image], looks: Sequence[Look], *, cancel: CancelToken | None
    ) -> list[Person | None]:
        """One person per look; None where the network's numbers cannot be meant.

        Raises:
            Cancelled: `cancel` fired between batches.
            OutOfMemory: not even one person fits into memory.
        """

        def work(batch: Sequence[Look]) -> list[Person | None]:
            numbers = self._network.read(np.stack([crop(images[look.image], look.region) for look in batch]))
            return self._reader.read(batch, numbers.pose, numbers.betas, numbers.camera)

        try:
            return self._batches.run(work, looks, cancel=cancel)
        finally:
            self._batches.release()

    def release(self) -> None:
        """Drop the network and give its memory back. Idempotent; nothing can be read afterwards."""
        self._network = None
        self._batches.release()
