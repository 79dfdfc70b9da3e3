"""The days of a window, their profiles together, and their rows divided by a feature."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from lib import profile
from lib.blobs import Blob, Container
from lib.catalog import DayBlob
from lib.errors import NotReadable
from lib.profile import Profile
from lib.store.batches import Digest, Unread
from lib.store.blob_rows import MOST_REFUSED
from lib.store.reading import NOTES, folded
from lib.store.shelf import PROFILE, Shelf
from lib.window import Window


@dataclass(frozen=True)
class Day:
    """One day of a collection: its blobs, rows, profile, and problems by blob.

    `unread` blobs are not in the rows and the profile; the day is `whole` without any.
    """

    day: date
    container: str
    blobs: tuple[Blob, ...]
    rows: int
    profile: Profile
    problems: pd.DataFrame
    unread: tuple[Unread, ...] = ()
    whole: bool = True
    names: tuple[str, ...] = ()  # lent by a later day, see `names`

    @property
    def readable(self) -> tuple[Blob, ...]:
        """The blobs whose rows are in the numbers."""
        closed = {each.blob for each in self.unread}
        return tuple(blob for blob in self.blobs if blob.name not in closed)

    @property
    def faults(self) -> pd.DataFrame:
        """The problems that are some: without the notes on how columns were read."""
        return self.problems[~self.problems["kind"].isin(NOTES)]

    @property
    def contents(self) -> tuple[object, ...]:
        """What tells it apart from the same day in another state: versions, and what is unread."""
        unread = tuple(each.blob for each in self.unread)
        state = (self.whole, unread, self.names)
        return (self.container, self.day, _versions(self.blobs), *state)


def days(
    shelf: Shelf, container: Container, found: Sequence[DayBlob], window: Window
) -> Generator[Day]:
    """Yield the days of a window that have blobs, in order, reading what is not kept yet.

    `found` is what `catalog.blobs` gave for the window. A blob that cannot be read for a
    reason of its own is left out of its day and named there. Raises what every blob would
    meet (identity, network), and NotReadable if there are blobs and not one could be read.
    Closing the iterator stops the reading.
    """
    closed: list[Unread] = []
    read = 0
    for day, blobs, digests in folded(shelf, container, found, window, PROFILE, _profiled):
        one = _day(shelf, container, day, blobs, digests)
        yield one
        closed += one.unread
        read += len(one.readable)
        if not read and len(closed) >= MOST_REFUSED:
            break
    if closed and not read:
        raise _none_readable(closed)


def _day(
    shelf: Shelf, container: Container, day: date, blobs: tuple[Blob, ...], digests: list[Digest]
) -> Day:
    key = ("day", container.label, day, _versions(blobs))
    several = len(digests) > 1
    kept: Day | None = shelf.get(key) if several else None
    if kept is not None:
        return kept
    problems = [digest.problems for digest in digests]
    one = Day(
        day=day,
        container=container.label,
        blobs=blobs,
        rows=sum(digest.rows for digest in digests),
        profile=profile.merge(digest.kept for digest in digests),
        problems=pd.concat(problems, ignore_index=True) if several else problems[0],
        unread=tuple(each for digest in digests for each in digest.unread),
        whole=all(digest.whole for digest in digests),
    )
    if several and one.whole:
        shelf.put(key, one)
    return one


def _none_readable(closed: Sequence[Unread]) -> NotReadable:
    """Return the error for blobs of which not one could be read."""
    first = closed[0]
    if len(closed) == 1:
        return NotReadable(f"The one file could not be read. {first.message}", first.next_step)
    return NotReadable(
        f"None of the {len(closed):,} files tried could be read. {first.message}", first.next_step
    )


def merged(shelf: Shelf, days: Sequence[Day]) -> Profile:
    """Return the profile of several days of one collection; it is merged once for the same days.

    Days that lack a blob are other days than the same ones with it.
    """
    key = ("merged", *(day.contents for day in days))
    whole: Profile | None = shelf.get(key)
    if whole is None:
        whole = profile.merge(day.profile for day in days)
        shelf.put(key, whole)
    return whole


def splits(
    shelf: Shelf,
    container: Container,
    found: Sequence[DayBlob],
    window: Window,
    by: str,
    values: tuple[str, ...],
) -> Generator[tuple[date, dict[str, Profile]]]:
    """Yield per day the profiles of the rows with each of the `values` of the feature `by`.

    Rows with another value are found under "other", rows without one under
    "missing". The first visit reads the rows again, and keeps them.
    """

    label = ("split", by, values)
    fold = partial(_split, by=by, values=values)
    for day, _, digests in folded(shelf, container, found, window, label, fold):
        yield day, _merged_groups(digest.kept for digest in digests)


def column_type(dtype: Any) -> object:
    """Return a column's type, all numbers as one: without a missing cell they are whole ones."""
    return "number" if dtype.kind in "if" else dtype


def _profiled(frames: Iterable[pd.DataFrame]) -> Profile:
    return profile.merge(profile.profile(frame) for frame in _alike(frames))


def _split(frames: Iterable[pd.DataFrame], by: str, values: tuple[str, ...]) -> dict[str, Profile]:
    return _merged_groups(profile.split(frame, by, values) for frame in _alike(frames))


def _merged_groups(parts: Iterable[dict[str, Profile]]) -> dict[str, Profile]:
    groups: dict[str, list[Profile]] = {}
    for part in parts:
        for name, one in part.items():
            groups.setdefault(name, []).append(one)
    return {name: profile.merge(same) for name, same in groups.items()}


def _alike(frames: Iterable[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return frames of the same columns and types as one; no row gets a column it did not have."""
    groups: dict[object, list[pd.DataFrame]] = {}
    for frame in frames:
        columns = tuple(zip(frame.columns, map(column_type, frame.dtypes), strict=True))
        groups.setdefault(columns, []).append(frame)
    return [pd.concat(same) if len(same) > 1 else same[0] for same in groups.values()]


def _versions(blobs: Sequence[Blob]) -> tuple[tuple[str, str], ...]:
    return tuple((blob.name, blob.etag) for blob in blobs)
