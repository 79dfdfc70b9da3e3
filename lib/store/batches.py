"""Blobs to what is kept of their rows, a batch at a time, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from lib import collected, errors
from lib.blobs import Blob, Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.store.memory import Memory
from lib.window import Window

READERS = 4
"""Batches read at the same time: enough to hide the network, few enough for two cores."""

IN_FLIGHT = 32 * 2**20
"""Bytes read at the same time. Rows take some five times as much memory as their text."""

SMALL = 4 * 2**20
"""Bytes up to which blobs of one day are read together.

An endpoint writes a file per hour and instance, most of them a few kB: what each costs to
summarise for itself is then many times what its rows cost.
"""

MANY_DAYS = ("month", "year")
"""Spans of blobs whose rows tell the day, since their path does not."""

Batch = tuple[DayBlob, ...]
"""Blobs of one day that are read and kept together."""

Fold = Callable[[list[pd.DataFrame]], Any]
"""What is made of the rows of a batch and one day; frames have the columns that their rows have."""


KINDS = collected.KINDS | {
    "unread": collected.Kind(
        "a file that vanished or changed while it was read; look again", "files"
    )
}
"""Every kind of problem that a day can have."""


@dataclass(frozen=True)
class Digest:
    """What is kept of a batch's rows of one day; `whole` if every blob could be read."""

    rows: int
    kept: Any
    problems: pd.DataFrame
    whole: bool = True


def rows(container: Container, blob: Blob) -> Collected:
    """Return the rows of one blob as they were collected, and the problems met."""
    return collected.read(container.read(blob.name), blob.name, fetch=container.read)


def batches(found: Sequence[DayBlob]) -> list[Batch]:
    """Return the blobs in order of days and names, small ones of a day together."""
    made: list[list[DayBlob]] = []
    left = 0  # bytes that the last batch still takes
    for item in sorted(found, key=lambda item: (item.day, item.blob.name)):
        alone = item.span in MANY_DAYS
        if made and made[-1][0].day == item.day and item.blob.size <= left and not alone:
            made[-1].append(item)
        else:
            made.append([item])
            left = -1 if alone else SMALL
        left -= item.blob.size
    return [tuple(items) for items in made]


def unread(memory: Memory, container: Container, found: Sequence[DayBlob]) -> list[DayBlob]:
    """Return the blobs that have to be read: new or changed ones, and what is kept with them."""
    return [
        item
        for batch in batches(found)
        if memory.get(_key("profile", container, batch)) is None
        for item in batch
    ]


def folded(
    memory: Memory,
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
    every = batches(found)
    waiting: dict[date, list[tuple[Batch, Digest]]] = {}
    largest = max((sum(item.blob.size for item in batch) for batch in every), default=0)
    pool = ThreadPoolExecutor(max(1, min(READERS, IN_FLIGHT // max(largest, 1))))
    try:
        pending = [_kept(pool, memory, container, batch, label, fold) for batch in every]
        for at, (batch, digests) in enumerate(zip(every, pending, strict=True)):
            for day, digest in digests().items():
                waiting.setdefault(day, []).append((batch, digest))
            until = every[at + 1][0].day if at + 1 < len(every) else date.max
            for day in sorted(day for day in waiting if day < until):
                parts = waiting.pop(day)
                if day in window:
                    blobs = tuple(item.blob for batch, _ in parts for item in batch)
                    yield day, blobs, [digest for _, digest in parts]
    finally:
        # Whoever has chosen something else meanwhile does not wait for the rest.
        pool.shutdown(wait=False, cancel_futures=True)


def _kept(
    pool: ThreadPoolExecutor,
    memory: Memory,
    container: Container,
    batch: Batch,
    label: object,
    fold: Fold,
) -> Callable[[], dict[date, Digest]]:
    """Return how to get what is kept of a batch by day; reading begins if it has to be read."""
    key = _key(label, container, batch)
    kept: dict[date, Digest] | None = memory.get(key)
    if kept is not None:
        return lambda: kept
    return pool.submit(_digests, memory, container, batch, key, fold).result


def _digests(
    memory: Memory, container: Container, batch: Batch, key: object, fold: Fold
) -> dict[date, Digest]:
    """Read a batch and return what is kept of it by day."""
    frames: dict[date, list[pd.DataFrame]] = {}
    problems = []
    whole = True
    for item in batch:
        try:
            read = rows(container, item.blob)
        except (errors.NotFound, errors.Changed) as error:
            whole = False
            problems.append(_unread(item.blob, error))
            continue
        # One empty frame is enough to have the columns.
        if len(read.problems) or not problems:
            problems.append(read.problems.assign(blob=item.blob.name))
        for part in read.parts():
            for day, frame in _by_day(part, item):
                frames.setdefault(day, []).append(frame)
    found = pd.concat(problems, ignore_index=True)
    first = min(frames, default=batch[0].day)
    frames.setdefault(first, [])
    digests = {
        day: Digest(
            sum(map(len, parts)),
            fold(parts),
            found if day == first else found.iloc[:0],
            whole,
        )
        for day, parts in frames.items()
    }
    # What is not whole is not kept: the next visit lists again and may find it.
    if whole:
        memory.put(key, digests)
    return digests


def _by_day(frame: pd.DataFrame, item: DayBlob) -> Iterator[tuple[date, pd.DataFrame]]:
    """Yield the rows by day: that of the path, or of their time where the path leaves it open."""
    if item.span not in MANY_DAYS:
        yield item.day, frame
        return
    yield from frame.groupby(frame["scored_at"].dt.date.fillna(item.day))


def _key(label: object, container: Container, batch: Batch) -> object:
    return (label, container.label, *((item.blob.name, item.blob.etag) for item in batch))


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
