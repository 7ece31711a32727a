"""`estimate` on the work thread: bytes -> images -> people -> RESULT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sidecar.daemon.answering import Answer, Stages, answer, failure
from sidecar.daemon.errors import RequestError, error_fields
from sidecar.daemon.images import load_image, read_bytes
from sidecar.daemon.job import Job
from sidecar.daemon.results import Faces, Failed, Found, Outcome, check_people
from sidecar.estimators.protocol import Cancelled, Estimator, Image
from sidecar.pose.region import Region
from sidecar.wire.generated import codes
from sidecar.wire.limits import Limits

Regions = tuple[Region, ...] | None


class BuildResult(Protocol):
    """Outcomes as the RESULT of one encoding, and its body."""

    def __call__(
        self, request_id: int, outcomes: Sequence[Outcome], *, is_batch: bool, faces: Faces | None = None
    ) -> tuple[dict[str, Any], bytes]: ...


def run(job: Job, *, estimator: Estimator, limits: Limits, build_result: BuildResult) -> Answer:
    """Do a job; returns its terminal message and body. Nothing an estimator raises gets past this."""

    def do(stages: Stages) -> Answer:
        outcomes = _outcomes(job, estimator, limits, stages)
        job.raise_if_cancelled()
        faces = estimator.info.faces if job.request.with_faces else None
        return build_result(job.request.id, outcomes, is_batch=job.request.is_batch, faces=faces)

    return answer(job, do)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A decoded image of a batch and its place in it."""

    index: int
    image: Image
    regions: Regions


def _outcomes(job: Job, estimator: Estimator, limits: Limits, stages: Stages) -> Sequence[Outcome]:
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
            outcomes[index] = Failed(error_fields(**failure(error)))
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
            return {loaded[0].index: Failed(error_fields(**failure(error)))}
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


def _pixels(loaded: Sequence[_Loaded]) -> int:
    return sum(_size(one.image) for one in loaded)


def _size(image: Image) -> int:
    return int(image.shape[0]) * int(image.shape[1])
