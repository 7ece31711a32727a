"""SMPL's files as their owners bring them: pickles of Python 2 or 3, and archives of numpy."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.restricted_pickle import python2
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.foreign import ForeignVocabulary
from sidecar.restricted_pickle.inflate import Inflated
from sidecar.restricted_pickle.limits import MAX_FILE_BYTES
from sidecar.restricted_pickle.machine import Machine
from sidecar.smpl.body_model import BodyModel, body_model
from sidecar.smpl.joints import REGRESSED
from sidecar.smpl.plain import as_array

FIELDS = ("v_template", "shapedirs", "posedirs", "J_regressor", "kintree_table", "weights", "f")
MAX_MEMBER_BYTES = 1 << 28  # of an archive; the largest array of SMPL has 34 MB

_STEPS = {
    **python2.STEPS,
    0x96: lambda machine: machine.push_object(machine.sized("<Q")),  # bytearray, as protocol 5 keeps an array's
}
_ARCHIVE = b"PK\x03\x04"


def read_body_model(path: Path) -> BodyModel:
    """SMPL's own file, such as SMPL_NEUTRAL.pkl or SMPL_NEUTRAL.npz. Nothing in it is run.

    Raises:
        ModelFileRefused: it cannot be read, is damaged, or is no such model.
    """
    fields = _archive(path) if _head(path).startswith(_ARCHIVE) else _pickle_fields(path)
    return body_model(fields, source=path)


def read_regressor(path: Path, *, vertices: int) -> NDArray[np.float32]:
    """The second joint regressor (19, V), SMPL_to_J19.pkl.

    Raises:
        ModelFileRefused: it cannot be read, is damaged, or holds something else.
    """
    wanted = (REGRESSED, vertices)
    try:
        array = as_array(_pickle(path))
    except PickleRefused as error:
        raise ModelFileRefused(path, error.reason, str(error)) from error
    if array.shape != wanted or not np.isfinite(array).all():
        raise ModelFileRefused(path, "mismatch", f"must hold finite numbers of shape {wanted}, got {array.shape}")
    return np.ascontiguousarray(array, np.float32)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_ARCHIVE))
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error


def _pickle(path: Path) -> object:
    _head(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > MAX_FILE_BYTES:
            raise PickleRefused("too_large", f"it has {size} bytes, over the limit of {MAX_FILE_BYTES}")
        file.seek(0)
        machine = Machine(Inflated(file), ForeignVocabulary(), steps=_STEPS, oldest_protocol=0)
        return machine.run()


def _pickle_fields(path: Path) -> dict[str, NDArray[Any]]:
    field = ""
    try:
        content = _pickle(path)
        if not isinstance(content, dict):
            raise PickleRefused("mismatch", f"it must hold a dict, got {type(content).__name__}")
        found = {}
        for field in FIELDS:
            if field in content:
                found[field] = as_array(content[field])
    except PickleRefused as error:
        where = f"{field}: " if field else ""
        raise ModelFileRefused(path, error.reason, f"{where}{error}") from error
    return found


def _archive(path: Path) -> dict[str, NDArray[Any]]:
    field = ""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
        for field in FIELDS:
            if sizes.get(f"{field}.npy", 0) > MAX_MEMBER_BYTES:
                raise ModelFileRefused(path, "too_large", f"{field} is over the limit of {MAX_MEMBER_BYTES} bytes")
        field = ""
        with np.load(path, allow_pickle=False, max_header_size=4096) as content:
            found = {}
            for field in FIELDS:
                if field in content:
                    found[field] = content[field]
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, SyntaxError) as error:
        raise ModelFileRefused(path, "damaged", f"{field or 'the archive'} cannot be read: {error}") from error
