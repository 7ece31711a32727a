"""Files that want something run: nothing is, and the name is told."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.names import ALLOWED
from sidecar.restricted_pickle.reading import read_joblib
from tests.restricted_pickle.attacks import opcodes as op
from tests.restricted_pickle.joblib_writer import COMPRESSORS


def read(folder: Path, data: bytes) -> object:
    (folder / "hostile.pkl").write_bytes(data)
    return read_joblib(folder / "hostile.pkl")


class Runs:
    """An object whose pickle calls a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


def touch(path: Path) -> str:
    return f"touch '{path}'"


@pytest.mark.parametrize("compressor", COMPRESSORS)
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_shell_command_is_not_run(tmp_path: Path, protocol: int, compressor: str) -> None:
    mark = tmp_path / "was-run"
    data = pickle.dumps({"tid": [1], "evil": Runs(os.system, touch(mark))}, protocol=protocol)
    with pytest.raises(PickleRefused, match=r"wants '(posix|nt)'\.'system', which is never run"):
        read(tmp_path, COMPRESSORS[compressor](data))
    assert not mark.exists()


@pytest.mark.parametrize("function", [eval, exec, getattr, __import__, open, print, compile, map, type, object])
def test_no_builtin_is_reached(tmp_path: Path, function: Any, capsys: pytest.CaptureFixture[str]) -> None:
    mark = tmp_path / "was-run"
    for protocol in (2, 4):
        with pytest.raises(PickleRefused, match="which is never run"):
            read(tmp_path, pickle.dumps(Runs(function, f"open({str(mark)!r}, 'w')"), protocol=protocol))
    assert not mark.exists()
    assert capsys.readouterr().out == ""


NAMES = {
    "an attribute of something allowed": ("numpy", "ndarray.tofile"),
    "the module of something allowed": ("numpy", "load"),
    "a way through a module": ("joblib.numpy_pickle", "os.system"),
    "the reader of joblib": ("joblib.numpy_pickle", "NumpyArrayWrapper.read"),
    "joblib itself": ("joblib", "load"),
    "another codec function": ("_codecs", "decode"),
    "the codec register": ("codecs", "encode"),
    "numpy's own buffers": ("numpy.core.multiarray", "fromfile"),
    "a numpy evaluator": ("numpy.testing._private.utils", "runstring"),
    "Python 2's builtins": ("__builtin__", "eval"),
    "old copy_reg": ("copy_reg", "_reconstructor"),
    "an empty module": ("", "system"),
    "an empty name": ("numpy", ""),
    "a name with a null": ("numpy", "dtype\0"),
    "a homograph": ("num\u0440y", "dtype"),
    "our own package": ("sidecar.restricted_pickle.names", "build"),
    "a module that would be imported": ("antigravity", "fly"),
}


@pytest.mark.parametrize(("module", "attribute"), NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("spell", [op.name, op.name_on_stack], ids=["in lines", "on the stack"])
def test_no_other_name_is_known(tmp_path: Path, module: str, attribute: str, spell: Any) -> None:
    before = set(sys.modules)
    with pytest.raises(PickleRefused, match="which is never run") as caught:
        read(tmp_path, op.pickle(op.call(spell(module, attribute), op.text("x"))))
    assert caught.value.reason == "not_allowed"
    assert set(sys.modules) == before


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    for module in (b"N", b"}", op.number(1), op.name("numpy", "dtype")):
        with pytest.raises(PickleRefused, match="never run"):
            read(tmp_path, op.pickle(module, op.text("dtype"), b"\x93"))


REFUSED_OPCODES = {
    "persistent id": b"Pos.system\n", "persistent id on the stack": b"NQ", "instance": b"(ios\nsystem\n",
    "object": b"(o", "extension 1": b"\x82\x01", "extension 2": b"\x83\x01\x00", "extension 4": b"\x84\x01\0\0\0",
    "new with keywords": b"NN}\x92", "bytearray": b"\x96" + b"\xff" * 8, "next buffer": b"\x97",
    "read-only buffer": b"N\x98", "string that is evaluated": b"S'a'\n", "integer in text": b"I1\n",
    "set": b"\x8f", "frozen set": b"(\x91", "four-byte long": b"\x8b\xff\xff\xff\x7f", "nothing": b"\x00",
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSED_OPCODES.values(), ids=REFUSED_OPCODES)
def test_opcodes_that_arrays_do_not_need_are_not_there(tmp_path: Path, code: bytes) -> None:
    with pytest.raises(PickleRefused, match=r"opcode 0x[0-9a-f]{2} is not read"):
        read(tmp_path, op.pickle(code))


NDARRAY, DTYPE = op.name("numpy", "ndarray"), op.name("numpy", "dtype")
WRAPPER = op.name("joblib.numpy_pickle", "NumpyArrayWrapper")
SCALAR, RECONSTRUCT = op.name("numpy.core.multiarray", "scalar"), op.name("numpy.core.multiarray", "_reconstruct")
ENCODE = op.name("_codecs", "encode")

MISUSES = {
    "the array class is called": op.call(NDARRAY, op.number(1 << 30)),
    "the array class is made": NDARRAY + b")\x81",
    "the wrapper is called": op.call(WRAPPER),
    "the wrapper is made with arguments": WRAPPER + op.number(1) + b"\x85\x81",
    "the wrapper gets no state but a method": WRAPPER + b")\x81" + op.name("numpy", "ndarray") + b"b",
    "the wrapper gets a state twice": op.wrapper(shape=b")", data=b"\0\0\0\0") + b"}b",
    "a dict gets a state": b"}}b",
    "a text gets a state": op.text("a") + b"}b",
    "a class gets a state": NDARRAY + b"}b",
    "a text is called": op.text("os.system") + b")R",
    "a number is made": op.number(1) + b")\x81",
    "arguments are no tuple": DTYPE + b"}R",
    "another class is reconstructed": op.call(RECONSTRUCT, DTYPE, b"K\0\x85", op.text("b")),
    "a scalar of no type": op.call(SCALAR, op.text("f4"), b"C\x04abcd"),
    "a scalar of no bytes": op.call(SCALAR, op.dtype("f4"), op.text("abcd")),
    "a scalar of objects": op.call(SCALAR, op.dtype("O8", "|"), b"C\x08abcdefgh"),
    "another codec": op.call(ENCODE, op.text("a"), op.text("rot13")),
    "a codec of no text": op.call(ENCODE, b"C\x01a", op.text("latin1")),
    "a codec with an error handler": op.call(ENCODE, op.text("a"), op.text("latin1"), op.text("x")),
    "a codec by default": op.call(ENCODE, op.text("a")),
}


@pytest.mark.parametrize("body", MISUSES.values(), ids=MISUSES)
def test_what_is_allowed_cannot_be_turned_into_something_else(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(PickleRefused) as caught:
        read(tmp_path, op.pickle(body))
    assert caught.value.reason in ("not_allowed", "damaged")


def test_classes_do_not_come_out(tmp_path: Path) -> None:
    for body in (NDARRAY, op.dtype("f4"), WRAPPER + b")\x81", op.call(RECONSTRUCT, NDARRAY, b"K\0\x85", b"C\x01b")):
        with pytest.raises(PickleRefused, match="was left unfinished"):
            read(tmp_path, op.pickle(b"}", op.text("a"), body, b"s"))


def test_the_allowed_names_are_these() -> None:
    assert sorted(ALLOWED) == [
        ("_codecs", "encode"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
    ]
