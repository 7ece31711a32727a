"""Where records go: one file, or a ring of two segments that outlives the process."""

from __future__ import annotations

import errno
import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from sidecar.recording.format import END_MARK, encode_record

Buffer = bytes | bytearray | memoryview

MAX_FILE_BYTES = 256 * 1024 * 1024  # of --record FILE: recording ends there, the daemon does not
RING_SEGMENT_BYTES = 8 * 1024 * 1024  # of each of two: the last 8 to 16 MiB are kept
MAX_RING_BODY_BYTES = 2 * 1024 * 1024  # a raw 1080p image would fill a segment and cost milliseconds to copy
MAX_LEFT_BEHIND = 4  # rings of daemons that died

_OWNER_ONLY = 0o600
_FOLDER_OWNER_ONLY = 0o700
_RING_NAME = re.compile(r"^(?P<pid>\d+)-\d+\.[ab]$")


class RecordingFull(Exception):
    """The file has reached its limit; what is in it stays good."""


class Storage(Protocol):
    """Keeps encoded records. Not thread-safe: its owner holds a lock."""

    @property
    def path(self) -> Path | None:
        """The file that is written to; None while there is none."""

    @property
    def max_body_bytes(self) -> int:
        """Bodies above this are to be left out."""

    def append(self, head: bytes, body: Buffer, *, is_handshake: bool) -> None:
        """Add one record.

        Raises:
            OSError: it cannot be written.
            RecordingFull: there is no room left, by our own limit.
        """

    def close(self, *, keep: bool) -> None:
        """End, and remove what may be removed unless it is to be kept. Idempotent."""


class SingleFile:
    """The file of `--record`: everything from the start, up to a limit. Never removed.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, path: Path, session: dict[str, Any]) -> None:
        self._path = path
        self._written = 0
        self._descriptor = _create(path)
        self.append(encode_record(session), b"", is_handshake=True)

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def max_body_bytes(self) -> int:
        return MAX_FILE_BYTES

    def append(self, head: bytes, body: Buffer, *, is_handshake: bool) -> None:
        size = len(head) + len(body)
        if self._written + size > MAX_FILE_BYTES:
            raise RecordingFull(f"{self._path} has reached {MAX_FILE_BYTES} bytes; it ends here")
        _write(self._descriptor, self._written, head, body)
        self._written += size

    def close(self, *, keep: bool) -> None:
        _close(self._descriptor)
        self._descriptor = -1


class Ring:
    """Two segments written in turn: when one is full, the older one is written over from its start.

    It is written over in place, because emptying a file of 8 MiB takes up to 10 ms and writing over it none. Behind
    the newest record stands END_MARK; whatever follows that is older and not read.

    Nothing is made on disk before the first record that is not part of the handshake. Every segment starts with the
    session and the handshake, so that it can be played when it is the only one.
    """

    def __init__(self, folder: Path, session: dict[str, Any], *, segment_bytes: int = RING_SEGMENT_BYTES) -> None:
        self._folder = folder
        self._session = session
        self._segment_bytes = segment_bytes
        self._handshake: list[bytes] = []
        self._descriptors = [-1, -1]
        self._base = folder / f"{os.getpid()}-{time.time_ns() // 1_000_000}"
        self._number = -1
        self._written = 0

    @property
    def path(self) -> Path | None:
        return None if self._number < 0 else self._segment(self._number)

    @property
    def max_body_bytes(self) -> int:
        return min(MAX_RING_BODY_BYTES, self._segment_bytes // 2)

    def append(self, head: bytes, body: Buffer, *, is_handshake: bool) -> None:
        if is_handshake:
            self._handshake.append(head + bytes(body))
        if self._number < 0:
            if is_handshake:
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_OWNER_ONLY)
            remove_leftovers(self._folder)
            self._start_segment()
        elif self._written + len(head) + len(body) > self._segment_bytes:
            self._start_segment()
        self._write(head, body)

    def close(self, *, keep: bool) -> None:
        for descriptor in self._descriptors:
            _close(descriptor)
        self._descriptors = [-1, -1]
        if not keep and self._number >= 0:
            for number in (0, 1):
                with suppress(OSError):
                    self._segment(number).unlink()

    def _start_segment(self) -> None:
        number = self._number + 1
        if self._descriptors[number % 2] < 0:
            self._descriptors[number % 2] = _create(self._segment(number))
        self._number = number
        self._written = 0
        facts = {**self._session, "segment": number, "repeated": len(self._handshake)}
        self._write(encode_record(facts), b"".join(self._handshake))

    def _write(self, head: bytes, body: Buffer) -> None:
        _write(self._descriptors[self._number % 2], self._written, head, body, END_MARK)
        self._written += len(head) + len(body)

    def _segment(self, number: int) -> Path:
        return self._base.with_suffix(".b" if number % 2 else ".a")


def rings_in(folder: Path) -> list[Path]:
    """Recordings that daemons left behind when they died, newest first; one path per recording."""
    found: dict[str, tuple[float, Path]] = {}
    if not folder.is_dir():
        return []
    for path in folder.iterdir():
        match = _RING_NAME.match(path.name)
        if match and not _alive(int(match.group("pid"))):
            with suppress(OSError):
                changed = path.stat().st_mtime
                if changed >= found.get(path.stem, (0.0, path))[0]:
                    found[path.stem] = (changed, path)
    return [path for _, path in sorted(found.values(), reverse=True)]


def remove_leftovers(folder: Path) -> None:
    """Keep the newest recordings of dead daemons, remove the others."""
    for path in rings_in(folder)[MAX_LEFT_BEHIND:]:
        for suffix in (".a", ".b"):
            with suppress(OSError):
                path.with_suffix(suffix).unlink()


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), _OWNER_ONLY)


def _write(descriptor: int, offset: int, *parts: Buffer) -> None:
    """Write all parts at an offset of a regular file.

    Raises:
        OSError: it cannot be done; a disk that fills up in the middle included.
    """
    if hasattr(os, "pwritev"):
        written = os.pwritev(descriptor, parts, offset)
    else:  # Windows
        os.lseek(descriptor, offset, os.SEEK_SET)
        written = os.write(descriptor, b"".join(parts))
    if written != sum(len(part) for part in parts):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        with suppress(OSError):
            os.close(descriptor)


def _alive(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid))
