r"""The typing rule: what a column of text is.

A column is a number, a boolean or a time only if EVERY present cell is one;
otherwise it stays text, so nothing is lost. An empty cell is missing.

* int64: `-?digits` without leading zeros, none missing, all within 64 bits.
* float64: the same, perhaps with `.digits` and an exponent as Python and pandas write them
  (`5.`, `1e-20`, `1.5E+30`), `nan` (missing), `inf`, `-inf`; also integers with missing cells,
  unless float64 would round them (beyond 2^53): then the column stays text.
* bool: `True` and `False`, none missing; with missing cells it stays text.
* datetime64[us, UTC]: `YYYY-MM-DD`, or that with `[ T]HH:MM:SS[.f][Z|±hh:mm]`; without a
  zone it is UTC. Digits past the microsecond are cut.
* A column with no present cell is float64, all missing.

`01234`, `+5`, ` 5`, `.5`, `1_000`, `0x1F`, `NaN`, `NA`, `NULL`, `1,5`, `Infinity`
are text.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

EXACT = 2**53
"""From here on float64 does not hold every integer."""

_INTEGER = r"-?(?:0|[1-9][0-9]*)"
_NUMBER = rf"{_INTEGER}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|nan|-?inf"
TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
TIMESTAMP = pa.timestamp("us", "UTC")
_FIRST = pa.scalar(dt.datetime.min, pa.timestamp("us")).cast(TIMESTAMP)
_LAST = pa.scalar(dt.datetime.max, pa.timestamp("us")).cast(TIMESTAMP)

_SHORT = pa.array([len("2026-03-01 10"), len("2026-03-01 10:00")], pa.int32())
_FEW_CELLS = 100
_NO_FRACTION = np.array([chr(byte) not in ".eE" for byte in range(256)])


@dataclass(frozen=True)
class Finding:
    """What to say of a column: a kind of problem, how many rows, the first one, and more words."""

    kind: str
    count: int
    row: int
    words: str = ""


def typed(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Finding | None]:
    """Give a column of text (missing = null) the one type that all its cells have."""
    first = _first(column)
    if first is None:
        return pa.chunked_array([pa.nulls(len(column), pa.float64())]), None
    if re.fullmatch(_NUMBER, first):
        return _numbers(column)
    if first in ("True", "False"):
        return _booleans(column), None
    if re.fullmatch(TIME, first):
        return times(column), None
    return column, None


def times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of text as times if every present cell is one, else as it is."""
    parsed = _as_times(column)
    return column if parsed is None else parsed


