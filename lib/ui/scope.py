"""The scope: what a page is about, chosen in the sidebar, held in the URL, shared by all pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from lib import window
from lib.catalog import Collection
from lib.profile import Profile
from lib.settings import Limits, Settings, Source
from lib.ui import link, sources
from lib.window import Window

# The URL holds what a widget shows of a choice, so choices are named to be read in both.
LENGTHS = {"1 day": 1, "7 days": 7, "14 days": 14, "30 days": 30, "90 days": 90}
USUAL = "14 days"
CUSTOM = "Chosen days"
IDENTIFIERS = ("inputs", "model_inputs", "request", "predictions", "model_outputs", "response")
"""What nearly everybody collects comes first; the rest by name."""


@dataclass(frozen=True)
class Reference:
    """What the window is compared with: collections in one or several windows, or a file.

    With `weekdays`, each day is compared with the same weekdays; `identifier` names other
    collected data than the page's own; `profile` is that of a file, without collections.
    """

    label: str
    collections: tuple[Collection, ...]
    windows: tuple[Window, ...]
    weekdays: bool = False
    identifier: str = ""
    profile: Profile | None = None


@dataclass(frozen=True)
class Scope:
    """What was chosen: one version of one service, a window of days, and a reference if wanted."""

    source: Source
    found: sources.Found
    workspace: str
    service: str
    model: str
    version: str
    window: Window
    reference: Reference | None
    today: date
    limits: Limits

    @property
    def collections(self) -> tuple[Collection, ...]:
        """The collections of the chosen version, what nearly everybody collects first."""
        return of_version(self.found, self.workspace, self.service, self.model, self.version)


def version_of(collection: Collection) -> tuple[str, str, str, str]:
    """Return the names of the version that a collection is of, from the workspace down."""
    return (collection.workspace, collection.service, collection.model, collection.version)


def in_order(collections: Iterable[Collection]) -> tuple[Collection, ...]:
    """Return the collections of a version, what nearly everybody collects first."""
    return tuple(sorted(collections, key=lambda c: _rank(c.identifier)))


def of_version(
    found: sources.Found, workspace: str, service: str, model: str, version: str
) -> tuple[Collection, ...]:
    """Return the collections of one version, what nearly everybody collects first."""
    wanted = (workspace, service, model, version)
    return in_order(c for c in found.collections if version_of(c) == wanted)


def pick(told: Settings) -> Scope:
    """Draw the pickers in the sidebar and return what they say, without the reference.

    Raises SourceError.
    """
    today = sources.today()
    names = [source.name for source in told.sources]
    with st.sidebar:
        chosen = _choice("Source", names, "source", hide_single=True)
        source = told.sources[names.index(chosen)]
        found = sources.found(source)
        if not found.collections:
            days = window.ending(today, LENGTHS[USUAL])
            return Scope(source, found, "", "", "", "", days, None, today, told.limits)
        left: Sequence[Collection] = found.collections
        picked: list[str] = []
        for key in ("workspace", "service", "model", "version"):
            options = ordered({getattr(c, key) for c in left}, newest_first=key == "version")
            owner = picked[1] if key == "version" else ""
            picked.append(_choice(key.title(), options, key, options == [""], owner))
            left = [c for c in left if getattr(c, key) == picked[-1]]
        workspace, service, model, version = picked
        days = _window(today)
        return Scope(
            source, found, workspace, service, model, version, days, None, today, told.limits
        )


def of_blob(scope: Scope, name: str) -> Collection | None:
    """Return the collection that a blob of the source belongs to."""
    return next((c for c in scope.found.collections if name.startswith(c.prefix)), None)


def choose(**values: object) -> None:
    """Set the scope's widgets, from a callback; the URL follows."""
    for key, value in values.items():
        # Of a widget that was never drawn in this session Streamlit (1.67) does not write into
        # the URL what code sets.
        if value and key not in st.session_state:
            st.query_params[key] = value if isinstance(value, tuple) else str(value)
        st.session_state[key] = value


