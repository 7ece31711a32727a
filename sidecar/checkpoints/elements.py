"""The element types of tensors, and views of raw bytes as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BF16 = "BF16"  # numpy has none: two bytes that become the upper half of a float32

# By the names of the safetensors format.
DTYPES: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {
        "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), BF16: np.dtype("<u2"),
        "I64": np.dtype("<i8"), "I32": np.dtype("<i4"), "I16": np.dtype("<i2"), "I8": np.dtype("i1"),
        "U8": np.dtype("u1"), "BOOL": np.dtype("?"),
    }
)  # fmt: skip


def count_of(shape: tuple[int, ...]) -> int:
    """Elements of a shape."""
    return math.prod(shape)


def widened(array: Array, element: str) -> Array:
    """Bfloat16 as float32, exactly; everything else as it is."""
    if element != BF16:
        return array
    wide: Array = (array.astype(np.uint32) << 16).view(np.float32)
    return wide
