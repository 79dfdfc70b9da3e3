"""What the requests page shows: how many, how fast, where, and what the model saw meanwhile."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from lib import charts, summary, telemetry, ui
from lib.summary import words
from lib.ui import answered, asked, behind, link, measured
from lib.ui import scope as scopes
from lib.ui.asked import Answers, Asking
from lib.ui.pending import Pending
from lib.ui.scope import Scope

ASKED = ("totals", "over_time", "latency_heatmap", "freshness", "sampling", "nameless")
"""What the page asks, whatever details are chosen."""

OPERATIONS, SLOWEST, INSTANCES, CALLS, WEEK, FRONT, ITSELF = DETAILS = (
    "Operations",
    "Slowest",
    "Instances",
    "Dependencies",
    "Week",
    "Endpoint",
    "Telemetry itself",
)
QUESTIONS = {
    OPERATIONS: ("operations", "apdex"),
    SLOWEST: ("slowest_requests",),
    INSTANCES: ("instances",),
    CALLS: ("dependencies",),
    WEEK: ("hour_of_week",),
    FRONT: ("endpoint_traffic", "container_events"),
    ITSELF: ("disagreement", "nameless", "sampling", "freshness", "volume"),
}
"""What is asked for each choice of details."""

CHOOSABLE = ("operations", "instances", "apdex")
"""Answers whose rows stand for requests that can be listed."""

MEASURES: dict[str, Literal["requests", "p95_ms", "failed"]] = {
    "Requests": "requests",
    "p95": "p95_ms",
    "Failed": "failed",
}

WHY_NAMELESS = (
    "Servers up to 0.4 name no service with a request. Their containers are known once traces of "
    "collected data (`model_data_collection`) are in the same time: turn data collection on, or "
    "redeploy with a newer `azureml-defaults`, which names the service itself."
)
"""Why requests have no service, and what to do."""

DEFINITIONS = """
- **Requests** are counted by `sum(ItemCount)`: where telemetry is sampled, one row stands for
  several. Durations and percentiles are weighted in the same way.
- **What the rows say is put right first.** Azure ML's inference server records every request as a
  success with result code 0 (from version 0.5 on), and with a duration of 0 ms (from 1.5 on); what
  really happened stands in the rows' properties, and is taken from there. Of all producers, a
  request with a code from 500 on counts as failed, and where success is missing, one from 400 on.
  Azure's own charts show the rows as they are.
- **The period before** is the same hours whole days earlier: 7 days that end today at 13:05 are
  compared with the 7 days up to 13:05 a week earlier. In the charts it is drawn over the window in
  grey.
- **p95**: 95 % of the requests took no longer. Percentiles are values that occur (nearest rank).
  Requests without a recorded duration count as requests, but not in means, percentiles and Apdex.
- **Whose requests**: a row's own service or role comes first, then its container or instance, where
  all that is known of that is one service. Calls found in this way are marked so.
- **Apdex** is (satisfied + tolerating / 2) / all: satisfied up to the target, tolerating up to four
  times as long; failures are frustrated.
- Times are UTC. A bin that is not over yet is narrower. Rows may come five minutes late, exported
  ones an hour.
