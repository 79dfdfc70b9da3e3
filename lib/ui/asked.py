"""What the pages about telemetry share: where it is asked, whose rows, for which time, and how."""

from __future__ import annotations

import atexit
import hashlib
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
from lib.settings import Source
from lib.summary import words
from lib.telemetry import Filter, Scope
from lib.ui import enabling, link, loading, pending, sources
from lib.ui import scope as scopes
from lib.ui.boundary import callback
from lib.ui.pending import Pending
from lib.window import Window

VERSION, SERVICE, ALL = WHOSE = ("This version", "Whole service", "All services")
sources.on_forget["answers"] = pending.questions.clear

REFRESH = {"Off": None, "Every minute": 60, "Every 5 minutes": 300}
Answers = Mapping[str, Answer | DriftlineError]


@dataclass(frozen=True)
class Asking:
    """One page's questions: to which store, about whose rows, for which time."""

    store: Logs
    whose: Scope
    span: Span
    grain: timedelta
    axis: TimeAxis
    said: set[str] = field(default_factory=set, compare=False, repr=False)  # see Pending


def start(within: scopes.Scope) -> Asking | None:
    """Draw the controls, and return what to ask; where there is no telemetry, say how to get it."""
    told = within.source.telemetry
    if told is None:
        enabling.show(within.source)
        return None
    scopes.keep_valid("whose", WHOSE)
    scopes.keep_valid("refresh", list(REFRESH))
    link.say("whose", "refresh")
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
        sources.on_forget[f"listing of {name}"] = store.forget_listings
    return store


def ask(
    asking: Asking,
    names: Sequence[str],
    span: Span | None = None,
    known: Pending | None = None,
    **values: Any,
) -> Pending:
    """Ask several questions at once and return their answers, each once it is there.

    What was answered lately is kept. `span` is another time than the page's, such as the one
    before, or that of one bin. What is in `known` is taken from there.
    """
    when = span or asking.span
    futures = known.futures if known else {}
    new = tuple(name for name in names if name not in futures)
    if not loading.agreed(asking.store, new, when):
        st.stop()
    more = ask_about(asking.store, new, asking.whose, when, asking.grain, values)
    return Pending(
        {name: (dict(more.futures) | dict(futures))[name] for name in names}, asking.said
    )


def ask_about(
    store: Logs,
    names: tuple[str, ...],
    whose: Scope,
    span: Span,
    grain: timedelta,
    values: Mapping[str, Any],
) -> Pending:
    """Ask several questions; an error or a partial answer is asked again the next time.

    Whoever asks the same while it is being asked waits for that answer.
    """
    # A store's label is for people: the archives of two sources may be called alike.
    key = (repr(store), astuple(whose), span, grain, tuple(sorted(values.items(), key=str)))
    questions = pending.questions(repr(key))

    def run(group: Sequence[str]) -> Answers:
        return telemetry.ask(store, group, whose, span=span, grain=grain, **values)

    if new := questions.new(names):
        loading.load(store, new, span)
        # An archive reads rows once for all that are asked together.
        questions.ask(new, run, repr(store), together=isinstance(store, logs.Archive))
    return Pending({name: questions.futures[name] for name in names})


def frame(answers: Answers, name: str) -> pd.DataFrame | None:
    """Return the rows of one answer; where there are none because of an error, explain it here.

    What is wrong for several answers of a page is said once, and after that referred to.
    """
    answer = answers[name]
    title = telemetry.QUESTIONS[name].title
    if isinstance(answer, DriftlineError):
        if _is_new(answers, f"{type(answer)} {answer.message}"):
            ui.explain(answer)
        else:
            st.caption(f":material/error: Not available, for the reason above: {title}.")
        return None
    if answer.partial and _is_new(answers, f"{name}: {answer.reason}"):
        if _is_new(answers, answer.reason):
            said = f"Not all rows are here. {words.plain(answer.reason)} Incomplete: {title}."
            st.warning(said, icon=":material/rule:")
        else:
            st.caption(f":material/rule: Incomplete, for the reason above: {title}.")
    return answer.frame


def is_partial(answers: Answers, name: str) -> bool:
    """Return whether an answer is there, but lacks rows."""
    answer = answers.get(name)
    return isinstance(answer, Answer) and answer.partial


NOT_KNOWN = (
    "How many requests there were in this window is not known: the store answered in part only. "
    "Choose a shorter window, or refresh."
)
"""What is said instead of numbers where an answer has none, and is not whole."""


def _is_new(answers: Answers, text: str) -> bool:
    """Return whether the page has not said this yet, and take down that it has."""
    said = answers.said if isinstance(answers, Pending) else set()
    is_new = text not in said
    said.add(text)
    return is_new


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
