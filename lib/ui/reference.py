"""What the window is compared with: earlier days, another version, other data, or a file."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib import collected, profile, window
from lib.errors import NotReadable
from lib.profile import Profile
from lib.summary import words
from lib.ui import scope as scopes
from lib.ui import sources
from lib.ui.scope import Reference, Scope

# The URL holds what is shown, as for the scope.
PREVIOUS, WEEKDAYS, DAYS = "Previous window", "Same weekdays before", "Other days"
SERVICE, DATA, FILE, NOTHING = "Another service", "Other collected data", "A file", "Nothing"

UPLOAD_MB = 200
"""Megabytes of a training set that are taken: its rows are summarised in one go."""


def pick(scope: Scope) -> Reference | None:
    """Draw the choice of the reference in the sidebar and return it; None for nothing."""
    mine = (scope.workspace, scope.service, scope.model)
    names = {c.version for c in scope.found.collections if scopes.version_of(c)[:3] == mine}
    versions = {f"Version {name}": name for name in scopes.ordered(names - {scope.version}, True)}
    makers: dict[str, Callable[[Scope], Reference | None]] = {
        PREVIOUS: _previous,
        WEEKDAYS: _weekdays,
        DAYS: _days,
        **{label: _version(name) for label, name in versions.items()},
        **({SERVICE: _service} if _others(scope) else {}),
        **({DATA: _data} if len(scope.collections) > 1 else {}),
        FILE: _file,
        NOTHING: lambda scope: None,
    }
    scopes.keep_valid("compare", list(makers))
    chosen = st.selectbox(
        "Compare with",
        list(makers),
        key="compare",
        bind="query-params",
        help="The reference, drawn in grey: as many days just before, the same weekdays of the "
        "weeks before, any days, another version or service, or the data a model was trained on.",
    )
    return makers[chosen](scope)


def _previous(scope: Scope) -> Reference:
    before = scope.window.previous
    return Reference(str(before), scope.collections, (before,))


def _weekdays(scope: Scope) -> Reference:
    """Return the window shifted by whole weeks, so that Mondays meet Mondays."""
    shifted = window.same_weekdays(scope.window)
    label = (
        f"the same weekdays, {shifted[-1]}"
        if len(shifted) == 1
        else (f"the same weekdays of {len(shifted)} weeks before")
    )
    return Reference(label, scope.collections, shifted, weekdays=True)


def _days(scope: Scope) -> Reference:
    before = scope.window.previous
    days = scopes.days("First and last day of the reference", "reference", before, scope.today)
    return Reference(str(days), scope.collections, (days,))


def _version(name: str) -> Callable[[Scope], Reference]:
    return lambda scope: _other(
        scope, f"version {name}", (scope.workspace, scope.service, scope.model, name)
    )


def _service(scope: Scope) -> Reference:
    others = _others(scope)
    scopes.keep_valid("other", list(others))
    chosen = st.selectbox("Service and version", list(others), key="other", bind="query-params")
    return _other(scope, chosen, others[chosen])


def _others(scope: Scope) -> dict[str, tuple[str, str, str, str]]:
    """Return the versions of all other services, by what they are shown as."""
    mine = (scope.workspace, scope.service, scope.model)
    found = sorted({scopes.version_of(c) for c in scope.found.collections})
    alone = len({version[0] for version in found}) == 1
    return {
        " / ".join(part for part in version[1 if alone else 0 :] if part): version
        for version in found
        if version[:3] != mine
    }


def _other(scope: Scope, label: str, version: tuple[str, str, str, str]) -> Reference:
    """Return another version in the window, or its newest days where it ended before."""
    collections = scopes.of_version(scope.found, *version)
    days = scope.window
    newest = sources.last_day(scope.source, collections[0]) if collections else None
    if newest and newest < days.first:
        days = window.ending(newest, len(days))
        label += f", its last days, {days}"
    return Reference(label, collections, (days,))


def _data(scope: Scope) -> Reference:
    names = [c.identifier for c in scope.collections]
    scopes.keep_valid("data", names)
    chosen = st.selectbox("Collected data of the reference", names, key="data", bind="query-params")
    return Reference(chosen, scope.collections, (scope.window,), identifier=chosen)


def _file(scope: Scope) -> Reference | None:
    given = st.file_uploader(
        "Training set or other rows",
        type=["csv", "parquet"],
        max_upload_size=UPLOAD_MB,
        help="Columns are matched by name. The file stays in this process's memory, as a summary.",
    )
    if given is None:
        st.caption("Choose a CSV (with a header) or a Parquet file.")
        return None
    try:
        found = _summary(given.file_id, given.name, given.getvalue)
    except NotReadable as error:
        st.error(words.error(error), icon=":material/error:")
        return None
    label = f"the file {words.plain(given.name)}"
    return Reference(label, (), (), profile=found)


@st.cache_resource(max_entries=4, show_spinner="Reading the file …")
def _summary(file_id: str, name: str, _data: Callable[[], bytes]) -> Profile:
    return profile.profile(collected.given(_data(), name))
