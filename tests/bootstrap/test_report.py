"""Start-up's messages: their order, their times, both encodings, and a client that is gone."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from typing import Any

import pytest

from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.failure import Failure, unexpected
from sidecar.bootstrap.heartbeat import Heartbeat
from sidecar.bootstrap.report import Reporter
from sidecar.wire.frames import read_frame

FAILURE = Failure("MODEL_MISSING", "it is not there", "Run: fetch it", command="fetch it")


class Pipe:
    """A channel into a pipe, and what came out of it."""

    def __init__(self, wire: str) -> None:
        self._read_fd, self._write_fd = os.pipe()
        self.channel = Channel(self._write_fd, wire)
        self.reporter = Reporter(self.channel, process_start_s=time.monotonic())

    def data(self) -> bytes:
        """Everything sent; the pipe is closed."""
        self.close_output()
        with os.fdopen(self._read_fd, "rb") as stream:
            return stream.read()

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.data().splitlines()]

    def close_input(self) -> None:
        os.close(self._read_fd)

    def close_output(self) -> None:
        os.close(self._write_fd)


@pytest.fixture
def lines() -> Pipe:
    return Pipe("jsonl")


def test_nothing_follows_the_end_of_start_up(lines: Pipe, capsys: pytest.CaptureFixture[str]) -> None:
    lines.reporter.hello()
    lines.reporter.progress("importing", "numpy")
    lines.reporter.init_failed(FAILURE)
    lines.reporter.progress("loading", "too late")
    lines.reporter.repeat_progress()
    lines.reporter.ready({"type": "ready"})
    lines.reporter.init_failed(FAILURE)
    assert [message["type"] for message in lines.messages()] == ["hello", "progress", "init_failed"]
    assert capsys.readouterr().err == "pose-sidecar: MODEL_MISSING: it is not there\n  Run: fetch it\n"


def test_a_failure_belongs_to_the_phase_it_was_raised_in_unless_it_names_one(lines: Pipe) -> None:
    assert FAILURE.to_message("loading")["phase"] == "loading"
    assert Failure("X", "m", "h", phase="hello").to_message("loading")["phase"] == "hello"
    lines.close_input()
    lines.close_output()


def test_phases_add_up(lines: Pipe) -> None:
    lines.reporter.progress("importing", "one")
    lines.reporter.progress("loading", "two")
    lines.reporter.progress("importing", "one more")
    timings = lines.reporter.timings_ms()
    assert set(timings) == {"hello", "importing", "loading", "total"}
    parts = sum(value for name, value in timings.items() if name != "total")
    assert parts <= timings["total"] + 0.01
    with pytest.raises(ValueError, match="phase must be one of hello, importing, loading, warming, got 'lunch'"):
        lines.reporter.progress("lunch", "")
    assert len(lines.messages()) == 3


def test_frames_carry_json_until_ready() -> None:
    pipe = Pipe("frames")
    pipe.reporter.hello()
    pipe.channel.send({"type": "error", "id": 7, "code": "NOT_READY", "message": "ö"})
    pipe.channel.send({"type": "error", "id": None, "code": "NOT_READY", "message": ""})
    stream = io.BytesIO(pipe.data())
    frames = [read_frame(stream), read_frame(stream), read_frame(stream)]
    assert [(one.type, one.id) for one in frames if one] == [("hello", None), ("error", 7), ("error", None)]
    assert frames[1] is not None
    assert frames[1].meta["message"] == "ö"


def test_a_client_that_is_gone_is_not_told_anything(lines: Pipe) -> None:
    lines.close_input()
    for _ in range(3):
        lines.reporter.hello()
    lines.close_output()


def test_after_the_hand_over_another_writes(lines: Pipe) -> None:
    taken: list[bytes] = []
    lines.channel.hand_over(taken.append)
    lines.reporter.ready({"type": "ready"})
    assert taken == [b'{"type":"ready"}\n']
    assert lines.data() == b""


def test_the_heartbeat_repeats_what_is_going_on(lines: Pipe) -> None:
    lines.reporter.progress("loading", "a large model")
    said_again = threading.Event()
    repeat, count = lines.reporter.repeat_progress, [0]

    def counted() -> None:
        repeat()
        count[0] += 1
        if count[0] == 3:
            said_again.set()

    lines.reporter.repeat_progress = counted  # type: ignore[method-assign]
    with Heartbeat(lines.reporter, interval_s=60) as heartbeat:
        heartbeat.configure(interval_s=0.001, left_ms=None)
        assert said_again.wait(20)
    assert {message["detail"] for message in lines.messages()} == {"a large model"}


@pytest.mark.parametrize(
    ("error", "phase", "code", "retryable"),
    [
        (MemoryError(), "loading", "NO_RESOURCES", True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."), "loading", "NO_RESOURCES", True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "warming", "NO_RESOURCES", True),
        (ValueError("out of memory"), "loading", "MODEL_LOAD_FAILED", False),
        (RuntimeError("bad weights"), "loading", "MODEL_LOAD_FAILED", False),
        (RuntimeError("bad weights"), "importing", "INTERNAL", False),
    ],
)
def test_what_nobody_foresaw_is_classed_by_its_phase(error: Exception, phase: str, code: str, retryable: bool) -> None:
    failure = unexpected(error, phase)
    assert (failure.code, failure.retryable) == (code, retryable)
    assert type(error).__name__ in failure.message
    assert type(error).__name__ in (failure.traceback_tail or "")
