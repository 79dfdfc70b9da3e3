"""What the pages about telemetry share: where it is asked, whose rows, for which time, and how."""

from __future__ import annotations

import atexit
import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib import logs, telemetry, ui
from lib.catalog import Collection
from lib.charts import TimeAxis
from lib.errors import DriftlineError
from lib.logs import Answer, Logs, Span
from lib.settings import Source, checks
from lib.summary import words
from lib.telemetry import Filter, Scope
from lib.ui import loading, sources
from lib.ui import scope as scopes
from lib.ui.boundary import callback
from lib.window import Window

VERSION, SERVICE, ALL = WHOSE = ("This version", "Whole service", "All services")
REFRESH = {"Off": None, "Every minute": 60, "Every 5 minutes": 300}
KEPT_S = 600
"""How long an answer is kept. Spans are rounded, so that the next reader meets the same one."""

Answers = Mapping[str, Answer | DriftlineError]

ENABLING = """
Driftline reads what Application Insights, or the endpoint's own log, has recorded of this source.

1. **Have it recorded.** For a v1 service: `service.update(enable_app_insights=True)`. For a v2
   online endpoint: `app_insights_enabled: true` in the deployment's YAML, or *Application Insights
   diagnostics* in the studio; for the front end's log a *diagnostic setting* of the endpoint with
   the category *AmlOnlineEndpointTrafficLog*.
2. **Tell Driftline where it is**, in `.streamlit/secrets.toml`, and give the app's identity the
   role *Log Analytics Reader* on that workspace:
"""

EXAMPLE = """[{table}]
workspace_id = "11111111-2222-3333-4444-555555555555"   # Log Analytics workspace, Overview
# or exported telemetry, from a storage account or a folder:
# archive = "https://contosologs.blob.core.windows.net"
"""


@dataclass(frozen=True)
class Asking:
    """One page's questions: to which store, about whose rows, for which time."""

    store: Logs
    whose: Scope
    span: Span
    grain: timedelta
    axis: TimeAxis


def start(within: scopes.Scope) -> Asking | None:
    """Draw the controls, and return what to ask; where there is no telemetry, say how to get it."""
    told = within.source.telemetry
    if told is None:
        _say_how(within.source)
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        whose = st.segmented_control(
            "Rows of", WHOSE, default=VERSION, key="whose", required=True, bind="query-params"
        )
        rule = _rule(within.source)
        _refresh()
    if whose == VERSION and not _tells_versions(within):
        st.caption(
            ":material/info: Telemetry of v1 does not tell versions apart: these are the rows of "
            "the whole service."
        )
    service = "" if whose == ALL else within.service
    versions = [within.version] if whose == VERSION else _versions(within)
    span = span_of(within.window)
    if span is None:
        st.info("This window has not begun yet.", icon=":material/schedule:")
        return None
    grain = telemetry.grain_for(span)
    span = telemetry.rounded(span, grain)
    marks = _marks(within, span) if whose != ALL else ()
    axis = TimeAxis(span.first, span.last, grain, marks, telemetry.shift_for(span))
    return Asking(store_of(within.source), rule.scope(service, versions), span, grain, axis)


def span_of(window: Window) -> Span | None:
    """Return the time of a window's days that is over; None if it has not begun."""
    first = datetime.combine(window.first, time(), UTC)
    last = min(datetime.combine(window.last + timedelta(days=1), time(), UTC), sources.now())
    return Span(first, last) if first < last else None


@st.cache_resource(hash_funcs={Source: hash}, max_entries=8, show_spinner=False)
def store_of(source: Source) -> Logs:
    """Return the telemetry of a source; an archive's copy lies in the user's cache folder."""
    told = source.telemetry
    assert told is not None
    if told.archive is None:
        return logs.open(told, "")
    name = hashlib.sha256(repr(told.archive).encode()).hexdigest()[:16]
    folder = sources.cache_folder() / "telemetry" / name
    store = logs.open(told, str(folder))
    if isinstance(store, logs.Archive):
        # Left open at the end of the process, DuckDB complains on the console.
        atexit.register(store.close)
    return store


def ask(asking: Asking, names: Sequence[str], span: Span | None = None, **values: Any) -> Answers:
    """Return the answers to several questions, asked at once; what was asked lately is kept.

    `span` is another time than the page's, such as the one before, or that of one bin.
    """
    when = span or asking.span
    if not loading.agreed(asking.store, names, when):
        st.stop()
    return ask_about(asking.store, tuple(names), asking.whose, when, asking.grain, values)


def ask_about(
    store: Logs,
    names: tuple[str, ...],
    whose: Scope,
    span: Span,
    grain: timedelta,
    values: Mapping[str, Any],
) -> Answers:
    """Return the answers to several questions; an error is asked again the next time.

    Whoever asks the same while it is being asked waits for that answer.
    """
    # A store's label is for people: the archives of two sources may be called alike.
    key = (repr(store), astuple(whose), span, grain, tuple(sorted(values.items(), key=str)))
    kept = _answers(repr(key))
    with kept.lock:
        new = [name for name in names if name not in kept.good]
        asked: Answers = {}
        if new:
            loading.load(store, new, span)
            with st.spinner("Asking the telemetry …"):
                asked = telemetry.ask(store, new, whose, span=span, grain=grain, **values)
        kept.good.update(
            {name: answer for name, answer in asked.items() if isinstance(answer, Answer)}
        )
        return {name: kept.good.get(name) or asked[name] for name in names}


