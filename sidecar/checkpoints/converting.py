"""From a trainer's file to safetensors: only the tensors, with a note of where they came from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.checkpoints.reading import read_state_dict, require_known
from sidecar.checkpoints.safetensors_file import write_safetensors


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was written: how many tensors, and the digests of both files."""

    tensors: int
    source_sha256: str
    sha256: str


def convert(
    source: Path, target: Path, *, keep: Iterable[str], known: Iterable[str], sha256: str | None = None
) -> Converted:
    """Write the tensors whose keys begin with one of `keep`; the target is whole or absent.

    Args:
        keep: prefixes to write.
        known: prefixes that the source may have besides; another one makes it another model.
        sha256: what the source must have; None takes it as it is.

    Raises:
        ModelFileRefused: the source is damaged, of another model, or has another digest.
        OSError: the target cannot be written.
    """
    found = _digest(source)
    if sha256 is not None and found != sha256.lower():
        raise ModelFileRefused(source, "mismatch", f"has sha256 {found}, not {sha256}")
    state = read_state_dict(source)
    prefixes = tuple(keep)
    require_known(source, state, (*prefixes, *known))
    wanted = {key: array for key, array in state.items() if key.startswith(prefixes)}
    if not wanted:
        raise ModelFileRefused(source, "mismatch", f"has no tensor that begins with {' or '.join(prefixes)}")
    handle, temporary = tempfile.mkstemp(prefix=target.name, suffix=".tmp", dir=target.parent)
    os.close(handle)
    part = Path(temporary)
    try:
        write_safetensors(part, wanted, {"source_file": source.name, "source_sha256": found})
        digest = _digest(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Converted(len(wanted), found, digest)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileRefused(path, "unreadable", f"cannot be read: {error.strerror or error}") from error
