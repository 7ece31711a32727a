"""The flight recorder: what crossed the wire, kept where the death of the daemon cannot reach it.

`--record FILE` keeps everything. Without it a ring in the cache folder keeps the last requests: it is made with the
first one, removed when the daemon ends as it should, and left behind when it dies, the fatal request included.

A ring in memory would be lost with SIGSEGV and SIGKILL. A mapped file survives them, but a full disk turns a store
into it into SIGBUS. Plain appends survive as well (the page cache belongs to the kernel), and a full disk is an error
that can be handled: recording ends with one warning, work goes on. bench/recorder.py measures the cost.

Images of people are in these files: only their owner may read them, and POSE_FLIGHT_RECORDER=off keeps the ring from
being made.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sidecar import __version__
from sidecar.recording.format import FORMAT_VERSION, encode_json, encode_record, fits_a_frame
from sidecar.recording.storage import RecordingFull, Ring, SingleFile, Storage

Buffer = bytes | bytearray | memoryview
Warn = Callable[[str], None]

FOLDER = "flight"  # in the cache
SWITCH = "POSE_FLIGHT_RECORDER"

_HANDSHAKE = frozenset({"init", "ready", "init_failed"})
_PASSED_OVER = frozenset({"ping", "pong"})  # every two seconds, and they explain nothing
_KEPT_AFTER = frozenset({1, 4})  # bootstrap/exit_codes.py: DEFECT, WIRE_FAULT
_ENVIRONMENT = ("POSE_MODELS_DIR", "POSE_CACHE_DIR", "DEBUG_MODE")


def open_recorder(
    path: Path | None, *, cache: Path | None, wire: str, arguments: Sequence[str], warn: Warn = lambda message: None
) -> Recorder:
    """The recorder that the flags and the environment ask for.

    Args:
        path: the file of `--record`; None: keep a ring.
        cache: the daemon's writable cache folder; None: no ring.
        wire: "jsonl" or "frames".
        arguments: the daemon's command line without the program.
        warn: told once when nothing can be recorded any more.
    """
    session = _session(wire, arguments)
    storage: Storage | None = None
    if path is not None:
        try:
            storage = SingleFile(path, session)
        except OSError as error:
            warn(f"nothing is recorded: {path} cannot be written: {error.strerror or error}")
    elif cache is not None and os.environ.get(SWITCH, "").lower() != "off":
        storage = Ring(cache / FOLDER, session)
    return Recorder(storage, wire=wire, warn=warn)


class Recorder:
    """Appends every message of one session to a storage. Callable from any thread; never raises."""

    def __init__(self, storage: Storage | None, *, wire: str, warn: Warn = lambda message: None) -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._warn = warn
        self._is_jsonl = wire == "jsonl"
        self._start_s = time.monotonic()

    @property
    def path(self) -> Path | None:
        """The file that is written to, for `python -m sidecar replay`; None while there is none."""
        storage = self._storage
        return storage.path if storage else None

    def inbound(self, message: dict[str, Any], body: Buffer = b"") -> None:
        """A message came from the client."""
        if self._is_jsonl or not fits_a_frame(message):  # type and id of a line may be anything: it is kept as text
            self._add({"type": "received"}, encode_json(message), is_handshake=message.get("type") == "init")
        else:
            self._add(message, body)

    def inbound_raw(self, data: Buffer) -> None:
        """Bytes came that are no message: a line that is not JSON, a frame whose meta cannot be read."""
        self._add({"type": "received"}, data)

    def outbound(self, message: dict[str, Any], body: Buffer = b"") -> None:
        """A message went to the client."""
        self._add(message, body)

    def close(self, exit_code: int | None = None) -> None:
        """The daemon ends, in good order, with this code. A ring of a session without a fault is removed."""
        self._add({"type": "end", "exit_code": exit_code}, b"")
        with self._lock:
            if self._storage:
                self._storage.close(keep=exit_code in _KEPT_AFTER)
                self._storage = None

    def _add(self, message: dict[str, Any], body: Buffer, *, is_handshake: bool = False) -> None:
        if message["type"] in _PASSED_OVER:
            return
        with self._lock:
            if self._storage is not None:
                self._append(self._storage, message, body, is_handshake or message["type"] in _HANDSHAKE)

    def _append(self, storage: Storage, message: dict[str, Any], body: Buffer, is_handshake: bool) -> None:
        facts = {**message, "recorded_ms": round((time.monotonic() - self._start_s) * 1000, 3)}
        if len(body) > storage.max_body_bytes:
            facts["body_omitted"] = len(body)
            body = b""
        try:
            storage.append(encode_record(facts, len(body)), body, is_handshake=is_handshake)
        except (OSError, RecordingFull) as error:
            storage.close(keep=True)
            self._storage = None
            self._warn(f"the flight recorder stops: {error}")


def _session(wire: str, arguments: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "recording",
        "format": FORMAT_VERSION,
        "wire": wire,
        "arguments": list(arguments),
        "cwd": str(Path.cwd()),
        "environment": {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "version": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "pid": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
