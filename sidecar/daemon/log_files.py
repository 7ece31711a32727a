"""Copies of the log in a folder: `pose-service-<pid>.log`, rotated, bounded, and never a reason to stop."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 10_000_000  # of one file
MAX_FILES = 5  # of one daemon; also how many files of ended daemons are kept
FOLDER_MODE = 0o755
FILE_MODE = 0o640

_NAME = re.compile(r"^pose-service-(?P<pid>\d+)(\.\d+)?\.log$")


class LogFile:
    """An append-only log file that renames itself to `.1`, `.2`, ... when it is full.

    Raises:
        OSError: the folder or the file cannot be written. Only the constructor raises; a later failure (a full disk)
            is told to `on_failure` once and ends the copies, because the console still has every line.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int = MAX_BYTES, on_failure: Callable[[OSError], None] = lambda error: None
    ) -> None:
        self._path = folder / f"pose-service-{os.getpid()}.log"
        self._max_bytes = max_bytes
        self._on_failure = on_failure
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(FOLDER_MODE)
        self._descriptor: int | None = self._open()
        _remove_leftovers(folder)

    @property
    def path(self) -> Path:
        """The file that is written to now."""
        return self._path

    def write(self, line: str) -> None:
        """Append one line, rotating first when it would not fit."""
        if self._descriptor is None:
            return
        data = line.encode("utf-8", "backslashreplace")
        try:
            size = os.fstat(self._descriptor).st_size
            if size > 0 and size + len(data) > self._max_bytes:
                self._rotate()
            os.write(self._descriptor, data)
        except OSError as error:
            self.close()
            self._on_failure(error)

    def close(self) -> None:
        """Stop copying. Idempotent."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _rotate(self) -> None:
        self.close()
        for number in range(MAX_FILES - 1, 0, -1):
            source = self._path if number == 1 else self._numbered(number - 1)
            with suppress(FileNotFoundError):
                source.replace(self._numbered(number))
        self._descriptor = self._open()

    def _numbered(self, number: int) -> Path:
        return self._path.with_suffix(f".{number}.log")

    def _open(self) -> int:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
        with suppress(OSError):  # a file that is somebody else's may be written to but not changed
            self._path.chmod(FILE_MODE)  # whatever the umask took away
        return descriptor


def _remove_leftovers(folder: Path) -> None:
    """Keep the newest files of ended daemons, remove the others: every start writes a new name."""
    leftovers = []
    for path in folder.iterdir():
        match = _NAME.match(path.name)
        if match and not _alive(int(match.group("pid"))):
            with suppress(OSError):
                leftovers.append((path.stat().st_mtime, path))
    for _, path in sorted(leftovers, reverse=True)[MAX_FILES:]:
        with suppress(OSError):
            path.unlink()


def _alive(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid))
