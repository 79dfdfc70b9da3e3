"""JSON lines as the data collector of online endpoints (v2) writes them → the tidy frame.

One line is one CloudEvents 1.0 event whose `data` are the rows. Requests close in time
share a line and a correlation id, so a row is known by correlation id and position.
https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data
"""

import io
import json
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from typing import Any

import pandas as pd

from lib.collected import payload, references, scoring
from lib.collected.events import Events
from lib.collected.payload import Record
from lib.collected.problems import Report, UnusableError, number_of

Fetch = Callable[[str], bytes]

_NOUNS = {"no_rows": "event", "repeated_event": "event", "not_readable": "event"} | {
    "payload": "row",
    "no_header": "row",
    "json_in_json": "row",
}


_decode = json.JSONDecoder().decode


def read(data: bytes, name: str, fetch: Fetch | None, report: Report) -> pd.DataFrame:
    """Read JSON lines of valid UTF-8; `name` and `fetch` find payloads kept elsewhere."""
    events = Events()
    remarks = _Remarks()
    ids: set[Any] = set()
    # Only \n ends a line: JSON may hold the other separators that splitlines() knows.
    for place, line in enumerate(io.BytesIO(data)):
        if not line.strip():
            continue
        try:
            event = _event(line)
            rows = _rows(event, name, fetch, place, remarks)
        except UnusableError as problem:
            remarks.add(problem.kind, problem.why, place)
            continue
        events.add(place, event, rows)
        if (event_id := str(event.get("id"))) in ids and "id" in event:
            remarks.add("repeated_event", "with an id seen before; all are kept", place)
        ids.add(event_id)
    if not data.strip():
        report.add("no_rows", 1, "The file is empty.")
    remarks.report(report)
    result = events.frame(report, scoring.day_of(name))
    report.locate(lambda places: _located(data, places))
    return result


class _Remarks:
    """What was noted about lines: how often, and where first."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = defaultdict(int)
        self._first: dict[tuple[str, str], int] = {}

    def add(self, kind: str, words: str, place: int, count: int = 1) -> None:
        self._counts[kind, words] += count
        self._first.setdefault((kind, words), place)

    def report(self, report: Report) -> None:
        for (kind, words), count in self._counts.items():
            noun = number_of(count, _NOUNS.get(kind, "line"))
            report.add(kind, count, f"{noun} {words}.", place=self._first[kind, words])


def _event(line: bytes) -> Record:
    try:
        event = _decode(line.decode())
    except (ValueError, RecursionError):
        if line.endswith(b"\n"):
            raise UnusableError("bad_line", "left out: not JSON") from None
        raise UnusableError("torn_line", "left out: the last line was cut short") from None
    if not isinstance(event, dict) or not event.keys() & {"data", "dataref"}:
        raise UnusableError("not_an_event", "left out: JSON, but with neither data nor dataref")
    return event


def _rows(
    event: Record, name: str, fetch: Fetch | None, place: int, remarks: _Remarks
) -> list[Record]:
    """Return the rows of an event. Raises UnusableError."""
    data = event.get("data")
    if str(event.get("datainblob")).lower() == "true":
        raise UnusableError("not_readable", "left out: the data are binary, in a blob of their own")
    if data is None and event.get("dataref") is not None:
        data = references.fetched(event["dataref"], name, fetch)
    rows = [] if data is None else payload.table(data)
    if rows is None:
        remarks.add("payload", "kept as text in the column payload: the data are no table", place)
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        return [{"payload": text}]
    if not rows:
        remarks.add("no_rows", "without rows", place)
    if payload.is_json_text(data):
        remarks.add("json_in_json", "as JSON inside a JSON string; decoded", place, len(rows))
    if rows and not payload.has_names(data):
        words = "without names; features are called col_0, col_1, …"
        remarks.add("no_header", words, place, len(rows))
    return rows


def _located(data: bytes, places: list[int]) -> dict[int, tuple[int, str]]:
    """Return for lines (by place) their number from 1, and their text."""
    found = {}
    lines = io.BytesIO(data)
    at = 0
    for place in places:
        line = next(islice(lines, place - at, None))
        found[place] = place + 1, line.decode()
        at = place + 1
    return found
