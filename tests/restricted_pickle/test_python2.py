"""The opcodes of Python 2: what is well formed is read, what is not is named."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from sidecar.restricted_pickle import python2
from sidecar.restricted_pickle.arrays import OldString
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.foreign import Foreign, ForeignVocabulary
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.machine import Machine
from tests.restricted_pickle.attacks import opcodes as op


def read(data: bytes) -> Any:
    return Machine(Inflated(io.BytesIO(data)), ForeignVocabulary(), steps=python2.STEPS, oldest_protocol=0).run()


# What Python 2.7 wrote: {'a': 1, 'b': [True, 2.5, None, 12345678901L, u'\xe9', 'x\x00\'"\n\xff', (), (1, 2)]}
BY_PYTHON_2 = (
    b"(dp0\nS'a'\np1\nI1\nsS'b'\np2\n(lp3\nI01\naF2.5\naNaL12345678901L\naV\xe9\np4\na"
    b"S'x\\x00\\'\"\\n\\xff'\np5\na(ta(I1\nI2\ntp6\nas."
)


def test_a_file_of_python_2_is_read() -> None:
    assert read(BY_PYTHON_2) == {"a": 1, "b": [True, 2.5, None, 12345678901, "é", "x\0'\"\n\xff", (), (1, 2)]}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (b"U\x02\xe9a", "\xe9a"), (b"T\x02\0\0\0\xff\n", "\xff\n"), (b'S"it\'s"\n', "it's"), (b"S''\n", ""),
        (b"S'a'\r\n", "a"), (b"I00\n", False), (b"I-3\n", -3), (b"L-5\n", -5), (b"F-1e3\n", -1000.0),
        (b"N0N", None), (b"Np7\n0g7\n", None), (b"(l", []), (b"(d", {}),
    ],
)  # fmt: skip
def test_each_opcode_means_what_it_meant(code: bytes, value: object) -> None:
    assert read(code + b".") == value


BROKEN = {
    "no quotes": b"Sabc\n", "one quote": b"S'\n", "two kinds of quotes": b"S'a\"\n", "nothing": b"S\n",
    "an open escape": b"S'a\\'\n", "an unknown escape": b"S'\\q'\n", "half a byte": b"S'\\x1'\n",
    "half a character": b"V\\u12\n",
    "a fraction": b"I1.5\n", "a word": b"Lten\n", "underscores": b"I1_0\n", "spaces": b"I 1\n", "no digits": b"I\n",
    "a thousand digits": b"L" + b"9" * 200 + b"L\n", "no number": b"Fabc\n",
    "a place that is no number": b"Npx\n", "nothing to drop": b"0", "no mark": b"l", "a key without a value": b"(Nd",
    "a length that is negative": b"T\xff\xff\xff\xff", "a name without an end": b"I" + b"1" * 1000,
    "another protocol": b"\x80\x06N",
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN.values(), ids=BROKEN)
def test_what_is_malformed_is_refused(code: bytes) -> None:
    with pytest.raises(PickleRefused):
        read(code + b".")


def test_a_string_of_many_escapes_takes_little_memory() -> None:
    assert read(b"S'" + b"\\x00" * (1 << 20) + b"'\n.") == "\0" * (1 << 20)


def test_arrays_take_the_bytes_of_strings_and_never_those_of_texts() -> None:
    made = op.call(op.name("numpy.core.multiarray", "_reconstruct"), op.name("numpy", "ndarray"), b"(I0\nt", b"U\x01b")
    state = b"(I1\n(I2\nt" + op.dtype("u1", "|") + b"I00\n"
    assert read(made + state + b"U\x02\xe9\xfftb.").tolist() == [0xE9, 0xFF]
    with pytest.raises(PickleRefused, match="bytes"):
        read(made + state + op.text("ab") + b"tb.")


@pytest.mark.parametrize(
    "arguments",
    [
        b")", b"(U\x02abt", b"(C\x02ab" + op.dtype("u1", "|") + b"K\x03\x85" + op.text("C") + b"t",
        b"(C\x02ab" + op.dtype("u1", "|") + b"K\x02\x85" + op.text("A") + b"t",
        b"(C\x02ab" + op.dtype("u1", "|") + b"K\x02\x85" + op.text("C") + b"K\x00\x85t",
        b"(" + op.text("ab") + op.dtype("u1", "|") + b"K\x02\x85" + op.text("C") + b"t",
    ],
)  # fmt: skip
def test_an_array_in_a_buffer_that_lies_is_refused(arguments: bytes) -> None:
    name = op.name("numpy._core.numeric", "_frombuffer")
    good = b"(C\x02ab" + op.dtype("u1", "|") + b"K\x02\x85" + op.text("C") + b"t"
    np.testing.assert_array_equal(read(name + good + b"R."), np.array([97, 98]))
    with pytest.raises(PickleRefused):
        read(name + arguments + b"R.")


def test_unknown_objects_keep_their_name_and_state() -> None:
    found = read(op.name("a.b", "C") + b")\x81}" + op.text("x") + b"I3\nsb.")
    assert isinstance(found, Foreign)
    assert (found.made_by.path, found.arguments, found.state) == (("a.b", "C"), (), {"x": 3})


@pytest.mark.parametrize("keys", [b"N", b"]", op.name("os", "system"), b"\x8a\x09" + b"\x7f" * 9])
def test_entries_with_other_keys_are_passed_over(keys: bytes) -> None:
    assert read(b"}(" + keys + b"NU\x01aI1\nu.") == {"a": 1}


@pytest.mark.parametrize("code", [b"]}b", b"I1\n}b", op.text("a") + b"}b"])
def test_only_objects_take_a_state(code: bytes) -> None:
    with pytest.raises(PickleRefused, match="sets the state"):
        read(code + b".")


def test_strings_are_texts_to_everybody_else() -> None:
    assert isinstance(read(b"U\x01a."), OldString)
    assert {read(b"U\x01a."): 1}["a"] == 1