def times_or_missing(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Finding | None]:
    """Return text as times, whatever is no time as missing, and how much that was."""
    parsed = _as_times(column)
    if parsed is not None:
        return parsed, None
    text = without(column, lambda cells: pc.invert(matches(cells, TIME))).to_pandas()
    parsed = _from_pandas(pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce"))
    parsed = pc.if_else(_in_calendar(parsed), parsed, pa.scalar(None, TIMESTAMP))
    bad = np.asarray(pc.and_(pc.is_valid(column), pc.is_null(parsed)))
    return parsed, Finding("bad_time", int(bad.sum()), int(bad.argmax()))


def looks_like_value(cell: str) -> bool:
    """Whether a cell on its own is a number, a boolean, a time or missing, and so no name."""
    return not cell or cell in ("True", "False") or bool(re.fullmatch(f"{_NUMBER}|{TIME}", cell))


def is_integer(cell: str) -> bool:
    """Whether a cell is an integer as the rule has it."""
    return bool(re.fullmatch(_INTEGER, cell))


def without(
    column: pa.ChunkedArray, is_unwanted: Callable[[pa.Array], pa.BooleanArray]
) -> pa.ChunkedArray:
    """Return a column of text whose unwanted cells are missing.

    Not by `if_else`: given a slice of strings, pyarrow 22 and 23 return offsets that point
    past the text.
    """
    nothing = pa.scalar(None, column.type)
    chunks = [
        pc.replace_with_mask(cells, pc.fill_null(is_unwanted(cells), False), nothing)
        for cells in column.chunks
    ]
    return pa.chunked_array(chunks, column.type)


def matches(column: pa.Array | pa.ChunkedArray, pattern: str) -> Any:
    """Return which cells are the pattern from end to end; missing where the cell is."""
    return pc.match_substring_regex(column, f"^(?:{pattern})$")


def is_rounded(value: int) -> bool:
    """Whether float64 holds another number than this integer."""
    try:
        return int(float(value)) != value
    except OverflowError:
        return True


def _first(column: pa.ChunkedArray) -> str | None:
    for chunk in column.chunks:
        if chunk.null_count < len(chunk):
            text: str = chunk[pc.index(chunk.is_valid(), True).as_py()].as_py()
            return text
    return None


def _all(mask: pa.ChunkedArray) -> bool:
    return bool(pc.all(mask, min_count=0).as_py())


def _cast(column: pa.ChunkedArray, kind: Any) -> pa.ChunkedArray | None:
    try:
        return column.cast(kind)
    except pa.ArrowInvalid:
        return None


def _numbers(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Finding | None]:
    # Arrow's casts come before the pattern, which then refuses what only Arrow takes for a
    # number (`007`, `0x1F`, `+5`). One that fails is slow, since it words an error for every
    # cell that it fails for: a few cells tell first whether whole numbers are worth a try.
    whole = not column.null_count and _cast(column[:_FEW_CELLS], pa.int64()) is not None
    integers = _cast(column, pa.int64()) if whole else None
    numbers = _cast(column, pa.float64()) if integers is None else integers
    if numbers is None or not (_begin_plainly(column) or _all(matches(column, _NUMBER))):
        return column, None
    return (numbers, None) if integers is not None else _without_loss(column, numbers)


def _begin_plainly(column: pa.ChunkedArray) -> bool:
    """Whether all cells begin like a number by the rule: with a digit, and no needless 0.

    Of what Arrow casts to a number, all that the rule refuses begins otherwise. This
    looks at three bytes per cell and takes a fifth of the time of the pattern.
    """
    return all(_begins_plainly(chunk) for chunk in column.chunks if len(chunk))


def _begins_plainly(cells: pa.StringArray) -> bool:
    _, offsets, text = cells.buffers()
    bounds = np.frombuffer(offsets, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    starts, ends = bounds[:-1], bounds[1:]
    if cells.null_count:
        present = ends > starts
        starts, ends = starts[present], ends[present]
    data = np.frombuffer(text or b"", np.uint8)
    lead = data[starts]
    minus = lead == ord("-")
    if minus.any():
        starts = starts + minus
        lead = data[starts]
    if (lead - ord("0") > 9).any():
        return False
    zeros = np.flatnonzero((lead == ord("0")) & (ends - starts > 1))
    return not _NO_FRACTION[data[starts[zeros] + 1]].any()


def _without_loss(
    text: pa.ChunkedArray, floats: pa.ChunkedArray
) -> tuple[pa.ChunkedArray, Finding | None]:
    """Keep the text of integers that float64 would round, if they are all integers."""
    size = pc.max(pc.abs(floats)).as_py()
    if size is None or not size >= EXACT:
        return floats, None
    large = pc.and_kleene(pc.greater_equal(pc.abs(floats), float(EXACT)), pc.is_finite(floats))
    rows = np.flatnonzero(np.asarray(pc.fill_null(large, False)))
    cells = text.take(pa.array(rows)).to_pylist()
    pairs = zip(rows.tolist(), cells, strict=True)
    rounded = [row for row, cell in pairs if is_integer(cell) and is_rounded(int(cell))]
    if not rounded:
        return floats, None
    has_missing = text.null_count > 0 or _any_nan(floats)
    if has_missing and _all(matches(text, f"{_INTEGER}|nan")):
        return text, Finding("large_integers", len(rounded), rounded[0])
    return floats, Finding("rounded", len(rounded), rounded[0])


def _any_nan(floats: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.is_nan(floats), min_count=0).as_py())


def _booleans(column: pa.ChunkedArray) -> pa.ChunkedArray:
    words = pa.array(["True", "False"], column.type)
    if column.null_count or not _all(pc.is_in(column, value_set=words)):
        return column
    return pc.equal(column, "True")


def _as_times(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    first = _first(column)
    if first is not None and not re.fullmatch(TIME, first):
        return None
    local = _cast(column, pa.timestamp("us"))
    parsed = _cast(column, TIMESTAMP) if local is None else local.cast(TIMESTAMP)
    if (local is None or _any_short(column)) and not _all(matches(column, TIME)):
        return None
    if parsed is None:
        # Left over: zones on some cells only, or nanoseconds.
        try:
            parsed = _from_pandas(pd.to_datetime(column.to_pandas(), utc=True, format="ISO8601"))
        except ValueError:
            return None
    return parsed if _all(_in_calendar(parsed)) else None


def _in_calendar(stamps: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which times are in the years 1 to 9999, that is, can be shown."""
    return pc.and_(pc.greater_equal(stamps, _FIRST), pc.less_equal(stamps, _LAST))


def _any_short(column: pa.ChunkedArray) -> bool:
    """Whether there may be hours without minutes or seconds, which Arrow takes for times."""
    length = pc.binary_length(column)
    return bool(pc.any(pc.is_in(length, _SHORT), min_count=0).as_py())


def _from_pandas(stamps: "pd.Series[Any]") -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(stamps.dt.as_unit("us"), TIMESTAMP)])
