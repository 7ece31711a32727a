"""Work beside the main thread, bounded and stoppable: fetch ahead of it, or finish behind it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

_POLL_S = 0.05  # how long a full or empty queue may keep a thread from noticing that it shall stop


class _End:
    """The last thing in a queue."""


class Prefetch(Generic[T]):
    """A context manager that runs an iterable in a thread, at most `ahead` items before whoever iterates over it.

    Leaving it stops the thread after the item in work, and waits for it.
    """

    def __init__(self, items: Iterable[T], *, ahead: int) -> None:
        self._items = items
        self._queue: queue.Queue[T | BaseException | type[_End]] = queue.Queue(maxsize=ahead)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prefetch", daemon=True)

    def __iter__(self) -> Iterator[T]:
        """Yield the items; raise what the iterable raised, where it raised it."""
        while True:
            item = _get(self._queue)
            if item is _End:
                return
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        last: BaseException | type[_End] = _End
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as error:  # whatever it is, the iterating thread shall have it
            last = error
        self._put(last)

    def _put(self, item: T | BaseException | type[_End]) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


class Sink(Generic[T]):
    """A context manager that calls `consume` in a thread for every item put, at most `behind` items late.

    Leaving it waits until all is consumed; leaving it with an exception drops what is waiting.
    """

    def __init__(self, consume: Callable[[T], None], *, behind: int) -> None:
        self._consume = consume
        self._queue: queue.Queue[T | type[_End]] = queue.Queue(maxsize=behind)
        self._error: BaseException | None = None
        self._drop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sink", daemon=True)

    def put(self, item: T) -> None:
        """Hand over an item; waits while `behind` of them are waiting. Raises what `consume` raised before."""
        self._hand_over(item)

    def drop(self) -> None:
        """Let what is waiting, and what is still put, go; the thread ends after the item in work."""
        self._drop.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.drop()
            self._thread.join()
            return
        try:
            self._hand_over(_End)
            while self._thread.is_alive():  # a plain join would keep Ctrl-C waiting on Windows
                self._thread.join(timeout=_POLL_S)
        finally:
            self._drop.set()
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _hand_over(self, item: T | type[_End]) -> None:
        while not self._drop.is_set():
            if self._error is not None:
                raise self._error
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return

    def _run(self) -> None:
        try:
            while not self._drop.is_set():
                try:
                    item = self._queue.get(timeout=_POLL_S)
                except queue.Empty:
                    continue
                if item is _End:
                    return
                self._consume(item)  # type: ignore[arg-type]
        except BaseException as error:  # whatever it is, the putting thread shall have it
            self._error = error


def run_beside(work: Callable[[], None], *, meanwhile: Callable[[], None], stop: Callable[[], None]) -> None:
    """Do something that takes long in a thread, and call `meanwhile` every moment until it is done.

    Args:
        work: what is to be done; what it raises is raised.
        meanwhile: may raise to give up: then that is raised, once the work has ended.
        stop: lets the work end early, and may be called at any moment of it.
    """
    errors: list[BaseException] = []
    done = threading.Event()  # a join that an interrupt breaks off takes the thread for ended, on Python 3.11

    def run() -> None:
        try:
            work()
        except BaseException as error:  # whatever it is, the caller shall have it
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="beside", daemon=True).start()
    try:
        while not done.wait(_POLL_S):
            meanwhile()
    except BaseException:
        stop()
        done.wait()
        raise
    if errors:
        raise errors[0]


def _get(source: queue.Queue[T]) -> T:
    while True:
        try:
            return source.get(timeout=_POLL_S)
        except queue.Empty:
            continue
