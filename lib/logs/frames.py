"""Columns of an answer as a frame: JSON of Log Analytics, or Arrow of DuckDB, by KQL type."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

# Of other texts some look to numpy as if they had an offset, of which it warns.
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?Z", re.ASCII)
_TIMESPAN = re.compile(r"(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")


def of_json(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """The frame for columns (name, KQL type) and rows as the service writes them in JSON.

    "NaN" and "Infinity" come as texts, and so does "None" from some versions of the client
    library; a value that is not of its column's type becomes null.
    """
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    series = [
        column_of(list(column), kql_type)
        for (_, kql_type), column in zip(columns, cells, strict=True)
    ]
    return _frame([name for name, _ in columns], series)


def column_of(values: list[Any], kql_type: str) -> pd.Series:
    """One column of `of_json`."""
    return _JSON.get(kql_type, _texts)(values)


def of_arrow(table: pa.Table, kql_types: Sequence[str]) -> pd.DataFrame:
    """The frame for a table of DuckDB whose columns have these KQL types.

    Datetimes are naive UTC there, and timespans whole microseconds.
    """
    series = [
        _of_arrow(column, kql_type)
        for column, kql_type in zip(table.columns, kql_types, strict=True)
    ]
    return _frame(table.column_names, series)


def _frame(names: Sequence[str], series: Sequence[pd.Series]) -> pd.DataFrame:
    frame = pd.DataFrame(dict(enumerate(series)))
    frame.columns = pd.Index(_strings(list(names)))
    return frame


def _of_arrow(column: pa.ChunkedArray, kql_type: str) -> pd.Series:
    if kql_type == "datetime":
        times = pd.Series(column.cast(pa.timestamp("us")).to_pandas(), dtype="datetime64[us]")
        return times.dt.tz_localize("UTC")
    if kql_type == "timespan":
        return pd.Series(column.cast(pa.duration("us")).to_pandas(), dtype="timedelta64[us]")
    if kql_type in ("int", "long"):
        whole = column.cast(pa.int64()).to_pandas(integer_object_nulls=True)
        return _without_nulls(pd.Series(pd.array(whole, dtype="Int64")), "int64")
    if kql_type in ("real", "decimal"):
        return pd.Series(column.cast(pa.float64()).to_pandas(), dtype="float64")
    if kql_type == "bool":
        truth = pd.array(column.to_pandas(), dtype="boolean")
        return _without_nulls(pd.Series(truth), "bool")
    if kql_type == "string":
        column = column.fill_null("")
    return pd.Series(column.to_pandas(), dtype="str")


def _without_nulls(series: pd.Series, dtype: Literal["int64", "bool"]) -> pd.Series:
    """Of a type that has no nulls, where there are none."""
    return series if series.isna().any() else series.astype(dtype)


def _datetimes(values: list[Any]) -> pd.Series:
    # The seventh digit of the service's times is cut, as its client libraries cut it.
    texts = [
        value[:26].removesuffix("Z") if isinstance(value, str) and _TIME.fullmatch(value) else "NaT"
        for value in values
    ]
    try:
        times = np.array(texts, dtype="datetime64[us]")
    except ValueError:
        times = np.array([_time(text) for text in texts], dtype="datetime64[us]")
    return pd.Series(times, dtype="datetime64[us]").dt.tz_localize("UTC")


def _time(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "us")
    except ValueError:
        return np.datetime64("NaT", "us")


def _wholes(values: list[Any]) -> pd.Series:
    whole = [_whole(value) for value in values]
    return _without_nulls(pd.Series(pd.array(whole, dtype="Int64")), "int64")


def _whole(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -(2**63) <= number < 2**63 else None


def _reals(values: list[Any]) -> pd.Series:
    return pd.Series([_real(value) for value in values], dtype="float64")


def _real(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _booleans(values: list[Any]) -> pd.Series:
    truth = {"true": True, "1": True, "false": False, "0": False}
    said = [truth.get(str(value).lower()) for value in values]
    return _without_nulls(pd.Series(pd.array(said, dtype="boolean")), "bool")


def _timespans(values: list[Any]) -> pd.Series:
    return pd.Series([_timespan(value) for value in values], dtype="timedelta64[us]")


def _timespan(value: Any) -> timedelta | None:
    found = _TIMESPAN.fullmatch(str(value))
    if not found:
        return None
    sign, days, hours, minutes, seconds, fraction = found.groups()
    try:
        took = timedelta(
            days=int(days or 0),
            hours=int(hours),
            minutes=int(minutes),
            seconds=int(seconds),
            microseconds=int((fraction or "").ljust(7, "0")[:6]),
        )
    except (OverflowError, ValueError):  # of more digits than Python reads
        return None
    # What pandas holds in microseconds.
    return (-took if sign else took) if took.days < 100_000_000 else None


def _texts(values: list[Any]) -> pd.Series:
    # KQL's strings are never null: an empty one is what the service means.
    return _strings(["" if value is None else str(value) for value in values])


def _guids(values: list[Any]) -> pd.Series:
    return _strings([None if value in (None, "", "None") else str(value) for value in values])


def _dynamics(values: list[Any]) -> pd.Series:
    told = [
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in values
    ]
    return _strings([None if text in ("", "null") else text for text in told])


def _strings(values: list[str | None]) -> pd.Series:
    try:
        return pd.Series(values, dtype="str")
    except UnicodeEncodeError:  # half of a character, which JSON can smuggle into a text
        return pd.Series(
            [value and value.encode("utf-8", "replace").decode() for value in values], dtype="str"
        )


_JSON: dict[str, Callable[[list[Any]], pd.Series]] = {
    "bool": _booleans,
    "datetime": _datetimes,
    "decimal": _reals,
    "dynamic": _dynamics,
    "guid": _guids,
    "int": _wholes,
    "long": _wholes,
    "real": _reals,
    "string": _texts,
    "timespan": _timespans,
}
