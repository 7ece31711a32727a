"""The opcodes that Python 2 wrote and Python 3 does not: its one kind of string, and numbers as text.

A string of Python 2 may be text or bytes; here it becomes text of the same code points, which arrays take as the bytes
it was. Source of the opcodes: CPython, Lib/pickletools.py.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sidecar.restricted_pickle.arrays import OldString, shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_PIECE_BYTES
from sidecar.restricted_pickle.machine import Machine

# What repr() of a string can hold. The possessive quantifiers keep the matcher from remembering each step.
_INNER = re.compile(rb"(?:[^\\]++|\\(?:x[0-9a-f]{2}|[\\'\"nrt]))*+", re.DOTALL)
_WHOLE = re.compile(rb"-?[0-9]{1,39}")


def _short_string(machine: Machine) -> None:
    machine.push_object(OldString(machine.sized("<B"), "latin1"))


def _string(machine: Machine) -> None:
    machine.push_object(OldString(machine.sized("<I"), "latin1"))


def _quoted_string(machine: Machine) -> None:
    line = machine.line(MAX_PIECE_BYTES).removesuffix(b"\r")
    inner = line[1:-1]
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"') or not _INNER.fullmatch(inner):
        raise PickleRefused("damaged", "a string is not quoted as Python 2 quotes it")
    decode: Any = vars(codecs)["escape_decode"]  # what pickle itself uses; it is not among the documented names
    machine.push_object(OldString(decode(inner)[0], "latin1"))


def _unicode(machine: Machine) -> None:
    try:
        machine.push_object(machine.line(MAX_PIECE_BYTES).decode("raw-unicode-escape"))
    except UnicodeDecodeError:
        raise PickleRefused("damaged", "a text has a broken escape") from None


def _whole_number(machine: Machine) -> None:
    line = machine.line()
    if line in (b"00", b"01"):
        machine.push(line == b"01")
        return
    machine.push(_number(line))


def _long(machine: Machine) -> None:
    machine.push(_number(machine.line().removesuffix(b"L")))


def _number(line: bytes) -> int:
    if not _WHOLE.fullmatch(line):
        raise PickleRefused("damaged", f"a whole number is written {shown(line)}")
    return int(line)


def _float(machine: Machine) -> None:
    line = machine.line()
    try:
        machine.push(float(line))
    except ValueError:
        raise PickleRefused("damaged", f"a number is written {shown(line)}") from None


def _remember(machine: Machine) -> None:
    machine.remember(_number(machine.line()))


def _recall(machine: Machine) -> None:
    machine.recall(_number(machine.line()))


def _dict(machine: Machine) -> None:
    items = machine.since_mark()
    machine.push_object({})
    machine.fill(items)


def _list(machine: Machine) -> None:
    machine.push_object(machine.since_mark())


def _drop(machine: Machine) -> None:
    machine.pop()


STEPS: Mapping[int, Callable[[Machine], None]] = MappingProxyType(
    {
        ord("U"): _short_string,
        ord("T"): _string,
        ord("S"): _quoted_string,
        ord("V"): _unicode,
        ord("I"): _whole_number,
        ord("L"): _long,
        ord("F"): _float,
        ord("p"): _remember,
        ord("g"): _recall,
        ord("d"): _dict,
        ord("l"): _list,
        ord("0"): _drop,
    }
)
