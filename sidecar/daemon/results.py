"""People as RESULT messages: meta and float32 arrays on frames, nested lists on JSON lines. Never NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.daemon.bodies import FACES, BadBody, body_arrays, body_fields, check_body, faces_array
from sidecar.daemon.errors import RequestError
from sidecar.pose.person import Person
from sidecar.pose.skeleton import Skeleton
from sidecar.wire.generated import codes

KEYPOINT_DECIMALS = 4  # px, JSON lines only: far below what any model resolves
WORLD_DECIMALS = 6  # metres


@dataclass(frozen=True, slots=True)
class Found:
    """One image's outcome: its upright size in px and the people in it."""

    width: int
    height: int
    persons: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Failed:
    """One image's outcome: why it failed."""

    error: Mapping[str, Any]


Outcome = Found | Failed


def check_people(persons: Sequence[Person], skeleton: Skeleton) -> None:
    """Refuse what an estimator may not answer, before it reaches a client that trusts us.

    Raises:
        RequestError: INFERENCE_FAILED, naming the person and the value.
    """
    for index, person in enumerate(persons):
        _check_array(person.keypoints, (len(skeleton.keypoints), 4), f"keypoints of person {index}")
        if person.keypoints_world is not None:
            _check_array(person.keypoints_world, (len(skeleton.keypoints), 3), f"keypoints_world of person {index}")
        if person.body is not None:
            try:
                check_body(person.body)
            except BadBody as error:
                raise _refused(f"body of person {index}: {error}") from error
        if not 0 <= person.score <= 1:
            raise _refused(f"score of person {index} must be in [0, 1], got {person.score}")


Faces = NDArray[np.uint32]


def lines_result(
    request_id: int, outcomes: Sequence[Outcome], *, is_batch: bool, faces: Faces | None = None
) -> tuple[dict[str, Any], bytes]:
    """RESULT for a JSON line; it has no body. Meshes, and therefore their `faces`, travel on frames only."""
    fields: dict[str, Any] = (
        {"items": [_lines_fields(one) for one in outcomes]} if is_batch else _lines_fields(outcomes[0])
    )
    return {"type": "result", "id": request_id, **fields}, b""


def frames_result(
    request_id: int, outcomes: Sequence[Outcome], *, is_batch: bool, faces: Faces | None = None
) -> tuple[dict[str, Any], bytes]:
    """RESULT for a frame, and its body. `faces` are vertex triples of the meshes, where they were asked for."""
    packer = _ArrayPacker()
    if is_batch:
        fields: dict[str, Any] = {"items": [packer.fields(one, item=index) for index, one in enumerate(outcomes)]}
    else:
        fields = packer.fields(outcomes[0])
    if faces is not None:
        packer.add(FACES, faces_array(faces))
    return {"type": "result", "id": request_id, **fields, "arrays": packer.arrays}, packer.body


def _lines_fields(outcome: Outcome) -> dict[str, Any]:
    """An outcome with its arrays as nested lists."""
    if isinstance(outcome, Failed):
        return {"error": dict(outcome.error)}
    persons = [
        {
            **_facts(person),
            **({} if person.body is None else {"body": body_fields(person.body)}),
            "keypoints": _rows(person.keypoints, KEYPOINT_DECIMALS),
            "keypoints_world": None
            if person.keypoints_world is None
            else _rows(person.keypoints_world, WORLD_DECIMALS),
        }
        for person in outcome.persons
    ]
    return {"width": outcome.width, "height": outcome.height, "persons": persons}


class _ArrayPacker:
    """Gathers the arrays of a RESULT's body and says where each one is."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._size = 0
        self.arrays: list[dict[str, Any]] = []

    @property
    def body(self) -> bytes:
        """All arrays, one after another: little-endian float32, C order."""
        return b"".join(self._blocks)

    def fields(self, outcome: Outcome, *, item: int | None = None) -> dict[str, Any]:
        """An outcome whose arrays go into the body; `item` is its place in a batch."""
        if isinstance(outcome, Failed):
            return {"error": dict(outcome.error)}
        persons = outcome.persons
        if persons:
            self.add("keypoints", np.stack([person.keypoints for person in persons]), item)
            world = [person.keypoints_world for person in persons if person.keypoints_world is not None]
            if len(world) == len(persons):
                self.add("keypoints_world", np.stack(world), item)
            for name, parts in body_arrays(persons):
                self.add(name, np.stack(parts), item)
        return {"width": outcome.width, "height": outcome.height, "persons": [_facts(person) for person in persons]}

    def add(self, name: str, values: NDArray[np.float32], item: int | None = None) -> None:
        """Append an array of the whole result, or of one item of a batch."""
        array = np.ascontiguousarray(values, dtype="<f4")
        entry: dict[str, Any] = {"name": name, "shape": list(array.shape), "offset": self._size}
        if item is not None:
            entry["item"] = item
        self.arrays.append(entry)
        self._blocks.append(array.tobytes())
        self._size += array.nbytes


def _facts(person: Person) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "id": person.id,
        "score": round(float(person.score), 6),
        "provenance": person.provenance,
        "bbox_xyxy": [round(side, 3) for side in person.bbox_xyxy],
    }
    if person.region_index is not None:
        facts["region_index"] = person.region_index
    return facts


def _rows(array: NDArray[np.float32], decimals: int) -> list[list[float]]:
    rows: list[list[float]] = np.round(array.astype(np.float64), decimals).tolist()
    return rows


def _check_array(array: NDArray[np.float32], shape: tuple[int, int], name: str) -> None:
    if array.shape != shape:
        raise _refused(f"{name} must have shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise _refused(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")


def _refused(message: str) -> RequestError:
    return RequestError(codes.INFERENCE_FAILED, f"the estimator broke its contract: {message}")
