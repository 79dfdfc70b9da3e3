"""What was found wrong in the files, in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from lib import summary
from lib.store import Day


def show(days: Sequence[Day]) -> None:
    """Show the problems of some days: a sentence per kind, then file, line and sample of each."""
    show_table(summary.problems(days), len(days))


def show_table(table: pd.DataFrame, days: int) -> None:
    """Show problems given as `summary.problems` gives them."""
    if table.empty:
        st.caption(":material/check_circle: Every row of every file read is as it should be.")
        return
    kinds = table.groupby("kind", sort=False)["count"].sum().sort_values(ascending=False)
    files = table["blob"].nunique()
    title = f"{kinds.sum():,} problems in {files:,} {'file' if files == 1 else 'files'}"
    with st.expander(title, icon=":material/report:"):
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "kind": st.column_config.TextColumn("Kind"),
                "count": st.column_config.NumberColumn("Count", format="localized"),
                "message": st.column_config.TextColumn("What is wrong", width="large"),
                "blob": st.column_config.TextColumn("File", width="medium"),
                "first_line": st.column_config.NumberColumn("First line"),
                "sample": st.column_config.TextColumn("Sample", width="medium"),
            },
            alt="Problems found in the files, with file, line and a sample",
        )
