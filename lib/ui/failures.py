"""What the failures page says on top, and the failed requests: how many, when and where."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from lib import charts, telemetry
from lib.logs import Answer
from lib.summary import words
from lib.telemetry import Goal
from lib.ui import answered, asked, behind, objective, raised
from lib.ui import requests as requests_page
from lib.ui.answered import period, rows
from lib.ui.asked import Answers, Asking
from lib.ui.boundary import callback

ASKED = (
    "totals",
    "failure_rate",
    "result_codes",
    "failing_operations",
    "disagreement",
    "freshness",
    "nameless",
)

WHY_HIDDEN = """
Azure ML's inference server writes what happened twice, and the columns that Azure's own views
count are not always right:

- **up to 0.4**, and other producers ("as written"): right, with the exception below;
- **0.5 to 1.4**: no name, result code 0 and success for every request, also for one that failed;
- **1.5 or later**: result code 0, success and a duration of 0 ms for every request.

What really happened stands in `Properties` of the same row, as `resultCode`, `success`, `duration`
and `name`. **The rule:** where `Properties` has the server's own keys (`Container Id`, `Request Id`
and a `duration`), they count; else the columns do. A code from 500 on is a failure whatever is said
of its success, and where success is missing, one from 400 on. Below is the whole question as it was
asked; it runs in *Logs* of Azure's portal as it stands.
"""

DEFINITIONS = """
- **Failed** is a request that did not go well as the scoring server itself told it (see “recorded
  as successes”). A row that stands for several requests, because telemetry is sampled, counts as
  many: `ItemCount`.
- **Before** is the same hours whole days earlier: 7 days that end today at 13:05 are compared with
  the 7 days up to 13:05 a week earlier.
- **Problem** is the error that the scoring script raised, and the script's function that led to it.
  The server wraps every such error in `UserScriptException`; the last error before that is taken.
- **New** is a problem that was not seen before the window: in as much time, and in 7 days at least.
  Where there were no requests before, the first day of the window stands for it.
- **Explained**: server and script share no operation id, so requests and exceptions are brought
  together by the request id that both carry in `Properties`.
- **Error budget**: of *n* requests, (1 − objective) · *n* may be bad: fail, or take longer than the
  limit. It is the budget of the window that is chosen; with *30 days*, about that of a month.
- **Burn** is the share of bad requests over the share that may be bad; at 1, a budget of 30 days
  lasts just as long. *Act now*: above 14.4 in the last hour and the last 5 minutes, or above 6 in
  6 hours and 30 minutes. *Look into it*: above 1 in 3 days and 6 hours. Ten bad requests are the
  fewest that raise an alarm. After *The Site Reliability Workbook*, chapter 5.
- **Platform or model**: the front end of a managed online endpoint logs each call, unsampled. An
  error of the model reaches its caller as 424; what the model was never asked is the platform's.
