"""Messages while the daemon serves: each goes to the scheduler, or is answered on the spot."""

from __future__ import annotations

import threading

from loguru import logger

from sidecar.daemon import endings
from sidecar.daemon.encoding import Incoming, Unreadable
from sidecar.daemon.errors import RequestError, error_message
from sidecar.daemon.outbox import Outbox
from sidecar.daemon.pong import pong_message
from sidecar.daemon.reader import Fault
from sidecar.daemon.recorder import Recorder
from sidecar.daemon.requests import parse_request
from sidecar.daemon.scheduler import Scheduler
from sidecar.wire.generated import codes


class ServingInbox:
    """See `Inbox`.

    Args:
        is_supervised: frames: the end of input without DRAIN means that the parent died.
        max_batch: most images of one request.
    """

    def __init__(
        self, scheduler: Scheduler, outbox: Outbox, recorder: Recorder, *, is_supervised: bool, max_batch: int
    ) -> None:
        self._scheduler = scheduler
        self._outbox = outbox
        self._recorder = recorder
        self._is_supervised = is_supervised
        self._max_batch = max_batch

    def receive(self, incoming: Incoming) -> None:
        """See `Inbox`."""
        message = incoming.message
        self._recorder.inbound(message, incoming.body)
        kind = message["type"]
        if kind in ("request", "frame"):
            self._submit(incoming)
        elif kind == "ping":
            self._outbox.send_control(pong_message(message["seq"], self._scheduler.status()))
        elif kind == "cancel":
            self._scheduler.cancel(int(message["id"]))
        elif kind == "drain":
            self._drain(message.get("deadline_ms"))
        else:
            text = f"{kind} came after start-up had begun"
            hint = "By hand: start with --init, and send init first."
            self._outbox.send(error_message(None, codes.INVALID_REQUEST, text, hint=hint))

    def refuse(self, unreadable: Unreadable) -> None:
        """See `Inbox`."""
        if isinstance(unreadable.source, Incoming):
            self._recorder.inbound(unreadable.source.message, unreadable.source.body)
        else:
            self._recorder.inbound_raw(unreadable.source)
        logger.bind(request_id=unreadable.id).warning("{}: {}", unreadable.code, unreadable.message)
        self._scheduler.refuse(unreadable.id, unreadable.code, unreadable.message)

    def end(self, fault: Fault | None) -> None:
        """See `Inbox`."""
        if fault is not None:
            self._recorder.inbound_raw(fault.raw)
            self._outbox.send(error_message(None, fault.error.code, str(fault.error)))
            endings.exit_at_the_latest(endings.WIRE_FAULT.exit_code)
            self._scheduler.end(endings.WIRE_FAULT)
        elif not self._is_supervised:
            self._scheduler.end(endings.END_OF_LINES)
        elif self._scheduler.ending is None:
            endings.exit_at_the_latest(endings.CLIENT_GONE.exit_code)
            self._scheduler.end(endings.CLIENT_GONE)

    def _submit(self, incoming: Incoming) -> None:
        try:
            request = parse_request(
                incoming.message, incoming.body, received_s=incoming.received_s, max_batch=self._max_batch
            )
        except RequestError as error:
            self._scheduler.refuse(int(incoming.message["id"]), error.code, str(error))
            return
        self._scheduler.submit(request)

    def _drain(self, deadline_ms: float | None) -> None:
        self._scheduler.end(endings.DRAINED)
        if deadline_ms is not None:
            timer = threading.Timer(deadline_ms / 1000, self._scheduler.end, (endings.DRAIN_DEADLINE,))
            timer.daemon = True
            timer.start()
