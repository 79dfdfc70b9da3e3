"""What every page shares: how it starts, how it shows an error, how it gives something away.

The only part of the library that imports Streamlit.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from lib import export, store, window
from lib.catalog import Collection
from lib.errors import DriftlineError
from lib.summary import words
from lib.ui import boundary, link, reference, sources
from lib.ui import scope as scopes
from lib.ui.boundary import callback, explain, panel
from lib.ui.scope import Scope

__all__ = [
    "callback",
    "downloads",
    "explain",
    "frame",
    "moment_column",
    "nothing_in_window",
    "panel",
    "start",
]


def frame() -> None:
    """Draw the sidebar, from app.py, and keep what was picked there for the page's `start`."""
    with boundary.boundary(_keep):
        link.arrive()
        picked = scopes.pick(sources.load())
        if picked.version or picked.service:
            with st.sidebar:
                picked = replace(picked, reference=reference.pick(picked))
        _keep(picked)
        _sidebar_foot(picked)


def start(question: str) -> Scope:
    """Say what the page answers, and return what it is about: what was picked in the sidebar.

    Ends the page with an explanation where settings are wrong, the account cannot
    be read or nothing was collected.
    """
    # Until app.py has called st.navigation once in this process, Streamlit 1.67 takes pages/
    # for its old multipage layout: a deep link then runs the page alone, without app.py.
    # Of two that arrive at once, the second finds that mended, and no scope yet.
    if PagesManager.uses_pages_directory or "scope" not in st.session_state:
        PagesManager.uses_pages_directory = False
        st.rerun()
    _settle_memory()
    st.caption(question)
    boundary.explain_callbacks()
    scope: Scope | DriftlineError = st.session_state["scope"]
    if isinstance(scope, DriftlineError):
        explain(scope)
        st.stop()
    link.say(*link.LEVELS, "window", "dates", "compare", "other", "data", "reference")
    _say_what_is_missing(scope)
    return scope


def downloads(make: Callable[[], pd.DataFrame], *name: str) -> None:
    """Offer a frame as CSV and as Parquet; it is made when it is asked for."""
    _download(make, "CSV", "text/csv", export.csv, *name)
    _download(make, "Parquet", "application/vnd.apache.parquet", export.parquet, *name)


def moment_column(label: str) -> Any:
    """Return the look of a column of moments in UTC."""
    return st.column_config.DatetimeColumn(label, format="D MMM YYYY, HH:mm", timezone="UTC")


def _keep(picked: Scope | DriftlineError) -> None:
    st.session_state["scope"] = picked


def _download(
    make: Callable[[], pd.DataFrame],
    label: str,
    mime: str,
    write: Callable[[pd.DataFrame], bytes],
    *name: str,
) -> None:
    ending = label.lower()
    st.download_button(
        label,
        data=boundary.download(lambda: write(make())),
        file_name=export.file_name(*name, ending=ending),
        mime=mime,
        key="-".join(("download", ending, *name)),
        on_click="ignore",
        icon=":material/download:",
    )


def nothing_in_window(scope: Scope, collection: Collection) -> None:
    """Say that the window is empty, and offer to go where the data are."""
    newest = sources.last_day(scope.source, collection)
    if newest is None:
        st.info(
            f"The folder of {words.code(collection.identifier)} holds no data yet. v1 shows its "
            "first rows after ten minutes, v2 after some seconds.",
            icon=":material/hourglass_empty:",
        )
        return
    there = window.ending(newest, len(scope.window))
    st.info(
        f"No {words.code(collection.identifier)} were collected in {scope.window}. "
        f"The newest are from {window.spell(newest)}.",
        icon=":material/event_busy:",
    )
    st.button(f"Show {there}", on_click=callback(scopes.show_window), args=(there,))


def _say_what_is_kept(notes: store.Notes) -> None:
    """Say in a line how much was kept of what was read, and what stands in the way."""
    if reason := notes.unwritable or notes.unreadable:
        st.caption(f":material/warning: Summaries are not kept. {words.plain(reason)}")
        return
    if notes.files:
        rebuilt = f"; {notes.rebuilt:,} could not be understood and were made anew"
        kept = f"{words.size(notes.bytes)} of summaries kept"
        st.caption(kept + (rebuilt if notes.rebuilt else ""))


def _sidebar_foot(scope: Scope) -> None:
    with st.sidebar:
        st.button(
            "Look again",
            on_click=callback(sources.forget),
            icon=":material/refresh:",
            type="tertiary",
            help="Ask the account for new files now. It is asked anyway every two minutes.",
        )
        st.caption(f"Folders as of {scope.found.at:%H:%M} UTC")
        _say_what_is_kept(sources.memory(scope.limits).notes())
        if scope.source.demo:
            st.caption(
                "These are made-up data. Name your own storage account in "
                "`.streamlit/secrets.toml`; `secrets.toml.example` beside it shows how."
            )


def _say_what_is_missing(scope: Scope) -> None:
    """Say which containers could not be read, and stop where there is nothing at all."""
    for root, error in scope.found.failed:
        st.warning(
            f"{words.code(root.container)} is left out. {words.error(error)}",
            icon=":material/visibility_off:",
        )
    for folder, error in scope.found.unlisted:
        st.warning(
            f"The folder {words.code(folder)} may not be listed, so what it holds is not shown. "
            f"{words.error(error)}",
            icon=":material/visibility_off:",
        )
    if scope.found.unseen:
        st.warning(words.error(scope.found.unseen), icon=":material/visibility_off:")
    if not scope.found.complete:
        st.warning(
            "There are more folders than are looked through, so some collections may be missing. "
            "Name narrower places in `containers`, such as `modeldata/<subscription>/<group>`.",
            icon=":material/account_tree:",
        )
    if scope.found.collections:
        return
    st.info(
        f"No collected data were found in **{scope.source.name}**.\n\n"
        "Looked for folders that end in `<identifier>/<year>/<month>/<day>` in the containers "
        "`modeldata` (v1) and `azureml-blobstore-…/modelDataCollector` (v2). "
        "If your data are elsewhere, name the place in the setting `containers`. If the model was "
        "deployed just now: v1 shows its first rows after ten minutes, v2 after some seconds.",
        icon=":material/search_off:",
    )
    st.stop()


@st.cache_resource
def _settle_memory() -> None:
    """Exempt what is loaded by now from the collector, which Streamlit runs after every rerun."""
    gc.collect()
    gc.freeze()