"""


def asked_at_once() -> list[str]:
    """Return what the page asks, with the details that are chosen: one round trip less."""
    # On the first run only the link knows the choice.
    chosen = st.session_state.get("details") or st.query_params.get("details")
    details = QUESTIONS.get(str(chosen), QUESTIONS[OPERATIONS])
    return list(dict.fromkeys([*ASKED, *details]))


def headline(asking: Asking, answers: Answers) -> bool:
    """Say how it went in a sentence and a few numbers; say whether there is anything to show."""
    totals = asked.frame(answers, "totals")
    if totals is None:
        return False
    by = set(totals["period"])
    if "now" not in by and asked.is_partial(answers, "totals"):
        st.info(asked.NOT_KNOWN, icon=":material/rule:")
        return False
    if "now" not in by:
        st.info(
            "No requests were recorded in this window. If there should be some: is the window long "
            "enough, and does “Whose rows” name them as telemetry does?",
            icon=":material/hourglass_empty:",
        )
        nameless(asking, answers)
        return False
    is_partial = asked.is_partial(answers, "totals")
    st.markdown(f"**{telemetry.headline(totals, is_partial)}.**")
    # Half an answer is compared with nothing.
    names = [
        name for name in ("now", "before") if name in by and not (is_partial and name != "now")
    ]
    periods = [totals[totals["period"] == name].iloc[0] for name in names]
    minutes = (asking.span.last - asking.span.first).total_seconds() / 60
    rates = [float(row["requests"]) / minutes for row in periods]
    each, times = ("minute", 1) if max(rates) >= 1 else ("hour", 60)
    least = "≥ " if is_partial else ""
    shown = {
        f"Requests per {each}": [least + words.number(rate * times) for rate in rates],
        "Median": [telemetry.duration(row["p50_ms"]) for row in periods],
        "p95": [telemetry.duration(row["p95_ms"]) for row in periods],
        "p99": [telemetry.duration(row["p99_ms"]) for row in periods],
        "Failed": [telemetry.percent(row["failed"] / row["requests"]) for row in periods],
    }
    with st.container(horizontal=True):
        for label, values in shown.items():
            st.metric(
                label,
                values[0],
                border=True,
                delta=f"before: {values[1]}" if len(values) > 1 else None,
                delta_color="off",
                delta_arrow="off",
            )
    _notes(totals, answers)
    nameless(asking, answers)
    return True


def nameless(asking: Asking, answers: Answers) -> None:
    """Say how many requests name no service, where those of one are shown, and what to do."""
    found = answered.rows(answers, "nameless")
    if found is None or found.empty or asking.whose == telemetry.EVERYTHING:
        return
    number = int(found["requests"].sum())
    known = [words.code(name) for name in found["container"] if name]
    where = f" (of {words.several(known)})" if known else ""
    verb = "names" if number == 1 else "name"
    st.caption(
        f":material/help: {words.count(number, 'request')}{where} in this window {verb} no "
        f"service, and may be of this one. {WHY_NAMELESS}"
    )


def charts_over_time(within: Scope, asking: Asking, answers: Answers) -> None:
    """Draw rate, latency and drift below one another, on one axis of time."""
    if (found := asked.frame(answers, "over_time")) is not None:
        is_now = found["moment"] >= asking.span.first
        st.markdown("**Requests**, failed ones at the bottom")
        is_partial = asked.is_partial(answers, "over_time")
        earlier = None if is_partial else found[~is_now]
        figure = charts.request_rate(found[is_now], asking.axis, earlier)
        if is_partial:
            charts.unanswered(figure, found[is_now], asking.axis)
        _clickable(asking, figure, "rate", "Requests over time")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.markdown("**Latency**: median, 95 % and 99 %")
            log = st.toggle("Logarithmic axis", key="log_ms", bind="query-params")
        is_timed = found["p50_ms"].notna()
        now, before = found[is_timed & is_now], found[is_timed & ~is_now]
        figure = charts.latency_lines(now, asking.axis, before, log=log)
        if is_partial:
            charts.unanswered(figure, found[is_now], asking.axis)
        _clickable(asking, figure, "latency", "Latency over time")
    if (heat := asked.frame(answers, "latency_heatmap")) is not None:
        st.markdown("**How many took how long**")
        figure = charts.latency_heatmap(heat, asking.axis)
        if asked.is_partial(answers, "latency_heatmap"):
            charts.unanswered(figure, heat, asking.axis)
        _clickable(asking, figure, "heat", "Latency heat map")
    with ui.panel():
        _drift(within, asking)


def details(asking: Asking, answers: Pending) -> None:
    """Show what was chosen of the details."""
    scopes.keep_valid("details", DETAILS)
    link.say("details")
    chosen = st.segmented_control(
        "Details", DETAILS, default=OPERATIONS, key="details", required=True, bind="query-params"
    )
    answers = asked.ask(asking, QUESTIONS[chosen or OPERATIONS], known=answers)
    for name in QUESTIONS[chosen or OPERATIONS]:
        found = asked.frame(answers, name)
        if found is None:
            continue
        st.markdown(f"**{telemetry.QUESTIONS[name].title}**")
        if found.empty:
            st.caption("There are no such rows in this window.")
            continue
        _draw(name, found)
        found = _short(found)
        on_select = None
        if name in CHOOSABLE:
            on_select = partial(behind.choose_row, name, found, asking, failed=False)
        answered.table(
            found,
            name,
            telemetry.QUESTIONS[name].title,
            on_select,
            by_site="Found by instance",
            timed="With a duration",
            untimed="No duration",
        )


def definitions() -> None:
    """Say exactly what is counted, for those who ask."""
    with st.expander("How this is measured", icon=":material/help:"):
        st.markdown(DEFINITIONS)


def _short(found: pd.DataFrame) -> pd.DataFrame:
    """Return an answer without the columns that only tell what is missing where nothing is."""
    dull = [name for name in ("by_site", "untimed") if name in found and not found[name].any()]
    if "timed" in found and (found["timed"] == found["requests"]).all():
        dull.append("timed")
    return found.drop(columns=dull)


def _notes(totals: pd.DataFrame, answers: Answers) -> None:
    """Say where durations are missing, and where telemetry is sampled."""
    now = totals[totals["period"] == "now"].iloc[0]
    if untimed := int(now["requests"] - now["timed"]):
        st.caption(
            f":material/timer_off: {words.count(untimed, 'request')} of {int(now['requests']):,} "
            "came without a duration; percentiles are of the others."
        )
    if text := telemetry.sampled(totals[totals["period"] == "now"]):
        st.caption(f":material/filter_alt: {text}; counts and percentiles are weighted.")
    sampling = asked.frame(answers, "sampling")
    if sampling is not None and int(sampling["untold"].sum()):
        st.warning(
            f"{int(sampling['untold'].sum()):,} rows were sampled without saying how many they "
            "stand for (`microsoft.sample_rate` in Properties): all counts are too low.",
            icon=":material/filter_alt:",
        )


def _clickable(asking: Asking, figure: Any, key: str, alt: str) -> None:
    st.plotly_chart(
        figure,
        key=key,
        on_select=ui.callback(partial(behind.choose_bin, key, asking, failed=False)),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )


def _drift(within: Scope, asking: Asking) -> None:
    """Draw how far the chosen model's inputs were from the reference, on the same axis."""
    if not within.collections or within.reference is None:
        return
    st.markdown(
        f"**Drift of {words.code(within.collections[0].identifier)}** of "
        f"{words.code(' '.join(filter(None, (within.service, within.version))))}: the feature that "
        "moved most, each day"
    )
    found = measured.quietly(within, within.collections[0])
    if found is None:
        st.caption("There are no collected rows to compare in this window.")
        return
    worst = summary.worst_per_day(found.series)
    st.plotly_chart(
        charts.drift_beside(worst, asking.axis),
        key="drift-beside",
        config={"displayModeBar": False},
        alt="Drift per day beside the requests",
    )


def _draw(name: str, found: pd.DataFrame) -> None:
    """Draw an answer for which there is a chart."""
    if name == "instances":
        figure = charts.instances(found)
    elif name == "dependencies":
        figure = charts.dependencies(found)
        if by_site := int(found["by_site"].sum()):
            st.caption(
                f":material/help: {words.count(by_site, 'call')} named no service and "
                f"{'is' if by_site == 1 else 'are'} shown for the one whose requests came from the "
                "same container or instance (found by instance)."
            )
    elif name == "hour_of_week":
        chosen = st.segmented_control(
            "Colour", list(MEASURES), default="Requests", key="week_of", required=True
        )
        figure = charts.hour_of_week(found, MEASURES[chosen or "Requests"])
    else:
        return
    st.plotly_chart(figure, key=f"chart-{name}", alt=telemetry.QUESTIONS[name].title)
