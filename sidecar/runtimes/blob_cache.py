"""Compiled models on disk, each with its own digest in front: OpenVINO loads a damaged blob without a word.

    0                   20                        52            64
    +-------------------+-------------------------+-------------+------------
    | magic             | SHA-256 of the blob     | zeros       | blob …
    +-------------------+-------------------------+-------------+------------

Digest and blob share one file, so that daemons which write the same entry at the same time cannot pair one's digest
with the other's blob.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAX_BLOBS = 24  # a few models for a few versions of OpenVINO; the oldest go first
ORPHAN_AGE_S = 3600.0  # a temporary file this old has lost its writer

_MAGIC = b"pose-sidecar blob 1\n"
_HEADER_BYTES = 64  # keeps the blob aligned
_SUFFIX = ".blob"


class BlobDamaged(Exception):
    """The file is not what was written: its digest or its header differs."""


def blob_path(folder: Path, name: str, *parts: str) -> Path:
    """Where a blob lives: the model's name and a digest over everything that shapes the compilation."""
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return folder / f"{name}-{key[:16]}{_SUFFIX}"


def read_blob(path: Path) -> NDArray[np.uint8] | None:
    """The blob, verified; None where there is none.

    Raises:
        BlobDamaged: the file's content is not what was written.
        OSError: it cannot be read.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except FileNotFoundError:
        return None
    blob = data[_HEADER_BYTES:]
    if data[:_HEADER_BYTES].tobytes() != _header(blob):
        raise BlobDamaged(f"{path} is not what was written")
    return blob


def write_blob(path: Path, blob: bytes) -> None:
    """Write beside and rename, so that a reader sees all of it or nothing; then drop the oldest blobs.

    Raises:
        OSError: the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=path.stem, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_header(np.frombuffer(blob, np.uint8)))
            file.write(blob)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _prune(path.parent)


def _header(blob: NDArray[np.uint8]) -> bytes:
    return (_MAGIC + hashlib.sha256(blob.data).digest()).ljust(_HEADER_BYTES, b"\0")


def _prune(folder: Path) -> None:
    oldest_first = sorted((age, path) for path in folder.glob(f"*{_SUFFIX}") if (age := _modified_s(path)) is not None)
    for _, path in oldest_first[:-MAX_BLOBS]:
        path.unlink(missing_ok=True)
    for path in folder.glob("*.tmp"):
        modified = _modified_s(path)
        if modified is not None and time.time() - modified > ORPHAN_AGE_S:
            path.unlink(missing_ok=True)


def _modified_s(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another daemon pruned it first
        return None
