"""All features of the drift page: what is said on top, the heat map, and the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib import charts, drift, summary, ui
from lib.errors import NotReadable
from lib.summary import words
from lib.ui import scope
from lib.ui.measured import Found, Measured
from lib.ui.scope import Scope

ALL, ONE, TOGETHER, AZURE = VIEWS = (
    "All features",
    "One feature",
    "All together",
    "As Azure ML",
)

MOST_IN_MAP = 30
"""Features of the heat map, the most drifted: more would be lines, not cells."""

DEFINITIONS = """
- **Bins.** A numeric feature is counted in at most 20 bins that hold equally many rows of the
  reference (one per value if it has at most 50); a category in one bin per value. Cells that are
  missing, and cells of another kind, have a bin of their own. Bins in which fewer than 5 rows are
  expected are put together.
- **Distance** is the Jensen–Shannon distance of both shares, to base 2: √(½·KL(p‖m) + ½·KL(q‖m))
  with m = (p + q)/2; 0 is the same, 1 has nothing in common. From its square is taken what chance
  alone adds, (B − 1)(1/n + 1/m)/(8 ln 2) for B bins and n and m rows.
- **Verdict.** A feature has moved if the chi-square test of both samples has q ≤ {levels.q:g}
  after Benjamini and Hochberg's correction for the number of features, **and** the distance is at
  least {levels.watch:g} (watch), {levels.drift:g} (drift) or {levels.strong:g} (strong). With
  fewer than {levels.fewest} rows on a side there is no verdict.
- **Identifiers, texts and times** have other values in every window: of them only the missing share
  is compared.
- **Since** is the day at which a single change explains all days best, given how much days differ
  anyway; the interval holds the day in 95 of 100 cases.
- **Control limit**: with 14 days of reference or more, their mean distance and three standard
  deviations, each day compared with the other days of the reference.
- **Shift (sd)** is the Wasserstein distance (how far values moved) in standard deviations of the
  reference. **PSI**, **KS**, **Hellinger** and **L∞** are in the download and with each feature.
- Numbers come from summaries of at most 1,024 weighted values a day: distances are off by at most
  0.001, KS by 0.0005.
"""


def show(within: Scope, found: Found) -> None:
    """Draw all features: the sentence on top is about importances too, which come last."""
    top = st.container()
    with ui.panel():
        heat_map(found.measured)
    with ui.panel():
        ranking(within, found)
    with ui.panel():
        signals(found.measured)
    importance = importances()
    with top, ui.panel():
        headline(within, found, importance)


def headline(within: Scope, found: Found, importance: Mapping[str, float]) -> None:
    """Say what drifted in a sentence, and in a few numbers."""
    measured = found.measured
    noun = words.code(found.collection.identifier)
    sentence = summary.drift_headline(measured.table, measured.changes, measured.parts, noun)
    reference = within.reference.label if within.reference else ""
    st.markdown(f"{sentence} {within.window} compared with {reference}.")
    _say_mismatch(within, measured)
    verdicts = measured.table["verdict"]
    tested = int(verdicts.isin(summary.TESTED).sum())
    with st.container(horizontal=True):
        st.metric(
            "Features drifted",
            f"{int(verdicts.isin(drift.DRIFTED).sum())} of {tested}",
            border=True,
            help="With the verdict drift or strong, of the features that could be compared.",
        )
        st.metric(
            "Share by importance" if importance else "Share drifted",
            words.percent(summary.drifted_share(measured.table, importance)),
            border=True,
            help="Each feature counts by its importance."
            if importance
            else "Each feature counts the same; below, importances can be given.",
        )
        for collection, answer in found.beside:
            _answer_metric(collection.identifier, answer)
        st.metric(
            "Rows",
            measured.compared.current.rows,
            format="compact",
            border=True,
            delta=f"before: {measured.compared.reference.rows:,}",
            delta_color="off",
            delta_arrow="off",
            help="Rows of the window; below, those of the reference.",
        )


def heat_map(measured: Measured) -> None:
    """Draw every feature day by day; a click opens the feature."""
    judged = measured.table[measured.table["verdict"] != "not comparable"]
    order = judged["feature"].tolist()[:MOST_IN_MAP]
    series = measured.series[measured.series["feature"].isin(order)]
    marked = {name: change.day for name, change in measured.changes.items() if name in order}
    st.markdown("**Distance from the reference, day by day**")
    st.plotly_chart(
        charts.drift_heatmap(series, order, changes=marked),
        key="map",
        on_select=ui.callback(_open_clicked),
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Heat map of drift: a row per feature, a column per day",
    )
    more = len(measured.table) - len(order)
    st.caption(
        "A triangle marks the day on which a feature changed. Click a cell to open its feature."
        + (f" {more:,} more features are in the table only." if more else "")
    )


def ranking(within: Scope, found: Found) -> None:
    """Show all features as a table, the most drifted first, and the model's answers below."""
    measured = found.measured
    st.markdown("**All features, the most drifted first.** Choose a row to open its feature.")
    _table(measured, "ranking", choose=True)
    with st.container(horizontal=True):
        name = (within.service, within.version, found.collection.identifier, "drift")
        ui.downloads(lambda: measured.table, *name)
    for collection, answer in found.beside:
        st.markdown(f"**What the model answered, {words.code(collection.identifier)}**")
        _table(answer, f"ranking-{collection.identifier}")


