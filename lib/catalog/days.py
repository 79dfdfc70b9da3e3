"""The blobs of one collection by day: those of a window, the first day and the last."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from lib.catalog.paths import CollectedBlob, Collection, parse
from lib.catalog.walk import AT_ONCE, YEAR, first_collected

if TYPE_CHECKING:
    from lib.blobs import Blob, Container

_TWO_DIGITS = re.compile(r"[0-9]{2}")


@dataclass(frozen=True)
class DayBlob:
    """A blob of collected data and the UTC day on which the `span` that it covers begins.

    With the span "month" or "year" the blob may hold rows from outside the window asked for.
    """

    day: date
    blob: Blob
    span: str

    def touches(self, first: date, last: date) -> bool:
        """Say whether the blob covers any of the days from one to another."""
        until = self.day
        if self.span in ("month", "year"):
            month = 12 if self.span == "year" else self.day.month
            until = date(self.day.year, month, monthrange(self.day.year, month)[1])
        return self.day <= last and until >= first


def blobs(container: Container, collection: Collection, first: date, last: date) -> list[DayBlob]:
    """Return the collection's blobs that cover any of the days `first` to `last`, by name.

    Calls, for a window of one to three days, for one that touches m ≤ 6 months of a year, and
    for one that touches more (a call gives up to 5,000 names, further pages come on top):

    | files                            | d ≤ 3 days in a month | m ≤ 6 months | more of a year |
    |----------------------------------|-----------------------|--------------|----------------|
    | v1 (day, hour)                   | 1                     | m            | 1              |
    | v2 per minute, hour or day       | d                     | m            | 1              |
    | v2 per month                     | d + 1                 | m            | 1              |
    | v2 per year                      | d + 3                 | m + 2        | 1              |
    | v2, nothing there in that window | d + 2                 | m + 1        | 1              |

    Each year counts for itself; a window over more than two of them begins with one call that
    asks which there are. Where v2 changed its rolling rate on the way, a file per month is
    looked for only when the days of a short window have nothing of their own, and a file per
    year only when that year has no months.
    """
    listing = _Listing(container, collection, first, last)
    years = _years(container, collection, first, last)
    found = listing.below(chain.from_iterable(listing.prefixes(year) for year in years))
    if collection.generation == "v2":
        seen = {each.day.year for each in found}
        for year in years:
            found += [] if year in seen else listing.coarser(year)
    return sorted(found, key=lambda each: each.blob.name)


def first_day(container: Container, collection: Collection) -> date | None:
    """Return the oldest day with data, or None; a file per month or year counts from its start.

    Calls: four (years, months, days, that day's blobs). If those folders end early or are
    empty, the year is listed whole, and if that has no data either, the next year's turn comes.
    """
    return _edge(container, collection, newest=False)


def last_day(container: Container, collection: Collection) -> date | None:
    """Return the newest day with data, or None.

    In a file per month or year this is the day of its last change, as far as it lies within.
    Calls: as for `first_day`.
    """
    return _edge(container, collection, newest=True)


@dataclass(frozen=True)
class _Listing:
    """One window of one collection, and the prefixes by which to list it."""

    container: Container
    collection: Collection
    first: date
    last: date

    def prefixes(self, year: int) -> list[str]:
        """Return the prefixes with which to list one year's part of the window."""
        months = self.months(year)
        # A month of v1 fits one page, so it is no dearer than one of its days.
        if self.collection.generation == "v2" and self.is_short:
            days = [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]
            return [self.prefix(f"{day:%Y/%m/%d}") for day in days if day.year == year]
        return months if len(months) <= 6 else [self.prefix(f"{year}")]

    def coarser(self, year: int) -> list[DayBlob]:
        """Return the year's blobs of longer spans than those that `prefixes` finds."""
        months = self.months(year)
        found = self.below(months) if self.is_short else []
        if found or len(months) > 6 or _dated(self.container, self.prefix(f"{year}")):
            return found
        return self.below([self.prefix(f"{year}")])

    def below(self, prefixes: Iterable[str]) -> list[DayBlob]:
        """Return the blobs below some prefixes that belong to the collection and the window."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(chain.from_iterable(pool.map(self._below, prefixes)))

    def _below(self, prefix: str) -> list[DayBlob]:
        return [
            DayBlob(parsed.start.date(), blob, parsed.span)
            for parsed, blob in _collected(self.container, self.collection, prefix)
            if parsed.start.date() <= self.last and parsed.end > _midnight(self.first)
        ]

    def months(self, year: int) -> list[str]:
        """Return the prefixes of the window's months in a year."""
        start = self.first.month if self.first.year == year else 1
        end = self.last.month if self.last.year == year else 12
        return [self.prefix(f"{year}/{month:02}") for month in range(start, end + 1)]

    def prefix(self, dated: str) -> str:
        """Return the prefix of a year, a month or a day such as `2026/03`."""
        return f"{self.collection.prefix}{dated}/"

    @property
    def is_short(self) -> bool:
        """Whether the window has at most three days."""
        return (self.last - self.first).days < 3


def _years(container: Container, collection: Collection, first: date, last: date) -> list[int]:
    """Return the years of the window, asking which exist when there are more than two."""
    years = range(first.year, last.year + 1)
    if len(years) <= 2:
        # An end before the beginning would still share a year with it.
        return list(years) if first <= last else []
    there = {name for name in container.folders(collection.prefix) if YEAR.fullmatch(name)}
    return [year for year in years if str(year) in there]


def _edge(container: Container, collection: Collection, newest: bool) -> date | None:
    """Return the first day with data, or the last."""
    years = [name for name in container.folders(collection.prefix) if YEAR.fullmatch(name)]
    for year in sorted(years, reverse=newest):
        prefix = f"{collection.prefix}{year}/"
        day = _edge_by_folders(container, collection, prefix, newest)
        day = day or _edge_by_names(container, collection, prefix, newest)
        if day:
            return day
    return None


def _edge_by_folders(
    container: Container, collection: Collection, prefix: str, newest: bool
) -> date | None:
    """Return the first or last day of a year if it has a folder with a file of data in it."""
    for _ in ("month", "day"):
        names = _dated(container, prefix)
        if not names:
            return None
        prefix = f"{prefix}{sorted(names, reverse=newest)[0]}/"
    blob = first_collected(container, prefix)
    return blob.start.date() if blob and blob.collection.prefix == collection.prefix else None


def _edge_by_names(
    container: Container, collection: Collection, prefix: str, newest: bool
) -> date | None:
    """Return the first or last day of a year, whatever the layout, by listing it whole."""
    days = (
        _last_day_in(parsed, blob) if newest else parsed.start.date()
        for parsed, blob in _collected(container, collection, prefix)
    )
    return max(days, default=None) if newest else min(days, default=None)


def _last_day_in(parsed: CollectedBlob, blob: Blob) -> date:
    """Return the last day that a blob can hold rows of: its last change, within its span."""
    final = parsed.end - timedelta(microseconds=1)
    return max(parsed.start, min(final, blob.changed or final)).date()


def _collected(
    container: Container, collection: Collection, prefix: str
) -> Iterator[tuple[CollectedBlob, Blob]]:
    """Yield the collection's own files below a prefix."""
    for blob in container.blobs(prefix):
        parsed = parse(blob.name)
        if parsed and parsed.collection.prefix == collection.prefix:
            yield parsed, blob


def _dated(container: Container, prefix: str) -> list[str]:
    """Return the folders below a prefix that can be months or days."""
    return [name for name in container.folders(prefix) if _TWO_DIGITS.fullmatch(name)]


def _midnight(day: date) -> datetime:
    """Return the moment at which a day begins in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
