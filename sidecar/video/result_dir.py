"""Result directories: complete or absent, whoever else is writing or dies meanwhile."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from sidecar.video.exchange import exchange

_POLL_S = 0.1


class OutputError(Exception):
    """Results cannot be written where they should go."""

    code = "NO_RESOURCES"

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@contextmanager
def sole_writer(
    out: Path, name: str, *, on_wait: Callable[[], None], while_waiting: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Be the only process that writes `out/name`; a second run of the same input waits for the first.

    Args:
        out: folder of all results; made where it is missing.
        name: the result's directory.
        on_wait: called once before waiting for another process.
        while_waiting: called every moment then; may raise to give up.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(out, error) from error
    lock = FileLock(out / f".{name}.lock")
    try:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            on_wait()
            _wait_for(lock, while_waiting)
    except OSError as error:
        raise cannot_write(out, error) from error
    try:
        yield
    finally:
        # While the lock is held: whoever waits finds another file under this name, and tries again.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def _wait_for(lock: BaseFileLock, while_waiting: Callable[[], None]) -> None:
    while True:
        while_waiting()
        with suppress(Timeout):
            lock.acquire(timeout=_POLL_S)
            return


def is_complete(directory: Path, files: list[str]) -> bool:
    """Does the directory hold these files? It then holds them whole: directories are renamed into place."""
    return all(os.path.isfile(directory / file) for file in files)  # noqa: PTH113 - Path's raises on long names


@contextmanager
def building(out: Path, name: str) -> Iterator[Path]:
    """A new folder that becomes `out/name` at the end of the block, replacing one that was there, or else vanishes.

    Only for the sole writer of `name`: leftovers of a writer that was killed are removed first.

    Raises:
        OutputError: the disk is full, or the folder cannot be written.
    """
    for leftover in out.glob(f".{name}.*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=out))
    except OSError as error:
        raise cannot_write(out, error) from error
    try:
        yield partial
        _publish(partial, out / name)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise cannot_write(out, error) from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _publish(partial: Path, final: Path) -> None:
    partial.chmod(0o777 & ~_umask())  # mkdtemp makes folders that nobody else can read
    for path in (*partial.iterdir(), partial):
        _flush_to_disk(path)
    if final.exists() and exchange(partial, final):
        shutil.rmtree(partial, ignore_errors=True)
        return
    replaced = partial.with_suffix(".old.partial")
    if final.exists():
        final.rename(replaced)
    partial.rename(final)
    shutil.rmtree(replaced, ignore_errors=True)


def _flush_to_disk(path: Path) -> None:
    """A crash of the machine must not leave the name without the bytes."""
    if os.name == "nt":  # directories cannot be opened there, and files only for writing
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def cannot_write(out: Path, error: OSError) -> OutputError:
    """The error for a folder that takes nothing more."""
    return OutputError(
        f"cannot write results to {out}: {error.strerror or error}",
        "free some space, or pass a folder that can be written with --out",
    )
