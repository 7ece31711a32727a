"""Messages of a supervising client while the daemon starts."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.refuse import not_ready
from sidecar.bootstrap.report import Reporter
from sidecar.daemon import endings
from sidecar.daemon.encoding import Incoming, Unreadable
from sidecar.daemon.errors import error_message
from sidecar.daemon.reader import Fault
from sidecar.daemon.scheduler import Status
from sidecar.wire.generated import codes


class StartupInbox:
    """See `Inbox`. Takes INIT; work is answered with NOT_READY; a client that leaves ends the process at once.

    Args:
        on_init: called with INIT on the reader thread, before the next message is read.

    Attributes:
        failure: why start-up failed, once it has: then nothing ends the process here, its exit code is decided.
    """

    def __init__(self, channel: Channel, reporter: Reporter, *, on_init: Callable[[Mapping[str, Any]], None]) -> None:
        self._channel = channel
        self._reporter = reporter
        self._on_init = on_init
        self._init: dict[str, Any] | None = None
        self._came = threading.Event()
        self.failure: Failure | None = None

    def wait_for_init(self) -> dict[str, Any]:
        """Wait for INIT. When the client leaves instead, the process ends."""
        self._came.wait()
        assert self._init is not None
        return self._init

    def receive(self, incoming: Incoming) -> None:
        """See `Inbox`."""
        message = incoming.message
        kind = message["type"]
        if kind == "init" and self._init is None:
            self._on_init(message)
            self._init = message
            self._came.set()
        elif kind == "init":
            self._channel.send(error_message(None, codes.INVALID_REQUEST, "init came twice"))
        elif kind == "request":
            self._channel.send(self._not_ready(message["id"]))
        elif kind == "ping":
            self._pong(message["seq"])
        elif kind == "drain":
            self._channel.send({"type": "bye", "reason": "drained", "completed": 0})
            os._exit(endings.DRAINED.exit_code)  # the main thread may be inside a native load

    def refuse(self, unreadable: Unreadable) -> None:
        """See `Inbox`."""
        self._channel.send(error_message(unreadable.id, unreadable.code, unreadable.message))

    def end(self, fault: Fault | None) -> None:
        """See `Inbox`."""
        if self.failure is not None:
            return
        if fault is None:
            os._exit(endings.CLIENT_GONE.exit_code)
        self._channel.send(error_message(None, fault.error.code, str(fault.error)))
        self._channel.send({"type": "bye", "reason": "fatal", "completed": 0})
        os._exit(endings.WIRE_FAULT.exit_code)

    def _not_ready(self, request_id: int) -> dict[str, Any]:
        if self.failure is not None:
            return not_ready(self.failure, request_id)
        text = f"the daemon is still {self._reporter.phase}; work is accepted after ready"
        return error_message(request_id, codes.NOT_READY, text)

    def _pong(self, seq: int) -> None:
        try:
            from sidecar.daemon.pong import pong_message
        except ImportError:  # psutil is missing: INIT_FAILED is about to say so
            return
        self._channel.send(pong_message(seq, Status(running_id=None, running_ms=None, progress=0, queued=0)))
