"""Blobs that are read and kept together, and what is made of their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from lib.blobs import Container
from lib.catalog import DayBlob

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


@dataclass(frozen=True)
class Unread:
    """A blob that could not be read, and why; `lasting` if a second look is worth little."""

    blob: str
    message: str
    next_step: str
    lasting: bool


@dataclass(frozen=True)
class Digest:
    """What is kept of a batch's rows of one day.

    `whole` if every blob could be read; the others stand in `unread`, with the batch's first day.
    """

    rows: int
    kept: Any
    problems: pd.DataFrame
    whole: bool = True
    unread: tuple[Unread, ...] = ()


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


def by_day(frame: pd.DataFrame, item: DayBlob) -> Iterator[tuple[date, pd.DataFrame]]:
    """Yield the rows by day: that of the path, or of their time where the path leaves it open."""
    if item.span not in MANY_DAYS:
        yield item.day, frame
        return
    yield from frame.groupby(frame["scored_at"].dt.date.fillna(item.day))


def key(label: object, container: Container, batch: Batch) -> object:
    """Return what a batch is known by in memory; it is another one for each version of a blob."""
    return (label, container.label, *((item.blob.name, item.blob.etag) for item in batch))


def file_name(container: Container, batch: Batch, ending: str) -> str:
    """Return the name of a batch's kept file: the same for each version of its blobs.

    So what a batch has grown to takes the place of what it was.
    """
    first = f"{container.label}\n{batch[0].blob.name}"
    return f"{hashlib.sha256(first.encode()).hexdigest()[:32]}.{ending}.parquet"


def versions(batch: Batch) -> list[tuple[str, str]]:
    """Return the name and the ETag of each blob."""
    return [(item.blob.name, item.blob.etag) for item in batch]
