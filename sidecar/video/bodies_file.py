"""bodies.f32 and bodies.jsonl: the bodies of a video as raw numbers, and where each of them is.

bodies.f32 holds little-endian float32 and nothing else. bodies.jsonl has a header line, then a line per frame with
bodies: {"frame": 7, "bodies": [{"id": 1, "provenance": "detected", "offset": 920, "vertices": 6890}]}. At `offset`
(bytes) lie the numbers of PARAMETERS one after another, then `vertices` rows of x, y, z. The header has the triangles
that all meshes share, once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from sidecar.pose.body import Body
from sidecar.pose.person import Provenance
from sidecar.smpl.body_model import MAX_VERTICES
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


@dataclass(frozen=True, slots=True, eq=False)
class KeptBody:
    """A body as the files keep it: whose it is, and where its numbers came from."""

    id: int | None
    provenance: Provenance
    body: Body


def kept_of(frame: FramePeople) -> list[KeptBody]:
    """The bodies of a frame's people."""
    return [KeptBody(one.id, one.provenance, one.body) for one in frame.people if one.body is not None]


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
        """Append the bodies of a frame's people. Frames come in order.

        Raises:
            OSError: the files cannot be written.
            BrokenPose: a body has another number of parameters, or a number is not finite.
        """
        self.write(frame.index, kept_of(frame))

    def write(self, frame: int, bodies: Sequence[KeptBody]) -> None:
        """Append a frame's bodies; see `add`."""
        entries = []
        for kept in bodies:
            numbers, index = self._open()
            block = _block(kept.body)
            numbers.write(block)
            vertices = 0 if kept.body.vertices is None else len(kept.body.vertices)
            entries.append({"id": kept.id, "provenance": kept.provenance, "offset": self._offset, "vertices": vertices})
            self._offset += len(block)
        if entries:
            index.write(_line({"frame": frame, "bodies": entries}))

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


def read_bodies(folder: Path) -> Iterator[tuple[int, list[KeptBody]]]:
    """The frames with bodies of files that this program has written, in order; none where there are no files.

    Raises:
        ValueError, KeyError, TypeError: they are no longer as they were written.
    """
    if not (folder / INDEX).exists():
        return
    with (folder / INDEX).open("rb") as lines, (folder / NUMBERS).open("rb") as numbers:
        next(lines, None)  # the header
        for line in lines:
            frame = orjson.loads(line)
            yield frame["frame"], [_read(entry, numbers) for entry in frame["bodies"]]


def _read(entry: Mapping[str, Any], numbers: BinaryIO) -> KeptBody:
    numbers.seek(_whole(entry, "offset", most=1 << 62))
    count = PARAMETER_COUNT + 3 * _whole(entry, "vertices", most=MAX_VERTICES)
    data = numbers.read(4 * count)
    if len(data) != 4 * count:
        raise ValueError(f"{NUMBERS} ends inside the body at byte {entry['offset']}")
    values = np.frombuffer(data, "<f4").astype(np.float32)
    parts, at = {}, 0
    for name, shape in PARAMETERS:
        stop = at + math.prod(shape)
        parts[name] = values[at:stop].reshape(shape)
        at = stop
    focal = float(parts.pop("focal_px")[0])
    vertices = values[at:].reshape(-1, 3) if entry["vertices"] else None
    return KeptBody(entry["id"], entry["provenance"], Body(**parts, focal_px=focal, vertices=vertices))


def _whole(entry: Mapping[str, Any], name: str, *, most: int) -> int:
    value = entry[name]
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name} must be a whole number from 0 to {most}, got {value!r}")
    return value


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
