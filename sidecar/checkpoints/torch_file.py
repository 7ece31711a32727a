"""Tensors of a `.pth` or `.ckpt` file, as torch writes them since 1.6, as memory-mapped arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sidecar.checkpoints.elements import DTYPES, Array, widened
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.limits import MAX_KEY_LENGTH, MAX_MEMBERS, MAX_PICKLE_BYTES, MAX_TENSORS
from sidecar.checkpoints.torch_pickle import TensorPlace, read_index
from sidecar.restricted_pickle.arrays import shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.inflate import Inflated

MAGIC = b"PK\x03\x04"
STATE = "state_dict"

_INDEX = "data.pkl"
_ORDER, _LITTLE = "byteorder", b"little"
_LOCAL_HEADER_BYTES = 30


def read_torch(path: Path) -> dict[str, Array]:
    """The state dict of a file that `torch.save` wrote: its entry `state_dict`, or the whole of it.

    Returns:
        Read-only arrays over the mapped file by key; bfloat16 is widened to float32.

    Raises:
        ModelFileRefused: it is no such file, is damaged, or its state dict holds anything but tensors.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            members = _members(archive)
            folder = _folder(members)
            index, _ = read_index(Inflated(io.BytesIO(archive.read(folder + _INDEX)), limit=MAX_PICKLE_BYTES))
            if folder + _ORDER in members and archive.open(folder + _ORDER).read(len(_LITTLE) + 1) != _LITTLE:
                raise PickleRefused("not_allowed", "its numbers are not little-endian, which is not read")
            places = places_of(index)
            return {key: _array(path, file, members, folder, place) for key, place in places.items()}
    except PickleRefused as error:
        raise ModelFileRefused(path, error.reason, str(error)) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise ModelFileRefused(path, "damaged", f"is no whole torch file: {error}") from error
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise PickleRefused("too_large", f"it has {len(members)} members, over the limit of {MAX_MEMBERS}")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise PickleRefused("not_allowed", f"{shown(member.filename)} is compressed, which torch never does")
    return {member.filename: member for member in members}


def _folder(members: Mapping[str, zipfile.ZipInfo]) -> str:
    """The one folder everything lies in, with its slash."""
    found = [name for name in members if name.partition("/")[2] == _INDEX]
    if len(found) != 1:
        raise PickleRefused("damaged", f"a torch file has one {_INDEX}, this has {len(found)}")
    size = members[found[0]].file_size
    if size > MAX_PICKLE_BYTES:
        raise PickleRefused("too_large", f"its {_INDEX} has {size} bytes, over the limit of {MAX_PICKLE_BYTES}")
    return found[0].removesuffix(_INDEX)


def places_of(index: object) -> dict[str, TensorPlace]:
    """The state dict in a checkpoint: its entry `state_dict`, or the whole of it.

    Raises:
        PickleRefused: it holds anything but tensors under texts.
    """
    state = index.get(STATE, index) if isinstance(index, dict) else index
    if not isinstance(state, dict) or not state:
        raise PickleRefused("mismatch", f"a checkpoint is a dict of tensors, with or without {STATE!r}")
    if len(state) > MAX_TENSORS:
        raise PickleRefused("too_large", f"it has {len(state)} tensors, over the limit of {MAX_TENSORS}")
    for key, value in state.items():
        if not isinstance(key, str) or len(key) > MAX_KEY_LENGTH:
            raise PickleRefused("mismatch", f"a key of its state dict is {shown(key)}")
        if not isinstance(value, TensorPlace):
            raise PickleRefused("not_allowed", f"{key} of its state dict is no tensor but {shown(value)}")
    return state


def _array(
    path: Path, file: BinaryIO, members: Mapping[str, zipfile.ZipInfo], folder: str, place: TensorPlace
) -> Array:
    storage = place.storage
    dtype = DTYPES[storage.element]
    member = members.get(f"{folder}data/{storage.key}")
    if member is None or member.file_size != storage.count * dtype.itemsize:
        found = "absent" if member is None else f"{member.file_size} bytes"
        raise PickleRefused("truncated", f"storage {storage.key} of {storage.count} {storage.element} is {found}")
    return view(path, place, _data_offset(file, member))


def view(path: Path, place: TensorPlace, offset: int) -> Array:
    """A tensor as a read-only array over its storage, which begins at `offset` of the mapped file.

    Raises:
        ValueError: the file ends before the storage does.
    """
    storage = place.storage
    dtype = DTYPES[storage.element]
    if storage.count == 0:
        return np.zeros(place.shape, dtype)
    mapped = np.memmap(path, dtype, mode="r", offset=offset, shape=(storage.count,))
    strides = tuple(step * dtype.itemsize for step in place.stride)
    shaped = np.lib.stride_tricks.as_strided(mapped[place.offset :], place.shape, strides, writeable=False)
    return widened(shaped, storage.element)


def _data_offset(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Where a stored member's bytes begin: its local header may be longer than the directory says."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER_BYTES)
    if len(header) != _LOCAL_HEADER_BYTES or not header.startswith(MAGIC):
        raise PickleRefused("damaged", f"{shown(member.filename)} is not where the directory says")
    name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    return member.header_offset + _LOCAL_HEADER_BYTES + name + extra
