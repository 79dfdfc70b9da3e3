"""Answers to questions about telemetry, as tables that say what their columns mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import pandas as pd
import streamlit as st

from lib import telemetry, ui
from lib.errors import DriftlineError
from lib.summary import words
from lib.ui.asked import Answers
from lib.ui.boundary import callback

UNITS = {"_pct": "%.2f %%", "_ms": "%.0f ms"}
"""How the numbers of a column are written, by the end of its name."""


def rows(answers: Answers, name: str) -> pd.DataFrame | None:
    """Return the rows of an answer, None for one that was not asked or met an error."""
    answer = answers.get(name)
    return None if answer is None or isinstance(answer, DriftlineError) else answer.frame


def any_of(answers: Answers) -> Answers:
    """Return answers of which there is at least one; where there is none, raise the first error.

    It waits for no more of them than it takes to know.
    """
    errors = []
    for answer in answers.values():
        if not isinstance(answer, DriftlineError):
            return answers
        errors.append(answer)
    if errors:
        raise errors[0]
    return answers


def period(totals: pd.DataFrame, name: str) -> dict[str, int]:
    """Return how many requests there were in a period of `totals`, and how many failed."""
    found = totals[totals["period"] == name]
    return {column: int(found[column].sum()) for column in ("requests", "failed")}


def table(
    found: pd.DataFrame,
    question: str,
    alt: str,
    on_select: Callable[[], None] | Literal["rerun"] | None = None,
    config: dict[str, Any] | None = None,
    **labels: str,
) -> None:
    """Show an answer, with what its columns mean, and offer it as a file.

    `labels` are names of columns where they should not be those of the question, `config` the
    look of some. With `on_select` a row can be chosen. A column of services is left out where
    there is but one.
    """
    key = f"table-{question}"
    one_service = "service" in found and found["service"].nunique() < 2
    shown = found.drop(columns="service") if one_service else found
    known = telemetry.QUESTIONS[question].columns
    looks = {
        name: _look(found[name], labels.get(name), known[name].meaning if name in known else None)
        for name in map(str, shown)
    }
    choose: dict[str, Any] = {}
    if on_select:
        run = on_select if isinstance(on_select, str) else callback(on_select)
        choose = {"on_select": run, "selection_mode": "single-row"}
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        placeholder="",
        column_config={**looks, **(config or {})},
        alt=alt,
        **choose,
    )
    with st.container(horizontal=True):
        ui.downloads(lambda: found, "telemetry", question)


def chosen(question: str) -> int | None:
    """Return the place of the row that is chosen in a table, if one is."""
    state = st.session_state.get(f"table-{question}")
    return state.selection.rows[0] if state and state.selection.rows else None


def _title(name: str, unit: str) -> str:
    """Return the name of a column as people write it: `p95`, `Failed share`, `Total (s)`."""
    if unit == "_pct":
        return f"{words.title(name.removesuffix(unit))} share"
    short = name.removesuffix(unit) or name
    if re.fullmatch(r"p\d+", short):
        return short
    seconds = short.removesuffix("_s")
    return words.title(seconds) + (" (s)" if seconds != short else "")


def _look(column: pd.Series, label: str | None, meaning: str | None) -> Any:
    """Return how a column is shown, by its name and type."""
    config, name = st.column_config, str(column.name)
    # Whole numbers are counts, `zero_ms` as well.
    endings = (ending for ending in UNITS if name.endswith(ending) and column.dtype.kind == "f")
    unit = next(endings, "")
    title = label or _title(name, unit)
    if unit:
        return config.NumberColumn(title, help=meaning, format=UNITS[unit])
    if column.dtype.kind == "M":
        return config.DatetimeColumn(title, help=meaning, format="D MMM, HH:mm:ss", timezone="UTC")
    if column.dtype.kind in "iuf":
        return config.NumberColumn(title, help=meaning, format="localized")
    return config.Column(title, help=meaning)
