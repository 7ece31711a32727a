"""One request on the work thread: bytes -> images -> people -> RESULT, or the ERROR that says why not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from loguru import logger

from sidecar.daemon.errors import RequestError, error_fields, error_message
from sidecar.daemon.images import load_image, read_bytes
from sidecar.daemon.job import WHY_STOPPED, Job
from sidecar.daemon.results import Failed, Found, Outcome, check_people
from sidecar.estimators.protocol import Cancelled, Estimator, Image
from sidecar.pose.region import Region
from sidecar.wire.generated import codes
from sidecar.wire.limits import Limits

Regions = tuple[Region, ...] | None


class BuildResult(Protocol):
    """Outcomes as the RESULT of one encoding, and its body."""

    def __call__(
        self, request_id: int, outcomes: Sequence[Outcome], *, is_batch: bool
    ) -> tuple[dict[str, Any], bytes]: ...


def run(job: Job, *, estimator: Estimator, limits: Limits, build_result: BuildResult) -> tuple[dict[str, Any], bytes]:
    """Do a job; returns its terminal message and body. Nothing an estimator raises gets past this."""
    request = job.request
    trace = {} if request.trace is None else {"trace": request.trace}
    with logger.contextualize(request_id=request.id, **trace):
        try:
            stages = _Stages(request.received_s)
            job.raise_if_cancelled()
            outcomes = _outcomes(job, estimator, limits, stages)
            job.raise_if_cancelled()
            message, body = build_result(request.id, outcomes, is_batch=request.is_batch)
            stages.lap("encode")
            message["timings_ms"] = stages.timings_ms()
            message["received_us"] = round(request.received_s * 1e6)
            logger.debug("answered in {total} ms", **message["timings_ms"])
            return message, body
        except Cancelled:
            code = job.stopped or codes.CANCELLED
            return error_message(request.id, code, WHY_STOPPED[code]), b""
        except (Exception, SystemExit) as error:  # a sys.exit() in an estimator ends its request, not the daemon
            return error_message(request.id, **_failure(error)), b""


class _Stages:
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


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A decoded image of a batch and its place in it."""

    index: int
    image: Image
    regions: Regions


def _outcomes(job: Job, estimator: Estimator, limits: Limits, stages: _Stages) -> Sequence[Outcome]:
    request = job.request
    max_pixels = limits.pixels
    data = read_bytes(request, limits=limits)
    if not request.is_batch:
        image = load_image(request.sources[0], data, max_pixels=max_pixels)
        stages.lap("decode")
        job.raise_if_cancelled()
        found = _people([image], [request.sources[0].regions], estimator, job)
        stages.lap("infer")
        return found
    outcomes: dict[int, Outcome] = {}
    waiting: list[_Loaded] = []
    for index, source in enumerate(request.sources):
        job.raise_if_cancelled()
        try:
            image = load_image(source, data, max_pixels=max_pixels)
        except (RequestError, MemoryError) as error:
            outcomes[index] = Failed(error_fields(**_failure(error)))
            continue
        if waiting and _pixels(waiting) + _size(image) > max_pixels:  # what is decoded at once stays bounded
            stages.lap("decode")
            outcomes.update(_batch_people(waiting, estimator, job))
            stages.lap("infer")
            waiting = []
        waiting.append(_Loaded(index, image, source.regions))
    stages.lap("decode")
    outcomes.update(_batch_people(waiting, estimator, job))
    stages.lap("infer")
    return [outcomes[index] for index in range(len(request.sources))]


def _batch_people(loaded: Sequence[_Loaded], estimator: Estimator, job: Job) -> dict[int, Outcome]:
    """Ask for all at once; where that fails, one by one, so that a bad image fails alone."""
    if not loaded:
        return {}
    job.raise_if_cancelled()
    try:
        found = _people([one.image for one in loaded], [one.regions for one in loaded], estimator, job)
    except Cancelled:
        raise
    except (Exception, SystemExit) as error:
        if len(loaded) == 1:
            return {loaded[0].index: Failed(error_fields(**_failure(error)))}
        outcomes: dict[int, Outcome] = {}
        for one in loaded:
            outcomes.update(_batch_people([one], estimator, job))
        return outcomes
    return {one.index: outcome for one, outcome in zip(loaded, found, strict=True)}


def _people(images: Sequence[Image], regions: Sequence[Regions], estimator: Estimator, job: Job) -> list[Outcome]:
    wanted = None if all(one is None for one in regions) else regions
    found = estimator.estimate(images, regions=wanted, min_score=job.request.min_score, cancel=job)
    if len(found) != len(images):
        raise RequestError(
            codes.INFERENCE_FAILED, f"the estimator answered {len(found)} of {len(images)} images; it must answer all"
        )
    for persons in found:
        check_people(persons, estimator.info.skeleton)
    return [Found(image.shape[1], image.shape[0], persons) for image, persons in zip(images, found, strict=True)]


def _failure(error: BaseException) -> dict[str, Any]:
    """Code, message and hint of whatever went wrong."""
    if isinstance(error, RequestError):
        logger.warning("{}: {}", error.code, error)
        return {"code": error.code, "message": str(error), "hint": error.hint}
    logger.opt(exception=error).error("the estimator failed")
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError):
        hint = "Send smaller images or batches, or start fewer daemons."
        return {"code": codes.NO_RESOURCES, "message": f"memory ran out ({what})", "hint": hint}
    return {"code": codes.INFERENCE_FAILED, "message": f"the estimator raised {what}", "hint": None}


def _pixels(loaded: Sequence[_Loaded]) -> int:
    return sum(_size(one.image) for one in loaded)


def _size(image: Image) -> int:
    return int(image.shape[0]) * int(image.shape[1])
