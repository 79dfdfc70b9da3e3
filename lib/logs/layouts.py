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

from lib.blobs import Blob, Container
from lib.errors import NotFound
from lib.logs import schema
from lib.logs.answer import Span

# How much later than their own time rows may be written, and how much earlier where the clock
# of a client is wrong.
_LATE = timedelta(hours=48)
_EARLY = timedelta(hours=1)
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
}
CONTAINERS = {
    f"{prefix}{table.lower()}": table
    for table in schema.tables()
    for prefix in ("insights-logs-", "am-")
}
"""The table in each container that Azure names by itself."""


@dataclass(frozen=True)
class Place:
    """Where rows of one table lie; `prefix` ends where the date begins."""

    container: Container
    prefix: str
    table: str
    is_classic: bool
    is_late: bool  # placed by arrival


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
                yield Place(container, found, table, False, name.startswith("insights-"))
    except NotFound:
        return


def blobs(place: Place, prefix: str) -> Iterator[Blob]:
    """The blobs whose names begin so and hold rows."""
    for blob in place.container.blobs(prefix):
        if _STAMP.match(blob.name, len(place.prefix)):
            yield blob


def is_asked(place: Place, blob: Blob, span: Span) -> bool:
    """Whether a blob may hold rows of a span."""
    found = _STAMP.match(blob.name, len(place.prefix))
    assert found
    year, month, day, hour = (int(part) for part in found.groups() if part is not None)
    try:
        begins = datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:  # no such day
        return False
    first, last = _arrival(place, span)
    return first - _HOUR < begins < last


def prefixes(place: Place, span: Span) -> list[str]:
    """What to list for a span: days, or whole months where many of their days are asked for."""
    months: dict[tuple[int, int], list[date]] = {}
    first, last = _arrival(place, span)
    day = first.date()
    while day <= (last - timedelta(microseconds=1)).date():
        months.setdefault((day.year, day.month), []).append(day)
        day += timedelta(days=1)
    by_month, by_day = ("%Y-%m-", "%Y-%m-%d/") if place.is_classic else _PATTERNS
    return [
        place.prefix + each
        for days in months.values()
        for each in (
            [f"{days[0]:{by_month}}"]
            if len(days) >= _WHOLE_MONTH_DAYS
            else [f"{day:{by_day}}" for day in days]
        )
    ]


_PATTERNS = ("y=%Y/m=%m/", "y=%Y/m=%m/d=%d/")


def _name(container: Container, prefix: str) -> str:
    return f"{container.label}/{prefix}".rstrip("/").rpartition("/")[2]


def _arrival(place: Place, span: Span) -> tuple[datetime, datetime]:
    """When rows of a span may have been written."""
    if not place.is_late:
        return span.first, span.last
    return span.first - _EARLY, span.last + _LATE


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
            yield Place(container, f"{prefix}{name}/", _KINDS[name], True, True)
    if not kinds and deep:
        for name in names:
            yield from _classic(container, f"{prefix}{name}/", tables, deep - 1)
