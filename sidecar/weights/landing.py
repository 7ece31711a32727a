"""How a file gets its place: one pull at a time per directory, verified beside its name, renamed in one step."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sidecar.weights.manifest import ModelEntry
from sidecar.weights.pins import FILE as PINS_FILE
from sidecar.weights.pins import Pin, PinsDamaged, keep_pin, pinned
from sidecar.weights.resembling import resembles
from sidecar.weights.store import sha256_of
from sidecar.weights.transfer import PullError, Report, SourceError

LOCK_FILE = ".pull.lock"
WORK_PREFIX = ".pull-"
PARTIAL = ".partial"  # what broke off, for the next pull to go on with
PARTIAL_AGE_S = 14 * 86_400.0  # nobody goes on with anything older
LOCK_TIMEOUT_S = 1800.0  # longer than any pull that still moves
LOCK_POLL_S = 0.5


@contextmanager
def work_folder(directory: Path, report: Report, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[Path]:
    """Lock `directory`, made where it was missing, and give a folder in it to work in, gone afterwards.

    The folder lies beside the files so that renaming stays inside one file system. What killed pulls left is cleared:
    under the lock nobody else is at work.

    Raises:
        PullError: the directory cannot be written, or another pull holds it for too long.
    """
    lock = FileLock(directory / LOCK_FILE)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _acquire(lock, report, lock_timeout_s)
    except OSError as error:
        reason = error.strerror or error
        raise PullError(f"{directory} cannot be written ({reason}); choose another place with --dir") from error
    try:
        for left_over in directory.glob(f"{WORK_PREFIX}*/"):
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=directory, ignore_cleanup_errors=True) as work:
            yield Path(work)
        _clear_partials(directory / PARTIAL)
    finally:
        lock.release()


def land(model: ModelEntry, part: Path, directory: Path, *, source: str) -> Path:
    """Give a finished file its name in `directory`, if it is the right one.

    One whose digest nobody published is pinned: from then on it alone is right.

    Raises:
        SourceError: it is another file.
        PullError: the name is taken by something that cannot be replaced, or the pins are damaged.
    """
    digest = sha256_of(part)
    try:
        known = pinned(model, directory)
        if known is None:
            _require_likely(model, part, digest)
            keep_pin(model, Pin(digest, part.stat().st_size, source), directory)
        elif digest != known.sha256:
            pin = "" if model.sha256 else f" that {directory / PINS_FILE} holds since it first came"
            raise SourceError(f"brought a file with sha256 {digest} instead of {known.sha256}{pin}; it was thrown away")
    except PinsDamaged as error:
        raise PullError(str(error)) from error
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    target = directory / model.file
    try:
        part.replace(target)
    except OSError as error:
        reason = error.strerror or error
        raise PullError(f"{target} cannot be replaced ({reason}); move it away and pull again") from error
    return target


def _require_likely(model: ModelEntry, part: Path, digest: str) -> None:
    if model.sha256_starts is not None and not digest.startswith(model.sha256_starts):
        raise SourceError(
            f"brought a file with sha256 {digest}, which does not start with {model.sha256_starts}; it was thrown away"
        )
    if not resembles(part, model.file):
        raise SourceError(f"brought what is no {Path(model.file).suffix} file; it was thrown away")


def _clear_partials(folder: Path) -> None:
    """Drop what is too old, and the folder when it is empty."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if time.time() - path.stat().st_mtime > PARTIAL_AGE_S:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # something is left
        folder.rmdir()


def _acquire(lock: FileLock, report: Report, timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while True:
        try:
            lock.acquire(timeout=LOCK_POLL_S)
        except Timeout:
            if time.monotonic() > deadline_s:
                raise PullError(
                    f"another pull holds {lock.lock_file} for {timeout_s:g} s; end it and try again"
                ) from None
            report(f"waiting for another pull that holds {lock.lock_file}")
        else:
            return
