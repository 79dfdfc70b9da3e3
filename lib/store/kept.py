"""Files kept in a place that may fail: then reading goes on without it, and says so."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, TypeVar

from lib.blobs import Blob, Place
from lib.errors import Changed, NotFound, SourceError

RETRY_S = 600
"""How long a place that failed is left alone, in seconds."""

SWEEP = 8
"""A sweep follows the first file written, and then every eighth of all that may be kept."""

ROOM = 0.9
"""Share of what may be kept that a sweep leaves."""

OURS = re.compile(r"[0-9a-f]{32}\.(profile|rows)\.parquet")
"""The names of kept files; a sweep touches no others."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True)
class Notes:
    """How the place is: what it holds, and what went wrong with it since the process began.

    `place` is "" where nothing is kept. `files` and `bytes` are as of the last count and
    what was written since. `rebuilt` files could not be understood and were made anew.
    `unreadable` and `unwritable` say why the place is not used now, "" if it is.
    """

    place: str
    files: int
    bytes: int
    rebuilt: int
    unreadable: str
    unwritable: str


class Kept:
    """Files by name in a place, up to a size; nothing here raises a SourceError.

    Safe between threads, and between processes that share the place.
    """

    def __init__(self, place: Place | None, most_bytes: int) -> None:
        self.place = place
        self.most_bytes = most_bytes
        self._lock = threading.Lock()
        self._sweeping = threading.Lock()
        self._failed: dict[str, tuple[float, str]] = {}
        self._sizes: dict[str, int] = {}
        self._rebuilt = 0
        self._since: int | None = None  # bytes written since the last count, None before it

    def open(self, name: str) -> BinaryIO | None:
        """Return a kept file, or None if there is none or the place cannot be read."""
        return self._try("read", lambda place: place.open(name))

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, if it can be."""

        def put(place: Place) -> bool:
            place.write(name, data)
            return True

        if len(data) > self.most_bytes // 2 or not self._try("write", put):
            return
        with self._lock:
            self._sizes[name] = len(data)
            due = self._since is None or sum(self._sizes.values()) > self.most_bytes
            if self._since is not None:
                self._since += len(data)
                due = due or self._since > self.most_bytes // SWEEP
        if due:
            self.sweep()

    def sweep(self) -> None:
        """Count the files, and delete the least recently used past the size."""
        if not self._sweeping.acquire(blocking=False):
            return
        try:
            self._try("write", self._swept)
        finally:
            self._sweeping.release()

    def note_rebuilt(self) -> None:
        """Count a file that could not be understood."""
        with self._lock:
            self._rebuilt += 1

    def notes(self) -> Notes:
        """Return how the place is; the first call counts what it holds."""
        if self._since is None:
            # What cannot be listed can be read all the same, but nothing would bound it.
            self._try("write", lambda place: self._count(list(place.files())))
        with self._lock:
            return Notes(
                self.place.label if self.place else "",
                len(self._sizes),
                sum(self._sizes.values()),
                self._rebuilt,
                self._reason("read"),
                self._reason("write"),
            )

    def _swept(self, place: Place) -> None:
        ours = [file for file in place.files() if OURS.fullmatch(file.name)]
        ours.sort(key=lambda file: file.changed or _LONG_AGO, reverse=True)
        total = sum(file.size for file in ours)
        if total > self.most_bytes:
            while ours and total > ROOM * self.most_bytes:
                total -= ours[-1].size
                place.delete(ours.pop().name)
        self._count(ours)

    def _count(self, files: list[Blob]) -> None:
        ours = [file for file in files if OURS.fullmatch(file.name)]
        with self._lock:
            self._sizes = {file.name: file.size for file in ours}
            self._since = 0

    def _try(self, what: str, use: Callable[[Place], T]) -> T | None:
        """Use the place to read or write, unless that has just failed."""
        if self.place is None or self._reason(what):
            return None
        try:
            return use(self.place)
        except SourceError as error:
            # Not there, or being replaced: to a reader both are the usual case, and no failure.
            if what == "write" or not isinstance(error, NotFound | Changed):
                self._failed[what] = (time.monotonic() + RETRY_S, str(error))
            return None

    def _reason(self, what: str) -> str:
        until, why = self._failed.get(what, (0.0, ""))
        return why if time.monotonic() < until else ""
