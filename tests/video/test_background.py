"""Threads beside the main one: in order, bounded, and gone when they are not needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from sidecar.video.background import Prefetch, Sink, run_beside


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before


def test_prefetch_yields_everything_in_order() -> None:
    with Prefetch(range(100), ahead=3) as items:
        assert list(items) == list(range(100))


def test_prefetch_runs_no_further_ahead_than_told() -> None:
    made, taken, worst = 0, 0, 0

    def source() -> Iterator[int]:
        nonlocal made, worst
        for made in range(1, 51):
            worst = max(worst, made - taken)
            yield made

    with Prefetch(source(), ahead=3) as items:
        for _ in items:
            taken += 1
    assert worst <= 3 + 2  # one in the maker's hand, one in the taker's


def test_prefetch_raises_what_the_source_raised_where_it_raised_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("disk gone")

    with Prefetch(source(), ahead=3) as items:
        iterator = iter(items)
        assert next(iterator) == 1
        with pytest.raises(OSError, match="disk gone"):
            next(iterator)


def test_prefetch_can_be_left_in_the_middle_of_an_endless_source() -> None:
    with Prefetch(iter(int, 1), ahead=3) as items:
        next(iter(items))


def test_a_sink_consumes_everything_in_order_before_it_is_left() -> None:
    got: list[int] = []
    with Sink(got.append, behind=2) as sink:
        for item in range(100):
            sink.put(item)
    assert got == list(range(100))


@pytest.mark.parametrize("count", [1, 50])
def test_what_a_sink_raises_reaches_whoever_feeds_it(count: int) -> None:
    def fail(item: int) -> None:
        raise OSError("disk full")

    def feed() -> None:
        with Sink(fail, behind=2) as sink:
            for item in range(count):
                sink.put(item)

    with pytest.raises(OSError, match="disk full"):
        feed()


def test_a_sink_left_with_an_exception_drops_what_waits() -> None:
    entered, leave = threading.Event(), threading.Event()
    got: list[int] = []

    def slow(item: int) -> None:
        entered.set()
        leave.wait()
        got.append(item)

    def feed() -> None:
        with Sink(slow, behind=5) as sink:
            for item in range(4):
                sink.put(item)
            entered.wait()
            letting_go.start()
            raise KeyboardInterrupt

    letting_go = threading.Timer(0.01, leave.set)
    with pytest.raises(KeyboardInterrupt):
        feed()
    letting_go.join()
    assert got == [0]


def test_work_beside_is_watched_until_it_is_done() -> None:
    seen = threading.Event()
    run_beside(lambda: wait_for(seen), meanwhile=seen.set, stop=lambda: pytest.fail("stopped"))
    assert seen.is_set()


@pytest.mark.parametrize("error", [KeyError("enough"), KeyboardInterrupt()], ids=["cancelled", "Ctrl-C"])
def test_work_beside_is_stopped_and_has_ended_when_the_watcher_gives_up(error: BaseException) -> None:
    may_end, ended = threading.Event(), list[str]()

    def work() -> None:
        wait_for(may_end)
        time.sleep(0.1)
        ended.append("ended")

    def give_up() -> None:
        raise error

    with pytest.raises(type(error)):
        run_beside(work, meanwhile=give_up, stop=may_end.set)
    assert ended == ["ended"]


def test_what_work_beside_raises_is_raised() -> None:
    def fail() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run_beside(fail, meanwhile=lambda: None, stop=lambda: None)


def test_a_sink_that_was_told_to_drop_takes_no_more_and_keeps_nobody_waiting() -> None:
    taken, first = list[int](), threading.Event()

    def consume(item: int) -> None:
        taken.append(item)
        first.set()
        time.sleep(0.05)

    with Sink(consume, behind=2) as sink:
        sink.put(1)
        wait_for(first)
        sink.drop()
        for item in range(2, 50):
            sink.put(item)
    assert taken == [1]


def wait_for(event: threading.Event) -> None:
    assert event.wait(10)