def show_window(wanted: Window) -> None:
    """Set the window, from a callback."""
    choose(window=CUSTOM, dates=(wanted.first, wanted.last))


def identifier(scope: Scope) -> Collection:
    """Draw the choice of what was collected (inputs, predictions, …) and return its collection."""
    by_name = {c.identifier: c for c in scope.collections}
    keep_valid("identifier", list(by_name))
    chosen = st.segmented_control(
        "Collected data",
        list(by_name),
        default=next(iter(by_name)),
        key="identifier",
        required=True,
        bind="query-params",
        help="Inputs are what the model was asked, predictions what it answered.",
    )
    return by_name[chosen or next(iter(by_name))]


def counterpart(reference: Reference, collection: Collection) -> Collection | None:
    """Return the reference's collection of the same identifier, or of its own, if it has one."""
    wanted = reference.identifier or collection.identifier
    same = (c for c in reference.collections if c.identifier == wanted)
    return next(same, None)


def _choice(
    label: str, options: Sequence[str], key: str, hide_single: bool = False, of: str = ""
) -> str:
    if hide_single and len(options) == 1:
        link.check(key, options, options[0])
        return options[0]
    keep_valid(key, options, of=of)
    return st.selectbox(label, options, key=key, bind="query-params")


def wanted(reference: Reference | None, collection: Collection) -> list[tuple[Collection, Window]]:
    """Return what has to be read of the reference to compare a collection with it."""
    other = counterpart(reference, collection) if reference else None
    return [(other, days) for days in reference.windows] if reference and other else []


def keep_valid(key: str, options: Sequence[str], default: str | None = None, of: str = "") -> None:
    """Fall back to the default, or the first option, when what was chosen is not to be had.

    What a link asks for in vain is noted; `link.say` shows it.
    """
    fallback = default or options[0]
    link.check(key, options, fallback, of)
    if st.session_state.get(key, fallback) not in options:
        st.session_state[key] = fallback


def _window(today: date) -> Window:
    options = [*LENGTHS, CUSTOM]
    keep_valid("window", options, USUAL)
    chosen = st.selectbox(
        "Window",
        options,
        index=options.index(USUAL),
        key="window",
        bind="query-params",
        help="Whole days in UTC, up to today.",
    )
    if chosen != CUSTOM:
        return window.ending(today, LENGTHS[chosen])
    return days("First and last day", "dates", window.ending(today, LENGTHS[USUAL]), today)


def days(label: str, key: str, usual: Window, today: date) -> Window:
    """Draw the choice of a first and a last day and return the days between them."""
    wanted = link.take(key)
    dates = st.date_input(
        label,
        (usual.first, usual.last),
        key=key,
        max_value=today,
        min_value=date(2015, 1, 1),
        bind="query-params",
        format="YYYY-MM-DD",
    )
    # While the second day is being picked there is only one, and after clearing none. A link
    # may have them the wrong way round.
    chosen = Window(min(dates), max(dates)) if dates else usual
    if wanted and wanted != [day.isoformat() for day in dates]:
        link.missing(key, " – ".join(wanted), str(chosen), held=dates)
    return chosen


def ordered(names: Iterable[str], newest_first: bool = False) -> list[str]:
    """Return names in the order people expect, 2 before 10; numbered versions newest first."""
    numbered = {name for name in names if re.fullmatch(r"\d+", name)}
    texts = sorted(set(names) - numbered, key=str.casefold)
    return sorted(numbered, key=int, reverse=newest_first) + texts


def by_rank(names: Iterable[str]) -> list[str]:
    """Return identifiers in order: what nearly everybody collects first, the rest by name."""
    return sorted(names, key=_rank)


def _rank(name: str) -> tuple[int, str]:
    return (IDENTIFIERS.index(name) if name in IDENTIFIERS else len(IDENTIFIERS), name)
