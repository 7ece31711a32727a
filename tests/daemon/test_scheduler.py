"""Which request runs next, and exactly one terminal message for each."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.daemon import endings
from sidecar.daemon.errors import error_message
from sidecar.daemon.job import Job
from sidecar.daemon.scheduler import Credits, Scheduler
from sidecar.estimators.protocol import Cancelled
from tests.daemon.makers import make_request

LIMIT_S = 20.0


class Sent(list[dict[str, Any]]):
    """What went to the client."""

    def __call__(self, message: dict[str, Any], body: object = b"") -> None:
        self.append(message)

    @property
    def ends(self) -> list[tuple[int | None, str | None]]:
        """Id and code of each terminal message; code None: a result."""
        return [(message["id"], message.get("code")) for message in self]


def supervised(sent: Sent, **granted: int) -> Scheduler:
    return Scheduler(sent, granted=Credits(**granted), enforces_credits=True)


def by_hand(sent: Sent, **granted: int) -> Scheduler:
    return Scheduler(sent, granted=Credits(**granted), enforces_credits=False)


def result(job: Job) -> dict[str, Any]:
    return {"type": "result", "id": job.request.id}


def take(scheduler: Scheduler) -> Job:
    job = scheduler.next()
    assert job is not None
    return job


def test_requests_run_in_their_order_and_refund_their_credit() -> None:
    sent = Sent()
    scheduler = supervised(sent)
    for first in (1, 3):
        scheduler.submit(make_request(first))
        scheduler.submit(make_request(first + 1))
        for number in (first, first + 1):
            job = take(scheduler)
            assert job.request.id == number
            scheduler.finish(job, result(job))
    assert sent.ends == [(1, None), (2, None), (3, None), (4, None)]
    assert scheduler.completed == 4


def test_what_is_over_the_credits_is_refused() -> None:
    sent = Sent()
    scheduler = supervised(sent, requests=2, bytes=10)
    scheduler.submit(make_request(1, body=b"x" * 9))
    scheduler.submit(make_request(2, body=b"x" * 9))
    scheduler.submit(make_request(3))
    scheduler.submit(make_request(4))
    assert sent.ends == [(2, "NO_RESOURCES"), (4, "NO_RESOURCES")]


def test_one_request_always_fits() -> None:
    sent = Sent()
    scheduler = supervised(sent, bytes=1)
    scheduler.submit(make_request(1, body=b"x" * 1000))
    assert take(scheduler).request.id == 1
    assert sent == []


def test_by_hand_a_line_waits_for_room() -> None:
    sent = Sent()
    scheduler = by_hand(sent, requests=1)
    scheduler.submit(make_request(1))
    waits = threading.Thread(target=scheduler.submit, args=(make_request(2),))
    waits.start()
    job = take(scheduler)
    assert scheduler.status().queued == 0
    scheduler.finish(job, result(job))
    assert take(scheduler).request.id == 2
    waits.join(LIMIT_S)
    assert not waits.is_alive()


def test_a_line_that_waits_for_room_is_answered_when_the_daemon_ends() -> None:
    sent = Sent()
    scheduler = by_hand(sent, requests=1)
    scheduler.submit(make_request(1))
    waits = threading.Thread(target=scheduler.submit, args=(make_request(2),))
    waits.start()
    scheduler.end(endings.by_signal(15))
    waits.join(LIMIT_S)
    assert sorted(sent.ends, key=str) == [(1, "DRAINING"), (2, "DRAINING")]


@pytest.mark.parametrize("reused", [1, 2])
def test_ids_must_grow(reused: int) -> None:
    sent = Sent()
    scheduler = supervised(sent)
    scheduler.submit(make_request(2))
    scheduler.submit(make_request(reused))
    assert sent.ends == [(None, "INVALID_REQUEST")]
    job = take(scheduler)
    scheduler.finish(job, result(job))
    scheduler.submit(make_request(reused))
    assert sent.ends[1:] == [(2, None), (None, "INVALID_REQUEST")]


def test_a_refused_id_counts_as_used() -> None:
    sent = Sent()
    scheduler = supervised(sent)
    scheduler.refuse(5, "INVALID_REQUEST", "no")
    scheduler.submit(make_request(5))
    assert sent.ends == [(5, "INVALID_REQUEST"), (None, "INVALID_REQUEST")]


def test_a_refusal_never_ends_another_request() -> None:
    sent = Sent()
    for scheduler in (by_hand(sent), supervised(sent)):
        scheduler.submit(make_request(5))
        scheduler.refuse(5, "INVALID_REQUEST", "no")
    assert sent.ends == [(None, "INVALID_REQUEST")] * 2


def test_by_hand_an_id_may_come_again_once_it_was_answered() -> None:
    sent = Sent()
    scheduler = by_hand(sent)
    for _ in range(2):
        scheduler.submit(make_request(9))
        job = take(scheduler)
        scheduler.finish(job, result(job))
    assert sent.ends == [(9, None), (9, None)]


def test_a_cancel_reaches_queued_and_running_work() -> None:
    sent = Sent()
    scheduler = supervised(sent)
    scheduler.submit(make_request(1))
    scheduler.submit(make_request(2))
    job = take(scheduler)
    job.raise_if_cancelled()
    scheduler.cancel(2)
    scheduler.cancel(2)
    scheduler.cancel(1)
    scheduler.cancel(77)
    assert sent.ends == [(2, "CANCELLED")]
    with pytest.raises(Cancelled):
        job.raise_if_cancelled()
    assert scheduler.status().queued == 0


def test_expired_work_never_starts() -> None:
    sent = Sent()
    scheduler = supervised(sent)
    scheduler.submit(make_request(1, deadline_s=time.monotonic()))
    scheduler.submit(make_request(2, deadline_s=time.monotonic() + 3600))
    assert take(scheduler).request.id == 2
    assert sent.ends == [(1, "DEADLINE_EXCEEDED")]


def test_a_gentle_end_finishes_what_was_accepted() -> None:
    sent = Sent()
    scheduler = supervised(sent)
    scheduler.submit(make_request(1))
    scheduler.end(endings.DRAINED)
    scheduler.submit(make_request(2))
    job = take(scheduler)
    job.raise_if_cancelled()
    scheduler.finish(job, result(job))
    assert scheduler.next() is None
    assert sent.ends == [(2, "DRAINING"), (1, None)]
    assert scheduler.ending is endings.DRAINED


def test_a_hard_end_stops_all_and_overrides_a_gentle_one() -> None:
    sent = Sent()
    scheduler = supervised(sent)
    scheduler.submit(make_request(1))
    scheduler.submit(make_request(2))
    job = take(scheduler)
    scheduler.end(endings.DRAINED)
    scheduler.end(endings.CLIENT_GONE)
    scheduler.end(endings.DRAINED)
    assert scheduler.ending is endings.CLIENT_GONE
    assert sent.ends == [(2, "DRAINING")]
    with pytest.raises(Cancelled):
        job.raise_if_cancelled()
    scheduler.finish(job, error_message(1, "DRAINING", ""))
    assert scheduler.next() is None


def test_status_tells_what_runs() -> None:
    scheduler = supervised(Sent())
    assert (scheduler.status().running_id, scheduler.status().running_ms) == (None, None)
    scheduler.submit(make_request(1))
    scheduler.submit(make_request(2))
    job = take(scheduler)
    before = scheduler.status()
    assert (before.running_id, before.queued) == (1, 1)
    job.raise_if_cancelled()
    assert scheduler.status().progress > before.progress
    scheduler.finish(job, result(job))
    assert scheduler.status().progress > before.progress + 1
    assert scheduler.status().running_id is None


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["submit", "cancel", "work", "expire", "drain", "end"]), st.integers(1, 6)), max_size=40
)


@settings(deadline=None)
@given(STEPS, st.booleans())
def test_every_request_gets_exactly_one_terminal_message(steps: list[Step], enforces: bool) -> None:
    """Whatever a client and the end of the world do in whatever order."""
    sent = Sent()
    scheduler = Scheduler(sent, granted=Credits(requests=100), enforces_credits=enforces)
    accepted: list[int] = []
    in_work: dict[int, str] = {}
    for kind, number in steps:
        before = len(sent)
        if kind in ("submit", "expire"):
            scheduler.submit(make_request(number, deadline_s=time.monotonic() if kind == "expire" else None))
            if len(sent) == before:
                accepted.append(number)
                in_work[number] = kind
            else:
                refusal = sent.pop()
                assert refusal["type"] == "error"
                assert refusal["id"] not in in_work, "a refusal must not end another request"
        elif kind == "cancel":
            scheduler.cancel(number)
        elif kind == "work" and "submit" in in_work.values():  # otherwise next() would wait for the next one
            job = take(scheduler)
            scheduler.finish(job, result(job))
        elif kind in ("drain", "end"):
            scheduler.end(endings.DRAINED if kind == "drain" else endings.CLIENT_GONE)
        for message in sent[before:]:
            del in_work[message["id"]]  # KeyError: answered twice
    scheduler.end(endings.DRAINED)
    while (last := scheduler.next()) is not None:
        scheduler.finish(last, result(last))
    assert sorted(message["id"] for message in sent) == sorted(accepted)
