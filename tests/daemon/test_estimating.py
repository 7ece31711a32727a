"""One request on the work thread: stages, failures, batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sidecar.daemon import results
from sidecar.daemon.estimating import run
from sidecar.daemon.job import Job
from sidecar.daemon.requests import ImageSource
from sidecar.estimators.protocol import CancelToken, EstimatorInfo, Image
from sidecar.pose.person import Person
from sidecar.pose.region import Region
from sidecar.pose.skeleton import COCO_17
from sidecar.wire.limits import DEFAULT_LIMITS, Limits
from tests.daemon.makers import make_person, make_request

Answer = Callable[[Sequence[Image], Any], Any]


class Scripted:
    """An estimator that does what a test wants, and remembers what it was asked."""

    info = EstimatorInfo(name="scripted", skeleton=COCO_17, device="none", runtime=("none", "0"))

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[tuple[int, Any, float]] = []

    def estimate(
        self,
        images: Sequence[Image],
        *,
        regions: Sequence[Sequence[Region] | None] | None = None,
        min_score: float = 0.5,
        cancel: CancelToken | None = None,
    ) -> list[list[Person]]:
        self.asked.append((len(images), regions, min_score))
        answer: list[list[Person]] = self._answer(images, cancel)
        return answer

    def close(self) -> None:
        pass


def one_each(images: Sequence[Image], cancel: CancelToken) -> list[list[Person]]:
    return [[make_person()] for _ in images]


def do(job: Job, estimator: Scripted, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    message, _ = run(job, estimator=estimator, limits=limits, build_result=results.lines_result)
    return message


def gray(offset: int, width: int = 1, **changes: Any) -> ImageSource:
    fields = {"format": "gray8", "width": width, "height": 1, "offset": offset, "length": width, "regions": None}
    return ImageSource(**{**fields, **changes})


def batch(*sources: ImageSource, body: bytes = bytes(100)) -> Job:
    return Job(make_request(sources=sources, is_batch=True, body=body))


def raises(error: BaseException) -> Answer:
    def answer(images: Sequence[Image], cancel: CancelToken) -> Any:
        raise error

    return answer


def test_a_picture_becomes_people_and_every_stage_has_its_time() -> None:
    estimator = Scripted(one_each)
    request = make_request(min_score=0.25, received_s=time.monotonic() - 1)
    message = do(Job(request), estimator)
    assert (message["type"], message["width"], message["height"], len(message["persons"])) == ("result", 1, 1, 1)
    assert estimator.asked == [(1, None, 0.25)]
    timings = message["timings_ms"]
    assert list(timings) == ["queue", "decode", "infer", "encode", "total"]
    assert timings["queue"] >= 1000
    assert sum(timings.values()) - timings["total"] == pytest.approx(timings["total"], abs=0.01)


FAILURES: dict[str, tuple[Answer, str, str]] = {
    "an exception": (raises(ValueError("bad tensor")), "INFERENCE_FAILED", "ValueError: bad tensor"),
    "no memory": (raises(MemoryError()), "NO_RESOURCES", "memory ran out"),
    "no memory on a GPU": (raises(RuntimeError("CUDA out of memory.")), "NO_RESOURCES", "memory ran out"),
    "sys.exit": (raises(SystemExit(0)), "INFERENCE_FAILED", "SystemExit: 0"),
    "a recursion": (raises(RecursionError("deep")), "INFERENCE_FAILED", "RecursionError"),
    "nothing": (lambda images, cancel: None, "INFERENCE_FAILED", "NoneType"),
    "too few answers": (lambda images, cancel: [], "INFERENCE_FAILED", "answered 0 of 1 images"),
    "people that are none": (lambda images, cancel: [["Bob"]], "INFERENCE_FAILED", "AttributeError"),
    "a score of 7": (lambda images, cancel: [[make_person(score=7)]], "INFERENCE_FAILED", "got 7"),
}


@pytest.mark.parametrize(("answer", "code", "words"), FAILURES.values(), ids=FAILURES)
def test_a_failing_estimator_fails_its_request_alone(answer: Answer, code: str, words: str) -> None:
    message = do(Job(make_request(9)), Scripted(answer))
    assert (message["type"], message["id"], message["code"]) == ("error", 9, code)
    assert words in message["message"]


def test_a_client_hears_no_traceback() -> None:
    message = do(Job(make_request()), Scripted(raises(ValueError("x"))))
    assert "Traceback" not in str(message)


@pytest.mark.parametrize("code", ["CANCELLED", "DEADLINE_EXCEEDED", "DRAINING"])
def test_a_stopped_job_ends_with_the_reason_it_was_stopped_for(code: str) -> None:
    def stop_while_inferring(images: Sequence[Image], cancel: CancelToken) -> Any:
        job.stop(code)
        job.stop("TOO_LATE")
        return one_each(images, cancel)

    job = Job(make_request())
    assert do(job, Scripted(stop_while_inferring))["code"] == code


def test_work_that_was_stopped_before_is_not_decoded() -> None:
    job = Job(make_request(body=b"not a picture", sources=(ImageSource(None, None, None, 0, None, None),)))
    job.stop("CANCELLED")
    assert do(job, Scripted(one_each))["code"] == "CANCELLED"


def test_a_deadline_that_passes_during_inference_is_met_after_it() -> None:
    job = Job(make_request(deadline_s=time.monotonic() + 0.001))

    def slow(images: Sequence[Image], cancel: CancelToken) -> Any:
        while not job.is_expired():
            pass
        return one_each(images, cancel)

    assert do(job, Scripted(slow))["code"] == "DEADLINE_EXCEEDED"


def test_a_batch_goes_to_the_estimator_at_once_with_the_regions_of_each() -> None:
    estimator = Scripted(one_each)
    region = Region(1, 1, 1)
    message = do(batch(gray(0), gray(1, regions=(region,)), gray(2)), estimator)
    assert len(message["items"]) == 3
    assert estimator.asked == [(3, [None, (region,), None], 0.5)]


def test_an_image_that_breaks_the_estimator_fails_alone() -> None:
    def breaks_on_two(images: Sequence[Image], cancel: CancelToken) -> Any:
        if any(image.shape[1] == 2 for image in images):
            raise ValueError("two")
        return one_each(images, cancel)

    message = do(batch(gray(0), gray(0, 2), gray(0, 3)), Scripted(breaks_on_two))
    assert [item.get("error", {}).get("code") for item in message["items"]] == [None, "INFERENCE_FAILED", None]


def test_a_cancel_ends_a_whole_batch() -> None:
    def cancelled(images: Sequence[Image], cancel: CancelToken) -> Any:
        job.stop("CANCELLED")
        cancel.raise_if_cancelled()

    job = batch(gray(0), gray(1))
    assert do(job, Scripted(cancelled))["code"] == "CANCELLED"


def test_what_is_decoded_at_once_stays_under_the_pixel_limit() -> None:
    estimator = Scripted(one_each)
    message = do(batch(*(gray(0, width) for width in (6, 4, 5, 5, 1, 10))), estimator, limits=Limits(pixels=10))
    assert [count for count, _, _ in estimator.asked] == [2, 2, 1, 1]
    assert [item["width"] for item in message["items"]] == [6, 4, 5, 5, 1, 10]


def test_a_batch_of_bad_images_asks_nobody() -> None:
    estimator = Scripted(one_each)
    message = do(batch(gray(99, 5), gray(200)), estimator)
    assert [item["error"]["code"] for item in message["items"]] == ["INVALID_REQUEST"] * 2
    assert estimator.asked == []
