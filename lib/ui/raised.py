"""Exceptions by problem: what scripts raised, where, since when, and what it made fail."""

from __future__ import annotations

import re
from datetime import timedelta

import pandas as pd
import streamlit as st

from lib import charts, window
from lib.summary import words
from lib.ui import answered, asked
from lib.ui.answered import period, rows
from lib.ui.asked import Answers, Asking

ASKED = ("exceptions", "exception_history", "new_problems", "failures_explained")

MOST_STACK = 20_000
"""Characters of a stack that are shown."""

_A_DAY = timedelta(days=1)


def news(answers: Answers) -> dict[tuple[str, str], pd.Timestamp]:
    """Return the problems that are new, as service and problem, and when each was first seen.

    Never having been seen before means little where there was nothing before: without requests
    in the time before, a problem is new from the second day with requests on.
    """
    found, totals, rate = (
        rows(answers, name) for name in ("new_problems", "totals", "failure_rate")
    )
    if found is None or totals is None or rate is None:
        return {}
    if not period(totals, "before")["requests"]:
        found = found[found["first_seen"] >= rate["moment"].min() + _A_DAY]
    names = zip(found["service"], found["problem"], strict=True)
    return dict(zip(names, found["first_seen"], strict=True))


def most(answers: Answers) -> str:
    """Return the end of a sentence: which error was raised most, and which are new."""
    found = rows(answers, "exceptions")
    if found is None or found.empty:
        return ""
    new = news(answers)
    keys = list(zip(found["service"], found["problem"], strict=True))
    text = f"; {_named(found.iloc[0])}{' most' if len(found) > 1 else ''}"
    if since := new.get(keys[0]):
        return f"{text}, new since {window.spell(since.date())}"
    others = [
        f"{_named(row)} since {window.spell(new[key].date())}"
        for key, (_, row) in zip(keys, found.iterrows(), strict=True)
        if key in new
    ]
    return f"{text}; new: {words.several(others)}" if others else text


def show(asking: Asking, answers: Answers) -> None:
    """Show all problems as a table, and of the chosen one its stack and its history."""
    found, new = asked.frame(answers, "exceptions"), asked.frame(answers, "new_problems")
    if found is None:
        return
    if found.empty:
        st.caption(":material/check_circle: No exceptions were recorded in this window.")
        return
    st.markdown("**What was raised, the most frequent first.** Choose a row for its stack.")
    fresh = news(answers)
    keys = list(zip(found["service"], found["problem"], strict=True))
    marks = pd.Series([["new"] if key in fresh else [] for key in keys], index=found.index)
    shown = found.drop(columns=["stack", "request_id", "error"]).assign(new=marks)
    order = ["service", "problem", "new", "exceptions", "first_seen", "last_seen", "instances"]
    answered.table(
        shown[[*order, "message", "place"]],
        "exceptions",
        "Exceptions by problem, the most frequent first",
        on_select="rerun",
        config={"new": _new_column()},
        place="File",
    )
    if new is not None and len(new) > len(fresh):
        st.caption("There were no requests before the window, so its first day has no new ones.")
    at = answered.chosen("exceptions")
    at = at if at is not None and at < len(found) else None  # chosen of other rows, perhaps
    _one(found.iloc[at or 0])
    problem = str(found["problem"].iloc[at]) if at is not None else ""
    several = int((found["problem"] == problem).sum()) > 1
    _history(asking, answers, problem, ", whichever service raised it" if several else "")


def explained(answers: Answers) -> None:
    """Say behind how many of the failed requests an exception was found, and which."""
    found = asked.frame(answers, "failures_explained")
    if found is None or found.empty:
        return
    failed = int(found["failed"].sum())
    by_none = int(found.loc[found["problem"] == "", "failed"].sum())
    st.markdown(
        f"**Failed requests and their exceptions**: one was found for {failed - by_none:,} of "
        f"{words.count(failed, 'failed request')}."
    )
    answered.table(found, "failures_explained", "Failed requests by the exception behind them")


def _new_column() -> object:
    return st.column_config.MultiselectColumn(
        "New", options=["new"], color=["orange"], help="Not seen before; see below how."
    )


def _one(row: pd.Series) -> None:
    """Show one problem: its message, its place, and the stack of its newest exception."""
    seen = row["last_seen"]
    place = f" in {words.code(row['place'])}" if row["place"] else ""
    st.markdown(f"**{words.code(row['error'])}{place}**: {words.code(row['message'][:500])}")
    request = f", request {words.code(row['request_id'])}" if row["request_id"] else ""
    st.markdown(
        f"The newest of {row['exceptions']:,}, {seen.day} {seen:%b %Y, %H:%M:%S} UTC, "
        f"{words.code(row['service'])}{request}."
    )
    if not row["stack"]:
        st.caption("No stack was recorded with it.")
        return
    # Of a height of its own it could not be scrolled with the keyboard (1.67).
    st.code(row["stack"][:MOST_STACK], language=None, wrap_lines=True)


def _history(asking: Asking, answers: Answers, problem: str, shared: str) -> None:
    """Draw the exceptions over time: of one problem if it is chosen and frequent, or of all."""
    found = asked.frame(answers, "exception_history")
    if found is None:
        return
    one = found[found["problem"] == problem]
    of = f" of {words.code(problem)}{shared}" if len(one) else ""
    st.markdown(f"**Exceptions over time**{of}")
    st.plotly_chart(
        charts.exceptions_per_time(one if len(one) else found, asking.axis),
        key="failures-exceptions",
        config={"displayModeBar": False},
        alt=f"Exceptions per {asking.axis.per} by problem",
    )


def _named(row: pd.Series) -> str:
    """Return an error and the file that raised it, `KeyError` in `score.py`."""
    file = re.split(r"[\\/]", str(row["place"]))[-1]
    return words.code(row["error"]) + (f" in {words.code(file)}" if file else "")
