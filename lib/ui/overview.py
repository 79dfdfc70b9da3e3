"""What the overview page reads and how its table leads on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from lib import summary
from lib.catalog import Collection
from lib.errors import DriftlineError
from lib.summary import words
from lib.ui import measured, reading, scope, sources
from lib.ui.scope import Scope


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
