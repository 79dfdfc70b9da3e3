"""What telemetry tells of all versions on the overview page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib import summary, telemetry
from lib.errors import DriftlineError
from lib.logs import Span
from lib.summary import words
from lib.ui import asked, loading, requests
from lib.ui.overview import COLUMNS, Part, rounded
from lib.ui.scope import Scope

NO_NAME = "(no service named)"


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


def of_all(within: Scope, versions: Sequence[Part], table: pd.DataFrame) -> Observed | None:
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
    """Say which service fails more than in the same hours before, "" if none is known to."""
    with suppress(DriftlineError):  # the page is about the window, of which the answer is there
        before = _overview(within, telemetry.before(now.span))
        return summary.failing(now.names, now.answer, before)
    return ""


def also_seen(now: Observed) -> None:
    """List what telemetry has under names that no version bears."""
    rest = summary.unexplained(now.names, now.answer, now.days)
    if rest.empty:
        return
    st.markdown("**Also seen in telemetry**, under names that no service here is known by")
    nameless = rest["name"] == ""
    shown = rest.assign(name=rest["name"].mask(nameless, NO_NAME))
    st.dataframe(
        rounded(shown), hide_index=True, column_config=COLUMNS, alt="Other names in telemetry"
    )
    st.caption(
        "Templates in `roles` and `services` of the telemetry's settings say whose they are."
        + (f" {requests.WHY_NAMELESS}" if nameless.any() else "")
    )


def _with_before(span: Span) -> Span:
    """Return a time and the days before it with which it is compared."""
    return Span(telemetry.before(span).first, span.last)


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
