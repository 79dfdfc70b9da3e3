"""Exceptions by problem: what scripts raised, where, since when, and what it made fail."""

from __future__ import annotations

import re
from datetime import timedelta

import pandas as pd
import streamlit as st

from lib import charts, window
from lib.logs import Answer
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


SILENCED = "0.5 to 1.4"
"""Servers whose exceptions v2's collector silences, as `disagreement` calls them."""


def of_scripts(answers: Answers) -> pd.DataFrame | None:
    """Return the problems of scripts and others, without errors of the inference server itself."""
    found = rows(answers, "exceptions")
    return found if found is None else found[found["origin"] != "server"].reset_index(drop=True)


def behind_failures(answers: Answers) -> pd.DataFrame | None:
    """Return the problems that failed requests, those that failed most first; None if unknown."""
    found = rows(answers, "failures_explained")
    if found is None:
        return None
    known = found[found["problem"] != ""]
    first = {"failed": "sum", "error": "first", "place": "first"}
    problems = known.groupby(["service", "problem"], as_index=False).agg(first)
    return problems.sort_values(
        ["failed", "service", "problem"], ascending=[False, True, True], ignore_index=True
    )


def most(answers: Answers) -> str:
    """Return the end of a sentence: which error failed most requests, and which are new."""
    found = behind_failures(answers)
    if found is None:
        return ""
    if found.empty:
        return "; no exception came with them"
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
    every, new = asked.frame(answers, "exceptions"), asked.frame(answers, "new_problems")
    found = of_scripts(answers)
    if every is None or found is None:
        return
    if found.empty:
        st.markdown(none(answers))
        _of_the_server(every)
        return
    st.markdown("**What was raised, the most frequent first.** Choose a row for its stack.")
    fresh = news(answers)
    keys = list(zip(found["service"], found["problem"], strict=True))
    marks = pd.Series([["new"] if key in fresh else [] for key in keys], index=found.index)
    shown = found.assign(new=marks)
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
    _of_the_server(every)


def none(answers: Answers) -> str:
    """Return that there are no exceptions (Markdown): with how many requests, and what that means.

    It is good news only where requests are known, and none of them failed.
    """
    totals, answer = rows(answers, "totals"), answers["exceptions"]
    if totals is None:
        return "No exceptions were recorded in this window; how many requests is not known."
    now = period(totals, "now")
    if now["failed"]:
        failed = words.count(now["failed"], "request")
        return f"**{failed} failed and no exception came with {_them(now)}.** {causes(answers)}"
    if not now["requests"]:
        return "Neither requests nor exceptions were recorded in this window."
    if isinstance(answer, Answer) and answer.partial:
        return "No exceptions are among the rows that were answered; not all were."
    requests = words.count(now["requests"], "request")
    return (
        f":material/check_circle: No exceptions were recorded with the {requests} of this window."
    )


def causes(answers: Answers) -> str:
    """Return why requests fail without an exception (Markdown), as far as servers tell."""
    found = rows(answers, "disagreement")
    silenced = found is not None and SILENCED in set(found["server"])
    said = (
        "Some of these requests were answered by servers 0.5 to 1.4: with the v2 data collector "
        "(`azureml-ai-monitoring`) in the script, these send no exceptions and no traces. "
    )
    return (said if silenced else "") + (
        "A script that answers with an error itself (such as `AMLResponse` with 400) raises none, "
        "nor does what fails before it reaches the script."
    )


def _them(counted: dict[str, int]) -> str:
    return "it" if counted["failed"] == 1 else "them"


def _of_the_server(found: pd.DataFrame) -> None:
    """List the inference server's own errors apart: they are no fault of the script."""
    own = found[found["origin"] == "server"]
    if own.empty:
        return
    number = int(own["exceptions"].sum())
    st.markdown(
        f"**{words.count(number, 'error')} of the inference server itself**, such as when it logs: "
        "no fault of the script."
    )
    config = st.column_config
    st.dataframe(
        own[["service", "problem", "exceptions", "last_seen", "message"]],
        key="table-exceptions-server",
        hide_index=True,
        placeholder="",
        column_config={
            "service": "Service",
            "problem": "Problem",
            "exceptions": config.NumberColumn("Exceptions", format="localized"),
            "last_seen": config.DatetimeColumn(
                "Last seen", format="D MMM, HH:mm:ss", timezone="UTC"
            ),
            "message": "Message",
        },
        alt="Errors of the inference server itself",
    )


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
    if by_none:
        st.caption(f":material/help: {causes(answers)}")
    answered.table(
        found.drop(columns=["error", "place"]),
        "failures_explained",
        "Failed requests by the exception behind them",
    )


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
    """Return an error and the file that led to it, `KeyError` in `score.py`."""
    file = re.split(r"[\\/]", str(row["place"]))[-1]
    return words.code(str(row["error"]).rpartition(".")[2]) + (
        f" in {words.code(file)}" if file else ""
    )
