"""Files that could not be read, whose rows are in no number: of which days, and why."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.store import Day
from lib.summary import words


def unread(days: Sequence[Day]) -> pd.DataFrame:
    """Return `day, blob, reason, next_step`, a row for each file of some days that is unread."""
    return pd.DataFrame(
        [(day.day, each.blob, each.message, each.next_step) for day in days for each in day.unread],
        columns=["day", "blob", "reason", "next_step"],
    )


def unread_text(days: Sequence[Day]) -> str:
    """Say (plain text, which names untrusted blobs) how many files are unread; "" for none.

    Also of which days they are, and why the first of them is.
    """
    table = unread(days)
    if table.empty:
        return ""
    first = table.iloc[0]
    several = len(table) > 1
    runs = [str(run) for run in words.runs(table["day"].tolist())]
    return (
        f"{words.count(len(table), 'file')} of {words.several(runs)} could not be read, so "
        f"{'their' if several else 'its'} rows are not counted. "
        f"{'The first: ' if several else ''}{first['reason']} {first['next_step']}"
    )
