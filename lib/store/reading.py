"""Blobs to what is kept of their rows, a batch at a time, several at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import pyarrow as pa

from lib import collected
from lib.blobs import Blob, Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.store import batches, copies, growth
from lib.store.batches import Batch, Digest, Fold, Unread
from lib.store.blob_rows import rows_of, uncompressed
from lib.store.files import Growth
from lib.store.flights import Budget, Ticket
from lib.store.shelf import PROFILE, Digests, Shelf
from lib.window import Window

READERS = 4
"""Blobs fetched at the same time where all rows are wanted: enough to hide the network."""

PARSERS = threading.BoundedSemaphore(2)
"""Of these two are parsed at a time, as many as there are cores: each takes memory for its rows."""

AHEAD = 16
"""Batches under way or waiting to be taken, so that a long window takes no more memory."""

IN_FLIGHT = Budget(32 * 2**20)
"""Bytes read at the same time. Rows take some five times as much memory as their text."""

KINDS = collected.KINDS | {
    "unread": collected.Kind("a file that could not be read", "files", lost=True)
}
"""Every kind of problem that a day can have."""

NOTES = frozenset(name for name, kind in KINDS.items() if kind.note)
"""Kinds that say how something was read, not that it was wrong."""

# Arrow's usual allocator holds on to what was freed by threads that have ended, and every file
# has its own: 14 days of 14,000 rows took 400 MB in place of 290. Windows lacks the other one.
with suppress(NotImplementedError):
    pa.set_memory_pool(pa.jemalloc_memory_pool())

Parts = Iterable[tuple[DayBlob, Collected]]
"""The rows of each blob of a batch."""


def rows(container: Container, blob: Blob) -> Collected:
    """Return the rows of one blob as they were collected, and the problems met."""
    data = uncompressed(container.read(blob.name), blob.name)
    with PARSERS:
        return collected.read(data, blob.name, fetch=container.read)


def unread(shelf: Shelf, container: Container, found: Sequence[DayBlob]) -> list[DayBlob]:
    """Return the blobs that have to be read: new or changed ones, and what is kept with them.

    The size of one that only has to be read on is that of the rest. What is kept in files
    is held in memory from now on. Blobs that were closed to reading a moment ago are none.
    """
    tickets = [
        shelf.flights.join(("left", key), partial(_left, shelf, container, batch))
        for batch in batches.batches(found)
        if _held(shelf, key := batches.key(PROFILE, container, batch)) is None
    ]
    return [item for ticket in tickets for item in ticket.result()]


def _held(shelf: Shelf, key: object) -> Digests | None:
    """Return what memory has of a batch."""
    held: Digests | None = shelf.get(key)
    return shelf.get_incomplete(key) if held is None else held


def _left(shelf: Shelf, container: Container, batch: Batch) -> Batch:
    """Return what has to be read of a batch that is not in memory."""
    file = shelf.file(container, batch)
    if shelf.digests(container, batch, file) is not None:
        return ()
    done = file.size if file and len(batch) == 1 else 0
    if not 0 < done < batch[0].blob.size:
        return batch
    blob = batch[0].blob
    return (replace(batch[0], blob=replace(blob, size=blob.size - done)),)


def folded(
    shelf: Shelf,
    container: Container,
    found: Sequence[DayBlob],
    window: Window,
    label: object,
    fold: Fold,
) -> Iterator[tuple[date, tuple[Blob, ...], list[Digest]]]:
    """Yield each day with its blobs and what `fold` makes of their rows.

    A blob that rolls by the month or year holds rows of many days, and begins on
    the first of them: a day is whole once all blobs that begin by then are read.
    """
    every = batches.batches(found)
    waiting: dict[date, list[tuple[Batch, Digest]]] = {}
    coming = _digests(shelf, container, every, label, fold)
    try:
        for at, (batch, digests) in enumerate(zip(every, coming, strict=True)):
            for day, digest in digests.items():
                waiting.setdefault(day, []).append((batch, digest))
            until = every[at + 1][0].day if at + 1 < len(every) else date.max
            for day in sorted(day for day in waiting if day < until):
                parts = waiting.pop(day)
                if day in window:
                    blobs = tuple(item.blob for batch, _ in parts for item in batch)
                    yield day, blobs, [digest for _, digest in parts]
    finally:
        coming.close()


def _digests(
    shelf: Shelf, container: Container, every: Sequence[Batch], label: object, fold: Fold
) -> Generator[Digests]:
    """Yield the digests of each batch in turn: from memory, from files, or by reading.

    Whoever else asks for the same batch meanwhile gets the same digests.
    """
    make = _profiles if label == PROFILE else partial(_from_rows, label=label)

    def begin(batch: Batch) -> Ticket | Digests:
        key = batches.key(label, container, batch)
        held = _held(shelf, key)
        if held is not None:
            return held
        # Another may have finished it since: then it is in memory by now.
        work = partial(make, shelf, container, batch, fold=fold)
        return shelf.flights.join(key, lambda: _held(shelf, key) or work())

    under_way: deque[Ticket | Digests] = deque()
    try:
        for batch in every:
            under_way.append(begin(batch))
            if len(under_way) == AHEAD:
                yield _taken(under_way)
        while under_way:
            yield _taken(under_way)
    finally:
        # Whoever has chosen something else meanwhile does not wait for the rest.
        for left in under_way:
            if isinstance(left, Ticket):
                left.leave()


def _taken(under_way: deque[Ticket | Digests]) -> Digests:
    """Return the first of some digests, waiting for it if need be."""
    first = under_way[0]
    try:
        result: Digests = first.result() if isinstance(first, Ticket) else first
    finally:
        under_way.popleft()
        if isinstance(first, Ticket):
            first.leave()
    return result


def _profiles(shelf: Shelf, container: Container, batch: Batch, fold: Fold) -> Digests:
    """Return the profiles of a batch: as kept, else reading what is new of it."""
    file = shelf.file(container, batch)
    found = shelf.digests(container, batch, file)
    if found is not None:
        return found
    old = shelf.growth(file) if file and file.size and len(batch) == 1 else None
    with IN_FLIGHT.spent(sum(item.blob.size for item in batch)):
        grown = old and growth.extended(container, batch[0], *old, fold)
        if grown:
            shelf.keep(container, batch, *grown)
            return grown[0]
        return _read(shelf, container, batch, fold)


def _read(shelf: Shelf, container: Container, batch: Batch, fold: Fold) -> Digests:
    """Return the profiles of a batch from the blobs, and keep them if all could be read."""
    problems: list[pd.DataFrame] = []
    seen: list[Growth | None] = []
    unread: list[Unread] = []

    def note(item: DayBlob, data: bytes, one: Collected) -> None:
        if len(batch) == 1:
            seen.append(growth.of(data, item.blob.name, one))
        # One empty frame is enough to have the columns.
        if len(one.problems) or not problems:
            problems.append(one.problems.assign(blob=item.blob.name))

    digests = _folded(rows_of(container, batch, unread, note), batch, fold)
    found = pd.concat([*problems, *map(_problem, unread)], ignore_index=True)
    first = min(digests)
    digests = {
        day: replace(
            one,
            problems=found if day == first else found.iloc[:0],
            whole=not unread,
            unread=tuple(unread) if day == first else (),
        )
        for day, one in digests.items()
    }
    if not unread:
        shelf.keep(container, batch, digests, seen[0] if seen else None)
    else:
        _hold_incomplete(shelf, batches.key(PROFILE, container, batch), unread, digests)
    return digests


def _hold_incomplete(shelf: Shelf, key: object, unread: Sequence[Unread], digests: Digests) -> None:
    """Hold for a moment what lacks blobs that are closed; what only vanished is tried again."""
    if all(each.lasting for each in unread):
        shelf.put_incomplete(key, digests)


def _from_rows(
    shelf: Shelf, container: Container, batch: Batch, fold: Fold, label: object
) -> Digests:
    """Return what `fold` makes of the rows of a batch, which are kept from now on."""
    key = batches.key(label, container, batch)
    with IN_FLIGHT.spent(sum(item.blob.size for item in batch)):
        parts, unread = copies.of(shelf, container, batch)
        digests = _folded(parts, batch, fold)
    if not unread:
        shelf.put(key, digests)
    else:
        _hold_incomplete(shelf, key, unread, digests)
    return digests


def _folded(parts: Parts, batch: Batch, fold: Fold) -> Digests:
    frames: dict[date, list[pd.DataFrame]] = {}
    for item, read in parts:
        for part in read.parts():
            for day, frame in batches.by_day(part, item):
                frames.setdefault(day, []).append(frame)
    frames.setdefault(min(frames, default=batch[0].day), [])
    return {
        day: Digest(sum(map(len, parts)), fold(parts), _NO_PROBLEMS)
        for day, parts in frames.items()
    }


_NO_PROBLEMS = pd.DataFrame()


def _problem(unread: Unread) -> pd.DataFrame:
    """Return the problem of a blob that could not be read."""
    return pd.DataFrame(
        {
            "kind": ["unread"],
            "count": [1],
            "first_line": [0],
            "sample": [""],
            "message": [f"{unread.message} {unread.next_step}"],
            "blob": [unread.blob],
        }
    )
