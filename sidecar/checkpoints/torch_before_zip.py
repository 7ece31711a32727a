"""Tensors of a file in the form that torch had before 1.6, and still writes when asked: pickles, then raw storages.

magic | protocol | facts of the machine | the checkpoint | keys of the storages | count, numbers | count, numbers …
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from sidecar.checkpoints.elements import DTYPES, Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.limits import MAX_MEMBERS, MAX_PICKLE_BYTES
from sidecar.checkpoints.torch_file import places_of, view
from sidecar.checkpoints.torch_pickle import Storage, read_index
from sidecar.restricted_pickle.arrays import shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.foreign import ForeignVocabulary
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.machine import Machine

MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # 0x1950a86a20f9469cfc6c, pickled

_PROTOCOL = 1001
_COUNT_BYTES = 8


def read_torch_before_zip(path: Path) -> dict[str, Array]:
    """The state dict: the file's entry `state_dict`, or the whole of it.

    Returns:
        Read-only arrays over the mapped file by key; bfloat16 is widened to float32.

    Raises:
        ModelFileRefused: it is no such file, is damaged, or its state dict holds anything but tensors.
    """
    try:
        with path.open("rb") as file:
            source = Inflated(file, limit=MAX_PICKLE_BYTES)
            _, protocol, machine = (Machine(source, ForeignVocabulary()).run() for _ in range(3))
            if protocol != _PROTOCOL or not isinstance(machine, dict) or machine.get("little_endian") is not True:
                raise PickleRefused("not_allowed", "it is of another protocol, or its numbers are not little-endian")
            index, storages = read_index(source)
            keys = Machine(source, ForeignVocabulary()).run()
            offsets = _offsets(file, source.position, keys, storages)
            places = places_of(index)
        return {key: view(path, place, offsets[place.storage.key]) for key, place in places.items()}
    except PickleRefused as error:
        raise ModelFileRefused(path, error.reason, str(error)) from error
    except ValueError as error:
        raise ModelFileRefused(path, "damaged", f"is no whole torch file: {error}") from error
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error


def _offsets(file: BinaryIO, start: int, keys: object, storages: Mapping[str, Storage]) -> dict[str, int]:
    """Where the numbers of each storage begin: in the order of the keys, each behind its count."""
    if not isinstance(keys, list) or len(keys) > MAX_MEMBERS or not all(isinstance(key, str) for key in keys):
        raise PickleRefused("damaged", f"the keys of its storages must be a list of texts, got {shown(keys)}")
    end = file.seek(0, 2)
    offsets: dict[str, int] = {}
    at = start
    for key in keys:
        if key not in storages:
            raise PickleRefused("damaged", f"no tensor lies in storage {shown(key)}")
        storage = storages[key]
        file.seek(at)
        count = int.from_bytes(file.read(_COUNT_BYTES), "little")
        at += _COUNT_BYTES
        if count != storage.count or at + count * DTYPES[storage.element].itemsize > end:
            raise PickleRefused("truncated", f"storage {key} of {storage.count} {storage.element} has {count} elements")
        offsets[key] = at
        at += count * DTYPES[storage.element].itemsize
    missing = storages.keys() - offsets.keys()
    if missing:
        raise PickleRefused("truncated", f"storage {min(missing)} is absent")
    return offsets