"""


def headline(asking: Asking, answers: Answers) -> tuple[int, int]:
    """Say in a sentence how many failed and of what; return how many requests, and failed ones.

    Where that is not known because of an error, both are 1: the parts below may know more.
    """
    totals = asked.frame(answers, "totals")
    if totals is None:
        return 1, 1
    now, before = period(totals, "now"), period(totals, "before")
    is_partial = asked.is_partial(answers, "totals")
    if not now["requests"] and is_partial:
        st.info(asked.NOT_KNOWN, icon=":material/rule:")
        return 1, 1
    if not now["requests"]:
        was = f" There were {before['requests']:,} in the same hours before."
        st.info(
            f"No requests in this window.{was if before['requests'] else ''} Perhaps telemetry "
            "calls the service by another name: look at *Whose rows* above.",
            icon=":material/hourglass_empty:",
        )
        requests_page.nameless(asking, answers)
        return 0, 0
    requests, failed = now["requests"], now["failed"]
    were = f"before {_share(before)}" if before["requests"] else "no requests before"
    if failed:
        share = f"({_share(now)}, {were})"
        said = f"**{failed:,} of {words.count(requests, 'request')} failed** {share}"
        if is_partial:
            counted = f"of at least {words.count(requests, 'request')} failed**"
            said = f"**At least {failed:,} {counted} ({_share(now)} of those answered)"
        st.markdown(f"{said}{raised.most(answers)}.")
    else:
        st.markdown(f"{_none(asking, answers, requests)} ({were}).")
    if text := telemetry.sampled(totals[totals["period"] == "now"]):
        st.caption(f":material/filter_alt: {text}; the numbers here are of requests.")
    requests_page.nameless(asking, answers)
    return requests, failed


def _none(asking: Asking, answers: Answers, requests: int) -> str:
    """Return that none of so many requests failed, and since when; no praise for a part of them."""
    answer, first = answers["totals"], asking.span.first
    none = f"**None of {words.count(requests, 'request')} failed**"
    if isinstance(answer, Answer) and answer.partial:
        return f"{none} of those that were counted; not all were"
    return f":green[:material/check_circle:] {none} since {first.day} {first:%b %Y, %H:%M} UTC"


def disagreement(asking: Asking, answers: Answers) -> None:
    """Say how many failures the rows themselves call successes, and why that is."""
    found = asked.frame(answers, "disagreement")
    if found is None:
        return
    if unknown := int(found["unknown"].sum()):
        st.caption(
            f":material/help: Of {words.count(unknown, 'request')} neither success nor a code was "
            "recorded; they do not count as failed."
        )
    if not int(found["hidden"].sum()):
        return
    hidden = int(found["hidden"].sum())
    were = "was recorded as a success" if hidden == 1 else "were recorded as successes"
    them = "it" if hidden == 1 else "them"
    st.markdown(
        f":material/visibility_off: **{words.count(hidden, 'failure')} {were}**: "
        f"Azure's own views do not show {them}."
    )
    with st.expander("Why, and by which rule they are found", icon=":material/rule:"):
        st.markdown(WHY_HIDDEN)
        answered.table(
            found,
            "disagreement",
            "What the rows say of themselves, and what happened, by server",
            server="Server",
            failed="Really failed",
            failed_as_told="Failed as recorded",
            hidden="Recorded as successes",
            zero_ms="Recorded as 0 ms",
            nameless="Without a name",
            unknown="Outcome unknown",
        )
        times = {"start_time": asking.span.first, "end_time": asking.span.last}
        text = telemetry.fill("disagreement", **asdict(asking.whose), **times)
        st.code(text, language=None, wrap_lines=True)


def metrics(answers: Answers, used: Answers, goal: Goal) -> None:
    """Show the few numbers that matter; what is not known because of an error is left out."""
    totals, exceptions = rows(answers, "totals"), raised.of_scripts(answers)
    with st.container(horizontal=True):
        if totals is not None:
            now, before = period(totals, "now"), period(totals, "before")
            is_partial = asked.is_partial(answers, "totals")
            was = before["requests"] > 0 and not is_partial
            least = "≥ " if is_partial else ""
            was_failed = f"before: {before['failed']:,}" if was else ""
            _metric("Failed", f"{least}{now['failed']:,}", was_failed)
            _metric("Share failed", _share(now), f"before: {_share(before)}" if was else "")
        if exceptions is not None:
            keys = set(zip(exceptions["service"], exceptions["problem"], strict=True))
            news = len(raised.news(answers).keys() & keys)
            problems = words.count(len(exceptions), "problem") + (f", {news:,} new" if news else "")
            number = int(exceptions["exceptions"].sum())
            _metric("Exceptions", f"{number:,}", problems if number else "")
        objective.metric(used, goal)


def over_time(asking: Asking, answers: Answers, goal: Goal) -> None:
    """Draw the share of failed requests and their codes over time; a click leads to requests."""
    rate = asked.frame(answers, "failure_rate")
    if rate is not None:
        st.markdown("**Failed requests over time**")
        figure = charts.failure_rate(rate, asking.axis, goal.share)
        if asked.is_partial(answers, "failure_rate"):
            charts.unanswered(figure, rate, asking.axis)
        _clickable(
            figure,
            "failures-rate",
            asking,
            f"Share of failed requests per {asking.axis.per}",
        )
    codes = asked.frame(answers, "result_codes")
    if codes is not None:
        st.markdown("**What they were answered with**")
        figure = charts.codes_per_time(codes, asking.axis)
        if asked.is_partial(answers, "result_codes"):
            charts.unanswered(figure, codes, asking.axis)
        _clickable(
            figure,
            "failures-codes",
            asking,
            f"Failed requests per {asking.axis.per} by result code",
        )


def operations(asking: Asking, answers: Answers) -> None:
    """Show which operations fail most; a row leads to its requests."""
    found = asked.frame(answers, "failing_operations")
    if found is None or found.empty:
        return
    st.markdown("**Where they failed.** Choose a row for its requests, above.")
    answered.table(
        found,
        "failing_operations",
        "Operations that fail most",
        on_select=lambda: behind.choose_row("failing_operations", found, asking),
        failed_pct="Share failed",
        last_seen="Last failed",
    )


def definitions() -> None:
    """Say exactly what was measured, for those who ask."""
    with st.expander("How this is measured", icon=":material/help:"):
        st.markdown(DEFINITIONS)


def _metric(label: str, value: str, below: str) -> None:
    st.metric(
        label,
        value,
        border=True,
        height="stretch",
        delta=below or None,
        delta_color="off",
        delta_arrow="off",
    )


def _share(counted: dict[str, int]) -> str:
    return telemetry.percent(counted["failed"] / counted["requests"])


def _clickable(figure: Any, key: str, asking: Asking, alt: str) -> None:
    st.plotly_chart(
        figure,
        key=key,
        on_select=callback(lambda: behind.choose_bin(key, asking)),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )
