"""Both ways to come to a configuration: a program's INIT on frames, a person's flags on JSON lines."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.failure import Failure
from sidecar.bootstrap.probe import import_or_fail
from sidecar.bootstrap.refuse import LINGER_S, refuse
from sidecar.bootstrap.report import Reporter
from sidecar.daemon.config import limits_of
from sidecar.daemon.encoding import Encoding, Incoming
from sidecar.daemon.errors import error_message
from sidecar.daemon.reader import Reader, check
from sidecar.daemon.startup_inbox import StartupInbox
from sidecar.wire.generated import codes
from sidecar.wire.limits import DEFAULT_LIMITS


class EndOfInput(Exception):
    """The input ended before it said what to load."""


@dataclass(frozen=True, slots=True)
class Link:
    """The connection, as far as start-up got.

    Attributes:
        inbox: who answers while the daemon starts; None on JSON lines, which wait.
        init: what INIT asks for; None where flags decide.
    """

    encoding: Encoding
    reader: Reader
    stream: BinaryIO
    channel: Channel
    inbox: StartupInbox | None = None
    init: dict[str, Any] | None = None

    def refuse(self, failure: Failure) -> None:
        """Tell whoever still sends work why there will be none, until the end of input or for LINGER_S."""
        if self.inbox is None:
            refuse(self.stream, self.channel, failure)
        else:
            self.reader.ended.wait(LINGER_S)


def connect_frames(stream: BinaryIO, channel: Channel, reporter: Reporter) -> Link:
    """Read frames from now on; returns when INIT has come. A client that leaves first ends the process.

    Raises:
        Failure: msgpack cannot be imported.
    """
    import_or_fail("msgpack", "msgpack")
    from sidecar.daemon.frames import FramesEncoding

    encoding = FramesEncoding(stream, DEFAULT_LIMITS)

    def lower_limits(init: Mapping[str, Any]) -> None:
        with suppress(Failure):  # said again, and reported, when the whole configuration is read
            encoding.limits = limits_of(init)

    reader, inbox = Reader(encoding), StartupInbox(channel, reporter, on_init=lower_limits)
    reader.deliver_to(inbox)
    return Link(encoding, reader, stream, channel, inbox, inbox.wait_for_init())


def connect_lines(stream: BinaryIO, channel: Channel, *, waits_for_init: bool) -> Link:
    """Lines wait in the pipe until READY; only with `waits_for_init` they are read up to the init line.

    Raises:
        EndOfInput: there was no init line.
        Failure: orjson cannot be imported.
    """
    import_or_fail("orjson", "orjson")
    from sidecar.daemon.lines import LinesEncoding

    encoding = LinesEncoding(stream, DEFAULT_LIMITS)
    init = _read_init(encoding, channel) if waits_for_init else None
    return Link(encoding, Reader(encoding), stream, channel, init=init)


def _read_init(encoding: Encoding, channel: Channel) -> dict[str, Any]:
    while (received := encoding.read()) is not None:
        checked = check(received)
        if not isinstance(checked, Incoming):
            channel.send(error_message(checked.id, checked.code, checked.message))
        elif checked.message["type"] == "init":
            return checked.message
        else:
            request_id = checked.message.get("id")
            channel.send(error_message(request_id, codes.NOT_READY, "the daemon waits for an init line (--init)"))
    raise EndOfInput
