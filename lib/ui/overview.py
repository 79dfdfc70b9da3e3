"""What the overview page reads and how its table leads on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from lib import summary, ui
from lib.catalog import Collection
from lib.errors import DriftlineError
from lib.store import Day
from lib.summary import words
from lib.ui import measured, ranking, reading, scope, sources
from lib.ui.boundary import boundary, callback
from lib.ui.scope import Scope
from lib.window import Window

COLUMNS: dict[str, Any] = {
    "workspace": "Workspace",
    "service": st.column_config.TextColumn("Service", pinned=True),
    "model": "Model",
    "version": st.column_config.TextColumn("Version", pinned=True),
    "state": st.column_config.TextColumn(
        "State",
        help="Collecting: data from today or yesterday. Replaced: another version of the "
        "service collects. Silent: nothing for two days or more.",
    ),
    "drift": ranking.verdict_column("Drift"),
    "drifted": st.column_config.TextColumn(
        "Features drifted",
        help="Of those inputs that can be compared with as many days before.",
    ),
    "last_day": st.column_config.DateColumn("Newest data", format="D MMM YYYY"),
    "rows": st.column_config.NumberColumn("Rows", format="localized"),
    "days_missing": st.column_config.NumberColumn(
        "Days missing", help="Days without any inputs between the first and the last with some."
    ),
    "features": st.column_config.NumberColumn("Features", help="Columns of the inputs."),
    "problems": st.column_config.NumberColumn(
        "Problems", format="localized", help="Rows or lines that were not as they should be."
    ),
    "name": st.column_config.TextColumn("Name in telemetry", pinned=True),
    "requests_per_day": st.column_config.NumberColumn(
        "Requests a day",
        format="localized",
        help="Telemetry of servers that name no version counts for the whole service: it stands "
        "at the version that collects.",
    ),
    "p95_ms": st.column_config.NumberColumn(
        "p95",
        format="%.0f ms",
        help="95 % of the requests took no longer. Of several names of one version, the slowest.",
    ),
    "failed_pct": st.column_config.NumberColumn(
        "Failed",
        format="%.2f %%",
        help="Share of the requests that failed, also of those recorded as successes.",
    ),
    "exceptions": st.column_config.NumberColumn(
        "Exceptions", format="localized", help="What servers and scoring scripts raised."
    ),
}
"""How the columns of the page's tables are called and shown."""


@dataclass(frozen=True)
class Part:
    """One version and its collections, what the model was asked first."""

    workspace: str
    service: str
    model: str
    version: str
    collections: tuple[Collection, ...]

    @property
    def wanted(self) -> Collection:
        """The collection that stands for the version: what the model was asked."""
        return self.collections[0]


def parts(within: Scope) -> list[Part]:
    """Return the versions of the source, each with its collections."""
    versions: dict[tuple[str, str, str, str], list[Collection]] = {}
    for collection in within.found.collections:
        versions.setdefault(scope.version_of(collection), []).append(collection)
    return [Part(*names, scope.in_order(same)) for names, same in sorted(versions.items())]


def wanted(within: Scope, versions: Sequence[Part]) -> list[reading.Wanted]:
    """Return all that the page reads: the window, and of inputs the one before."""
    return [part for version in versions for part in _wanted(within, version)]


def read(within: Scope, versions: Sequence[Part]) -> list[summary.Version]:
    """Return what is known of each version; one that cannot be read is named and left out."""
    whole: list[summary.Version] = []
    for part in versions:
        with _left_out(part):
            whole.append(_read(within, part))
    return whole


def headline(table: pd.DataFrame, window: Window, versions: Sequence[Part], more: str = "") -> str:
    """Say how things stand, and of how many versions that is not known; `more` comes after."""
    text = summary.headline(table, window, more)
    if left := len(versions) - len(table):
        verb = "is" if left == 1 else "are"
        text += f" **{words.count(left, 'version')} could not be read** and {verb} not counted."
    return text


def sizes(within: Scope, versions: Sequence[Part]) -> None:
    """Show what the listing alone can tell, without reading."""
    rows = []
    for part in versions:
        with _left_out(part):
            rows.append(_size(within, part))
    config = {"size per day": st.column_config.BarChartColumn(y_min=0)}
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=config, alt="Size of inputs by version"
    )


