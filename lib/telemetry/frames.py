"""Answers as tidy frames: the declared columns with the declared types, and no gaps in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from lib.telemetry.questions import QUESTIONS


def typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an answer with the columns of its question, in their order and with their types.

    Types are those of `logs.Answer`, by the declared type: a percentile of integers, which one
    store calls long and the other real, is a float. A column that the answer lacks is empty.
    """
    columns = QUESTIONS[name].columns
    return pd.DataFrame(
        {
            column: _as(frame[column] if column in frame else _nothing(frame), declared.type)
            for column, declared in columns.items()
        }
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
    if kind == "datetime":
        return pd.to_datetime(column, utc=True, errors="coerce").dt.as_unit("us")
    if kind == "timespan":
        return pd.to_timedelta(column.where(column != "None"), errors="coerce").dt.as_unit("us")
    if kind in ("long", "int", "real"):
        numbers = pd.to_numeric(column, errors="coerce")
        if kind == "real":
            return numbers.astype("float64")
        return numbers.astype("Int64") if numbers.isna().any() else numbers.astype("int64")
    if kind == "bool":
        flags = column.astype("boolean")
        return flags if flags.isna().any() else flags.astype(bool)
    return column.astype("str").where(column.notna(), "")


def _nothing(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(np.nan, index=frame.index, dtype=object)


def _utc(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment).tz_convert("UTC")
