"""Play a recording to a fresh daemon, in the recorded order, and record what comes of it.

Each message is sent once the daemon has answered the requests that it had answered when the message came the first
time: what was concurrent stays so, and what was in sequence too. A signal from outside that the daemon could not see
(SIGKILL, the kernel's memory killer) is not in the recording and not repeated.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from sidecar.recording.format import CLIENT_TYPES, Record, Recording, read_recording
from sidecar.recording.outcome import expected_answers, is_terminal, key_of, requests_of
from sidecar.wire.frames import encode_frame, read_frame
from sidecar.wire.header import WireError
from sidecar.wire.limits import HARD_BODY_BYTES, Limits

Answers = Counter[str]  # terminal messages per request

_LIMITS = Limits(meta_bytes=HARD_BODY_BYTES, body_bytes=HARD_BODY_BYTES)  # whatever was recorded may be sent again
_RECORDER_KEYS = ("recorded_ms", "body_omitted")
_SIGNAL_EXIT = 128  # exit code 128 + N: ended by signal N


class DidNotStart(Exception):
    """The daemon ended before it recorded anything; its log says why."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to.

    Attributes:
        recording: the new session, in the form of the old one.
        exit_code: of the process; -N: signal N; None: it had to be killed because it hung.
    """

    recording: Recording
    exit_code: int | None


def replay(recording: Recording, *, patience_s: float, log: IO[bytes] | int = subprocess.DEVNULL) -> Replayed:
    """Start a daemon as the recorded one was, send it what that one was sent, and end it the same way.

    Args:
        patience_s: longest wait for any one answer and for the end.
        log: where the daemon's stderr goes.

    Raises:
        DidNotStart: there is nothing to compare.
    """
    with tempfile.TemporaryDirectory(prefix="pose-sidecar-replay-") as folder:
        target = Path(folder, "replayed.rec")
        process = subprocess.Popen(
            [sys.executable, "-m", "sidecar", *_arguments(recording.session, target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**recording.session.get("environment", {}), **os.environ},
            cwd=_directory(recording.session),
        )
        listener = _Listener(cast(BinaryIO, process.stdout), is_jsonl=recording.session["wire"] == "jsonl")
        try:
            _play(recording, process, listener, patience_s)
            exit_code: int | None = process.wait(patience_s)
        except subprocess.TimeoutExpired:
            exit_code = None
        finally:
            process.kill()
            process.wait()
            listener.close(patience_s)
        if not target.exists():
            raise DidNotStart(f"the daemon ended with exit code {exit_code} before it recorded anything")
        return Replayed(read_recording(target), exit_code)


def _play(recording: Recording, process: subprocess.Popen[bytes], listener: _Listener, patience_s: float) -> None:
    is_jsonl = recording.session["wire"] == "jsonl"
    stdin = cast(BinaryIO, process.stdin)
    before: Answers = Counter()
    sent: set[str] = set()
    started = False
    with suppress(OSError):  # the daemon may end before it has taken everything
        for record in recording.records:
            if record.type in CLIENT_TYPES:
                listener.wait_for(before, started=started, timeout_s=patience_s)
                stdin.write(_bytes_of(record, is_jsonl=is_jsonl))
                stdin.flush()
                sent.update(key_of(message) for message in requests_of(record))
            elif is_terminal(record.message) and key_of(record.message) in sent:
                before[key_of(record.message)] += 1
            started = started or record.type in ("ready", "init_failed")
        listener.wait_for_end(expected_answers(recording), started=started, timeout_s=patience_s)
        code = recording.exit_code
        if code is not None and code > _SIGNAL_EXIT and process.poll() is None:
            listener.wait_for(before, started=started, timeout_s=patience_s)
            process.send_signal(signal.Signals(code - _SIGNAL_EXIT))
    with suppress(OSError):
        stdin.close()


class _Listener:
    """Counts what the replayed daemon answers, on a thread of its own; its words are in the new recording."""

    def __init__(self, stream: BinaryIO, *, is_jsonl: bool) -> None:
        self._stream = stream
        self._messages = _lines(stream) if is_jsonl else _frames(stream)
        self._changed = threading.Condition()
        self._answers: Answers = Counter()
        self._started = False
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait_for(self, answers: Answers, *, started: bool, timeout_s: float) -> None:
        """Until start-up is over (if `started`) and these answers came, or the daemon ended, or the time is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._over or (self._answers >= answers and (self._started or not started)), timeout_s
            )

    def wait_for_end(self, answers: int, *, started: bool, timeout_s: float) -> None:
        """As `wait_for`, for so many answers in all."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._over or (self._answers.total() >= answers and (self._started or not started)), timeout_s
            )

    def close(self, timeout_s: float) -> None:
        """Read to the end of the output, and let go of it. (A grandchild may keep it open: then it stays so.)"""
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._stream.close()

    def _run(self) -> None:
        with suppress(WireError, OSError, ValueError):
            for message in self._messages:
                with self._changed:
                    if is_terminal(message):
                        self._answers[key_of(message)] += 1
                    self._started = self._started or message.get("type") in ("ready", "init_failed")
                    self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()


def _arguments(session: dict[str, Any], target: Path) -> Sequence[str]:
    """The recorded command line, with another file to record into."""
    arguments = []
    rest = iter(session["arguments"])
    for argument in rest:
        if argument == "--record":
            next(rest, None)
        elif not argument.startswith("--record="):
            arguments.append(argument)
    return [*arguments, "--record", str(target)]


def _directory(session: dict[str, Any]) -> str | None:
    """Where the daemon ran, so that relative paths mean the same; here, if that is gone."""
    recorded = session.get("cwd")
    return recorded if recorded and Path(recorded).is_dir() else None


def _bytes_of(record: Record, *, is_jsonl: bool) -> bytes:
    if record.type == "received":
        return record.body + b"\n" if is_jsonl and not record.body.endswith(b"\n") else record.body
    message = {name: value for name, value in record.message.items() if name not in _RECORDER_KEYS}
    head, body = encode_frame(message, record.body, json_meta=True, limits=_LIMITS)
    return head + bytes(body)


def _lines(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in stream:
        yield json.loads(line)


def _frames(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    while (frame := read_frame(stream, limits=_LIMITS)) is not None:
        yield frame.message
