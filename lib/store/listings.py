"""Which blobs there are in a window, as listed a moment ago."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.catalog import DayBlob
from lib.store.flights import Flights
from lib.store.memory import Memory
from lib.window import Window

BLOB_BYTES = 400
"""About what one listed blob takes in memory: its name, its ETag and the rest."""

LISTERS = 8
"""Listings under way at the same time."""

Blobs = tuple[DayBlob, ...]


@dataclass(frozen=True)
class _Listed:
    """The blobs of a window, and until when they are believed."""

    window: Window
    blobs: Blobs
    until: float


class Listings:
    """Listings by collection, believed for some seconds, up to a size. Safe between threads.

    A window inside one that was listed costs nothing, and one that several ask for at the
    same time is listed once.
    """

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self.seconds = seconds
        self._memory = Memory(most_bytes)
        self._flights = Flights(LISTERS)
        self._epoch = 0

    def get(self, collection: object, window: Window, ask: Callable[[Window], Blobs]) -> Blobs:
        """Return the blobs of a window, asking for them if need be; raises what asking met."""
        key = (self._epoch, collection)
        listed = self._inside(key, window)
        if listed is None:
            ticket = self._flights.join((key, window), lambda: self._listed(key, window, ask))
            listed = ticket.result()
        blobs: Blobs = listed.blobs
        return blobs

    def clear(self) -> None:
        """Believe nothing that was listed by now."""
        self._epoch += 1

    def _listed(self, key: object, window: Window, ask: Callable[[Window], Blobs]) -> _Listed:
        # Another may have listed it since.
        held = self._inside(key, window)
        if held is not None:
            return held
        blobs = ask(window)
        return self._keep(key, _Listed(window, blobs, time.monotonic() + self.seconds))

    def _inside(self, key: object, window: Window) -> _Listed | None:
        """Return a window from one that was listed and holds it, if there is one."""
        now = time.monotonic()
        for listed in self._memory.get(key) or ():
            if listed.until < now:
                continue
            if listed.window == window:
                return listed  # type: ignore[no-any-return]
            if window.first in listed.window and window.last in listed.window:
                touched = (b for b in listed.blobs if b.touches(window.first, window.last))
                return self._keep(key, replace(listed, window=window, blobs=tuple(touched)))
        return None

    def _keep(self, key: object, listed: _Listed) -> _Listed:
        now = time.monotonic()
        others = [
            each
            for each in self._memory.get(key) or ()
            if each.until >= now and each.window != listed.window
        ]
        every = (*others, listed)
        size = sum(1_000 + BLOB_BYTES * len(each.blobs) for each in every)
        self._memory.put(key, every, size)
        return listed
