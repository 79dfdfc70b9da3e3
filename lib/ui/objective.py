"""The error budget: how much may fail, what of it is left, and how fast it burns."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from lib import charts, telemetry, ui
from lib.summary import words
from lib.telemetry import Budget, Goal
from lib.ui import answered, asked
from lib.ui.asked import Answers, Asking

ASKED = ("error_budget", "budget_history", "burn_rate")

SHARES = {"99 %": 0.99, "99.5 %": 0.995, "99.9 %": 0.999}
USUAL = "99.5 %"

VERDICTS = {
    "page": "act now",
    "ticket": "look into it",
    "ok": "no alarm",
    "too few requests": "too few requests",
}

WINDOWS = {
    timedelta(minutes=5): "5 minutes",
    timedelta(minutes=30): "30 minutes",
    timedelta(hours=1): "1 hour",
    timedelta(hours=6): "6 hours",
    timedelta(days=1): "1 day",
    timedelta(days=3): "3 days",
}


def pick() -> Goal:
    """Draw the choice of the objective, and return it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = st.segmented_control(
            "Objective",
            list(SHARES),
            default=USUAL,
            key="objective",
            required=True,
            bind="query-params",
            help="The share of requests that have to be good.",
        )
        limit = st.number_input(
            "Good only within (ms)",
            min_value=1,
            max_value=3_600_000,
            value=None,
            step=50,
            placeholder="any time",
            key="good_ms",
            bind="query-params",
            width=200,
            help="With a limit, a request that takes longer counts as bad, too.",
        )
    chosen = SHARES[share or USUAL]
    return Goal(chosen, float(limit)) if limit else Goal(chosen)


def metric(used: Answers, goal: Goal) -> None:
    """Show what is left of the budget as a number, if it is known."""
    found = answered.rows(used, "error_budget")
    if found is None:
        return
    whole = _whole(found, goal)
    left = 1 - whole.used_share
    st.metric(
        "Error budget left",
        f"{left:,.0%}".replace("-", "−").replace("%", " %"),
        border=True,
        delta=f"{whole.bad:,} bad, {_number(whole.allowed)} allowed",
        delta_color="off",
        delta_arrow="off",
        height="stretch",
        help=f"At {goal.share * 100:g} % of the requests in the window. Below 0 it is overdrawn.",
    )


def show(asking: Asking, used: Answers, goal: Goal) -> None:
    """Show the budget of the window: in a sentence, over time, and how fast it burns."""
    found = asked.frame(used, "error_budget")
    if found is not None:
        st.markdown(f"**Error budget.** {sentence(_whole(found, goal), goal)}")
    history = asked.frame(used, "budget_history")
    if history is not None and len(history):
        span = asking.span
        series = telemetry.with_gaps(history, span.first, span.last, asking.grain)
        figure = charts.budget(telemetry.budget_history(series, goal, "bad"), asking.axis)
        if asked.is_partial(used, "budget_history"):
            charts.unanswered(figure, history, asking.axis)
        st.plotly_chart(
            figure,
            key="failures-budget",
            config={"displayModeBar": False},
            alt="Share of the error budget that is left",
        )
    burns = asked.frame(used, "burn_rate")
    if burns is not None and len(burns):
        _burns(asking, burns, goal)


def sentence(budget: Budget, goal: Goal) -> str:
    """Return what a budget allows and what was used of it, in a sentence."""
    good = f"{goal.share * 100:g} % of requests are to be good"
    if goal.target_ms < Goal().target_ms:
        good += f", that is right and within {telemetry.duration(goal.target_ms)}"
    allowed = f"of {budget.requests:,}, {_number(budget.allowed)} may be bad"
    if budget.left < 0:
        left = f"{_number(-budget.left)} more than allowed"
    else:
        left = f"{_number(budget.left)} are left"
    was = f"{budget.bad:,} {'was' if budget.bad == 1 else 'were'}" if budget.bad else "None was"
    return f"{good}: {allowed}. {was}: {left}."


def burning(burns: pd.DataFrame, goal: Goal) -> pd.DataFrame:
    """Return a row per service, alarms first: its verdict, and how fast it burns by window."""
    found = telemetry.verdicts(burns, goal)
    order = [service for verdict in VERDICTS for service in found if found[service] == verdict]
    table = pd.DataFrame({"service": order})
    table["verdict"] = [VERDICTS[found[service]] for service in order]
    for length, label in WINDOWS.items():
        there = burns[burns["window"] == length].set_index("service")
        counted = there[["requests", "bad"]].reindex(table["service"]).astype("float64")
        table[label] = [
            telemetry.burn(requests, bad, goal) if requests > 0 else float("nan")
            for requests, bad in counted.itertuples(index=False)
        ]
    return table


def alarms(table: pd.DataFrame) -> str:
    """Return the verdicts of all services in words: `act now for a; no alarm for 3 services`."""
    if len(table) == 1:
        return str(table["verdict"].iloc[0])
    said = []
    for verdict, same in table.groupby("verdict", sort=False):
        named = verdict in (VERDICTS["page"], VERDICTS["ticket"])
        names = words.several([words.code(name) for name in same["service"]])
        said.append(f"{verdict} for {names if named else words.count(len(same), 'service')}")
    return "; ".join(said)


def _burns(asking: Asking, burns: pd.DataFrame, goal: Goal) -> None:
    table = burning(burns, goal)
    last = asking.span.last
    st.markdown(f"**How fast it burns**, as of {last.day} {last:%b, %H:%M} UTC: {alarms(table)}.")
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        key="table-burn",
        column_config={
            "service": "Service",
            "verdict": "Verdict",
            **{
                label: st.column_config.NumberColumn(label, format="%.1f ×")
                for label in WINDOWS.values()
            },
        },
        alt="How many times as fast as allowed the error budget burns",
    )
    st.caption(
        "1 × is as fast as allowed: at that, a budget of 30 days lasts 30 days. Windows without "
        "requests are empty, and with fewer than ten bad requests no window raises an alarm."
    )
    with st.container(horizontal=True):
        ui.downloads(lambda: table, "failures", "burn")


def _whole(found: pd.DataFrame, goal: Goal) -> Budget:
    return telemetry.budget(int(found["requests"].sum()), int(found["bad"].sum()), goal)


def _number(value: float) -> str:
    """Return a number of requests that need not be whole."""
    return f"{value:,.1f}" if value < 100 and value % 1 else f"{value:,.0f}"
