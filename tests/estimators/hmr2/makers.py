"""HMR2.0 with a seeded body of the true size, and a network that says what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.hmr2.people import BodyReader
from sidecar.estimators.protocol import EstimatorInfo, Image, ModelRef
from sidecar.smpl.body_model import BodyModel, body_model
from sidecar.smpl.joints import SMPL_44
from tests.smpl.makers import make_fields

if TYPE_CHECKING:
    from sidecar.estimators.hmr2.estimator import Hmr2

MEAN_POSE = np.tile(np.array([1, 0, 0, 0, 1, 0], np.float32), (24, 1))


@cache
def true_size_body() -> BodyModel:
    fields = make_fields(vertices=6890, faces=13776)
    fields["v_template"] *= 0.3
    return body_model(fields, source=Path("made.pkl"))


@cache
def regressor() -> NDArray[np.float32]:
    chance = np.random.default_rng(8)
    rows = chance.random((19, 6890)) ** 20
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)


class FakeNetwork:
    """Says the same of every crop, or what `say` makes of the crops' number; remembers the batches."""

    def __init__(self, say: Callable[[int], Any] | None = None) -> None:
        self._say = say
        self.batches: list[int] = []
        self.crops: list[NDArray[np.float32]] = []

    def read(self, crops: NDArray[np.float32]) -> Any:
        from sidecar.estimators.hmr2.network import Numbers

        self.batches.append(len(crops))
        if self._say is not None:
            return self._say(len(crops))
        self.crops += list(crops)
        count = len(crops)
        return Numbers(
            np.tile(MEAN_POSE, (count, 1, 1)), np.zeros((count, 10), np.float32), np.tile([0.9, 0.0, 0.0], (count, 1))
        )


class FakeDetector:
    """The same boxes in every image."""

    name = "fake"
    model = ModelRef("fake", Path("fake"), "0" * 64)

    def __init__(self, *boxes: Sequence[float]) -> None:
        self._boxes = np.array(boxes, np.float32).reshape(-1, 5)

    def detect(self, images: Sequence[Image], *, min_score: float) -> list[NDArray[np.float32]]:
        return [self._boxes[self._boxes[:, 4] >= min_score] for _ in images]


def make_hmr2(
    *, network: Any = None, boxes: Sequence[Sequence[float]] = (), meshes: bool = False, batch: int = 4
) -> Hmr2:
    import torch

    from sidecar.estimators.hmr2.bodies import Bodies
    from sidecar.estimators.hmr2.estimator import Hmr2
    from sidecar.runtimes.torch import Batches, Placement

    body = true_size_body()
    info = EstimatorInfo("hmr2", SMPL_44, "cpu", ("torch", "0"), detector="fake", faces=body.faces if meshes else None)
    bodies = Bodies(
        network=network or FakeNetwork(),
        reader=BodyReader(body, regressor(), meshes),
        batches=Batches(Placement(torch.device("cpu"), torch.float32), size=batch),
    )
    return Hmr2(info, bodies=bodies, detector=FakeDetector(*boxes))
