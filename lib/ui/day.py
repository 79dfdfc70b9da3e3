"""The days of a collection, and what one of them holds: files, rows, problems, downloads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from lib import charts, export, store, summary, ui
from lib.blobs import Blob
from lib.catalog import Collection
from lib.summary import words
from lib.ui import boundary, link, problems, reading, scope, sources
from lib.ui.scope import Scope
from lib.window import spell

FIRST_ROWS = 100


def headline(within: Scope, collection: Collection, days: Sequence[store.Day]) -> None:
    """Say in a sentence what the window holds, and offer all of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            summary.window_sentence(days, within.window, collection.identifier), width="stretch"
        )
        with st.popover("Download the window", icon=":material/download:"):
            name = (within.service, within.version, collection.identifier, str(within.window))
            blobs = [blob for day in days for blob in day.readable]
            size = words.size(sum(blob.size for blob in blobs))
            st.caption(f"All rows of {within.window}, {size} as collected.")
            container = sources.container(within.source, collection.container)
            held = sources.memory(within.limits)
            ui.downloads(lambda: store.all_rows(container, blobs, held), *name)


def sizes_by_day(within: Scope, collection: Collection) -> None:
    """Draw the calendar from the listing alone, in megabytes."""
    listed = sources.listing(within.source, collection, within.window)
    table = summary.bytes_by_day(listed, within.window)
    table["value"] = table["bytes"] / 2**20
    st.plotly_chart(
        charts.calendar(table[["day", "value"]], "MB"),
        key="calendar-bytes",
        config={"displayModeBar": False},
        alt=f"Megabytes of {collection.identifier} per day, {within.window}",
    )


def calendar(within: Scope, collection: Collection, days: Sequence[store.Day]) -> None:
    """Draw the days of the window as a calendar; a click chooses a day."""
    table = summary.by_day(days, within.window)
    st.plotly_chart(
        charts.calendar(table.rename(columns={"rows": "value"})[["day", "value"]], "rows"),
        key="calendar",
        on_select=ui.callback(lambda: _choose_clicked_day([day.day for day in days])),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"Rows of {collection.identifier} per day, {within.window}",
    )


def pick(days: Sequence[store.Day]) -> store.Day:
    """Draw the choice of a day with data, the newest first, and return it."""
    by_name = {day.day.isoformat(): day for day in reversed(days)}
    scope.keep_valid("day", list(by_name))
    link.say("day")
    chosen = st.selectbox(
        "Day",
        list(by_name),
        key="day",
        bind="query-params",
        width=240,
        help="The days with data, newest first. A click on the calendar chooses one too.",
    )
    return by_name[chosen]


def show(within: Scope, collection: Collection, shown: store.Day) -> None:
    """Show one day: its problems, first rows and files."""
    st.subheader(f"{words.count(shown.rows, 'row')} on {spell(shown.day)}")
    with ui.panel():
        problems.show(within, [shown])
    with ui.panel():
        if shown.readable:
            _rows(within, collection, _pick_files(shown.readable), shown.day)
    st.markdown("**Files of the day**")
    st.dataframe(
        pd.DataFrame(
            {
                "file": [blob.name for blob in shown.blobs],
                "size": [words.size(blob.size) for blob in shown.blobs],
                "changed": [blob.changed for blob in shown.blobs],
            }
        ),
        hide_index=True,
        column_config={
            "file": st.column_config.TextColumn("File", width="large"),
            "size": "Size",
            "changed": ui.moment_column("Last change (UTC)"),
        },
        alt="Files of the day with size and last change",
    )


def _rows(within: Scope, collection: Collection, blobs: Sequence[Blob], day: date) -> None:
    """Show the first rows of some files, and offer all of them."""
    frame = reading.rows(within.source, collection.container, tuple(blobs))
    first = frame.head(FIRST_ROWS).dropna(axis="columns", how="all")
    title = f"First {len(first):,} of {words.count(len(frame), 'row')}"
    st.markdown(f"**{title if len(first) < len(frame) else words.count(len(frame), 'row')}**")
    st.dataframe(first, hide_index=True, alt=f"Rows of {day}")
    parts = (within.service, within.version, collection.identifier, day.isoformat())
    with st.container(horizontal=True):
        ui.downloads(lambda: frame, *parts)
        if len(blobs) == 1:
            _raw(within, collection, blobs[0], *parts)


def _raw(within: Scope, collection: Collection, blob: Blob, *name: str) -> None:
    """Offer one file as the collector wrote it."""
    container = sources.container(within.source, collection.container)
    st.download_button(
        "File as collected",
        data=boundary.download(lambda: container.read(blob.name)),
        file_name=export.file_name(*name, ending=blob.name.rpartition(".")[2]),
        key="download-raw",
        on_click="ignore",
        icon=":material/description:",
        help="The bytes as the collector wrote them.",
    )


def _pick_files(blobs: Sequence[Blob]) -> Sequence[Blob]:
    """Draw the choice of one file or all, where there are several."""
    if len(blobs) == 1:
        return blobs
    everything = f"All {len(blobs)} files"
    by_name = {_short(blob.name): blob for blob in blobs}
    chosen = st.selectbox("Files", [everything, *by_name], key="file", width=520)
    return blobs if chosen not in by_name else [by_name[chosen]]


def _short(name: str) -> str:
    """Return the end of a blob's name, from the hour on."""
    return "/".join(name.split("/")[-2:])


def _choose_clicked_day(days: Sequence[date]) -> None:
    points = st.session_state["calendar"].selection.points
    clicked = str(points[0].get("customdata")) if points else ""
    if clicked in {day.isoformat() for day in days}:
        scope.choose(day=clicked)
