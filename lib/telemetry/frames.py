"""Answers as tidy frames: the declared columns with the declared types, and no gaps in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from lib.errors import UnexpectedAnswer
from lib.logs import column_of
from lib.telemetry.questions import QUESTIONS

# Values that are none: nulls, and what some stores write for them and for numbers that are none.
_NOTHING = ("", "None", "null", "NaN", "Infinity", "-Infinity")
_STEP = (
    "A proxy or gateway in between may have answered. Try again in a minute; if it stays, run the "
    "question in the portal's Logs to see what the store answers."
)


def typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an answer with the columns of its question, in their order and with their types.

    Types are those of `logs.Answer`, by the declared type: a percentile of integers, which one
    store calls long and the other real, is a float; texts are read as what is declared. A column
    that the answer lacks is empty. Raises UnexpectedAnswer for a value of another type.
    """
    columns = QUESTIONS[name].columns
    return pd.DataFrame(
        {
            column: _as(frame[column] if column in frame else _nothing(frame), declared.type)
            for column, declared in columns.items()
        }
    )


def check_columns(frame: pd.DataFrame, name: str) -> None:
    """Raise UnexpectedAnswer for an answer that lacks a column its question declares."""
    missing = [column for column in QUESTIONS[name].columns if column not in frame]
    if missing:
        raise UnexpectedAnswer(
            f"The answer to “{QUESTIONS[name].title}” lacks the columns {', '.join(missing)}.",
            _STEP,
        )


def with_gaps(
    frame: pd.DataFrame, first: datetime, last: datetime, grain: timedelta
) -> pd.DataFrame:
    """Return a series over time in which bins without rows are there as well.

    The frame has one row per moment. Counts are 0 in the new rows, all else is missing, so that a
    chart shows silence as silence. Columns keep their order.
    """
    times = pd.date_range(_utc(first), _utc(last), freq=pd.Timedelta(grain), inclusive="left")
    whole = frame.set_index("moment").reindex(times.as_unit("us"))
    for column in whole.columns:
        if pd.api.types.is_integer_dtype(frame[column].dtype):
            whole[column] = whole[column].fillna(0).astype("int64")
    return whole.rename_axis("moment").reset_index()


def _as(column: pd.Series, kind: str) -> pd.Series:
    if kind == "string":
        return column.astype("str").where(column.notna(), "")
    if column.dtype.kind not in _KINDS[kind]:
        column = _read(column, kind)
    if kind == "datetime":
        return pd.to_datetime(column, utc=True).dt.as_unit("us")
    if kind == "timespan":
        return pd.to_timedelta(column).dt.as_unit("us")
    if kind == "bool":
        flags = column.astype("boolean")
        return flags if flags.isna().any() else flags.astype(bool)
    numbers = column.astype("Float64").astype("float64").replace([np.inf, -np.inf], np.nan)
    if kind == "real":
        return numbers
    if (numbers % 1 > 0).any():
        raise UnexpectedAnswer(f"The column {column.name} holds numbers that are not whole.", _STEP)
    whole = column.astype("Int64") if column.dtype.kind in "iu" else numbers.astype("Int64")
    return whole if whole.isna().any() else whole.astype("int64")


_KINDS = {
    "datetime": "M",
    "timespan": "m",
    "bool": "b",
    "real": "iufb",
    "long": "iuf",
    "int": "iuf",
}


def _read(column: pd.Series, kind: str) -> pd.Series:
    """Return a column of another type, mostly of texts, as the type that is declared."""
    values = [
        None if is_na or (isinstance(value, str) and value in _NOTHING) else value
        for value, is_na in zip(column, column.isna(), strict=True)
    ]
    found = column_of(values, "real" if kind in ("long", "int") else kind)
    lost = [
        value
        for value, is_na in zip(values, found.isna(), strict=True)
        if is_na and value is not None
    ]
    if lost:
        said = f"The column {column.name} holds “{str(lost[0])[:50]}”, which is no {kind}."
        raise UnexpectedAnswer(said, _STEP)
    return pd.Series(found.array, index=column.index, name=column.name)


def _nothing(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(np.nan, index=frame.index, dtype=object)


def _utc(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment).tz_convert("UTC")
