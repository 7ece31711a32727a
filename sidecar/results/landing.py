"""Files and folders that appear whole or not at all: written beside their place, then renamed into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sidecar.results.errors import LandingError


@contextmanager
def landing_file(path: Path) -> Iterator[BinaryIO]:
    """An open file that becomes `path` at the end of the block, replacing a file there, or else vanishes.

    Raises:
        LandingError: the folder is missing or read-only, the disk is full, or a folder stands in its place.
    """
    if path.is_dir():
        raise LandingError(f"{path} is a folder", "pass the path of a file with --out")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:64]}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o666 & ~_umask())  # mkstemp makes files that nobody else can read
        partial.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def landing_folder(path: Path, *, may_replace: Callable[[str], bool]) -> Iterator[Path]:
    """A new folder that becomes `path` at the end of the block, or else vanishes.

    Args:
        may_replace: says of a file's name whether an earlier run of ours can have made it; a folder that holds
            anything else is left alone.

    Raises:
        LandingError: it cannot be written, or something is there that must not be replaced.
    """
    try:
        _check_replaceable(path, may_replace)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name[:64]}.", suffix=".partial", dir=path.parent))
    except OSError as error:
        raise _cannot_write(path, error) from error
    old = partial.with_suffix(".old")
    try:
        yield partial
        partial.chmod(0o777 & ~_umask())
        if path.exists():
            path.rename(old)
        partial.rename(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_replaceable(path: Path, may_replace: Callable[[str], bool]) -> None:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise LandingError(f"{path} is there and is no folder", "pass another path with --out")
    if path.is_dir():
        foreign = next((entry.name for entry in path.iterdir() if not may_replace(entry.name)), None)
        if foreign is not None:
            message = f"{path} holds other files, such as {foreign}, and is not replaced"
            raise LandingError(message, "pass a new folder with --out")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> LandingError:
    return LandingError(
        f"cannot write {path}: {error.strerror or error}", "free some space, or pass a place that can be written to"
    )
