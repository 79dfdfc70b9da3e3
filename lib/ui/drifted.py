"""One feature of the drift page: what moved, since when, in which rows and groups."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from lib import charts, drift, profile, summary, ui
from lib.drift import Grid
from lib.profile import Feature, Profile
from lib.summary import words
from lib.ui import link, reading, scope
from lib.ui.measured import Found, Measured
from lib.ui.scope import Scope
from lib.window import Window

NOTHING = "(nothing)"
MOST_GROUPS = 8
MOST_ROWS = 200
"""Rows shown of a bin: enough to see what they have in common."""


def show(within: Scope, found: Found) -> None:
    """Draw one feature: a sentence, its measures, both distributions, its days, its groups."""
    measured = found.measured
    name = _pick(measured)
    row, parts = measured.row(name), measured.parts[name]
    change, weekly = measured.changes.get(name), measured.weekly.get(name)
    st.markdown(summary.verdict_sentence(row, parts, change, weekly))
    with ui.panel():
        _measures(row)
    grid = measured.grids.get(name)
    if grid is None or len(parts) < 2:
        st.info("It stands on one side only: there is nothing to compare.")
        return
    left, right = st.columns(2)
    at = None
    with left, ui.panel():
        at = _both(grid, parts)
    with right, ui.panel():
        _line(measured, name)
    if at is not None:
        with ui.panel():
            _rows_of_bin(within, found, grid, at)
    with ui.panel():
        _days(measured, name, str(row["kind"]))
    for signal in measured.signals:
        if signal.feature == name:
            st.caption(f":material/flag: {words.plain(signal.text)}")
    with ui.panel():
        _groups(within, found, name)


def _pick(measured: Measured) -> str:
    names = measured.table["feature"].tolist()
    scope.keep_valid("feature", names)
    link.say("feature")
    chosen: str = st.selectbox(
        "Feature",
        names,
        key="feature",
        bind="query-params",
        width=420,
        help="The most drifted first. How it is treated can be changed on the page Distributions.",
    )
    return chosen


def _measures(row: pd.Series) -> None:
    """Draw the measures as numbers, each with what it says."""
    shown = [
        ("Distance", row["js_debiased"], "Jensen–Shannon, base 2, less what chance adds."),
        ("Shift (sd)", row["w1_sd"], "How far values moved, in standard deviations."),
        ("PSI", row["psi"], "Population stability index on the same bins."),
        ("KS", row["ks"], "Largest difference of the shares at or below a value."),
        ("Hellinger", row["hellinger"], "Hellinger distance on the same bins."),
        ("L∞", row["linf"], f"Largest change of a bin's share: {words.code(str(row['moved']))}."),
    ]
    with st.container(horizontal=True):
        st.metric("Verdict", str(row["verdict"]), border=True, help=f"A feature: {row['kind']}.")
        for label, value, explanation in shown:
            if not pd.isna(value):
                st.metric(label, f"{value:.3f}", border=True, help=explanation)
        if not pd.isna(row["q"]):
            q = f"{row['q']:.2g}" if row["q"] >= 1e-12 else "< 1e-12"
            st.metric(
                "q",
                q,
                border=True,
                help="The chance of so large a difference if nothing changed, corrected for the "
                "number of features (chi-square test, Benjamini and Hochberg).",
            )
    st.caption(
        f"{row['n_current']:,.0f} rows against {row['n_reference']:,.0f} of the reference, "
        f"in {row['bins']:.0f} bins."
    )


def _both(grid: Grid, parts: dict[str, Feature]) -> int | None:
    """Draw both distributions and what each bin adds; return the bin that was clicked."""
    st.markdown("**Both distributions, and what each bin adds to the distance**")
    reference = drift.count(grid.bins, parts["reference"])
    current = drift.count(grid.bins, parts["current"])
    event = st.plotly_chart(
        charts.contributions(
            grid.bins.labels, reference, current, drift.contributions(reference, current)
        ),
        key="bins-of-both",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"Shares of {grid.feature} by bin in the window and the reference",
    )
    points = event.selection.points
    if not points:
        st.caption("Click a bin for the rows behind it.")
        return None
    return int(points[0]["customdata"][0])


def _line(measured: Measured, name: str) -> None:
    """Draw the distance day by day, with the thresholds and the day of the change."""
    st.markdown("**Distance from the reference, day by day**")
    table = measured.series[measured.series["feature"] == name]
    limits = table["limit"].dropna()
    change = measured.changes.get(name)
    st.plotly_chart(
        charts.drift_line(
            table,
            measured.thresholds,
            float(limits.iloc[0]) if len(limits) else None,
            change.day if change else None,
            change.back if change else None,
            (change.earliest, change.latest) if change else None,
        ),
        key="line",
        alt=f"Drift of {name} per day",
    )


def _days(measured: Measured, name: str, kind: str) -> None:
    """Draw the values themselves day by day, those of the reference before."""
    compared = measured.compared
    days = sorted((*compared.before, *compared.days), key=lambda day: day.day)
    whole = Window(days[0].day, days[-1].day)
    if len({day.day for day in days}) < len(days) or len(whole) > 400:
        days, whole = list(compared.days), Window(compared.days[0].day, compared.days[-1].day)
    change = measured.changes.get(name)
    day = change.day if change and change.day in whole else None
    around = (change.earliest, change.latest) if change and day else None
    if kind in summary.MEASURED:
        st.markdown("**Values day by day: median, middle 50 % and 90 % of rows**")
        figure = charts.quantile_bands(
            summary.quantiles_per_day(days, whole, name, kind),
            reference=summary.quantiles(compared.parts(name).get("reference"), kind),
            time=kind == "datetime",
            change=day,
            uncertainty=around,
        )
    else:
        st.markdown("**Values day by day: share of each**")
        figure = charts.categories_per_day(
            summary.categories_per_day(days, name), change=day, uncertainty=around
        )
    st.plotly_chart(figure, key="values", alt=f"{name} day by day")


def _rows_of_bin(within: Scope, found: Found, grid: Grid, at: int) -> None:
    """Show rows of the window that lie in one bin."""
    wanted = (found.collection, within.window)
    matches = partial(drift.members, grid.bins, at)
    frame = reading.sample(within, wanted, grid.feature, matches, MOST_ROWS)
    label = words.code(grid.bins.labels[at])
    st.markdown(f"**Rows of {words.code(grid.feature)} in {label}**, {len(frame):,} of the newest")
    if frame.empty:
        st.caption("The window has no such row.")
        return
    st.dataframe(frame, hide_index=True, height=260, alt="Rows behind the chosen bin")
    with st.container(horizontal=True):
        name = (within.service, within.version, found.collection.identifier, grid.feature)
        ui.downloads(lambda: frame, *name, "rows")


def _groups(within: Scope, found: Found, name: str) -> None:
    """Compare the feature within each value of another: is it one group only that drifted?"""
    compared = found.measured.compared
    groups = compared.groups(name)
    if not groups or not compared.before:
        return
    scope.keep_valid("split", [NOTHING, *groups])
    link.say("split")
    by = st.selectbox(
        "Compare within each value of",
        [NOTHING, *groups],
        key="split",
        bind="query-params",
        width=420,
        help="Shows whether one group of rows alone has drifted.",
    )
    if by == NOTHING:
        return
    table = _by_group(within, found, name, by)
    st.plotly_chart(
        charts.ranked(table, found.measured.thresholds),
        key="groups",
        alt=f"Drift of {name} within each value of {by}",
    )
    st.dataframe(
        table[["feature", "what", "n_current", "n_reference"]],
        hide_index=True,
        column_config={
            "feature": st.column_config.TextColumn(words.plain(by), pinned=True),
            "what": "What moved",
            "n_current": st.column_config.NumberColumn("Rows", format="localized"),
            "n_reference": st.column_config.NumberColumn("Rows before", format="localized"),
        },
        alt=f"What moved of {name} within each value of {by}",
    )


def _by_group(within: Scope, found: Found, name: str, by: str) -> pd.DataFrame:
    """Return the comparison within each group (`feature` is its name), and `what` moved."""
    compared, levels = found.measured.compared, found.measured.thresholds
    values = profile.groups(compared.current.features[by], MOST_GROUPS, compared.kind(by))
    now = reading.by_group(within, [(found.collection, within.window)], by, values, name)
    then = reading.by_group(
        within, scope.wanted(within.reference, found.collection), by, values, name
    )
    kinds = {name: compared.kind(name)}
    rows = []
    for group in sorted(now.keys() & then.keys()):
        parts = {"reference": then[group], "current": now[group]}
        reference, current = (Profile(part.rows, {name: part}) for part in parts.values())
        row = drift.compare(reference, current, levels, kinds).iloc[0]
        what = summary.moved_text(row, parts) if row["verdict"] in summary.MOVED else ""
        rows.append(row.to_dict() | {"feature": group, "what": what})
    table = pd.DataFrame(rows, columns=[*found.measured.table.columns, "what"])
    return table.sort_values("js_debiased", ascending=False, ignore_index=True)
