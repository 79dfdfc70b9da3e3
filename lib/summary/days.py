"""Days as small tables: rows, sizes, gaps and problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from lib import store
from lib.catalog import DayBlob
from lib.store import Day
from lib.summary import words
from lib.window import Window


def gaps(days: Sequence[Day], window: Window) -> list[date]:
    """Return the days without data between the first and the last day with data."""
    have = {day.day for day in days if day.day in window}
    return [day for day in Window(min(have), max(have)) if day not in have] if have else []


def by_day(days: Sequence[Day], window: Window) -> pd.DataFrame:
    """Return `day, rows, problems, files, bytes` of a window's days; NaN where there are none."""
    table = pd.DataFrame(
        {
            "rows": {day.day: day.rows for day in days},
            "problems": {day.day: int(day.faults["count"].sum()) for day in days},
            "files": {day.day: len(day.blobs) for day in days},
            "bytes": {day.day: sum(blob.size for blob in day.blobs) for day in days},
        },
        dtype=float,
    )
    return table.reindex(list(window)).rename_axis("day").reset_index()


def bytes_by_day(found: Sequence[DayBlob], window: Window) -> pd.DataFrame:
    """Return `day, bytes` of a window's days from the listing alone; NaN where there are none.

    A file of a month or a year counts on its first day, or on that of the window.
    """
    begins = [max(i.day, window.first) if i.span in ("month", "year") else i.day for i in found]
    sizes = pd.Series([i.blob.size for i in found], index=begins, dtype=float, name="bytes")
    return sizes.groupby(level=0).sum().reindex(list(window)).rename_axis("day").reset_index()


def problems(days: Sequence[Day]) -> pd.DataFrame:
    """Return the problems of some days, one row per kind and file, most frequent first.

    Columns: kind, count, message, day, blob, first_line, sample.
    """
    parts = [day.faults.assign(day=day.day) for day in days if len(day.faults)]
    columns = ["kind", "count", "message", "day", "blob", "first_line", "sample"]
    if not parts:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(parts, ignore_index=True)
    return whole.sort_values("count", ascending=False, kind="stable", ignore_index=True)[columns]


def notes(days: Sequence[Day]) -> list[str]:
    """Say (plain text, which names untrusted columns) how columns of some days were read."""
    found: dict[str, list[date]] = {}
    for day in days:
        for kind, message in zip(day.problems["kind"], day.problems["message"], strict=True):
            if store.KINDS[kind].note:
                found.setdefault(str(message), []).append(day.day)
    return [
        f"{message} ({words.several([str(run) for run in words.runs(when)])})"
        for message, when in found.items()
    ]


def window_sentence(days: Sequence[Day], window: Window, identifier: str) -> str:
    """Say in a sentence (Markdown) what a window of one collection holds."""
    rows = words.count(sum(day.rows for day in days), "row")
    text = (
        f"**{rows}** of {words.code(identifier)} on {len(days)} of "
        f"{words.count(len(window), 'day')}, {window}."
    )
    if lost := gaps(days, window):
        text += (
            f" Nothing was collected on {words.several([str(run) for run in words.runs(lost)])}."
        )
    return text
