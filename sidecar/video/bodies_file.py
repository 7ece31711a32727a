"""bodies.f32 and bodies.jsonl: the bodies of a video as raw numbers, and where each of them is.

bodies.f32 holds little-endian float32 and nothing else. bodies.jsonl has a header line, then a line per frame with
bodies: {"frame": 7, "bodies": [{"id": 1, "provenance": "detected", "offset": 920, "vertices": 6890}]}. At `offset`
(bytes) lie the numbers of PARAMETERS one after another, then `vertices` rows of x, y, z. The header has the triangles
that all meshes share, once.
"""

from __future__ import annotations

import math
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from sidecar.pose.body import Body
from sidecar.video.people import FramePeople
from sidecar.video.poses_file import BrokenPose

NUMBERS, INDEX = "bodies.f32", "bodies.jsonl"
SCHEMA_VERSION = 1

PARAMETERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("global_orient", (3, 3)),
    ("body_pose", (23, 3, 3)),
    ("betas", (10,)),
    ("translation", (3,)),
    ("focal_px", (1,)),
)
PARAMETER_COUNT = sum(math.prod(shape) for _, shape in PARAMETERS)


class BodiesFile:
    """Writes both files into a folder, with the first body; a video without bodies has neither. A context manager."""

    def __init__(self, folder: Path, faces: NDArray[np.uint32] | None = None) -> None:
        """Write into `folder`; `faces` (F, 3) are the triangles of meshes, where people carry them."""
        self._folder = folder
        self._faces = faces
        self._files: tuple[BinaryIO, BinaryIO] | None = None
        self._offset = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files or ():
            file.close()

    def add(self, frame: FramePeople) -> None:
        """Append a frame's bodies. Frames come in order.

        Raises:
            OSError: the files cannot be written.
            BrokenPose: a body has another number of parameters, or a number is not finite.
        """
        entries = []
        for person in frame.people:
            if person.body is None:
                continue
            numbers, index = self._open()
            block = _block(person.body)
            numbers.write(block)
            vertices = 0 if person.body.vertices is None else len(person.body.vertices)
            entries.append(
                {"id": person.id, "provenance": person.provenance, "offset": self._offset, "vertices": vertices}
            )
            self._offset += len(block)
        if entries:
            index.write(_line({"frame": frame.index, "bodies": entries}))

    def _open(self) -> tuple[BinaryIO, BinaryIO]:
        if self._files is None:
            numbers, index = (self._folder / NUMBERS).open("wb"), (self._folder / INDEX).open("wb")
            self._files = numbers, index
            index.write(
                _line(
                    {
                        "schema_version": SCHEMA_VERSION,
                        "numbers": NUMBERS,
                        "parameters": [{"name": name, "shape": shape} for name, shape in PARAMETERS],
                        "faces": None if self._faces is None else self._faces.tolist(),
                    }
                )
            )
        return self._files


def _block(body: Body) -> bytes:
    parts = [body.global_orient, body.body_pose, body.betas, body.translation, np.array([body.focal_px])]
    for (name, shape), part in zip(PARAMETERS, parts, strict=True):
        if part.shape != shape:
            raise BrokenPose(f"{name} of a body must have shape {shape}, got {part.shape}")
    if body.vertices is not None:
        parts.append(body.vertices)
    numbers = np.concatenate([part.ravel() for part in parts]).astype("<f4")
    if not np.isfinite(numbers).all():
        raise BrokenPose(f"a body must be finite, got {numbers[~np.isfinite(numbers)][0]}")
    return numbers.tobytes()


def _line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
