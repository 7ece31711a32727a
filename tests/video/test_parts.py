"""Parts come back as they were written, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sidecar.media.damage import Loss
from sidecar.video.parts import PartDamaged, PartStore, decode_part, encode_part
from sidecar.video.people import FramePeople
from sidecar.video.segment import SegmentPeople
from tests.tracking.makers import make_person
from tests.video.bodies import make_body

PART = SegmentPeople(
    3,
    [FramePeople(7, 0.28, (make_person(1.5), make_person(2.25, score=0.3))), FramePeople(9, 0.36, ())],
    Loss(1, 2, True),
    {"infer": 0.25},
)


def test_a_part_comes_back_as_it_was(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    assert (store.any(), store.has(3), store.read(3)) == (False, False, None)
    store.write(PART)
    store.write(PART)
    assert (store.any(), store.has(3), store.has(2)) == (True, True, False)
    part = store.read(3)
    assert part is not None
    assert (part.number, part.loss, part.seconds) == (3, PART.loss, PART.seconds)
    assert [(one.index, one.time_s, len(one.people)) for one in part.frames] == [(7, 0.28, 2), (9, 0.36, 0)]
    for one, other in zip(part.frames[0].people, PART.frames[0].people, strict=True):
        assert np.array_equal(one.keypoints, other.keypoints)
        assert one.keypoints.dtype == np.float32
        assert (one.score, one.provenance) == (other.score, other.provenance)
    assert [path.name for path in store.path(3).parent.iterdir()] == ["000003.part"]


@pytest.mark.parametrize("vertices", [None, np.arange(6, dtype=np.float32).reshape(2, 3)], ids=["parameters", "a mesh"])
def test_bodies_come_back_as_they_were(vertices: NDArray[np.float32] | None) -> None:
    body = make_body(5, vertices=vertices)
    people = (replace(make_person(1.5), body=body), make_person(2.0))
    found, bare = decode_part(encode_part(replace(PART, frames=[FramePeople(7, 0.28, people)]))).frames[0].people
    assert bare.body is None
    assert found.body is not None
    for name in ("global_orient", "body_pose", "betas", "translation", "focal_px", "vertices"):
        np.testing.assert_array_equal(getattr(found.body, name), getattr(body, name))


@pytest.mark.parametrize("at", [0, 25, 60, -1])
def test_a_damaged_part_is_none(tmp_path: Path, at: int) -> None:
    data = bytearray(encode_part(PART))
    data[at] ^= 1
    with pytest.raises(PartDamaged):
        decode_part(bytes(data))
    store = PartStore(tmp_path)
    store.write(PART)
    store.path(3).write_bytes(bytes(data))
    assert store.read(3) is None


@pytest.mark.parametrize("length", [0, 10, 52, 100])
def test_a_truncated_part_is_none(length: int) -> None:
    with pytest.raises(PartDamaged):
        decode_part(encode_part(PART)[:length])


def test_colours_come_back_as_they_were() -> None:
    colours = (np.arange(21, dtype=np.float32).reshape(7, 3) / 21).astype(np.float32)
    people = (replace(make_person(1.5), colours=colours), make_person(2.0))
    found, bare = decode_part(encode_part(replace(PART, frames=[FramePeople(7, 0.28, people)]))).frames[0].people
    assert found.colours is not None
    assert np.array_equal(found.colours, colours)
    assert bare.colours is None
