"""The pickle machine: a stack, a memo and the opcodes that arrays, numbers, texts and containers need.

Source of the opcodes: CPython, Lib/pickletools.py. Protocols 2 to 5; what older protocols and other kinds of objects
need is not there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from sidecar.restricted_pickle.arrays import DtypeParts, PendingArray, plain_array, shown, wrapped_array
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.limits import (
    MAX_DEPTH,
    MAX_KEY_INTEGER,
    MAX_KEY_PARTS,
    MAX_NAME_BYTES,
    MAX_OBJECTS,
    MAX_OPCODES,
    MAX_PIECE_BYTES,
)
from sidecar.restricted_pickle.names import build, build_new, look_up

NEWEST_PROTOCOL = 5
_PROTO, _STOP = 0x80, 0x2E


class Machine:
    """Runs one pickle."""

    def __init__(self, source: Inflated) -> None:
        self._source = source
        self._frame_left: int | None = None  # bytes of the current frame; None outside of frames
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, object] = {}
        self._objects = 0

    def run(self) -> object:
        """The value that the pickle stands for.

        Raises:
            PickleRefused: an opcode or a name is not known here, a limit is exceeded, or the file is damaged.
        """
        if self._read(1)[0] != _PROTO:
            raise PickleRefused("damaged", "this is no pickle of protocol 2 or later")
        self.protocol()
        for _ in range(MAX_OPCODES):
            code = self._read(1)[0]
            if code == _STOP:
                return self._result()
            step = _STEPS.get(code)
            if step is None:
                raise PickleRefused("not_allowed", f"opcode 0x{code:02x} is not read")
            step(self)
        raise PickleRefused("too_large", f"the file has more than {MAX_OPCODES} opcodes")

    def _result(self) -> object:
        if self._marks or len(self._stack) != 1:
            raise PickleRefused("damaged", "the file ends in the middle of a value")
        return self._stack[0]

    # Bytes

    def _read(self, count: int) -> bytes:
        if self._frame_left is not None:
            if count > self._frame_left:
                raise PickleRefused("damaged", "an opcode crosses the end of its frame")
            self._frame_left = self._frame_left - count or None
        return self._source.read(count)

    def _unpack(self, layout: str) -> int:
        value: int = struct.unpack(layout, self._read(struct.calcsize(layout)))[0]
        return value

    def _sized(self, layout: str) -> bytes:
        size = self._unpack(layout)
        if size > MAX_PIECE_BYTES:
            raise PickleRefused("too_large", f"a piece of {size} bytes is over the limit of {MAX_PIECE_BYTES}")
        return self._read(size)

    def _text(self, layout: str) -> str:
        return _decode(self._sized(layout))

    def protocol(self) -> None:
        version = self._unpack("<B")
        if not 2 <= version <= NEWEST_PROTOCOL:
            raise PickleRefused("not_allowed", f"pickle protocol {version} is not read, only 2 to {NEWEST_PROTOCOL}")

    def frame(self) -> None:
        if self._frame_left is not None:
            raise PickleRefused("damaged", "a frame begins inside another")
        size = self._unpack("<Q")
        if size > MAX_PIECE_BYTES:
            raise PickleRefused("too_large", f"a frame of {size} bytes is over the limit of {MAX_PIECE_BYTES}")
        self._frame_left = size or None

    # Stack and memo

    def push(self, value: object) -> None:
        self._stack.append(value)

    def _push_object(self, value: object) -> None:
        self._objects += 1
        if self._objects > MAX_OBJECTS:
            raise PickleRefused("too_large", f"the file has more than {MAX_OBJECTS} lists, texts and other objects")
        self._stack.append(value)

    def _pop(self) -> Any:
        if not self._stack:
            raise PickleRefused("damaged", "an opcode finds nothing on the stack")
        return self._stack.pop()

    def _top(self, kind: type) -> Any:
        if not self._stack or type(self._stack[-1]) is not kind:
            raise PickleRefused("damaged", f"an opcode finds no {kind.__name__} on the stack")
        return self._stack[-1]

    def mark(self) -> None:
        if len(self._marks) >= MAX_DEPTH:
            raise PickleRefused("too_large", f"values lie deeper than {MAX_DEPTH} in each other")
        self._marks.append(self._stack)
        self._stack = []

    def _since_mark(self) -> list[Any]:
        if not self._marks:
            raise PickleRefused("damaged", "an opcode finds no mark on the stack")
        items, self._stack = self._stack, self._marks.pop()
        return items

    def _remember(self, index: int) -> None:
        if not self._stack:
            raise PickleRefused("damaged", "there is nothing to remember")
        self._memo[index] = self._stack[-1]

    def _recall(self, index: int) -> None:
        if index not in self._memo:
            raise PickleRefused("damaged", f"the file recalls value {index}, which it never had")
        value = self._memo[index]
        finished = value.array if isinstance(value, PendingArray) else None
        self._stack.append(value if finished is None else finished)

    # Containers

    def tuple_of(self, count: int) -> None:
        items = [self._pop() for _ in range(count)]
        self._push_object(tuple(reversed(items)))

    def tuple_since_mark(self) -> None:
        self._push_object(tuple(self._since_mark()))

    def append(self) -> None:
        item = self._pop()
        self._top(list).append(item)

    def extend(self) -> None:
        items = self._since_mark()
        self._top(list).extend(items)

    def set_item(self) -> None:
        value, key = self._pop(), self._pop()
        self._top(dict)[_checked_key(key)] = value

    def set_items(self) -> None:
        items = self._since_mark()
        target = self._top(dict)
        if len(items) % 2:
            raise PickleRefused("damaged", "a dict has a key without a value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[_checked_key(key)] = value

    # Objects

    def name_in_lines(self) -> None:
        module, name = (_decode(self._line()) for _ in range(2))
        self._stack.append(look_up(module, name))

    def _line(self) -> bytes:
        line = self._source.read_line(MAX_NAME_BYTES)
        if self._frame_left is not None:
            if len(line) + 1 > self._frame_left:
                raise PickleRefused("damaged", "an opcode crosses the end of its frame")
            self._frame_left = self._frame_left - len(line) - 1 or None
        return line

    def name_on_stack(self) -> None:
        name, module = self._pop(), self._pop()
        self._stack.append(look_up(module, name))

    def call(self) -> None:
        arguments, name = self._pop(), self._pop()
        self._push_object(build(name, arguments))

    def new(self) -> None:
        arguments, name = self._pop(), self._pop()
        self._push_object(build_new(name, arguments))

    def set_state(self) -> None:
        state, target = self._pop(), self._pop()
        if isinstance(target, DtypeParts):
            target.set_state(state)
            self._stack.append(target)
            return
        if not isinstance(target, PendingArray) or target.array is not None:
            raise PickleRefused("not_allowed", f"the file sets the state of {shown(target)}")
        if target.wrapped:
            if self._frame_left is not None:
                raise PickleRefused("damaged", "the elements of an array begin inside a frame")
            target.array = wrapped_array(state, self._source.read)
        else:
            target.array = plain_array(state)
        self._stack.append(target.array)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise PickleRefused("damaged", "a text is not UTF-8") from None


def _checked_key(key: object) -> object:
    """Texts, numbers and short tuples of them: hashing anything deeper recurses without a limit."""
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) > MAX_KEY_PARTS:
        raise PickleRefused("not_allowed", f"a key of {len(parts)} parts is not read")
    for part in parts:
        small = type(part) is int and abs(part) < MAX_KEY_INTEGER  # larger ones can be made to collide
        if not (small or type(part) in (str, float)):
            raise PickleRefused("not_allowed", f"a key must be text or a number, got {shown(part)}")
    return key


_STEPS: dict[int, Callable[[Machine], None]] = {
    _PROTO: Machine.protocol,
    0x95: Machine.frame,
    ord("("): Machine.mark,
    ord("N"): lambda machine: machine.push(None),
    0x88: lambda machine: machine.push(True),
    0x89: lambda machine: machine.push(False),
    ord("J"): lambda machine: machine.push(machine._unpack("<i")),
    ord("K"): lambda machine: machine.push(machine._unpack("<B")),
    ord("M"): lambda machine: machine.push(machine._unpack("<H")),
    ord("G"): lambda machine: machine.push(machine._unpack(">d")),
    0x8A: lambda machine: machine.push(int.from_bytes(machine._sized("<B"), "little", signed=True)),
    ord("X"): lambda machine: machine._push_object(machine._text("<I")),
    0x8C: lambda machine: machine._push_object(machine._text("<B")),
    0x8D: lambda machine: machine._push_object(machine._text("<Q")),
    ord("B"): lambda machine: machine._push_object(machine._sized("<I")),
    ord("C"): lambda machine: machine._push_object(machine._sized("<B")),
    0x8E: lambda machine: machine._push_object(machine._sized("<Q")),
    ord("]"): lambda machine: machine._push_object([]),
    ord("}"): lambda machine: machine._push_object({}),
    ord(")"): lambda machine: machine.push(()),
    0x85: lambda machine: machine.tuple_of(1),
    0x86: lambda machine: machine.tuple_of(2),
    0x87: lambda machine: machine.tuple_of(3),
    ord("t"): Machine.tuple_since_mark,
    ord("a"): Machine.append,
    ord("e"): Machine.extend,
    ord("s"): Machine.set_item,
    ord("u"): Machine.set_items,
    0x94: lambda machine: machine._remember(len(machine._memo)),
    ord("q"): lambda machine: machine._remember(machine._unpack("<B")),
    ord("r"): lambda machine: machine._remember(machine._unpack("<I")),
    ord("h"): lambda machine: machine._recall(machine._unpack("<B")),
    ord("j"): lambda machine: machine._recall(machine._unpack("<I")),
    ord("c"): Machine.name_in_lines,
    0x93: Machine.name_on_stack,
    ord("R"): Machine.call,
    0x81: Machine.new,
    ord("b"): Machine.set_state,
}
