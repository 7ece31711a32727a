"""From process start to HELLO; an old interpreter gets no further, and says why."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO, NamedTuple, Optional, cast

from sidecar.bootstrap.argv import ServeFlags
from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.clock import process_start_s
from sidecar.bootstrap.descriptors import own_descriptors
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.report import Reporter

PYTHON_MINIMUM = (3, 11)
LINE_BUFFER_BYTES = 1024 * 1024


class Start(NamedTuple):
    """A process that has said hello, as far as the standard library gets.

    Attributes:
        stream: the client's input.
        parent_pid: the parent when the process began.
    """

    stream: BinaryIO
    channel: Channel
    reporter: Reporter
    parent_pid: int


def say_hello(flags: ServeFlags) -> Optional[Start]:
    """Own the descriptors and say hello. None: the interpreter is too old, which has been said."""
    parent_pid = os.getppid()
    descriptors = own_descriptors()
    channel = Channel(descriptors.output_fd, flags.wire)
    reporter = Reporter(channel, process_start_s=process_start_s())
    reporter.hello()
    stream = open_input(descriptors.input_fd, flags.wire)
    if sys.version_info < PYTHON_MINIMUM:
        from sidecar.bootstrap.refuse import refuse

        failure = too_old()
        reporter.init_failed(failure)
        refuse(stream, channel, failure)
        return None
    return Start(stream, channel, reporter, parent_pid)


def open_input(fd: int, wire: str) -> BinaryIO:
    """Lines need a buffer to be found in; frames say how long they are, and are read past any buffer."""
    raw = io.FileIO(fd)
    return cast("BinaryIO", raw if wire == "frames" else io.BufferedReader(raw, LINE_BUFFER_BYTES))


def too_old() -> Failure:
    """PYTHON_TOO_OLD, with both versions."""
    needed = "{}.{}".format(*PYTHON_MINIMUM)
    found = "{}.{}.{}".format(*sys.version_info[:3])
    return Failure(
        "PYTHON_TOO_OLD",
        "Python {} or newer is needed, {} is Python {}".format(needed, sys.executable, found),
        "Install Python {0} or newer, make a venv with it (python{0} -m venv .venv), install pose-sidecar there, "
        "and start the daemon with that interpreter.".format(needed),
        phase="hello",
        details={"needed": needed, "found": found},
    )
