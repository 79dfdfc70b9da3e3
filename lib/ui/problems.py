"""What was found wrong in the files, in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib import store, summary
from lib.store import Day
from lib.summary import words
from lib.ui import reading, scope
from lib.ui.boundary import callback, panel
from lib.ui.scope import Scope
from lib.window import spell

NAMES = ("workspace", "service", "model", "version", "identifier")
"""What a collection is chosen by."""

MOST_NOTES = 20
"""Notes on how values were read that are listed."""

MOST_CHOICES = 500
"""Problems whose lines can be looked at from here; Browse has those of every day."""


def show(within: Scope, days: Sequence[Day]) -> None:
    """Show the problems of some days: a sentence per kind, then file, line and sample of each."""
    table = summary.problems(days)
    if table.empty:
        _say_sound(days)
    else:
        _explained(within, table)
    notes(days)


def notes(days: Sequence[Day]) -> None:
    """Say how columns were read that are in a writing of their own, such as a decimal comma."""
    said = summary.notes(days)
    if not said:
        return
    with st.expander("How values were read", icon=":material/translate:"):
        shown = [f"- {words.plain(text)}" for text in said[:MOST_NOTES]]
        more = len(said) - len(shown)
        st.markdown("\n".join([*shown, *([f"- and {more:,} more"] if more > 0 else [])]))


def _explained(within: Scope, table: pd.DataFrame) -> None:
    """Show a sentence per kind of problem, then each, and on demand its lines."""
    found = f"{words.count(int(table['count'].sum()), 'problem')} in {_files(table)}"
    with st.expander(found, icon=":material/report:"):
        kinds = sorted(table.groupby("kind"), key=lambda group: -group[1]["count"].sum())
        st.markdown("\n".join(_sentence(str(kind), part) for kind, part in kinds))
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "kind": st.column_config.TextColumn("Kind"),
                "count": st.column_config.NumberColumn("Count", format="localized"),
                "message": st.column_config.TextColumn("What is wrong", width="large"),
                "day": st.column_config.DateColumn("Day", format="D MMM YYYY"),
                "blob": st.column_config.TextColumn("File", width="medium"),
                "first_line": st.column_config.NumberColumn(
                    "First line", help="The line of the file where it first shows; 0 if unknown."
                ),
                "sample": st.column_config.TextColumn("Sample", width="medium"),
            },
            alt="Problems found in the files, with file, line and a sample",
        )
        with panel():
            _pick(within, table.head(MOST_CHOICES))


def _pick(within: Scope, table: pd.DataFrame) -> None:
    """Draw the choice of a problem, and show where it is: its lines, and the way to its day."""
    labels = [
        f"{kind} · {spell(day)} · {blob}"
        for kind, day, blob in zip(table["kind"], table["day"], table["blob"], strict=True)
    ]
    chosen = st.selectbox(
        "Show where",
        range(len(labels)),
        index=None,
        format_func=lambda at: labels[at],
        key="problem",
        placeholder="Choose a problem to see its lines",
    )
    if chosen is None or chosen >= len(table):
        return
    row = table.iloc[chosen]
    collection = scope.of_blob(within, str(row["blob"]))
    if collection is None:
        return
    if row["kind"] != "unread":
        first, lines = reading.lines(within.source, collection, str(row["blob"]), row["first_line"])
        numbered = [f"{first + at:>6}  {line}" for at, line in enumerate(lines)]
        st.caption(f"From line {first} of {words.code(str(row['blob']))}")
        st.code("\n".join(numbered) or "(empty)", language=None)
    names = dict(zip(NAMES, [getattr(collection, name) for name in NAMES], strict=True))
    if st.button(
        f"Open {spell(row['day'])} in Browse",
        key="open-problem",
        icon=":material/folder_open:",
        on_click=callback(scope.choose),
        kwargs={**names, "day": row["day"].isoformat()},
    ):
        st.switch_page("pages/browse.py", query_params={"at": "day"})


def no_features(within: Scope, days: Sequence[Day], identifier: str) -> None:
    """Say that files were read and hold nothing to show, and what was wrong with them."""
    rows, files = sum(day.rows for day in days), sum(len(day.readable) for day in days)
    st.info(
        f"The {words.code(identifier)} of this window hold no features: {words.count(rows, 'row')} "
        f"without a column of data in {words.count(files, 'file')}. Browse shows each file as it "
        "was collected.",
        icon=":material/view_column:",
    )
    show(within, days)


def _say_sound(days: Sequence[Day]) -> None:
    """Say that nothing was wrong, and in how much; not where that is nothing."""
    rows, files = sum(day.rows for day in days), sum(len(day.readable) for day in days)
    if rows:
        st.caption(
            f":material/check_circle: No problems in {words.count(rows, 'row')} of "
            f"{words.count(files, 'file')}."
        )


def say_unread(days: Sequence[Day]) -> None:
    """Name the files that could not be read, whose rows are missing from what is shown."""
    text = summary.unread_text(days)
    if not text:
        return
    st.warning(words.plain(text), icon=":material/visibility_off:")
    table = summary.unread(days)
    if len(table) > 1:
        with st.expander(f"{words.count(len(table), 'unread file')}", icon=":material/draft:"):
            st.dataframe(
                table,
                hide_index=True,
                column_config={
                    "day": st.column_config.DateColumn("Day", format="D MMM YYYY"),
                    "blob": st.column_config.TextColumn("File", width="large"),
                    "reason": st.column_config.TextColumn("Reason", width="large"),
                    "next_step": st.column_config.TextColumn("What to do", width="medium"),
                },
                alt="Files that could not be read, with the reason",
            )


def _sentence(name: str, table: pd.DataFrame) -> str:
    """Say what a kind of problem means, how often it was met, and whether anything was lost."""
    kind = store.KINDS[name]
    lost = " **Not in the rows shown.**" if kind.lost else ""
    days = [str(run) for run in words.runs(table["day"].tolist())]
    count = f"**{int(table['count'].sum()):,}** ({kind.counts}) in {_files(table)} of "
    count += words.several(days)
    return f"- {words.code(name)}: {words.plain(kind.meaning)} — {count}.{lost}"


def _files(table: pd.DataFrame) -> str:
    return words.count(table["blob"].nunique(), "file")
