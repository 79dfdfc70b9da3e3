"""What the overview page reads and how its table leads on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from lib import summary, telemetry
from lib.catalog import Collection
from lib.errors import DriftlineError
from lib.logs import Span
from lib.summary import words
from lib.ui import asked, loading, measured, ranking, reading, scope, sources
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
    whole = []
    for part in versions:
        with _left_out(part):
            whole.append(_read(within, part))
    return whole


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


@dataclass(frozen=True)
class Observed:
    """What telemetry tells of all services in a time, and the names it may know versions by."""

    names: tuple[summary.Names, ...]
    span: Span
    answer: pd.DataFrame

    @property
    def days(self) -> float:
        """How long the time is."""
        return (self.span.last - self.span.first).total_seconds() / 86_400


def observed(within: Scope, versions: Sequence[Part], table: pd.DataFrame) -> Observed | None:
    """Return what one query tells of all services; where it cannot be had, say so here."""
    span = asked.span_of(within.window)
    if within.source.telemetry is None or span is None:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.caption("Requests and failures are not known of this source.", width="content")
            st.page_link("pages/requests.py", label="How to show them", query_params={})
        return None
    span = telemetry.rounded(span, telemetry.grain_for(span))
    try:
        store = asked.store_of(within.source)
        if not loading.agreed(store, ("overview",), _with_before(span)):
            return None
        return Observed(_names(within, versions, table), span, _overview(within, span))
    except DriftlineError as error:
        st.warning(f"Telemetry is left out. {words.error(error)}", icon=":material/monitoring:")
        return None


def failing(within: Scope, now: Observed) -> str:
    """Say which service fails more than in as much time before, "" if none is known to."""
    earlier = Span(_with_before(now.span).first, now.span.first)
    with suppress(DriftlineError):  # the page is about the window, of which the answer is there
        before = _overview(within, earlier)
        return summary.failing(now.names, now.answer, before)
    return ""


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
        on_select=lambda: open_row(table),
        selection_mode="single-row",
        row_height=44,
        column_config=COLUMNS | {"rows_per_day": per_day},
        alt="One row per service, model and version with its freshness, rows and problems",
    )
    if chosen.selection.rows:
        # Bound widgets keep their parameters; an empty mapping says not to clear them.
        st.switch_page("pages/browse.py", query_params={"at": "day"})
    st.caption("Choose a row to open it. Counts are of the chosen window, in UTC days.")


def also_seen(now: Observed) -> None:
    """List what telemetry has under names that no version bears."""
    rest = summary.unexplained(now.names, now.answer, now.days)
    if rest.empty:
        return
    st.markdown("**Also seen in telemetry**, under names that no service here is known by")
    st.dataframe(
        rounded(rest), hide_index=True, column_config=COLUMNS, alt="Other names in telemetry"
    )
    st.caption(
        "Templates in `roles` and `services` of the telemetry's settings say whose they are."
    )


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with as many digits of requests per day as one reads."""
    if "requests_per_day" not in table:
        return table
    rate = table["requests_per_day"]
    return table.assign(requests_per_day=rate.round(1).where(rate < 10, rate.round()))


@contextmanager
def _left_out(part: Part) -> Iterator[None]:
    """Name a version that cannot be read, and go on."""
    try:
        yield
    except DriftlineError as error:
        st.warning(
            f"{words.code(f'{part.service} {part.version}')} is left out. {words.error(error)}"
        )


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


def _with_before(span: Span) -> Span:
    """Return a time and as much before it."""
    return Span(span.first - (span.last - span.first), span.last)


def _overview(within: Scope, span: Span) -> pd.DataFrame:
    """Return the answer to `overview` about everything; raises what it met."""
    store, grain = asked.store_of(within.source), telemetry.grain_for(span)
    answers = asked.ask_about(store, ("overview",), telemetry.EVERYTHING, span, grain, {})
    answer = answers["overview"]
    if isinstance(answer, DriftlineError):
        raise answer
    if answer.partial:
        st.warning(f"Not all of telemetry is here. {words.plain(answer.reason)}")
    return answer.frame


def _names(
    within: Scope, versions: Sequence[Part], table: pd.DataFrame
) -> tuple[summary.Names, ...]:
    """Return what telemetry may call each row, and then each version that was left out."""
    rule = asked.rule_of(within.source)
    rows = table[["workspace", "service", "model", "version"]].itertuples(index=False, name=None)
    known = dict.fromkeys(rows) | dict.fromkeys(
        (part.workspace, part.service, part.model, part.version) for part in versions
    )
    names = []
    for _, service, _, version in known:
        whole, own = rule.scope(service), rule.scope(service, [version])
        common = (*whole.roles, *whole.services)
        mine = tuple(name for name in (*own.roles, *own.services) if name not in common)
        names.append(summary.Names(service, common, mine))
    return tuple(names)


def _read(within: Scope, part: Part) -> summary.Version:
    before, days, *others = reading.days(within, _wanted(within, part))
    return summary.Version(
        part.workspace,
        part.service,
        part.model,
        part.version,
        _last_day(within, part),
        tuple(days),
        tuple(day for other in others for day in other),
        measured.verdicts(within, days, before),
    )


def _wanted(within: Scope, part: Part) -> list[reading.Wanted]:
    windows = [(collection, within.window) for collection in part.collections]
    return [(part.wanted, within.window.previous), *windows]


def _last_day(within: Scope, part: Part) -> date | None:
    """Return the newest day with data; the listing of the window says it if it reaches today."""
    listed = sources.listing(within.source, part.wanted, within.window)
    if listed and within.window.last >= within.today:
        return max(item.day for item in listed)
    return sources.last_day(within.source, part.wanted)
