"""Events with their rows → one frame."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.collected import frame, readings, scoring, values
from lib.collected.payload import Record
from lib.collected.problems import Report
from lib.collected.rows import Places

Keys = tuple[str, ...]


@dataclass
class _Shape:
    """Rows with the same keys: where they are among all rows, and their values."""

    at: list[int] = field(default_factory=list)
    values: list[Sequence[Any]] = field(default_factory=list)


class Events:
    """Collects the events of one file; rows are kept by their keys, so frames may differ."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._counts: list[int] = []
        self._meta: list[tuple[Any, Any, Any]] = []
        self._shapes: dict[Keys, _Shape] = defaultdict(_Shape)
        self._rows = 0

    def add(self, place: int, event: Record, rows: Sequence[Record]) -> None:
        """Add an event (by its line, from 0) and its rows."""
        self._places.append(place)
        self._counts.append(len(rows))
        self._meta.append((event.get("correlationid"), event.get("time"), event.get("xrequestid")))
        for at, row in enumerate(rows, self._rows):
            shape = self._shapes[tuple(row)]
            shape.at.append(at)
            shape.values.append(tuple(row.values()))
        self._rows += len(rows)

    def frame(self, report: Report, day: date | None = None) -> pd.DataFrame:
        """Return all rows as one frame; a column is missing where a row has no such key.

        `day` is that of the file's folder.
        """
        counts = np.array(self._counts, np.int64)
        event = np.repeat(np.arange(len(counts)), counts)
        places = np.array(self._places, np.int64)[event]
        text = [self._meta_text(at).take(pa.array(event)) for at in range(3)]
        scored_at, findings = scoring.times(text[1], day)
        frame.add_findings([("time", found) for found in findings], places, report)
        starts = np.cumsum(counts) - counts
        return frame.build(
            self._features(places, report, readings.seconds_of(scored_at, day)),
            correlation_id=text[0],
            position=np.arange(self._rows) - starts[event],
            scored_at=scored_at,
            request_id=text[2],
        )

    def _meta_text(self, at: int) -> pa.ChunkedArray:
        cells = [meta[at] for meta in self._meta]
        # An event without a time is as wrong as one whose time is none: both are reported.
        return values.text([values.as_text(cell) for cell in cells] if at == 1 else cells)

    def _features(
        self, places: Places, report: Report, near: readings.Floats | None
    ) -> dict[str, pa.ChunkedArray]:
        columns = self._columns(places, report)
        names = frame.unique(map(values.valid, columns), report)
        cells = zip(names, columns.values(), strict=True)
        read = {name: readings.of_values(name, column, near) for name, column in cells}
        return frame.together(read, places, report)

    def _columns(self, places: Places, report: Report) -> Mapping[str, Sequence[Any]]:
        """Return the values by name, None where a row has no such key."""
        if len(self._shapes) == 1:
            [(keys, shape)] = self._shapes.items()
            return dict(zip(keys, zip(*shape.values, strict=True), strict=True))
        rows = Counter[str]()
        for keys, shape in self._shapes.items():
            rows.update(dict.fromkeys(keys, len(shape.at)))
        most = frame.most_columns(self._rows, rows.total())
        kept = {name for name, _ in rows.most_common(most)}
        columns: dict[str, list[Any]] = {name: [None] * self._rows for name in rows if name in kept}
        rest: list[Any] = [None] * self._rows
        for keys, shape in self._shapes.items():
            for key, column in zip(keys, zip(*shape.values, strict=True), strict=True):
                if key in kept:
                    _fill(columns[key], shape.at, column)
                else:
                    _fill_rest(rest, shape.at, column, key)
        beyond = [row for row, value in enumerate(rest) if value is not None]
        if len(kept) < len(rows):
            columns["rest"] = rest
            report.add(
                "rest",
                len(beyond),
                f"The rows have {len(rows):,} different keys; those beyond the {most:,} most "
                "frequent are in the column rest, as one JSON object per row.",
                place=int(places[beyond[0]]) if beyond else None,
            )
        return columns


def _fill(column: list[Any], rows: Sequence[int], cells: Sequence[Any]) -> None:
    for row, cell in zip(rows, cells, strict=True):
        column[row] = cell


def _fill_rest(rest: list[Any], rows: Sequence[int], cells: Sequence[Any], key: str) -> None:
    for row, cell in zip(rows, cells, strict=True):
        rest[row] = {**(rest[row] or {}), key: cell}
