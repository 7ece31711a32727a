"""A third-party estimator of bodies that needs no weights: two people whose every number says what it is.

A number of person p is 100 * p + its place in its array; meshes have four corners and two triangles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.estimators.protocol import Estimator, EstimatorInfo, EstimatorSpec, Image, LoadContext, Requirement
from sidecar.pose.body import Body
from sidecar.pose.person import Person
from sidecar.pose.skeleton import COCO_17

PEOPLE = 2
FACES = np.array([[0, 1, 2], [2, 1, 3]], np.uint32)


def numbered(person: int, *shape: int) -> NDArray[np.float32]:
    return (100 * person + np.arange(np.prod(shape)).reshape(shape)).astype(np.float32)


class Bodied:
    def __init__(self, *, meshes: bool) -> None:
        self._meshes = meshes
        self.info = EstimatorInfo("bodied", COCO_17, "none", ("numpy", np.__version__), faces=FACES if meshes else None)

    def estimate(self, images: Sequence[Image], **_: Any) -> list[list[Person]]:
        return [[self._person(index) for index in range(PEOPLE)] for _ in images]

    def _person(self, index: int) -> Person:
        body = Body(
            global_orient=numbered(index, 3, 3),
            body_pose=numbered(index, 23, 3, 3),
            betas=numbered(index, 10),
            translation=numbered(index, 3),
            focal_px=1000.0 + index,
            vertices=numbered(index, 4, 3) if self._meshes else None,
        )
        return Person(numbered(index, 17, 4), 0.9, body=body)

    def close(self) -> None:
        pass


def _create(context: LoadContext) -> Estimator:
    return Bodied(meshes=context.options.get("meshes") == "on")


SPEC = EstimatorSpec(
    name="bodied",
    summary="two people with bodies",
    create=_create,
    requires=(Requirement("numpy", "numpy"),),
    options={"meshes": "on or off"},
)
