"""From a trainer's file to safetensors: only the tensors that a family wants, with a note of where they came from."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sidecar.checkpoints.elements import Array
from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict
from sidecar.checkpoints.safetensors_file import write_safetensors


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to write of a file: tensors by their names, and notes on what they are."""

    tensors: Mapping[str, Array]
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was written: how many tensors and bytes, its digest, and its notes with the source's digest."""

    tensors: int
    bytes: int
    sha256: str
    notes: Mapping[str, str]


def convert(
    source: Path,
    target: Path,
    *,
    choose: Callable[[Mapping[str, Array], Path], Chosen],
    sha256: str | None = None,
    overwrite: bool = False,
) -> Converted:
    """Write a family's tensors; the target is whole or untouched.

    Args:
        choose: what to write of the source's tensors; refuses those of another family.
        sha256: what the source must have; None takes it as it is.
        overwrite: replace a target that is there.

    Raises:
        ModelFileRefused: the source is damaged, of another model, or has another digest.
        FileExistsError: the target is there and `overwrite` is False, or the target is the source.
        OSError: the target cannot be written.
    """
    _require_free(source, target, overwrite)
    found = _digest(source)
    if sha256 is not None and found != sha256.lower():
        raise ModelFileRefused(source, "mismatch", f"has sha256 {found}, not {sha256}")
    chosen = choose(read_state_dict(source), source)
    notes = {**chosen.notes, "source_file": source.name, "source_sha256": found}
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")  # hidden, and nobody else's
    try:
        write_safetensors(part, chosen.tensors, notes)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        done = Converted(len(chosen.tensors), part.stat().st_size, _digest(part), notes)
        _require_free(source, target, overwrite)  # somebody may have been faster
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return done


def _require_free(source: Path, target: Path, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if target.exists() and source.exists() and target.samefile(source):
        raise FileExistsError(errno.EEXIST, "is the source itself", str(target))
    if not overwrite:
        raise FileExistsError(errno.EEXIST, "exists already", str(target))


def _digest(path: Path) -> str:
    if path.exists() and not path.is_file():  # reading a pipe would never end
        raise ModelFileRefused(path, "unreadable", "cannot be read: it is no regular file")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error
