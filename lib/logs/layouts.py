"""Where exported telemetry lies: the three ways in which Azure has written it to blobs.

* Diagnostic settings: container `insights-logs-<table>`, an append blob per hour, by the time
  of arrival. https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs
* Data export of a workspace: container `am-<table>`, append blobs per five minutes, by
  TimeGenerated. https://learn.microsoft.com/azure/azure-monitor/logs/logs-data-export
* Continuous export of a classic component (until 2024): any container, a folder per
  application and kind, by the time of delivery.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from lib.blobs import Blob, Container
from lib.errors import NotFound
from lib.logs import schema
from lib.logs.answer import Span

# How much later than their own time rows may be written, and how much earlier where the clock
# of a client is wrong. These are Azure's own limits: it gives other rows the time of arrival. A
# row beyond them is left out and counted: whether it was found would hang on what else was asked.
_LATE = timedelta(hours=48)
_EARLY = timedelta(hours=24)
_HOUR = timedelta(hours=1)
# Folders on the way to the dates, as many as a resource's id has parts and some more.
_DEEPEST = 14
# From this many days of a month on its blobs are listed together.
_WHOLE_MONTH_DAYS = 7

_STAMP = re.compile(r"y=(\d{4})/m=(\d\d)/d=(\d\d)/h=(\d\d)/|(\d{4})-(\d\d)-(\d\d)/(\d\d)/")
_KINDS = {
    "Requests": "AppRequests",
    "RemoteDependency": "AppDependencies",
    "Rdd": "AppDependencies",
    "Exceptions": "AppExceptions",
    "Messages": "AppTraces",
    "Event": "AppEvents",
    "Metrics": "AppMetrics",
    "PageViews": "AppPageViews",
    "Availability": "AppAvailabilityResults",
    "PerformanceCounters": "AppPerformanceCounters",
}
CONTAINERS = {
    f"{prefix}{table.lower()}": table
    for table in schema.tables()
    for prefix in ("insights-logs-", "am-")
}
"""The table in each container that Azure names by itself."""


Layout = Literal["diagnostic", "export", "classic"]


@dataclass(frozen=True)
class Place:
    """Where rows of one table lie; `prefix` ends where the date begins."""

    container: Container
    prefix: str
    table: str
    layout: Layout


def may_hold(container: Container, prefix: str, table: str) -> bool:
    """Whether a container's name allows for rows of a table."""
    return CONTAINERS.get(_name(container, prefix), table) == table


def places(container: Container, prefix: str, tables: list[str]) -> Iterator[Place]:
    """The places of these tables in a container; none where there is no such container."""
    name = _name(container, prefix)
    table = CONTAINERS.get(name)
    try:
        if table is None:
            yield from _classic(container, prefix, tables)
        elif table in tables:
            for found in _dated(container, prefix, _DEEPEST):
                layout: Layout = "diagnostic" if name.startswith("insights-") else "export"
                yield Place(container, found, table, layout)
    except NotFound:
        return


def blobs(place: Place, prefix: str) -> Iterator[Blob]:
    """The blobs whose names begin so and hold rows."""
    for blob in place.container.blobs(prefix):
        if _STAMP.match(blob.name, len(place.prefix)):
            yield blob


def is_asked(place: Place, blob: Blob, span: Span) -> bool:
    """Whether a blob may hold rows of a span."""
    first, last = times(place, blob)
    return span.first < last and first < span.last


def times(place: Place, blob: Blob) -> tuple[datetime, datetime]:
    """From when until when the rows of a blob may be; never, if its name has no real hour."""
    found = _STAMP.match(blob.name, len(place.prefix))
    assert found
    year, month, day, hour = (int(part) for part in found.groups() if part is not None)
    try:
        begins = datetime(year, month, day, hour, tzinfo=UTC)
        if place.layout == "export":
            return begins, begins + _HOUR
        return begins - _LATE, begins + _HOUR + _EARLY
    except (ValueError, OverflowError):
        return _NEVER, _NEVER


def prefixes(place: Place, span: Span) -> list[str]:
    """What to list for a span: days, or whole months where many of their days are asked for."""
    months: dict[tuple[int, int], list[date]] = {}
    first, last = _arrival(place, span)
    day = first.date()
    while day <= (last - timedelta(microseconds=1)).date():
        months.setdefault((day.year, day.month), []).append(day)
        day += timedelta(days=1)
    by_month, by_day = ("%Y-%m-", "%Y-%m-%d/") if place.layout == "classic" else _PATTERNS
    return [
        place.prefix + each
        for days in months.values()
        for each in (
            [f"{days[0]:{by_month}}"]
            if len(days) >= _WHOLE_MONTH_DAYS
            else [f"{day:{by_day}}" for day in days]
        )
    ]


# No blob has rows of other times, and listing takes a call for each month.
_OLDEST = datetime(2010, 1, 1, tzinfo=UTC)
_NEWEST = datetime(2110, 1, 1, tzinfo=UTC)
_NEVER = datetime.min.replace(tzinfo=UTC)
_PATTERNS = ("y=%Y/m=%m/", "y=%Y/m=%m/d=%d/")


def _name(container: Container, prefix: str) -> str:
    return f"{container.label}/{prefix}".rstrip("/").rpartition("/")[2]


def _arrival(place: Place, span: Span) -> tuple[datetime, datetime]:
    """When rows of a span may have been written; never before telemetry was exported at all."""
    early, late = (timedelta(), timedelta()) if place.layout == "export" else (_EARLY, _LATE)
    first, last = max(span.first, _OLDEST), min(span.last, _NEWEST)
    return first - early, last + late


def _dated(container: Container, prefix: str, deep: int) -> Iterator[str]:
    """The prefixes whose next folder is a year."""
    names = container.folders(prefix)
    if any(re.fullmatch(r"y=\d{4}", name) for name in names):
        yield prefix
    elif deep:
        for name in names:
            yield from _dated(container, f"{prefix}{name}/", deep - 1)


def _classic(
    container: Container, prefix: str, tables: list[str], deep: int = 2
) -> Iterator[Place]:
    names = container.folders(prefix)
    kinds = [name for name in names if name in _KINDS]
    for name in kinds:
        if _KINDS[name] in tables:
            yield Place(container, f"{prefix}{name}/", _KINDS[name], "classic")
    if not kinds and deep:
        for name in names:
            yield from _classic(container, f"{prefix}{name}/", tables, deep - 1)
