"""Typed columns → the tidy frame: features in their order, then the metadata columns."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import readings, types, vectors
from lib.collected.problems import KINDS, Report, number_of, some
from lib.collected.readings import Column
from lib.collected.rows import Places
from lib.collected.types import Finding

META = ("correlation_id", "position", "scored_at", "request_id")

NO_REQUEST = "00000000-0000-0000-0000-000000000000"
"""What the collector writes as request id when it knows none."""

MOST_CELLS = 20_000_000
MOST_COLUMNS = 10_000
"""A frame may have more columns or cells than these only if the file does name them."""

_FEW_ROWS = 2_000
"""Rows below which threads cost more than they save."""

_THREADS = min(4, os.cpu_count() or 1)


def most_columns(rows: int, cells: int) -> int:
    """How many columns without a name of their own a frame may have.

    A few very wide rows among many narrow ones make a frame that is far larger than
    the file: 100,000 rows and one of 5,000 cells would be 4 GB of missing values.
    """
    return max(1, min(MOST_COLUMNS, max(MOST_CELLS, 4 * cells) // max(rows, 1)))


def unique(names: Iterable[str], report: Report, place: int | None = None) -> list[str]:
    """Return names that are all different, none empty or one of `META`, and report the changes."""
    wanted = [readings.name_in_one_form(name) for name in names]
    taken, given = {*META, *wanted}, set(META)
    result, changed = [], []
    for at, name in enumerate(wanted):
        new, k = name or f"col_{at}", 0
        while new in given or (new != name and new in taken):
            k += 1
            new = f"{name or f'col_{at}'}.{k}"
        given.add(new)
        result.append(new)
        if new != name:
            changed.append(f"{name or '(no name)'} → {new}")
    if changed:
        report.add(
            "renamed",
            len(changed),
            f"{number_of(len(changed), 'column')} renamed because the name was empty, "
            f"used twice or reserved: {some(changed)}.",
            place=place,
        )
    return result


def typed(
    columns: Mapping[str, pa.ChunkedArray],
    places: Places,
    report: Report,
    near: readings.Floats | None = None,
) -> dict[str, pa.ChunkedArray]:
    """Give each column of text its type (see `types`, `readings`) and report what that cost.

    `places` are those of the rows, for the report; `near` when they were scored, in seconds
    since 1970. Behind a column of vectors come their lengths and norms.
    """

    def read(name: str) -> Column:
        return readings.of_text(name, columns[name], near)

    if len(places) < _FEW_ROWS:
        return together({name: read(name) for name in columns}, places, report)
    with ThreadPoolExecutor(_THREADS) as pool:
        results = dict(zip(columns, pool.map(read, columns), strict=True))
    return together(results, places, report)


def together(
    results: Mapping[str, Column], places: Places, report: Report
) -> dict[str, pa.ChunkedArray]:
    """Return typed columns by name, lengths and norms behind vectors, and report on all."""
    findings = [(name, found) for name, column in results.items() for found in column.findings]
    add_findings(findings, places, report)
    cells: dict[str, pa.ChunkedArray] = {}
    for name, column in results.items():
        cells[name] = column.cells
        if column.vectors and not results.keys() & set(vectors.names(name)):
            cells |= dict(zip(vectors.names(name), column.vectors, strict=True))
    return cells


def add_findings(findings: Iterable[tuple[str, Finding]], places: Places, report: Report) -> None:
    """Report what was found in columns, one line per kind."""
    every = list(findings)
    for kind, message in _MESSAGES.items():
        found = [(name, f) for name, f in every if f.kind == kind]
        if found:
            most = _MOST_READINGS if KINDS[kind].note else 5
            where = some((f"{name} ({f.words or f'{f.count:,}'})" for name, f in found), most)
            report.add(
                kind,
                max(f.count for _, f in found),
                message.format(where=where),
                place=int(places[min(f.row for _, f in found)]),
            )


_MOST_READINGS = 50
"""Columns that are named with how they were read: more than of what is merely wrong."""


_MESSAGES = {
    "mixed_types": "Some columns hold values of different types and stay text: {where}.",
    "large_integers": "Some columns hold missing cells and integers beyond 2^53, which no number "
    "type here can hold together; they stay text: {where}.",
    "rounded": "Integers that floating point cannot hold exactly were rounded to some 16 digits: "
    "{where}.",
    "number_writing": "Numbers not in plain writing: {where}.",
    "date_writing": "Dates and times not in the usual writing: {where}.",
    "list_values": "Values that Python wrapped: {where}.",
    "vectors": "Lists of numbers are judged by their length and norm: {where}.",
    "unclear_writing": "Some columns stay text because they can be read in two ways: {where}.",
    "bad_time": "The time of scoring is no time in some rows; they are kept without one: {where}.",
}


def build(
    features: Mapping[str, pa.ChunkedArray],
    correlation_id: pa.ChunkedArray,
    position: npt.NDArray[np.int64],
    scored_at: pa.ChunkedArray,
    request_id: pa.ChunkedArray,
) -> pd.DataFrame:
    """Put typed columns with unique names and the metadata together as a frame."""
    columns = {
        **features,
        "correlation_id": correlation_id,
        "position": pa.chunked_array([pa.array(position, pa.int64())]),
        "scored_at": scored_at,
        "request_id": types.without(request_id, lambda cells: pc.equal(cells, NO_REQUEST)),
    }
    table = pa.table([_in_parts(column) for column in columns.values()], list(columns))
    # One block per column spares a second copy of the whole frame while it is made.
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _in_parts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cut a column of one chunk in two: pandas would only borrow it, and could not write to it."""
    if column.num_chunks != 1:
        return column
    return pa.chunked_array([column.chunk(0)[:1], column.chunk(0)[1:]])


def positions(correlation_id: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Number the rows of each request: a running count while the correlation id stays.

    Rows without an id are 0.
    """
    ids = correlation_id.combine_chunks()
    rows = np.arange(len(ids))
    starts = np.ones(len(ids), bool)
    starts[1:] = np.asarray(pc.fill_null(pc.not_equal(ids[1:], ids[:-1]), True))
    return rows - np.maximum.accumulate(np.where(starts, rows, 0))