@dataclass(frozen=True)
class _Kept:
    """The good answers about the same rows and time, by question, for all pages and readers."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    good: dict[str, Answer] = field(default_factory=dict)


@st.cache_resource(ttl=KEPT_S, max_entries=256, show_spinner=False)
def _answers(key: str) -> _Kept:
    return _Kept()


def frame(answers: Answers, name: str) -> pd.DataFrame | None:
    """Return the rows of one answer; where there are none because of an error, explain it here."""
    answer = answers[name]
    if isinstance(answer, DriftlineError):
        ui.explain(answer)
        return None
    if answer.partial:
        st.warning(f"Not all rows are here. {words.plain(answer.reason)}", icon=":material/rule:")
    return answer.frame


def as_of(answers: Answers) -> None:
    """Say as of when the answers are, how far telemetry lags, and what was wrong in an archive."""
    there = [answer for answer in answers.values() if isinstance(answer, Answer)]
    if not there:
        return
    oldest = min(answer.asked_at for answer in there)
    text = f"As of {oldest:%H:%M} UTC, from {words.plain(there[0].source)}."
    fresh = answers.get("freshness")
    if isinstance(fresh, Answer) and len(fresh.frame):
        newest = fresh.frame["newest"].max()
        text += f" The newest row is from {newest:%d %b, %H:%M} UTC."
    counted = {key: max(int(a.statistics.get(key, 0)) for a in there) for key in FAULTS}
    faults = [f"{number:,} {FAULTS[key]}" for key, number in counted.items() if number]
    st.caption(text + (f" In the exported files: {words.several(faults)}." if faults else ""))


FAULTS = {
    "duplicates": "lines that were exported again, counted once",
    "overlapped": "rows that two exports hold, counted once",
    "broken": "lines that are not JSON objects",
    "unusable": "lines without a readable time or record",
    "misplaced": "rows that arrived over 48 hours late or are dated over a day ahead, left out",
    "odd": "rows with a value that could not be used, loaded without it",
    "half": "lines that are still being written",
}
"""What an archive counts of its files, in words."""


def rule_of(source: Source) -> Filter:
    """Return the rule that says whose rows are meant, as the settings have it."""
    told, usual = source.telemetry, Filter()
    rule = {key: getattr(told, key, ()) or value for key, value in asdict(usual).items()}
    return Filter(**rule)


def _say_how(source: Source) -> None:
    st.info("No telemetry is configured for this source.", icon=":material/monitoring:")
    st.markdown(ENABLING)
    table = checks.dotted("sources", source.name, "telemetry")
    st.code(EXAMPLE.format(table=table), language=None)


def _rule(source: Source) -> Filter:
    """Draw the rule that says whose rows are meant, and return it as corrected."""
    usual = rule_of(source)
    fields = {
        "roles": "AppRoleName is one of",
        "services": "or Properties[“Service Name”] is one of",
        "endpoints": "Endpoint (front end's log)",
        "deployments": "Deployment (front end's log)",
    }
    rule = {}
    with st.popover("Whose rows", icon=":material/rule:"):
        st.markdown(
            "Telemetry does not know what a service is called in storage. These names are looked "
            "for; `{service}` and `{version}` stand for what is chosen in the sidebar."
        )
        for key, label in fields.items():
            start = getattr(usual, key)
            text = st.text_input(label, ", ".join(start), key=f"rule-{source.name}-{key}")
            rule[key] = tuple(part.strip() for part in text.split(",") if part.strip())
        st.caption("For good: in the setting `sources.<name>.telemetry`, keys of the same names.")
    return Filter(**rule)


def _versions(within: scopes.Scope) -> list[str]:
    """Return all versions of the chosen service."""
    mine = (within.workspace, within.service)
    return sorted({c.version for c in within.found.collections if (c.workspace, c.service) == mine})


def _tells_versions(within: scopes.Scope) -> bool:
    """Return whether telemetry tells the chosen version from the others, if there are others."""
    v2 = any(collection.generation == "v2" for collection in within.collections)
    return v2 or len(_versions(within)) < 2


def _marks(within: scopes.Scope, span: Span) -> tuple[tuple[datetime, str], ...]:
    """Return when versions of the service began to be collected, within the time."""
    firsts: dict[str, Collection] = {}
    for collection in scopes.in_order(within.found.collections):
        if (collection.workspace, collection.service) == (within.workspace, within.service):
            firsts.setdefault(collection.version, collection)
    marks = []
    for version, collection in firsts.items():
        try:
            day = sources.first_day(within.source, collection)
        except DriftlineError:
            continue  # the pages about collected data say so
        moment = datetime.combine(day, time(), UTC) if day else None
        if moment and span.first < moment < span.last:
            marks.append((moment, f"version {version}"))
    return tuple(sorted(marks))


def _refresh() -> None:
    """Draw the choice of how often to ask again, and do so."""
    chosen = st.selectbox("Refresh", list(REFRESH), key="refresh", bind="query-params", width=160)
    if seconds := REFRESH[chosen]:
        st.fragment(callback(_tick), run_every=seconds)(seconds)


def _tick(seconds: int) -> None:
    """Run the page anew when its time has come; the first run of a fragment is the page's own."""
    last = st.session_state.get("refreshed")
    now = datetime.now(UTC)
    if last is None or (now - last).total_seconds() < seconds * 0.9:
        st.session_state.setdefault("refreshed", now)
        return
    st.session_state["refreshed"] = now
    st.rerun()
