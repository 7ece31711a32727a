"""From READY to the end: one loop on the main thread, which is the work thread."""

from __future__ import annotations

import os
import sys

from loguru import logger

from sidecar.bootstrap.cache import writable_cache
from sidecar.bootstrap.exit_codes import DEFECT
from sidecar.bootstrap.report import Reporter
from sidecar.daemon import endings, estimating, logs, results, signals
from sidecar.daemon.config import Config
from sidecar.daemon.connect import Link
from sidecar.daemon.endings import Ending
from sidecar.daemon.inbox import ServingInbox
from sidecar.daemon.load import Loaded
from sidecar.daemon.outbox import Outbox
from sidecar.daemon.ready import ready_message
from sidecar.daemon.recorder import Recorder, open_recorder
from sidecar.daemon.requests import ESTIMATE
from sidecar.daemon.scheduler import Credits, Scheduler
from sidecar.daemon.video_loading import LazyVideoWork
from sidecar.daemon.writer import Writer

FLUSH_S = 2.0  # for the client to take the last messages
FAREWELL_S = 2.0  # for the client to end the input after BYE
LOG_DIR_VARIABLE = "POSE_LOG_DIR"


def serve_requests(loaded: Loaded, config: Config, link: Link, reporter: Reporter) -> int:
    """Say READY, answer requests until the end, say BYE; returns the exit code."""
    link.encoding.limits = config.limits
    logs.configure(config.log_level, config.log_format, os.environ.get(LOG_DIR_VARIABLE), warn=loaded.warn)
    recorder = _record(config, link)
    exit_code = DEFECT
    try:
        ending = _serve(loaded, config, link, reporter, recorder)
        exit_code = ending.exit_code
    finally:
        recorder.close(exit_code)
    loaded.estimator.close()
    logger.remove()
    if ending.signal is not None:
        signals.end_by(ending.signal)
    return exit_code


def _serve(loaded: Loaded, config: Config, link: Link, reporter: Reporter, recorder: Recorder) -> Ending:
    is_supervised = link.channel.wire == "frames"
    writer = Writer(link.channel.output_fd, on_broken=lambda: _lose_client(scheduler))
    outbox = Outbox(writer, link.encoding, recorder)
    granted = Credits()
    scheduler = Scheduler(outbox.send, granted=granted, enforces_credits=is_supervised)
    signals.while_serving(scheduler, is_supervised=is_supervised)

    ready = ready_message(loaded, config, granted, reporter.timings_ms())
    recorder.outbound(ready)
    link.channel.hand_over(lambda data: writer.put_control((data,)))
    reporter.ready(ready)
    max_batch = loaded.estimator.info.max_batch
    inbox = ServingInbox(scheduler, outbox, recorder, is_supervised=is_supervised, max_batch=max_batch)
    link.reader.deliver_to(inbox)
    logger.info("ready with {} after {} ms", ready["estimator"], ready["timings_ms"]["total"])

    build_result = results.frames_result if is_supervised else results.lines_result
    video = LazyVideoWork(loaded.estimator, config)
    while (job := scheduler.next()) is not None:
        if job.request.op == ESTIMATE:
            answer = estimating.run(job, estimator=loaded.estimator, limits=config.limits, build_result=build_result)
        else:
            answer = video.run(job, send_part=outbox.send)
        scheduler.finish(job, *answer)

    ending = scheduler.ending
    assert ending is not None
    if ending.reason is not None:
        outbox.send_last({"type": "bye", "reason": ending.reason, "completed": scheduler.completed})
    writer.flush(FLUSH_S)
    if ending.reason == "drained":
        link.reader.ended.wait(FAREWELL_S)
    logger.info("ended: {}; {} requests answered", ending.why, scheduler.completed)
    return ending


def _record(config: Config, link: Link) -> Recorder:
    """Begin a flight recording, with the INIT that came before it."""
    recorder = open_recorder(
        config.record,
        cache=writable_cache(),
        wire=link.channel.wire,
        arguments=sys.argv[1:],
        warn=lambda message: logger.warning("{}", message),
    )
    if link.init is not None:
        recorder.inbound(link.init)
    return recorder


def _lose_client(scheduler: Scheduler) -> None:
    endings.exit_at_the_latest(endings.CLIENT_GONE.exit_code)
    scheduler.end(endings.CLIENT_GONE)
