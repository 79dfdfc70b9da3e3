"""Work that several ask for at the same time, done once for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class _Flight:
    work: Future[Any]
    waiters: int = 0


class Flights:
    """Work under way by key, in threads of its own. Safe between threads.

    An error reaches all who wait, and whoever asks afterwards has the work done anew.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="driftline-read")
        self._lock = threading.Lock()
        self._under_way: dict[object, _Flight] = {}

    def join(self, key: object, work: Callable[[], Any]) -> Ticket:
        """Have some work done, or wait for the same that is under way."""
        with self._lock:
            flight = self._under_way.get(key)
            if flight is None:
                flight = self._under_way[key] = _Flight(self._pool.submit(work))
                # Called at once, in this thread, if the work is done by now.
                flight.work.add_done_callback(lambda _: self._under_way.pop(key, None))
            flight.waiters += 1
        return Ticket(self, flight)

    def leave(self, flight: _Flight) -> None:
        """Wait no more; what nobody waits for any longer and has not begun is not done."""
        with self._lock:
            flight.waiters -= 1
            if not flight.waiters:
                flight.work.cancel()


@dataclass(frozen=True)
class Ticket:
    """One reader's share in some work."""

    flights: Flights
    flight: _Flight

    def result(self) -> Any:
        """Return what came of the work, waiting for it; raises what it met."""
        return self.flight.work.result()

    def leave(self) -> None:
        """Give it up: it goes on as long as others wait for it, or once it has begun."""
        self.flights.leave(self.flight)


class Budget:
    """A number of bytes that may be in use at the same time, whoever uses them."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def spent(self, size: int) -> Iterator[None]:
        """Wait until so many bytes are left, and use them inside; what is larger goes alone."""
        size = min(size, self.most_bytes)
        with self._changed:
            self._changed.wait_for(lambda: self._used + size <= self.most_bytes)
            self._used += size
        try:
            yield
        finally:
            with self._changed:
                self._used -= size
                self._changed.notify_all()
