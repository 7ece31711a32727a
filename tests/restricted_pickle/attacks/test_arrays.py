"""Arrays that are not what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sidecar.restricted_pickle.errors import PickleRefused
from tests.restricted_pickle.attacks import opcodes as op
from tests.restricted_pickle.attacks.test_code import Runs, read
from tests.restricted_pickle.joblib_writer import joblib_bytes


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_arrays_of_objects_are_refused_before_their_elements(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "was-run"
    hostile = np.array([Runs(Path.touch, mark)], dtype=object)
    with pytest.raises(PickleRefused, match="elements of type 'O8' are not read"):
        read(tmp_path, joblib_bytes({"a": hostile}, protocol=protocol))
    assert not mark.exists()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(2, [("a", "f4")]), np.zeros(2, "V8"), np.zeros(2, "M8[s]"), np.zeros(2, "m8[s]"),
        np.zeros(2, "c8"),
    ],
    ids=lambda array: str(array.dtype),
)  # fmt: skip
def test_other_kinds_of_elements_are_refused(tmp_path: Path, array: np.ndarray[tuple[int], np.dtype[np.void]]) -> None:
    with pytest.raises(PickleRefused, match="are not read"):
        read(tmp_path, joblib_bytes([array]))


ONE = b"K\x01\x85"
FIELD = op.text("f0")
ARRAYS = {
    "a giant": (op.wrapper(shape=op.number(1 << 30) + b"\x85"), "over the limit"),
    "a giant of two sides": (op.wrapper(shape=op.number(1 << 20) * 2 + b"\x86"), "over the limit"),
    "sides that overflow": (op.wrapper(shape=b"(" + b"\x8a\x08" + b"\xff" * 7 + b"\x7f" + b"K\x04t"), "over the limit"),
    "a giant hidden behind a 0": (op.wrapper(shape=b"K\x00" + op.number(1 << 30) + b"\x86"), "over the limit"),
    "a number of a thousand digits": (op.wrapper(shape=b"\x8a\xff" + b"\x7f" * 255 + b"\x85"), "over the limit"),
    "more dimensions than numpy has": (op.wrapper(shape=b"(" + b"K\x01" * 65 + b"t"), "at most 8 numbers"),
    "a negative side": (op.wrapper(shape=op.number(-4) + b"\x85"), "got -4"),
    "a side of truth": (op.wrapper(shape=b"\x88\x85"), "got True"),
    "a side of text": (op.wrapper(shape=op.text("4") + b"\x85"), "got '4'"),
    "a list for a shape": (op.wrapper(shape=b"]"), "a shape must be a tuple"),
    "an array for an order": (op.wrapper(shape=ONE, order=b"]"), "must be C or F, got list"),
    "no order": (op.wrapper(shape=ONE, order=b"N"), "must be C or F, got None"),
    "a text for a type": (op.wrapper(shape=ONE, element=op.text("f4")), "must be a numpy dtype, got 'f4'"),
    "long texts": (op.wrapper(shape=ONE, element=op.dtype("U999999")), "texts of 999999 characters"),
    "a type with fields": (op.wrapper(shape=ONE, element=op.dtype("f4,f4")), "'f4,f4' are not read"),
    "a type by its long name": (op.wrapper(shape=ONE, element=op.dtype("float32")), "'float32' are not read"),
    "another byte order": (op.wrapper(shape=ONE, element=op.dtype("f4", "x")), "unknown state"),
    "a surplus field": (op.wrapper(shape=ONE, more=op.text("filename") + op.text("/etc/passwd")), "its own fields"),
    "missing elements": (op.wrapper(shape=ONE, data=b"\0\0"), "the file ends"),
    "a scalar of text beyond Unicode": (
        op.call(op.name("numpy.core.multiarray", "scalar"), op.dtype("U1"), b"C\x04\xff\xff\xff\xff"), "beyond Unicode",
    ),
    "texts beyond Unicode": (
        op.wrapper(shape=ONE, element=op.dtype("U2", ">"), data=b"\0\0\0a\0\x11\0\0"), "beyond Unicode",
    ),
    "a scalar of another size": (
        op.call(op.name("numpy.core.multiarray", "scalar"), op.dtype("f8"), b"C\x04abcd"), "has 4 bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "says"), ARRAYS.values(), ids=ARRAYS)
def test_an_array_that_is_none_is_named(tmp_path: Path, body: bytes, says: str) -> None:
    with pytest.raises(PickleRefused) as caught:
        read(tmp_path, op.pickle(body))
    assert says in str(caught.value)


def test_a_type_whose_state_holds_arrays_does_not_confuse_the_reader(tmp_path: Path) -> None:
    array = op.wrapper(shape=b"K\x02\x85", element=op.dtype("u1"), data=b"ab")
    made = op.call(op.name("numpy", "dtype"), op.text("f4"), b"\x89", b"\x88")
    for state in (
        b"(" + array + op.text("<") + b"NNN" + op.number(0) * 3 + b"tb",
        b"(" + op.number(3) + array + b"NNN" + op.number(0) * 3 + b"tb",
        b"(" + op.number(3) + op.text("|") + array + b"NN" + op.number(0) * 3 + b"tb",
    ):
        with pytest.raises(PickleRefused):
            read(tmp_path, op.pickle(made, state))


def test_elements_inside_of_a_frame_are_refused(tmp_path: Path) -> None:
    body = op.wrapper(shape=b"K\x01\x85", data=b"\0\0\0\0")
    frame = b"\x95" + (len(body) + 1).to_bytes(8, "little")
    with pytest.raises(PickleRefused, match="begin inside a frame"):
        read(tmp_path, op.PROTOCOL_4 + frame + body + op.STOP)
