"""Whatever joblib writes of numbers, texts and arrays comes back equal."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.reading import read_joblib
from tests.paths import FIXTURES, needs_shared
from tests.restricted_pickle.joblib_writer import COMPRESSORS, joblib_bytes, write_joblib

SHARED_ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)
VALUE: dict[Any, Any] = {
    "frame_000001.jpg": {
        "tid": [1, 2, 300, 70_000, -5, 1 << 40],
        "bbox": [SHARED_ARRAY, SHARED_ARRAY, np.asfortranarray(np.arange(12.0).reshape(3, 4))],
        "kinds": [np.array([True, False]), np.array(7), np.zeros((0, 4)), np.array(["ab", "é"]), np.array([b"x"])],
        "big_endian": np.arange(3, dtype=">i4"),
        "conf": [np.float32(0.875), np.int64(0), np.bool_(True)],
        "mask": [{"size": [360, 640], "counts": "Zfh4`0Z;9"}],
        "none": None, "yes": True, "no": False, "scale": 0.4, "raw": b"\x00\xff", "pair": (1, (2, 3, 4), ()),
    },
    ("video.mp4", 2): {},
}  # fmt: skip


def same(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_everything_comes_back(tmp_path: Path, protocol: int, compressor: str) -> None:
    path = write_joblib(tmp_path / "a.pkl", VALUE, protocol=protocol, compressor=compressor)
    assert same(read_joblib(path), VALUE)


def test_numpy_1_and_2_spell_their_scalars_otherwise(tmp_path: Path) -> None:
    data = joblib_bytes(VALUE, protocol=2)
    assert b"numpy._core.multiarray" in data
    (tmp_path / "old.pkl").write_bytes(data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    assert same(read_joblib(tmp_path / "old.pkl"), VALUE)


def test_arrays_that_older_joblibs_did_not_align(tmp_path: Path) -> None:
    data = joblib_bytes(np.arange(4, dtype=np.uint8), protocol=2)
    key = b"X\x1b\x00\x00\x00numpy_array_alignment_bytes"
    at = data.index(key)
    memo = data[at + len(key) : at + len(key) + 2]
    assert memo[:1] == b"q"
    padding = data[data.rindex(b"ub") + 2]
    unaligned = data[:at] + data[at + len(key) + 4 : data.rindex(b"ub") + 2] + data[-5:]
    assert padding == len(data) - data.rindex(b"ub") - 3 - 5
    (tmp_path / "old.pkl").write_bytes(unaligned)
    assert same(read_joblib(tmp_path / "old.pkl"), np.arange(4, dtype=np.uint8))


def test_plain_pickles_of_arrays_are_read_too(tmp_path: Path) -> None:
    import pickle

    for order in ("C", "F"):
        value = {"a": np.array([[1, 2, 3], [4, 5, 6]], order=order)}
        (tmp_path / "a.pkl").write_bytes(pickle.dumps(value, protocol=2))
        assert same(read_joblib(tmp_path / "a.pkl"), value)


@needs_shared
def test_the_tracks_of_the_previous_service_are_read() -> None:
    tracks = read_joblib(FIXTURES / "phalp" / "gt_tracks.pkl")
    assert isinstance(tracks, dict)
    assert len(tracks) == 263
    assert {len(frame["gt_bbox"]) for frame in tracks.values()} <= set(range(6))


@pytest.mark.parametrize("compressor", COMPRESSORS)
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_file_cut_anywhere_is_told(tmp_path: Path, compressor: str, protocol: int) -> None:
    data = joblib_bytes(VALUE, protocol=protocol, compressor=compressor)
    path = tmp_path / "cut.pkl"
    chance = random.Random(5)
    for keep in [0, 1, 2, 5, len(data) - 1, *(chance.randrange(len(data)) for _ in range(40))]:
        path.write_bytes(data[:keep])
        with pytest.raises(PickleRefused) as caught:
            read_joblib(path)
        assert caught.value.reason in ("truncated", "damaged")
        assert "cut.pkl" in str(caught.value)


@pytest.mark.parametrize("compressor", COMPRESSORS)
def test_flipped_bytes_are_refused_or_harmless(tmp_path: Path, compressor: str) -> None:
    """Whatever a byte turns into, the answer is a value of plain things or PickleRefused."""
    path = tmp_path / "flipped.pkl"
    chance = random.Random(11)
    for protocol in (2, 4, 5):
        data = joblib_bytes(VALUE, protocol=protocol, compressor=compressor)
        for _ in range(120):
            spoilt = bytearray(data)
            for _ in range(chance.choice((1, 1, 1, 3))):
                spoilt[chance.randrange(len(data))] = chance.randrange(256)
            path.write_bytes(spoilt)
            try:
                read_joblib(path)
            except PickleRefused:
                continue


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.pkl", tmp_path):
        with pytest.raises(PickleRefused, match="cannot be read") as caught:
            read_joblib(path)
        assert caught.value.reason == "unreadable"
