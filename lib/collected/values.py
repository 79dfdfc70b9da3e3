"""The typing rule for JSON, where values have types already: what a column of them is.

* Integers are int64; with missing values, or beyond 64 bits, float64. Where that would
  round integers of a column with missing values, it stays text.
* Integers and other numbers together are float64. `true` and `false` are bool, with
  missing values the text `True`, `False`.
* Text stays text, `"5"` too, except that times become times (see `types`).
* Lists and objects are their JSON text. A column of different types is text:
  strings as they are, all else as JSON, and it is reported.
* A column of missing values only is float64.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from lib.collected import types
from lib.collected.types import Finding

NAMES = {bool: "true or false", int: "number", float: "number", str: "text"}


def typed(values: Sequence[Any]) -> tuple[pa.ChunkedArray, Finding | None]:
    """Give JSON values the one type that all of them have; missing is None."""
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.chunked_array([pa.nulls(len(values), pa.float64())]), None
    if kinds == {bool}:
        return _booleans(values), None
    if kinds <= {int, float}:
        return _numbers(values, kinds == {int})
    if kinds == {str}:
        return types.times(text(values)), None
    return text(values), None if kinds <= {list, dict} else _mixed(values)


def text(values: Sequence[Any]) -> pa.ChunkedArray:
    """Return values as text: strings as they are, True and False, all else as JSON."""
    if not set(map(type, values)) <= {str, type(None)}:
        values = [value if value is None else as_text(value) for value in values]
    try:
        return pa.chunked_array([pa.array(values, pa.string())])
    except UnicodeEncodeError:
        words = [value if value is None else valid(value) for value in values]
        return pa.chunked_array([pa.array(words, pa.string())])


def as_text(value: Any) -> str:
    """Return a value as text: a string as it is, True and False, all else as JSON."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def valid(word: str) -> str:
    """Replace what JSON can say and UTF-8 cannot: half a surrogate pair."""
    return word.encode(errors="replace").decode()


def _booleans(values: Sequence[Any]) -> pa.ChunkedArray:
    return text(values) if None in values else pa.chunked_array([pa.array(values, pa.bool_())])


def _numbers(values: Sequence[Any], integers: bool) -> tuple[pa.ChunkedArray, Finding | None]:
    missing = None in values
    if integers and not missing:
        try:
            return pa.chunked_array([pa.array(values, pa.int64())]), None
        except (OverflowError, pa.ArrowInvalid):
            pass
    rounded = [row for row, value in enumerate(values) if _is_rounded(value)]
    if rounded and integers and missing:
        return text(values), Finding("large_integers", len(rounded), rounded[0])
    floats = [value if value is None else _float(value) for value in values]
    array = pa.chunked_array([pa.array(floats, pa.float64())])
    return array, Finding("rounded", len(rounded), rounded[0]) if rounded else None


def _is_rounded(value: int | float | None) -> bool:
    return isinstance(value, int) and abs(value) > types.EXACT and types.is_rounded(value)


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _mixed(values: Sequence[Any]) -> Finding:
    kinds = [value if value is None else NAMES.get(type(value), "nested") for value in values]
    rows = Counter(kind for kind in kinds if kind is not None)
    (usual, _), *others = rows.most_common()
    first = next(row for row, kind in enumerate(kinds) if kind not in (None, usual))
    count = sum(count for _, count in others)
    parts = ", ".join(f"{kind} in {count:,}" for kind, count in others)
    return Finding(
        "mixed_types", count, first, f"{parts} of {rows.total():,} rows, otherwise {usual}"
    )