def metrics(table: pd.DataFrame) -> None:
    """Draw the sums over all versions."""
    with st.container(horizontal=True):
        st.metric("Services", table["service"].nunique(), border=True)
        st.metric("Versions collecting", int((table["state"] == "collecting").sum()), border=True)
        st.metric("Rows of inputs", int(table["rows"].sum()), format="compact", border=True)
        problems = int(table["problems"].sum())
        nothing_read = not problems and not table["rows"].sum()
        st.metric(
            "Problems",
            "–" if nothing_read else problems,
            format="compact",
            border=True,
            help="Rows, lines and files that were not as they should be.",
        )


def download(table: pd.DataFrame, window: Window) -> None:
    """Offer the table as a file."""
    with st.container(horizontal=True):
        ui.downloads(lambda: table.astype({"rows_per_day": "str"}), "overview", str(window))


def show(table: pd.DataFrame, window: Window) -> None:
    """Draw the versions; a row that is chosen opens on the page Browse."""
    per_day = st.column_config.BarChartColumn(
        "Rows per day", help=f"Inputs per day, {window}", y_min=0, width="medium"
    )
    shown = table.assign(drift=table["drift"].map(lambda verdict: [verdict] if verdict else []))
    chosen = st.dataframe(
        rounded(shown).drop(columns=[] if table["workspace"].nunique() > 1 else ["workspace"]),
        key="versions",
        hide_index=True,
        placeholder="",
        on_select=callback(lambda: open_row(table)),
        selection_mode="single-row",
        row_height=44,
        column_config=COLUMNS | {"rows_per_day": per_day},
        alt="One row per service, model and version with its freshness, rows and problems",
    )
    if chosen.selection.rows:
        # Bound widgets keep their parameters; an empty mapping says not to clear them.
        st.switch_page("pages/browse.py", query_params={"at": "day"})
    st.caption("Choose a row to open it. Counts are of the chosen window, in UTC days.")


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with as many digits of requests per day as one reads."""
    if "requests_per_day" not in table:
        return table
    rate = table["requests_per_day"]
    return table.assign(requests_per_day=rate.round(1).where(rate < 10, rate.round()))


def _left_out(part: Part) -> AbstractContextManager[None]:
    """Name a version that cannot be read, and go on."""

    def say(error: DriftlineError) -> None:
        name = words.code(f"{part.service} {part.version}")
        st.warning(f"{name} is left out. {words.error(error)}")

    return boundary(say)


def _size(within: Scope, part: Part) -> dict[str, object]:
    listed = sources.listing(within.source, part.wanted, within.window)
    daily = summary.bytes_by_day(listed, within.window)
    return {
        "service": part.service,
        "model": part.model,
        "version": part.version,
        "newest data": _last_day(within, part),
        "size per day": [float(n) for n in daily["bytes"].fillna(0)],
        "size": words.size(daily["bytes"].sum()),
    }


def open_row(table: pd.DataFrame) -> None:
    """Make the chosen row the scope, from a callback."""
    selected = st.session_state["versions"].selection.rows
    if selected:
        row = table.iloc[selected[0]]
        scope.choose(**{key: row[key] for key in ("workspace", "service", "model", "version")})


def _read(within: Scope, part: Part) -> summary.Version:
    inputs, *others = _wanted(within, part)[1:]
    (days,) = reading.days(within, [inputs])
    before = _days_beside(within, part, (part.wanted, within.window.previous))
    beside = [_days_beside(within, part, other) for other in others]
    return summary.Version(
        part.workspace,
        part.service,
        part.model,
        part.version,
        _last_day(within, part),
        tuple(days),
        tuple(day for other in beside for day in other),
        measured.verdicts(within, days, before),
    )


def _days_beside(within: Scope, part: Part, wanted: reading.Wanted) -> list[Day]:
    """Return the days of what stands beside a version's inputs; what cannot be read is named."""
    collection, window = wanted

    def say(error: DriftlineError) -> None:
        name = words.code(f"{part.service} {part.version} {collection.identifier}")
        st.warning(f"{name} of {window} is left out. {words.error(error)}")

    days: list[Day] = []
    with boundary(say):
        (days,) = reading.days(within, [wanted])
    return days


def _wanted(within: Scope, part: Part) -> list[reading.Wanted]:
    windows = [(collection, within.window) for collection in part.collections]
    return [(part.wanted, within.window.previous), *windows]


def _last_day(within: Scope, part: Part) -> date | None:
    """Return the newest day with data; the listing of the window says it if it reaches today."""
    listed = sources.listing(within.source, part.wanted, within.window)
    if listed and within.window.last >= within.today:
        return max(item.day for item in listed)
    return sources.last_day(within.source, part.wanted)
