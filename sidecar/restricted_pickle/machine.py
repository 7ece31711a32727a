"""The pickle machine: a stack, a memo and the opcodes that arrays, numbers, texts and containers need.

Source of the opcodes: CPython, Lib/pickletools.py. Protocols 2 to 5; a vocabulary adds what its files need besides.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sidecar.restricted_pickle.arrays import DtypeParts, PendingArray, plain_array, wrapped_array
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.limits import (
    MAX_DEPTH,
    MAX_NAME_BYTES,
    MAX_OBJECTS,
    MAX_OPCODES,
    MAX_PIECE_BYTES,
)
from sidecar.restricted_pickle.names import JOBLIB, Vocabulary

NEWEST_PROTOCOL = 5
_PROTO, _STOP = 0x80, 0x2E


class Machine:
    """Runs one pickle.

    Args:
        source: the bytes.
        vocabulary: what its names stand for.
        steps: opcodes that such files need besides the usual ones, with what each does.
        oldest_protocol: 0 also takes files that do not begin with their protocol.
    """

    def __init__(
        self,
        source: Inflated,
        vocabulary: Vocabulary = JOBLIB,
        *,
        steps: Mapping[int, Callable[[Machine], None]] = MappingProxyType({}),
        oldest_protocol: int = 2,
    ) -> None:
        self._source = source
        self._vocabulary = vocabulary
        self._steps = {**_STEPS, **steps}
        self._oldest_protocol = oldest_protocol
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
        code = self.read(1)[0]
        if code != _PROTO and self._oldest_protocol >= 2:
            raise PickleRefused("damaged", "this is no pickle of protocol 2 or later")
        for _ in range(MAX_OPCODES):
            if code == _STOP:
                return self._result()
            step = self._steps.get(code)
            if step is None:
                raise PickleRefused("not_allowed", f"opcode 0x{code:02x} is not read")
            step(self)
            code = self.read(1)[0]
        raise PickleRefused("too_large", f"the file has more than {MAX_OPCODES} opcodes")

    def _result(self) -> object:
        if self._marks or len(self._stack) != 1:
            raise PickleRefused("damaged", "the file ends in the middle of a value")
        return self._stack[0]

    # Bytes

    def read(self, count: int) -> bytes:
        """The next bytes of the file; an opcode's arguments lie in its frame."""
        if self._frame_left is not None:
            if count > self._frame_left:
                raise PickleRefused("damaged", "an opcode crosses the end of its frame")
            self._frame_left = self._frame_left - count or None
        return self._source.read(count)

    def unpack(self, layout: str) -> int:
        value: int = struct.unpack(layout, self.read(struct.calcsize(layout)))[0]
        return value

    def sized(self, layout: str) -> bytes:
        size = self.unpack(layout)
        if size > MAX_PIECE_BYTES:
            raise PickleRefused("too_large", f"a piece of {size} bytes is over the limit of {MAX_PIECE_BYTES}")
        return self.read(size)

    def text(self, layout: str) -> str:
        return _decode(self.sized(layout))

    def protocol(self) -> None:
        version = self.unpack("<B")
        if not self._oldest_protocol <= version <= NEWEST_PROTOCOL:
            known = f"{self._oldest_protocol} to {NEWEST_PROTOCOL}"
            raise PickleRefused("not_allowed", f"pickle protocol {version} is not read, only {known}")

    def frame(self) -> None:
        if self._frame_left is not None:
            raise PickleRefused("damaged", "a frame begins inside another")
        size = self.unpack("<Q")
        if size > MAX_PIECE_BYTES:
            raise PickleRefused("too_large", f"a frame of {size} bytes is over the limit of {MAX_PIECE_BYTES}")
        self._frame_left = size or None

    # Stack and memo

    def push(self, value: object) -> None:
        self._stack.append(value)

    def push_object(self, value: object) -> None:
        self._objects += 1
        if self._objects > MAX_OBJECTS:
            raise PickleRefused("too_large", f"the file has more than {MAX_OBJECTS} lists, texts and other objects")
        self._stack.append(value)

    def pop(self) -> Any:
        if not self._stack:
            raise PickleRefused("damaged", "an opcode finds nothing on the stack")
        return self._stack.pop()

    def mark(self) -> None:
        if len(self._marks) >= MAX_DEPTH:
            raise PickleRefused("too_large", f"values lie deeper than {MAX_DEPTH} in each other")
        self._marks.append(self._stack)
        self._stack = []

    def since_mark(self) -> list[Any]:
        if not self._marks:
            raise PickleRefused("damaged", "an opcode finds no mark on the stack")
        items, self._stack = self._stack, self._marks.pop()
        return items

    def remember(self, index: int) -> None:
        if not self._stack:
            raise PickleRefused("damaged", "there is nothing to remember")
        self._memo[index] = self._stack[-1]

    def recall(self, index: int) -> None:
        if index not in self._memo:
            raise PickleRefused("damaged", f"the file recalls value {index}, which it never had")
        value = self._memo[index]
        finished = value.array if isinstance(value, PendingArray) else None
        self._stack.append(value if finished is None else finished)

    # Containers

    def tuple_of(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.push_object(tuple(reversed(items)))

    def tuple_since_mark(self) -> None:
        self.push_object(tuple(self.since_mark()))

    def append(self) -> None:
        item = self.pop()
        self._extend([item])

    def extend(self) -> None:
        self._extend(self.since_mark())

    def _extend(self, items: list[Any]) -> None:
        target = self._stack[-1] if self._stack else None
        if type(target) is list:
            target.extend(items)
        elif not self._vocabulary.takes_items(target):
            raise PickleRefused("damaged", "an opcode finds no list on the stack")

    def set_item(self) -> None:
        value, key = self.pop(), self.pop()
        self.fill([key, value])

    def set_items(self) -> None:
        self.fill(self.since_mark())

    def fill(self, items: list[Any]) -> None:
        """Put keys and values, one after the other, into the dict on the stack."""
        target = self._stack[-1] if self._stack else None
        if len(items) % 2:
            raise PickleRefused("damaged", "a dict has a key without a value")
        if type(target) is not dict:
            if self._vocabulary.takes_items(target):
                return
            raise PickleRefused("damaged", "an opcode finds no dict on the stack")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if self._vocabulary.is_key(key):
                target[key] = value

    # Objects

    def name_in_lines(self) -> None:
        module, name = (_decode(self.line()) for _ in range(2))
        self._stack.append(self._vocabulary.look_up(module, name))

    def line(self, limit: int = MAX_NAME_BYTES) -> bytes:
        line = self._source.read_line(limit)
        if self._frame_left is not None:
            if len(line) + 1 > self._frame_left:
                raise PickleRefused("damaged", "an opcode crosses the end of its frame")
            self._frame_left = self._frame_left - len(line) - 1 or None
        return line

    def name_on_stack(self) -> None:
        name, module = self.pop(), self.pop()
        self._stack.append(self._vocabulary.look_up(module, name))

    def call(self) -> None:
        arguments, name = self.pop(), self.pop()
        self.push_object(self._vocabulary.build(name, arguments))

    def new(self) -> None:
        arguments, name = self.pop(), self.pop()
        self.push_object(self._vocabulary.build_new(name, arguments))

    def set_state(self) -> None:
        state, target = self.pop(), self.pop()
        if isinstance(target, DtypeParts):
            target.set_state(state)
            self._stack.append(target)
            return
        if not isinstance(target, PendingArray) or target.array is not None:
            self._stack.append(self._vocabulary.set_state(target, state))
            return
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


_STEPS: dict[int, Callable[[Machine], None]] = {
    _PROTO: Machine.protocol,
    0x95: Machine.frame,
    ord("("): Machine.mark,
    ord("N"): lambda machine: machine.push(None),
    0x88: lambda machine: machine.push(True),
    0x89: lambda machine: machine.push(False),
    ord("J"): lambda machine: machine.push(machine.unpack("<i")),
    ord("K"): lambda machine: machine.push(machine.unpack("<B")),
    ord("M"): lambda machine: machine.push(machine.unpack("<H")),
    ord("G"): lambda machine: machine.push(machine.unpack(">d")),
    0x8A: lambda machine: machine.push(int.from_bytes(machine.sized("<B"), "little", signed=True)),
    ord("X"): lambda machine: machine.push_object(machine.text("<I")),
    0x8C: lambda machine: machine.push_object(machine.text("<B")),
    0x8D: lambda machine: machine.push_object(machine.text("<Q")),
    ord("B"): lambda machine: machine.push_object(machine.sized("<I")),
    ord("C"): lambda machine: machine.push_object(machine.sized("<B")),
    0x8E: lambda machine: machine.push_object(machine.sized("<Q")),
    ord("]"): lambda machine: machine.push_object([]),
    ord("}"): lambda machine: machine.push_object({}),
    ord(")"): lambda machine: machine.push(()),
    0x85: lambda machine: machine.tuple_of(1),
    0x86: lambda machine: machine.tuple_of(2),
    0x87: lambda machine: machine.tuple_of(3),
    ord("t"): Machine.tuple_since_mark,
    ord("a"): Machine.append,
    ord("e"): Machine.extend,
    ord("s"): Machine.set_item,
    ord("u"): Machine.set_items,
    0x94: lambda machine: machine.remember(len(machine._memo)),
    ord("q"): lambda machine: machine.remember(machine.unpack("<B")),
    ord("r"): lambda machine: machine.remember(machine.unpack("<I")),
    ord("h"): lambda machine: machine.recall(machine.unpack("<B")),
    ord("j"): lambda machine: machine.recall(machine.unpack("<I")),
    ord("c"): Machine.name_in_lines,
    0x93: Machine.name_on_stack,
    ord("R"): Machine.call,
    0x81: Machine.new,
    ord("b"): Machine.set_state,
}
