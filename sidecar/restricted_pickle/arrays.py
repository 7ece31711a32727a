"""Arrays and numpy scalars out of their parts: numbers, truth values and texts, and no other element types."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_DIMENSIONS, MAX_ELEMENTS, MAX_PIECE_BYTES, MAX_TEXT_UNITS

_CODE = re.compile(r"b1|[iu][1248]|f[248]|[SU](?P<units>[1-9]\d{0,5})")
_WRAPPER_KEYS = {"subclass", "shape", "order", "dtype", "allow_mmap"}
ByteOrder = Literal["<", ">", "="]
_BYTE_ORDERS: dict[str, ByteOrder] = {"<": "<", ">": ">", "|": "=", "=": "="}
_ALIGNMENT = "numpy_array_alignment_bytes"  # joblib from 1.1 on


class OldString(str):
    """A string of Python 2, text or bytes: its code points are its bytes."""

    __slots__ = ()


class DtypeParts:
    """A `numpy.dtype` while the file describes it: its code first, its byte order in a later state."""

    def __init__(self, code: object) -> None:
        match = _CODE.fullmatch(code) if isinstance(code, str) else None
        if match is None or not isinstance(code, str):
            raise PickleRefused("not_allowed", f"elements of type {shown(code)} are not read")
        if match["units"] and int(match["units"]) > MAX_TEXT_UNITS:
            raise PickleRefused("too_large", f"texts of {match['units']} characters are over {MAX_TEXT_UNITS}")
        self._code = code
        self._order: ByteOrder = "="

    def set_state(self, state: object) -> None:
        """Take the state tuple; subarrays, fields and metadata are refused."""
        known = isinstance(state, tuple) and len(state) == 8 and type(state[0]) is int and state[0] == 3
        if not isinstance(state, tuple) or not known or not isinstance(state[1], str) or state[1] not in _BYTE_ORDERS:
            raise PickleRefused("not_allowed", f"the element type {self._code} has an unknown state")
        if any(part is not None for part in state[2:5]):
            raise PickleRefused("not_allowed", "arrays of records are not read")
        self._order = _BYTE_ORDERS[state[1]]

    def resolve(self) -> np.dtype[Any]:
        """The type itself."""
        return np.dtype(self._code).newbyteorder(self._order)


class PendingArray:
    """An array that the file has named and not yet described."""

    def __init__(self, *, wrapped: bool) -> None:
        self.wrapped = wrapped  # by joblib: the elements follow in the stream
        self.array: NDArray[Any] | None = None


def scalar(arguments: tuple[object, ...]) -> np.generic:
    """numpy.core.multiarray.scalar(dtype, bytes)."""
    data = _bytes(arguments[1]) if len(arguments) == 2 else None
    if data is None or not isinstance(arguments[0], DtypeParts):
        raise PickleRefused("not_allowed", "a numpy scalar is made of a type and bytes")
    dtype = arguments[0].resolve()
    if len(data) != dtype.itemsize:
        raise PickleRefused("damaged", f"a scalar of {dtype} has {len(data)} bytes")
    value: np.generic = _elements(data, dtype)[0]
    return value


def wrapped_array(state: object, read: Callable[[int], bytes]) -> NDArray[Any]:
    """The array of a joblib wrapper, whose elements follow in the stream.

    Args:
        state: what the wrapper was given.
        read: takes bytes out of the stream behind the wrapper.
    """
    if not isinstance(state, dict) or not _WRAPPER_KEYS <= set(state) <= {*_WRAPPER_KEYS, _ALIGNMENT}:
        raise PickleRefused("damaged", "an array wrapper needs exactly its own fields")
    dtype, shape, fortran = _dtype(state["dtype"]), _shape(state["shape"]), _is_fortran(state["order"])
    size = _bytes_of(dtype, shape)
    if state.get(_ALIGNMENT) is not None:
        read(read(1)[0])
    return _shaped(read(size), dtype, shape, fortran=fortran)


def plain_array(state: object) -> NDArray[Any]:
    """The array of `_reconstruct`: (version, shape, dtype, fortran, bytes)."""
    data = _bytes(state[4]) if isinstance(state, tuple) and len(state) == 5 else None
    if data is None or not isinstance(state, tuple):
        raise PickleRefused("not_allowed", "an array is made of its shape, its type and bytes")
    dtype, shape = _dtype(state[2]), _shape(state[1])
    if len(data) != _bytes_of(dtype, shape):
        raise PickleRefused("damaged", f"an array of shape {shape} and type {dtype} has {len(data)} bytes")
    return _shaped(data, dtype, shape, fortran=state[3] is True)


def array_of_buffer(arguments: tuple[object, ...]) -> NDArray[Any]:
    """numpy's _frombuffer(bytes, type, shape, order[, axes]), which protocol 5 uses.

    Source: numpy, _core/numeric.py; axes come with arrays that lie in neither order, which are refused.
    """
    if not 4 <= len(arguments) <= 5 or arguments[4:] not in ((), (None,)) or not isinstance(arguments[0], bytes):
        raise PickleRefused("not_allowed", "an array in a buffer is made of bytes, a type, a shape and an order")
    dtype, shape = _dtype(arguments[1]), _shape(arguments[2])
    if len(arguments[0]) != _bytes_of(dtype, shape):
        raise PickleRefused("damaged", f"an array of shape {shape} and type {dtype} has {len(arguments[0])} bytes")
    return _shaped(arguments[0], dtype, shape, fortran=_is_fortran(arguments[3]))


def shown(value: object) -> str:
    """A value for a message, short whatever it is."""
    return repr(value)[:80] if isinstance(value, (str, bytes, int, float, bool, type(None))) else type(value).__name__


def _bytes(value: object) -> bytes | None:
    if isinstance(value, OldString):
        return value.encode("latin1")
    return value if isinstance(value, bytes) else None


def _dtype(value: object) -> np.dtype[Any]:
    if not isinstance(value, DtypeParts):
        raise PickleRefused("not_allowed", f"an element type must be a numpy dtype, got {shown(value)}")
    return value.resolve()


def _shape(value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple) or len(value) > MAX_DIMENSIONS:
        raise PickleRefused("damaged", f"a shape must be a tuple of at most {MAX_DIMENSIONS} numbers")
    for side in value:
        if type(side) is not int or side < 0:
            raise PickleRefused("damaged", f"a shape must hold whole numbers from 0, got {shown(side)}")
    return value


def _bytes_of(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    # A side of 0 hides the others from the product; numpy would still multiply them.
    elements = math.prod(max(side, 1) for side in shape)
    if elements > MAX_ELEMENTS or elements * dtype.itemsize > MAX_PIECE_BYTES:
        raise PickleRefused("too_large", f"an array of {elements} elements of {dtype} is over the limit")
    return math.prod(shape) * dtype.itemsize


def _is_fortran(order: object) -> bool:
    if type(order) is not str or order not in ("C", "F"):
        raise PickleRefused("damaged", f"the order of an array must be C or F, got {shown(order)}")
    return order == "F"


def _shaped(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], *, fortran: bool) -> NDArray[Any]:
    return _elements(data, dtype).reshape(shape, order="F" if fortran else "C").copy()


def _elements(data: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind == "U" and data:  # numpy does not look, and Python raises SystemError at the first use
        code_points = np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if code_points.max() > sys.maxunicode:
            raise PickleRefused("damaged", "a text array holds code points beyond Unicode")
    return np.frombuffer(data, dtype)