def signals(measured: Measured) -> None:
    """List what was noticed beside the distance: missing cells, new values, types, columns."""
    table = summary.signals_table(measured.signals)
    if table.empty:
        _say_alike(measured)
        return
    st.markdown(f"**Noticed beside the distance** ({len(table):,})")
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "feature": st.column_config.TextColumn("Feature", pinned=True),
            "signal": "Signal",
            "text": st.column_config.TextColumn("What was noticed", width="large"),
        },
        alt="Signals: what changed beside the distributions",
    )


def importances() -> dict[str, float]:
    """Draw the upload of importances and return them; empty without."""
    with st.expander("Weigh features by importance", icon=":material/balance:"):
        given = st.file_uploader(
            "A CSV with the columns feature and importance",
            type=["csv"],
            key="importance",
            max_upload_size=5,
        )
        if given is None:
            return {}
        try:
            found = summary.importances(given.getvalue(), given.name)
        except NotReadable as error:
            ui.explain(error)
            return {}
        st.caption(f"{len(found):,} features have an importance.")
        return found


def _say_alike(measured: Measured) -> None:
    """Say that nothing else was noticed, and in how much; not where that is nothing."""
    rows = measured.compared.current.rows, measured.compared.reference.rows
    if not all(rows) or measured.table.empty:
        return
    st.caption(
        ":material/check_circle: Missing cells, types, ranges, values and columns of "
        f"{words.count(len(measured.table), 'feature')} are as in the reference "
        f"({rows[0]:,} rows against {rows[1]:,})."
    )


def _say_mismatch(within: Scope, measured: Measured) -> None:
    """Say which columns a file, or other data, and the window do not share."""
    reference = within.reference
    if reference is None or (
        reference.collections == within.collections and not reference.identifier
    ):
        return
    compared = measured.compared
    if text := summary.mismatch(list(compared.reference.features), list(compared.current.features)):
        st.caption(f":material/rule: {text}")


def _answer_metric(identifier: str, answer: Measured) -> None:
    worst = answer.table.iloc[0]
    name = str(worst["feature"])
    moved = summary.what_moved(worst, answer.parts[name])
    st.metric(
        f"Drift of {words.plain(identifier)}",
        str(worst["verdict"]),
        border=True,
        help=f"Moved most: {words.code(name)}{f', {moved}' if moved else ''}.",
    )


def _table(measured: Measured, key: str, choose: bool = False) -> None:
    """Draw a ranking; of one that can be chosen from, a row opens its feature."""
    table = summary.ranking(measured.table, measured.series, measured.changes, measured.parts)
    chosen: dict[str, Any] = {}
    if choose:
        chosen = {
            "on_select": ui.callback(lambda: _open_row(key, table["feature"].tolist())),
            "selection_mode": "single-row",
        }
    column = st.column_config
    st.dataframe(
        table.assign(verdict=table["verdict"].map(lambda verdict: [verdict])),
        key=key,
        hide_index=True,
        placeholder="",
        column_config={
            "feature": column.TextColumn("Feature", pinned=True),
            "kind": "Kind",
            "verdict": verdict_column(),
            "distance": column.ProgressColumn(
                "Distance",
                min_value=0.0,
                max_value=1.0,
                format="%.3f",
                help="Jensen–Shannon distance, base 2, less what chance adds: 0 same, 1 apart.",
            ),
            "per_day": column.LineChartColumn(
                "Per day", y_min=0.0, y_max=0.5, help="Distance of each day from the reference."
            ),
            "since": column.DateColumn(
                "Since", format="D MMM YYYY", width=110, help="The day on which it changed."
            ),
            "moved": column.TextColumn("What moved", width="medium"),
            "shift_sd": column.NumberColumn(
                "Shift (sd)", format="%.2f", help="Wasserstein distance in sd of the reference."
            ),
            "missing_before": column.NumberColumn("Missing before", format="percent"),
            "missing_now": column.NumberColumn("Missing now", format="percent"),
            "signals": column.TextColumn("Signals", help="Explained below the table."),
        },
        alt="Features by drift, the most drifted first",
        **chosen,
    )


def verdict_column(label: str = "Verdict") -> Any:
    """Return the look of a column of verdicts, each in a list of its own: coloured labels."""
    return st.column_config.MultiselectColumn(
        label,
        options=list(drift.VERDICTS),
        color=[charts.VERDICT_COLOURS[verdict] for verdict in drift.VERDICTS],
    )


def open_feature(name: str) -> None:
    """Show one feature large, from a callback."""
    scope.choose(show=ONE, feature=name)


def _open_row(key: str, names: list[str]) -> None:
    if rows := st.session_state[key].selection.rows:
        open_feature(names[rows[0]])


def _open_clicked() -> None:
    points = st.session_state["map"].selection.points
    found = points[0].get("customdata") if points else None
    if found:
        open_feature(str(found[0]))


def definitions(measured: Measured) -> None:
    """Say exactly what was measured, for those who ask."""
    levels = measured.thresholds
    with st.expander("How this is measured", icon=":material/help:"):
        st.markdown(DEFINITIONS.format(levels=levels))
