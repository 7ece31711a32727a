from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.limits import MAX_HEADER_BYTES
from sidecar.checkpoints.reading import read_state_dict, require_known, require_match, under
from sidecar.checkpoints.safetensors_file import read_safetensors, write_safetensors


def raw(path: Path, index: Any, data: bytes = bytes(8), *, length: int | None = None) -> Path:
    text = index if isinstance(index, bytes) else json.dumps(index).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


def entry(dtype: object = "F32", shape: object = (2,), offsets: object = (0, 8)) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def test_the_bytes_are_those_of_the_format(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "a", {"b": np.array([1, 2], "<i2"), "a": np.array([[1.5]], "<f4")}, {"from": "x"})
    index = (
        b'{"__metadata__":{"from":"x"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},'
        b'"b":{"dtype":"I16","shape":[2],"data_offsets":[4,8]}}'
    )
    index += b" " * (-len(index) % 8)
    assert (tmp_path / "a").read_bytes() == len(index).to_bytes(8, "little") + index + b"\0\0\xc0\x3f\1\0\2\0"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    tensors = {
        **{code: (chance.normal(size=(3, 4)) * 9).astype(code) for code in ("f8", "f4", "f2", "i8", "i4", "i2", "i1")},
        "bool": np.array([True, False]), "one": np.array(3.0, "f4"), "empty": np.zeros((0, 5), "f4"),
        "turned": np.arange(6, dtype="f4").reshape(2, 3).T,
    }  # fmt: skip
    write_safetensors(tmp_path / "a.safetensors", tensors, {"source": "é"})
    found, notes = read_safetensors(tmp_path / "a.safetensors")
    assert notes == {"source": "é"}
    for key, array in tensors.items():
        assert found[key].dtype == array.dtype
        np.testing.assert_array_equal(found[key], array)
    assert read_state_dict(tmp_path / "a.safetensors").keys() == tensors.keys()


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    path = raw(tmp_path / "a", {"a": entry("BF16", (4,))}, np.array([0x3F80, 0xC000, 0, 0x7F80], "<u2").tobytes())
    np.testing.assert_array_equal(read_state_dict(path)["a"], np.array([1, -2, 0, np.inf], np.float32))


def test_an_element_type_without_a_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a has elements of complex64"):
        write_safetensors(tmp_path / "a", {"a": np.zeros(1, "c8")}, {})


DAMAGES: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{", "no whole safetensors file"),
    "no text": (b"\xff\xff", "no whole safetensors file"),
    "a list": ([], "no whole"),
    "an entry that is none": ({"a": 3}, "no whole"),
    "an entry without a shape": ({"a": {"dtype": "F32"}}, "no whole"),
    "a text for a shape": ({"a": entry(shape="22")}, "the shape"),
    "another element type": ({"a": entry("C64")}, "'C64'"),
    "a list for a type": ({"a": entry(["F32"])}, "no whole"),
    "a negative side": ({"a": entry(shape=(-2,))}, "the shape"),
    "a side of truth": ({"a": entry(shape=(True, 2))}, "the shape"),
    "a fraction": ({"a": entry(shape=(2.0,))}, "the shape"),
    "nine dimensions": ({"a": entry(shape=(1,) * 9)}, "9 dimensions"),
    "too few bytes": ({"a": entry(shape=(3,))}, "has 8 bytes"),
    "bytes beyond the file": ({"a": entry(shape=(4,), offsets=(0, 16))}, "its tensors have 16 bytes"),
    "bytes that are nobody's": ({"a": entry(shape=(1,), offsets=(4, 8))}, "byte 0 belongs to no tensor"),
    "bytes of two": ({"a": entry(), "b": entry()}, "belongs to no tensor or to two"),
    "bytes left over": ({"a": entry(shape=(1,), offsets=(0, 4))}, "its tensors have 4 bytes"),
    "a key twice": (b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{}}', "a key is there twice"),
    "notes that are numbers": ({"__metadata__": {"a": 1}, "a": entry()}, "must hold texts"),
    "brackets without end": (b"[" * 100_000, "no whole"),
    "infinity": (b'{"a":{"dtype":"F32","shape":[Infinity],"data_offsets":[0,8]}}', "the shape"),
}


@pytest.mark.parametrize(("index", "says"), DAMAGES.values(), ids=DAMAGES)
def test_an_index_that_lies_is_refused(tmp_path: Path, index: Any, says: str) -> None:
    with pytest.raises(ModelFileRefused) as caught:
        read_safetensors(raw(tmp_path / "a", index))
    assert says in caught.value.message


@pytest.mark.parametrize("length", [MAX_HEADER_BYTES + 1, (1 << 64) - 1])
def test_a_long_index_is_not_read(tmp_path: Path, length: int) -> None:
    with pytest.raises(ModelFileRefused) as caught:
        read_state_dict(raw(tmp_path / "a", {}, length=length))
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("data", [b"", b"abc", b"\x40" + bytes(7), b"\x40" + bytes(20)])
def test_a_short_file_is_truncated(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(ModelFileRefused) as caught:
        read_state_dict(tmp_path / "a")
    assert caught.value.reason in ("truncated", "damaged")


@pytest.mark.parametrize("data", [b"<html>Sign in</html>", b"[" * 99, bytes(99), b"version https://git-lfs"], ids=len)
def test_what_is_neither_kind_of_file_is_told_with_how_it_begins(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(ModelFileRefused) as caught:
        read_state_dict(tmp_path / "a")
    assert f"neither a torch file nor a safetensors file: it begins {data[:15]!r}" in caught.value.message


def test_keys_and_shapes_must_match_exactly() -> None:
    wanted = {"a": (1,), "b": (2, 3), "c": ()}
    require_match(Path("f"), wanted, wanted)
    found = {"b": (3, 2), "c": (), **{f"x{n}": (1,) for n in range(7)}}
    with pytest.raises(ModelFileRefused) as caught:
        require_match(Path("f"), found, wanted)
    assert caught.value.message == (
        "f: is of another model: missing 1 (a); unexpected 7 (x0, x1, x2, x3, x4 and 2 more); "
        "of another shape 1 (b (3, 2) for (2, 3))"
    )


def test_prefixes_part_a_state() -> None:
    state = {"backbone.a": np.zeros(1), "head.b": np.zeros(2)}
    assert list(under("backbone.", state)) == ["a"]
    require_known(Path("f"), state, ("backbone.", "head."))
    with pytest.raises(ModelFileRefused, match=r"it has 1 \(head.b\)"):
        require_known(Path("f"), state, ("backbone.",))
