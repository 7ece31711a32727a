"""The index of a torch file: which tensors it holds and where, without torch and without running anything.

Source of the layout: pytorch/pytorch, torch/serialization.py and torch/_utils.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sidecar.checkpoints.limits import MAX_DIMENSIONS
from sidecar.restricted_pickle.arrays import shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.foreign import ForeignName, ForeignVocabulary
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.machine import Machine

_STORAGES: Mapping[str, str] = MappingProxyType(
    {
        "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
        "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
        "ByteStorage": "U8", "BoolStorage": "BOOL",
    }
)  # fmt: skip
_TENSOR = ("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = ("torch._utils", "_rebuild_parameter")
_MAX_KEY_CHARACTERS = 32
_BINPERSID = ord("Q")


@dataclass(frozen=True, slots=True)
class Storage:
    """A member of the archive: its key, its element type, its length in elements."""

    key: str
    element: str
    count: int


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """A tensor as a view of a storage, checked to lie within it."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read_index(source: Inflated) -> tuple[object, dict[str, Storage]]:
    """What a torch file's pickle stands for, with a TensorPlace for each tensor, and all storages it names, by key.

    Raises:
        PickleRefused: it is damaged, or a tensor does not lie within its storage.
    """
    torch = _Torch()

    def storage(machine: Machine) -> None:
        machine.push_object(torch.storage(machine.pop()))

    return Machine(source, torch, steps={_BINPERSID: storage}).run(), torch.storages


class _Torch(ForeignVocabulary):
    """Tensors are built as places; everything else that is no plain data stays foreign."""

    def __init__(self) -> None:
        self.storages: dict[str, Storage] = {}

    def storage(self, fields: object) -> Storage:
        """The storage that the file refers to; one key means one storage."""
        found = _storage(fields)
        if self.storages.setdefault(found.key, found) != found:
            raise PickleRefused("damaged", f"storage {found.key} is told in two ways")
        return found

    def build(self, name: object, arguments: object) -> object:
        if isinstance(name, ForeignName) and isinstance(arguments, tuple):
            if name.path == _TENSOR:
                return _tensor(arguments)
            if name.path == _PARAMETER and arguments and isinstance(arguments[0], TensorPlace):
                return arguments[0]
        return super().build(name, arguments)


def _storage(fields: object) -> Storage:
    # Files of the form before torch 1.6 name a part of the storage besides, or None.
    if not isinstance(fields, tuple) or fields[5:] not in ((), (None,)) or fields[:1] != ("storage",):
        raise PickleRefused("not_allowed", f"the file refers to {shown(fields)}, which is no storage")
    if len(fields) < 5:
        raise PickleRefused("damaged", f"a storage is told in 5 parts, got {len(fields)}")
    _, kind, key, _, count = fields[:5]
    element = _STORAGES.get(kind.name) if isinstance(kind, ForeignName) and kind.module == "torch" else None
    if element is None:
        what = ".".join(kind.path) if isinstance(kind, ForeignName) else shown(kind)
        raise PickleRefused("not_allowed", f"tensors of {what[:80]} are not read")
    is_key = isinstance(key, str) and key.isascii() and key.isalnum() and len(key) <= _MAX_KEY_CHARACTERS
    if not is_key or not _is_size(count):
        raise PickleRefused("damaged", f"a storage needs a key and a length, got {shown(key)} and {shown(count)}")
    return Storage(key, element, count)


def _tensor(arguments: tuple[object, ...]) -> TensorPlace:
    storage = arguments[0] if 6 <= len(arguments) <= 7 else None
    if not isinstance(storage, Storage):
        raise PickleRefused("damaged", "a tensor is made of a storage, an offset, a shape and strides")
    offset, shape, stride = arguments[1:4]
    if not (
        isinstance(shape, tuple)
        and isinstance(stride, tuple)
        and len(shape) == len(stride) <= MAX_DIMENSIONS
        and all(map(_is_size, (offset, *shape, *stride)))
    ):
        raise PickleRefused("damaged", f"a tensor has the shape {shown(shape)} and the strides {shown(stride)}")
    place = TensorPlace(storage, offset, shape, stride)  # type: ignore[arg-type]
    elements = math.prod(place.shape)
    last = place.offset + sum((side - 1) * step for side, step in zip(place.shape, place.stride, strict=True))
    # More elements than the storage has would be one element seen many times: a few bytes that stand for gigabytes.
    if elements and (last >= storage.count or elements > storage.count):
        raise PickleRefused("damaged", f"a tensor of shape {place.shape} does not lie in its {storage.count} elements")
    return place


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 48
