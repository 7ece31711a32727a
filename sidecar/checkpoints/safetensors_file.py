"""Safetensors files: a JSON index and raw numbers; ours to write, everybody's to read.

Source of the format: huggingface/safetensors, README.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.checkpoints.elements import BF16, DTYPES, Array, count_of, widened
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.limits import MAX_DIMENSIONS, MAX_HEADER_BYTES, MAX_KEY_LENGTH, MAX_TENSORS

SUFFIX = ".safetensors"

_METADATA = "__metadata__"
_LENGTH_BYTES = 8
_ALIGNMENT_BYTES = 8


def begins_safetensors(head: bytes) -> bool:
    """May a file that begins so be one? Its index, behind its length, is a JSON object."""
    return head[_LENGTH_BYTES:].startswith(b"{")


def read_safetensors(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Tensors as read-only arrays over the mapped file (bfloat16 widened to float32), and the file's own notes.

    Raises:
        ModelFileRefused: it is no such file, is damaged, or its tensors overlap or leave gaps.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if length > MAX_HEADER_BYTES:
                raise ModelFileRefused(path, "too_large", f"its index has {length} bytes, over {MAX_HEADER_BYTES}")
            text = file.read(length)
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error
    if size < _LENGTH_BYTES + length:
        raise ModelFileRefused(path, "truncated", f"has {size} bytes and an index of {length}")
    try:
        index = json.loads(text, object_pairs_hook=_without_twins)
        notes = _notes(index.pop(_METADATA, {}))
        start = _LENGTH_BYTES + length
        places = _places(index, size - start)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelFileRefused(path, "damaged", f"is no whole safetensors file: {error}") from error
    return {key: _array(path, start, *place) for key, place in places.items()}, notes


def write_safetensors(path: Path, tensors: Mapping[str, Array], notes: Mapping[str, str]) -> None:
    """Write tensors one after another, sorted by key, without ever holding two of them.

    Raises:
        OSError: the file cannot be written.
        ValueError: an element type has no name in this format.
    """
    index: dict[str, Any] = {_METADATA: dict(notes)}
    at = 0
    for key in sorted(tensors):
        array = tensors[key]
        size = count_of(array.shape) * array.dtype.itemsize
        index[key] = {"dtype": _name_of(array, key), "shape": list(array.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(index, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT_BYTES)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(_LENGTH_BYTES, "little") + text)
        for key in sorted(tensors):
            file.write(np.ascontiguousarray(tensors[key]).tobytes())


def _name_of(array: Array, key: str) -> str:
    for name, dtype in DTYPES.items():
        if array.dtype == dtype and name != BF16:
            return name
    raise ValueError(f"{key} has elements of {array.dtype}, which have no name in this format")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _notes(raw: Any) -> dict[str, str]:
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise ValueError(f"{_METADATA} must hold texts")
    return raw


def _places(index: dict[str, Any], size: int) -> dict[str, tuple[str, tuple[int, ...], int]]:
    """Element type, shape and first byte of each tensor; together they fill the file exactly."""
    if len(index) > MAX_TENSORS:
        raise ValueError(f"it has {len(index)} tensors, over {MAX_TENSORS}")
    places = {}
    spans = []
    for key, entry in index.items():
        element, shape, (first, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        numbers = (*shape, first, end)
        if len(key) > MAX_KEY_LENGTH or len(shape) > MAX_DIMENSIONS:
            raise ValueError(f"{key[:80]!r} is too long or has {len(shape)} dimensions")
        if element not in DTYPES or not all(type(number) is int and number >= 0 for number in numbers):
            raise ValueError(f"{key!r} has the type {element!r} and the shape {shape}")
        if end - first != count_of(shape) * DTYPES[element].itemsize:
            raise ValueError(f"{key!r} of shape {shape} has {end - first} bytes")
        spans.append((first, end))
        places[key] = (element, shape, first)
    at = 0
    for first, end in sorted(spans):
        if first != at:
            raise ValueError(f"byte {at} belongs to no tensor or to two")
        at = end
    if at != size:
        raise ValueError(f"its tensors have {at} bytes, the file has {size}")
    return places


def _array(path: Path, start: int, element: str, shape: tuple[int, ...], first: int) -> Array:
    dtype = DTYPES[element]
    if count_of(shape) == 0:
        return np.zeros(shape, dtype)
    return widened(np.memmap(path, dtype, mode="r", offset=start + first, shape=shape), element)
