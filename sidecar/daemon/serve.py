"""The daemon from HELLO to its exit code. Importing this file imports nothing but the standard library."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sidecar.bootstrap.argv import ServeFlags
from sidecar.bootstrap.channel import Channel
from sidecar.bootstrap.exit_codes import FINISHED, INIT_FAILED
from sidecar.bootstrap.failure import Failure, unexpected
from sidecar.bootstrap.heartbeat import Heartbeat
from sidecar.bootstrap.parent_watch import watch_parent
from sidecar.bootstrap.refuse import refuse
from sidecar.bootstrap.report import Reporter
from sidecar.bootstrap.start import Start
from sidecar.daemon import signals
from sidecar.daemon.config import from_flags, with_init
from sidecar.daemon.connect import EndOfInput, Link, connect_frames, connect_lines
from sidecar.daemon.load import load
from sidecar.daemon.memory import keep_freed_memory


def serve(flags: ServeFlags, start: Start) -> int:
    """Connect, load, answer requests until the end; returns the exit code."""
    keep_freed_memory()  # before there are threads
    stream, channel, reporter, parent_pid = start
    is_supervised = channel.wire == "frames"
    if flags.models_dir is not None:
        os.environ["POSE_MODELS_DIR"] = flags.models_dir  # where weights/places.py looks first
    signals.before_ready(is_supervised=is_supervised)
    if is_supervised:
        watch_parent(parent_pid)
    link: Link | None = None
    try:
        with Heartbeat(reporter) as heartbeat:
            if is_supervised:
                link = connect_frames(stream, channel, reporter)
            else:
                link = connect_lines(stream, channel, waits_for_init=flags.init)
            config = from_flags(flags) if link.init is None else with_init(from_flags(flags), link.init)
            heartbeat.configure(interval_s=config.heartbeat_s, left_ms=config.deadline_ms)
            loaded = load(config, reporter)
    except EndOfInput:
        return FINISHED
    except Exception as error:
        failure = error if isinstance(error, Failure) else unexpected(error, reporter.phase)
        _record(failure, flags, link, channel, reporter)
        if link is not None and link.inbox is not None:
            link.inbox.failure = failure  # before the client hears of it and leaves: the exit code is decided
        reporter.init_failed(failure)
        if link is None:
            refuse(stream, channel, failure)
        else:
            link.refuse(failure)
        return INIT_FAILED
    from sidecar.daemon.serving import serve_requests

    return serve_requests(loaded, config, link, reporter)


def _record(failure: Failure, flags: ServeFlags, link: Link | None, channel: Channel, reporter: Reporter) -> None:
    """A start-up that failed is worth a recording too, where one was asked for."""
    if flags.record is None:
        return
    from sidecar.daemon.recorder import open_recorder

    recorder = open_recorder(Path(flags.record), cache=None, wire=channel.wire, arguments=sys.argv[1:])
    if link is not None and link.init is not None:
        recorder.inbound(link.init)
    recorder.outbound(failure.to_message(reporter.phase))
    recorder.close(INIT_FAILED)
