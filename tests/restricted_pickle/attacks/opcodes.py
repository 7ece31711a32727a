"""Pickles put together by hand, one opcode after the other."""

from __future__ import annotations

import struct

PROTOCOL_2, PROTOCOL_4 = b"\x80\x02", b"\x80\x04"
STOP = b"."


def text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def name(module: str, attribute: str) -> bytes:
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def name_on_stack(module: str, attribute: str) -> bytes:
    return text(module) + text(attribute) + b"\x93"


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


def pickle(*parts: bytes, protocol: bytes = PROTOCOL_2) -> bytes:
    return protocol + b"".join(parts) + STOP


def dtype(code: str, order: str = "<") -> bytes:
    made = call(name("numpy", "dtype"), text(code), b"\x89", b"\x88")
    return made + b"(" + number(3) + text(order) + b"NNN" + number(-1) + number(-1) + number(0) + b"tb"


def wrapper(
    *, shape: bytes, element: bytes | None = None, order: bytes | None = None, more: bytes = b"", data: bytes = b""
) -> bytes:
    """A joblib array wrapper with its state, and the bytes that follow it."""
    state = (
        text("subclass") + name("numpy", "ndarray") + text("shape") + shape
        + text("order") + (text("C") if order is None else order)
        + text("dtype") + (dtype("f4") if element is None else element)
        + text("allow_mmap") + b"\x88" + more
    )  # fmt: skip
    return name("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}(" + state + b"ub" + data
