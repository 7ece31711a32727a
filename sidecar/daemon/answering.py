"""What surrounds every request on the work thread: its log context, its stages, and the error that says why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from loguru import logger

from sidecar.bootstrap.failure import is_out_of_memory
from sidecar.daemon.errors import error_message
from sidecar.daemon.job import WHY_STOPPED, Job
from sidecar.estimators.protocol import Cancelled
from sidecar.wire.generated import codes
from sidecar.wire.generated.codes import CODES

Answer = tuple[dict[str, Any], bytes]


class Stages:
    """Adds up the time of each stage, from one lap to the next."""

    def __init__(self, received_s: float) -> None:
        self._received_s = received_s
        self._last_s = received_s
        self._spent_s: dict[str, float] = {}
        self.lap("queue")

    def lap(self, stage: str) -> None:
        """The time since the last lap belongs to this stage."""
        now_s = time.monotonic()
        self._spent_s[stage] = self._spent_s.get(stage, 0.0) + now_s - self._last_s
        self._last_s = now_s

    def timings_ms(self) -> dict[str, float]:
        """Milliseconds per stage and in total."""
        total_s = self._last_s - self._received_s
        return {name: round(spent_s * 1000, 3) for name, spent_s in {**self._spent_s, "total": total_s}.items()}


def answer(job: Job, do: Callable[[Stages], Answer]) -> Answer:
    """Do a job; returns its terminal message and body. Nothing that is raised gets past this."""
    request = job.request
    trace = {} if request.trace is None else {"trace": request.trace}
    with logger.contextualize(request_id=request.id, **trace):
        try:
            stages = Stages(request.received_s)
            job.raise_if_cancelled()
            message, body = do(stages)
            stages.lap("encode")
            message["timings_ms"] = stages.timings_ms()
            message["received_us"] = round(request.received_s * 1e6)
            logger.debug("answered in {total} ms", **message["timings_ms"])
            return message, body
        except Cancelled:
            code = job.stopped or codes.CANCELLED
            return error_message(request.id, code, WHY_STOPPED[code]), b""
        except (Exception, SystemExit) as error:  # a sys.exit() in an estimator ends its request, not the daemon
            return error_message(request.id, **failure(error)), b""


def failure(error: BaseException) -> dict[str, Any]:
    """Code, message and hint of whatever went wrong."""
    code, hint = getattr(error, "code", None), getattr(error, "hint", None)
    if isinstance(error, Exception) and isinstance(code, str) and code in CODES:
        logger.warning("{}: {}", code, error)
        return {"code": code, "message": str(error), "hint": hint}
    logger.opt(exception=error).error("the estimator failed")
    what = f"{type(error).__name__}: {error}"
    if is_out_of_memory(error):
        hint = "Send smaller images or batches, or start fewer daemons."
        return {"code": codes.NO_RESOURCES, "message": f"memory ran out ({what})", "hint": hint}
    return {"code": codes.INFERENCE_FAILED, "message": f"the estimator raised {what}", "hint": None}
