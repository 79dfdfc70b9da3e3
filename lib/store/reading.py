"""Blobs to what is kept of their rows, a batch at a time, several at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa

from lib import collected, errors
from lib.blobs import Blob, Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.store import batches, copies, growth
from lib.store.batches import Batch, Digest, Fold
from lib.store.files import Growth
from lib.store.shelf import PROFILE, Digests, Shelf
from lib.window import Window

READERS = 4
"""Batches fetched at the same time: enough to hide the network."""

PARSERS = threading.BoundedSemaphore(2)
"""Of these two are parsed at a time, as many as there are cores: each takes memory for its rows."""

LOADERS = 4
"""Kept files loaded at the same time."""

AHEAD = 16
"""Batches under way or waiting to be taken, so that a long window takes no more memory."""

IN_FLIGHT = 32 * 2**20
"""Bytes read at the same time. Rows take some five times as much memory as their text."""

KINDS = collected.KINDS | {
    "unread": collected.Kind(
        "a file that vanished or changed while it was read; look again", "files"
    )
}
"""Every kind of problem that a day can have."""

# Arrow's usual allocator holds on to what was freed by threads that have ended, and every file
# has its own: 14 days of 14,000 rows took 400 MB in place of 290. Windows lacks the other one.
with suppress(NotImplementedError):
    pa.set_memory_pool(pa.jemalloc_memory_pool())

Parts = Iterable[tuple[DayBlob, Collected]]
"""The rows of each blob of a batch."""


def rows(container: Container, blob: Blob) -> Collected:
    """Return the rows of one blob as they were collected, and the problems met."""
    data = container.read(blob.name)
    with PARSERS:
        return collected.read(data, blob.name, fetch=container.read)


def unread(shelf: Shelf, container: Container, found: Sequence[DayBlob]) -> list[DayBlob]:
    """Return the blobs that have to be read: new or changed ones, and what is kept with them.

    The size of one that only has to be read on is that of the rest. What is kept in files
    is held in memory from now on.
    """
    missing = [
        batch
        for batch in batches.batches(found)
        if shelf.get(batches.key(PROFILE, container, batch)) is None
    ]
    if not missing:
        return []
    with ThreadPoolExecutor(LOADERS) as pool:
        left = pool.map(lambda batch: _left(shelf, container, batch), missing)
        return [item for batch in left for item in batch]


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
    """Yield the digests of each batch in turn: from memory, from files, or by reading."""
    largest = max((sum(item.blob.size for item in batch) for batch in every), default=0)
    loaders = ThreadPoolExecutor(LOADERS)
    readers = ThreadPoolExecutor(max(1, min(READERS, IN_FLIGHT // max(largest, 1))))

    def begin(batch: Batch) -> Callable[[], Digests]:
        held: Digests | None = shelf.get(batches.key(label, container, batch))
        if held is not None:
            return lambda: held
        if label != PROFILE:
            return readers.submit(_from_rows, shelf, container, batch, label, fold).result
        loaded: Future[Digests | Future[Digests]] = loaders.submit(load, batch)
        return lambda: _at_last(loaded)

    def load(batch: Batch) -> Digests | Future[Digests]:
        file = shelf.file(container, batch)
        found = shelf.digests(container, batch, file)
        if found is not None:
            return found
        old = shelf.growth(file) if file and file.size and len(batch) == 1 else None
        return readers.submit(_profiles, shelf, container, batch, fold, old)

    under_way: deque[Callable[[], Digests]] = deque()
    try:
        for batch in every:
            under_way.append(begin(batch))
            if len(under_way) == AHEAD:
                yield under_way.popleft()()
        while under_way:
            yield under_way.popleft()()
    finally:
        # Whoever has chosen something else meanwhile does not wait for the rest.
        loaders.shutdown(wait=False, cancel_futures=True)
        readers.shutdown(wait=False, cancel_futures=True)


def _at_last(loaded: Future[Digests | Future[Digests]]) -> Digests:
    found = loaded.result()
    return found.result() if isinstance(found, Future) else found


def _profiles(
    shelf: Shelf,
    container: Container,
    batch: Batch,
    fold: Fold,
    old: tuple[Growth, Digests] | None,
) -> Digests:
    """Return the profiles of a batch, reading what is new of it if it has only grown."""
    grown = old and growth.extended(container, batch[0], *old, fold)
    if grown:
        shelf.keep(container, batch, *grown)
        return grown[0]
    problems: list[pd.DataFrame] = []
    seen: list[Growth | None] = []

    def read() -> Iterator[tuple[DayBlob, Collected]]:
        for item in batch:
            try:
                data = container.read(item.blob.name)
                one = collected.read(data, item.blob.name, fetch=container.read)
            except (errors.NotFound, errors.Changed) as error:
                problems.append(_unread(item.blob, error))
                continue
            if len(batch) == 1:
                seen.append(growth.of(data, item.blob.name, one))
            del data  # it would stay while the rows are summarised
            # One empty frame is enough to have the columns.
            if len(one.problems) or not problems:
                problems.append(one.problems.assign(blob=item.blob.name))
            yield item, one

    digests = _folded(read(), batch, fold)
    found = pd.concat(problems, ignore_index=True)
    whole = "unread" not in set(found["kind"])
    first = min(digests)
    digests = {
        day: replace(one, problems=found if day == first else found.iloc[:0], whole=whole)
        for day, one in digests.items()
    }
    # What is not whole is not kept: the next visit lists again and may find it.
    if whole:
        shelf.keep(container, batch, digests, seen[0] if seen else None)
    return digests


def _from_rows(
    shelf: Shelf, container: Container, batch: Batch, label: object, fold: Fold
) -> Digests:
    """Return what `fold` makes of the rows of a batch, which are kept from now on."""
    parts, whole = copies.of(shelf, container, batch)
    digests = _folded(parts, batch, fold)
    if whole:
        shelf.put(batches.key(label, container, batch), digests)
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


def _unread(blob: Blob, error: errors.DriftlineError) -> pd.DataFrame:
    """Return the problem of a blob that vanished or changed between listing and reading."""
    return pd.DataFrame(
        {
            "kind": ["unread"],
            "count": [1],
            "first_line": [0],
            "sample": [""],
            "message": [str(error)],
            "blob": [blob.name],
        }
    )
