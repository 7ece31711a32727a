"""Threads beside the main one: in order, bounded, and gone when they are not needed."""

from __future__ import annotations

import threading
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
    run_beside(lambda: None if seen.wait(10) else pytest.fail("nobody watched"), meanwhile=seen.set)
    assert seen.is_set()


def test_work_beside_is_done_before_the_watcher_may_give_up() -> None:
    may_end, done = threading.Event(), list[str]()

    def work() -> None:
        may_end.wait(10)
        done.append("all")

    def give_up() -> None:
        may_end.set()
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        run_beside(work, meanwhile=give_up)
    assert done == ["all"]


def test_what_work_beside_raises_is_raised() -> None:
    def fail() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run_beside(fail, meanwhile=lambda: None)
