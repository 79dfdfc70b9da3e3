"""What is asked of a telemetry store, and what it answers."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import pandas as pd

from lib.errors import DriftlineError

IN_FLIGHT = 4
"""Queries asked at once; Azure Monitor runs five of one identity and queues the others.

https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits
"""

MOST_ROWS = 500_000
"""Rows of one answer, in Azure Monitor and here alike."""


@dataclass(frozen=True)
class Span:
    """The times [first, last), timezone-aware. Raises ValueError for any other."""

    first: datetime
    last: datetime

    def __post_init__(self) -> None:
        if self.first.tzinfo is None or self.last.tzinfo is None:
            raise ValueError("A span's times must have a timezone.")
        if self.first >= self.last:
            raise ValueError("A span must end after it begins.")
        object.__setattr__(self, "first", self.first.astimezone(UTC))
        object.__setattr__(self, "last", self.last.astimezone(UTC))


@dataclass(frozen=True)
class Answer:
    """The rows of an answer, and how they came about.

    The frame's dtypes follow the columns' KQL types: datetime64[us, UTC]; int64 for int and
    long, or Int64 where some are null; float64 for real and decimal; bool, or boolean with
    nulls; timedelta64[us] for timespan; str for string (never null), guid and dynamic (JSON).
    A partial answer lacks rows, and `reason` says why. `statistics` are the store's own.
    """

    frame: pd.DataFrame
    partial: bool
    reason: str
    statistics: Mapping[str, Any]
    asked_at: datetime
    duration_ms: float
    source: str


class Logs(Protocol):
    """A telemetry store. Its methods raise QueryError and SourceError, with what to do."""

    @property
    def label(self) -> str:
        """Which store this is, for messages and as a cache key. No secret."""

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        """The answer to a KQL query over the rows of a span.

        A query is sliceable if its answer for a span is the answers for the span's parts, one
        below the other: it filters, extends and projects rows, or summarises by time in bins
        that no part cuts. Then an answer that is too large is fetched part by part.
        """

    def run_many(
        self, queries: Mapping[str, str], span: Span
    ) -> dict[str, Answer | DriftlineError]:
        """The answers to several queries, at most four at a time; one's error is its own."""


def together(runs: Mapping[str, Callable[[], Answer]]) -> dict[str, Answer | DriftlineError]:
    """Run queries at once, and keep the error of each beside the answers of the others."""

    def attempt(run: Callable[[], Answer]) -> Answer | DriftlineError:
        try:
            return run()
        except DriftlineError as error:
            return error

    with ThreadPoolExecutor(IN_FLIGHT, "logs") as pool:
        return dict(zip(runs, pool.map(attempt, runs.values()), strict=True))
