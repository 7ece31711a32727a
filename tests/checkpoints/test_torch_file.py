"""What torch writes is read without it; whatever else lies beside the tensors stays inert."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.checkpoints import torch_before_zip
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from tests.checkpoints.makers import FLOATS, mapping, numbers, storage, tensor, write_torch
from tests.restricted_pickle.attacks import opcodes as op
from tests.restricted_pickle.attacks.test_code import Runs, touch


def refused(path: Path) -> ModelFileRefused:
    with pytest.raises(ModelFileRefused) as caught:
        read_state_dict(path)
    assert caught.value.code == "MODEL_LOAD_FAILED"
    assert str(path) in caught.value.message
    return caught.value


def test_a_file_made_by_hand_is_read(tmp_path: Path) -> None:
    values = np.arange(FLOATS, dtype="<f4")
    entries = {
        "whole": tensor(),
        "turned": tensor(shape=numbers(3, 2), stride=numbers(1, 3)),
        "part": tensor(offset=4, shape=numbers(2), stride=numbers(1)),
        "one": tensor(offset=5, shape=b")", stride=b")"),
        "empty": tensor(shape=numbers(0, 4), stride=numbers(4, 1)),
        "parameter": op.call(op.name("torch._utils", "_rebuild_parameter"), tensor(), b"\x88", b"}"),
    }
    path = write_torch(tmp_path / "a.pth", op.pickle(mapping(entries)), members={"data/0": values.tobytes()})
    state = read_state_dict(path)
    np.testing.assert_array_equal(state["whole"], values.reshape(2, 3))
    np.testing.assert_array_equal(state["turned"], values.reshape(2, 3).T)
    np.testing.assert_array_equal(state["part"], values[4:])
    assert state["one"] == 5
    assert state["one"].shape == ()
    assert state["empty"].shape == (0, 4)
    np.testing.assert_array_equal(state["parameter"], state["whole"])
    with pytest.raises(ValueError, match="read-only"):
        state["whole"][0, 0] = 1


@pytest.mark.torch
def test_what_torch_saves_comes_back(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
    generator = torch.Generator().manual_seed(3)
    plain = torch.randn(4, 5, generator=generator)
    kinds = {
        "f64": plain.double(), "f32": plain, "f16": plain.half(), "bf16": plain.bfloat16(),
        "i64": plain.long(), "i32": plain.int(), "i16": plain.short(), "i8": plain.char(),
        "u8": plain.abs().byte(), "bool": plain > 0, "turned": plain.T, "part": plain[1:3, ::2], "one": plain[0, 0],
        "parameter": torch.nn.Parameter(plain), "same": plain,
    }  # fmt: skip
    torch.save({"state_dict": kinds, "meta": {"epoch": 3}}, tmp_path / "a.pth")
    torch.save(kinds, tmp_path / "bare.pth")
    torch.save(kinds, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name in ("a.pth", "bare.pth", "old.pth"):
        state = read_state_dict(tmp_path / name)
        assert list(state) == list(kinds)
        for key, value in kinds.items():
            wanted = value.detach().float() if key == "bf16" else value.detach()
            np.testing.assert_array_equal(state[key], wanted.numpy())


@pytest.mark.torch
@pytest.mark.parametrize("zipped", [True, False], ids=["since 1.6", "before 1.6"])
def test_what_a_trainer_keeps_beside_the_tensors_is_never_run(tmp_path: Path, zipped: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is absent: scripts/setup --all")
    mark = tmp_path / "was-run"
    module = torch.nn.Linear(3, 2)
    checkpoint = {
        "epoch": 35,
        "pytorch-lightning_version": "1.8.1",
        "state_dict": module.state_dict(),  # an ordered dict with an attribute of its own
        "optimizer_states": [torch.optim.Adam(module.parameters()).state_dict()],
        "callbacks": {Path: {1, 2}, "best": Path("a")},
        "hyper_parameters": Runs(os.system, touch(mark)),
    }
    torch.save(checkpoint, tmp_path / "a.ckpt", _use_new_zipfile_serialization=zipped)
    state = read_state_dict(tmp_path / "a.ckpt")
    np.testing.assert_array_equal(state["weight"], module.weight.detach().numpy())
    assert list(state) == ["weight", "bias"]
    assert not mark.exists()


@pytest.mark.parametrize("place", ["whole", "tensor", "key's dict"])
def test_code_is_not_run(tmp_path: Path, place: str) -> None:
    mark = tmp_path / "was-run"
    evil = pickle.dumps(Runs(os.system, touch(mark)), protocol=2)[2:-1]
    index = {
        "whole": evil,
        "tensor": mapping({"a": tensor(), "b": evil}),
        "key's dict": mapping({"state_dict": evil}),
    }[place]
    failure = refused(write_torch(tmp_path / "hostile.pth", op.pickle(index)))
    assert failure.reason in ("not_allowed", "mismatch")
    assert not mark.exists()


REBUILD = op.name("torch._utils", "_rebuild_tensor_v2")
HOSTILE = {
    "no pickle in it": (b"hello", "no pickle"),
    "a list": (op.pickle(b"]"), "a dict of tensors"),
    "nothing": (op.pickle(b"}"), "a dict of tensors"),
    "a number for a tensor": (op.pickle(mapping({"a": op.number(3)})), "a of its state dict is no tensor"),
    "a number for a key": (op.pickle(b"}" + op.number(1) + tensor() + b"s"), "a key of its state dict is 1"),
    "a long key": (op.pickle(mapping({"a" * 600: tensor()})), "a key of its state dict"),
    "beyond its storage": (op.pickle(mapping({"a": tensor(offset=1)})), "does not lie in its 6 elements"),
    "strides beyond it": (op.pickle(mapping({"a": tensor(stride=numbers(4, 1))})), "does not lie"),
    "one element a billion times": (
        op.pickle(mapping({"a": tensor(shape=numbers(1 << 30), stride=numbers(0))})), "does not lie",
    ),
    "sides whose product overflows": (
        op.pickle(mapping({"a": tensor(shape=numbers(*[1 << 30] * 4), stride=numbers(0, 0, 0, 0))})), "does not lie",
    ),
    "a negative offset": (op.pickle(mapping({"a": tensor(offset=-1)})), "a tensor has the shape"),
    "a negative stride": (op.pickle(mapping({"a": tensor(stride=numbers(3, -1))})), "a tensor has the shape"),
    "more sides than strides": (op.pickle(mapping({"a": tensor(stride=numbers(3))})), "a tensor has the shape"),
    "nine dimensions": (
        op.pickle(mapping({"a": tensor(shape=numbers(*[1] * 9), stride=numbers(*[1] * 9))})), "a tensor has the shape",
    ),
    "a tensor without a storage": (op.pickle(mapping({"a": tensor(of=op.text("0"))})), "made of a storage"),
    "a tensor of nothing": (op.pickle(mapping({"a": op.call(REBUILD)})), "made of a storage"),
    "a storage of another length": (op.pickle(mapping({"a": tensor(of=storage(count=7))})), "is 24 bytes"),
    "a storage that is not there": (op.pickle(mapping({"a": tensor(of=storage(key="9"))})), "is absent"),
    "a storage elsewhere": (op.pickle(mapping({"a": tensor(of=storage(key="../0"))})), "needs a key and a length"),
    "a storage of a huge number": (
        op.pickle(mapping({"a": tensor(of=storage(kind=op.name("torch", "ComplexFloatStorage")))})), "are not read",
    ),
    "a storage of another module": (
        op.pickle(mapping({"a": tensor(of=storage(kind=op.name("os", "FloatStorage")))})), "are not read",
    ),
    "a reference to anything else": (op.pickle(mapping({"a": op.text("os.system") + b"Q"})), "is no storage"),
    "joblib's arrays": (
        op.pickle(mapping({"a": op.wrapper(shape=b"K\x01\x85", data=b"\0\0\0\0")})), "opcode 0x00 is not read",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("index", "says"), HOSTILE.values(), ids=HOSTILE)
def test_an_index_that_lies_is_refused(tmp_path: Path, index: bytes, says: str) -> None:
    assert says in refused(write_torch(tmp_path / "hostile.pth", index)).message


GOOD = op.pickle(mapping({"a": tensor()}))


def test_compressed_members_are_refused(tmp_path: Path) -> None:
    path = write_torch(tmp_path / "bomb.pth", GOOD, members={"data/0": bytes(1 << 20)}, compression=8)
    assert "is compressed" in refused(path).message


def test_a_big_endian_file_is_refused(tmp_path: Path) -> None:
    members = {"data/0": bytes(24), "byteorder": b"big"}
    assert "not little-endian" in refused(write_torch(tmp_path / "big.pth", GOOD, members=members)).message


def test_two_indexes_are_refused(tmp_path: Path) -> None:
    path = write_torch(tmp_path / "two.pth", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/data.pkl", GOOD)
    assert "this has 2" in refused(path).message


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = write_torch(tmp_path / "whole.pth", GOOD).read_bytes()
    for keep in [0, 1, 3, 4, 30, *range(40, len(data), 37), len(data) - 1]:
        (tmp_path / "cut.pth").write_bytes(data[:keep])
        assert refused(tmp_path / "cut.pth").reason in ("damaged", "truncated")


def test_flipped_bytes_are_refused_or_harmless(tmp_path: Path) -> None:
    data = write_torch(tmp_path / "whole.pth", GOOD).read_bytes()
    chance = np.random.default_rng(7)
    for _ in range(300):
        spoilt = bytearray(data)
        spoilt[chance.integers(len(data))] = chance.integers(256)
        (tmp_path / "flipped.pth").write_bytes(spoilt)
        try:
            state = read_state_dict(tmp_path / "flipped.pth")
        except ModelFileRefused:
            continue
        assert all(isinstance(array, np.ndarray) for array in state.values())


def test_objects_nested_without_end_are_survived(tmp_path: Path) -> None:
    deep = b"N" + b"\x85" * 200_000
    chain = (op.name("a", "b") + b")\x81") * 100_000 + b"b" * 99_999  # each the state of the one before
    index = op.pickle(mapping({"state_dict": mapping({"a": tensor()}), "deep": deep, "chain": chain}))
    assert list(read_state_dict(write_torch(tmp_path / "deep.pth", index))) == ["a"]


def before_zip(index: bytes, *, keys: bytes | None = None, data: bytes | None = None, machine: bytes = b"") -> bytes:
    """A file of the form before 1.6, put together by hand."""
    facts = machine or mapping({"little_endian": b"\x88"})
    raw = FLOATS.to_bytes(8, "little") + np.arange(FLOATS, dtype="<f4").tobytes() if data is None else data
    head = torch_before_zip.MAGIC + op.pickle(op.number(1001)) + op.pickle(facts)
    return head + index + op.pickle(b"]" + op.text("0") + b"a" if keys is None else keys) + raw


def test_a_file_of_the_old_form_made_by_hand_is_read(tmp_path: Path) -> None:
    (tmp_path / "old.pth").write_bytes(before_zip(GOOD))
    np.testing.assert_array_equal(read_state_dict(tmp_path / "old.pth")["a"], np.arange(6.0).reshape(2, 3))


OLD = {
    "another protocol": torch_before_zip.MAGIC + op.pickle(op.number(1000)) + op.pickle(mapping({})) + GOOD,
    "big-endian": before_zip(GOOD, machine=mapping({"little_endian": b"\x89"})),
    "no storage": before_zip(GOOD, keys=b"]"),
    "a storage of nobody": before_zip(GOOD, keys=b"](" + op.text("0") + op.text("1") + b"e"),
    "keys that are none": before_zip(GOOD, keys=b"](" + op.number(0) + b"e"),
    "another count": before_zip(GOOD, data=(7).to_bytes(8, "little") + bytes(28)),
    "a huge count": before_zip(GOOD, data=b"\xff" * 8 + bytes(24)),
    "missing numbers": before_zip(GOOD, data=FLOATS.to_bytes(8, "little") + bytes(20)),
    "a storage told in two ways": before_zip(op.pickle(mapping({"a": tensor(), "b": tensor(of=storage(count=9))}))),
    "a part of a storage": before_zip(op.pickle(mapping({"a": tensor(of=storage()[:-2] + b"K\x01tQ")}))),
    "nothing but its magic": torch_before_zip.MAGIC,
}


@pytest.mark.parametrize("data", OLD.values(), ids=OLD)
def test_a_file_of_the_old_form_that_lies_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "old.pth").write_bytes(data)
    assert refused(tmp_path / "old.pth").reason in ("damaged", "truncated", "not_allowed")


def test_a_file_of_the_old_form_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = before_zip(GOOD)
    for keep in range(len(torch_before_zip.MAGIC), len(data), 7):
        (tmp_path / "cut.pth").write_bytes(data[:keep])
        refused(tmp_path / "cut.pth")


@pytest.mark.parametrize("missing", ["nowhere.pth", "."], ids=["no file", "a folder"])
def test_what_cannot_be_opened_is_told(tmp_path: Path, missing: str) -> None:
    assert refused(tmp_path / missing).reason == "unreadable"


def test_arrays_are_mapped_and_not_copied(tmp_path: Path) -> None:
    array: Any = read_state_dict(write_torch(tmp_path / "a.pth", GOOD))["a"]
    while array.base is not None and not isinstance(array, np.memmap):
        array = array.base
    assert isinstance(array, np.memmap)
