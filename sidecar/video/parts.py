"""Finished segments on disk, so that no frame is worked on twice: across workers, and across runs.

0                       20                        52
+-----------------------+-------------------------+---------------------
| magic                 | SHA-256 of the rest     | msgpack, float32 …
+-----------------------+-------------------------+---------------------
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from sidecar.media.damage import Loss
from sidecar.pose.body import Body
from sidecar.pose.person import Person
from sidecar.video.people import FramePeople
from sidecar.video.segment import SegmentPeople

FOLDER = "parts"

_MAGIC = b"pose-sidecar part 2\n"
_DIGEST_BYTES = 32


class PartDamaged(Exception):
    """The bytes are not what was written."""


class PartStore:
    """The finished segments of one video, in a folder of their own."""

    def __init__(self, work: Path) -> None:
        self._folder = work / FOLDER

    def path(self, number: int) -> Path:
        """Where a segment's part is, or will be."""
        return self._folder / f"{number:06}.part"

    def has(self, number: int) -> bool:
        """Whether a segment is finished."""
        return self.path(number).exists()

    def any(self) -> bool:
        """Whether any segment is finished."""
        return any(self._folder.glob("*.part"))

    def read(self, number: int) -> SegmentPeople | None:
        """A finished segment; None where it is not, or no longer what was written."""
        try:
            return decode_part(self.path(number).read_bytes())
        except (FileNotFoundError, PartDamaged):
            return None

    def drop(self, number: int) -> None:
        """Forget a segment's part."""
        self.path(number).unlink(missing_ok=True)

    def write(self, part: SegmentPeople) -> None:
        """Write beside and rename: a part is whole or absent, also when two workers finish the same one.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(suffix=".tmp", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(encode_part(part))
            Path(temporary).replace(self.path(part.number))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def encode_part(part: SegmentPeople) -> bytes:
    """A segment's people as bytes; the same people give the same bytes, but for the seconds."""
    payload: bytes = msgpack.packb(
        {
            "number": part.number,
            "frames": [[frame.index, frame.time_s, [_pack(one) for one in frame.people]] for frame in part.frames],
            "loss": asdict(part.loss),
            "seconds": part.seconds,
        }
    )
    return _MAGIC + hashlib.sha256(payload).digest() + payload


def decode_part(data: bytes) -> SegmentPeople:
    """The people that `encode_part` was given.

    Raises:
        PartDamaged: a byte is missing or another one.
    """
    head = len(_MAGIC) + _DIGEST_BYTES
    payload = data[head:]
    if data[:head] != _MAGIC + hashlib.sha256(payload).digest():
        raise PartDamaged(f"the part's digest differs ({len(data)} bytes)")
    facts = msgpack.unpackb(payload)
    frames = [
        FramePeople(index, time_s, tuple(_unpack(one) for one in people)) for index, time_s, people in facts["frames"]
    ]
    return SegmentPeople(facts["number"], frames, Loss(**facts["loss"]), facts["seconds"])


def _pack(person: Person) -> dict[str, Any]:
    world = person.keypoints_world
    return {
        "score": float(person.score),
        "provenance": person.provenance,
        "keypoints": _bytes(person.keypoints),
        "world": None if world is None else _bytes(world),
        **({} if person.colours is None else {"colours": _bytes(person.colours)}),
        **({} if person.body is None else {"body": _pack_body(person.body)}),
    }


def _unpack(facts: Mapping[str, Any]) -> Person:
    world = facts["world"]
    return Person(
        keypoints=_array(facts["keypoints"], 4),
        score=facts["score"],
        keypoints_world=None if world is None else _array(world, 3),
        provenance=facts["provenance"],
        body=_unpack_body(facts["body"]) if "body" in facts else None,
        colours=_array(facts["colours"], 3) if "colours" in facts else None,
    )


def _pack_body(body: Body) -> dict[str, Any]:
    return {
        "orient": _bytes(body.global_orient),
        "pose": _bytes(body.body_pose),
        "betas": _bytes(body.betas),
        "translation": _bytes(body.translation),
        "focal": float(body.focal_px),
        "vertices": None if body.vertices is None else _bytes(body.vertices),
    }


def _unpack_body(facts: Mapping[str, Any]) -> Body:
    return Body(
        global_orient=_array(facts["orient"], 3),
        body_pose=_array(facts["pose"], 9).reshape(-1, 3, 3),
        betas=_array(facts["betas"], 1).ravel(),
        translation=_array(facts["translation"], 1).ravel(),
        focal_px=facts["focal"],
        vertices=None if facts["vertices"] is None else _array(facts["vertices"], 3),
    )


def _bytes(array: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(array, "<f4").tobytes()


def _array(data: bytes, columns: int) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4").reshape(-1, columns).copy()
