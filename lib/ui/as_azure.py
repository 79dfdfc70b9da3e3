"""The same comparison with Azure ML's own measures and thresholds."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib import drift, ui
from lib.summary import words
from lib.ui import reading, scope
from lib.ui.measured import Found
from lib.ui.ranking import verdict_column
from lib.ui.scope import Scope

MOST_ROWS = 200_000
"""Rows of both sides up to which Azure's numbers are computed from the rows themselves."""

EXPLANATION = """
Azure ML's model monitoring would say this of the same rows: normalised Wasserstein distance for
numeric features, Jensen–Shannon distance for the others, drift above 0.1. The two verdicts differ
because Azure

- leaves out every row that lacks *any* cell, so one sparse column takes most rows along,
- cuts the joint range into equal widths, so one outlier hides the rest in one bin,
- has one threshold whatever the number of rows: few rows look like drift by chance,
- takes whole numbers for categories where they repeat, so the type changes with the volume,
- takes identifiers and times for categories, of which no two windows have the same,
- does not count missing cells and new columns as drift.
"""


def show(within: Scope, found: Found) -> None:
    """Show Azure's measures beside the page's own verdicts."""
    compared = found.measured.compared
    st.markdown(EXPLANATION)
    rows = compared.current.rows + compared.reference.rows
    if compared.before and rows <= MOST_ROWS:
        table, columns = _exact(found.measured.key, within, found)
        st.caption(
            f"Computed from {rows:,} rows, as Azure does, and from the {columns:,} columns that "
            "both sides have."
        )
    else:
        table = drift.compare(compared.reference, compared.current, mode="azure-ml")
        st.caption(
            f":material/info: Approximate, from summaries and without leaving out rows: exact "
            f"numbers are computed for up to {words.count(MOST_ROWS, 'row')} of collected days."
        )
    own = found.measured.table.set_index("feature")["verdict"]
    shown = table[["feature", "kind", "verdict", "w1_sd", "js", "psi", "p"]].assign(
        driftline=table["feature"].map(lambda name: [own.get(name, "not comparable")]),
        verdict=table["verdict"].map(lambda verdict: [verdict]),
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="",
        column_config={
            "feature": st.column_config.TextColumn("Feature", pinned=True),
            "kind": st.column_config.TextColumn("Azure's type"),
            "verdict": verdict_column("Azure ML"),
            "driftline": verdict_column("Driftline"),
            "w1_sd": number("Normalised Wasserstein", format="%.4f"),
            "js": number("Jensen–Shannon", format="%.4f"),
            "psi": number("PSI", format="%.4f"),
            "p": number("KS or chi² p", format="%.3g"),
        },
        alt="Azure ML's measures of every feature",
    )
    with st.container(horizontal=True):
        name = (within.service, within.version, found.collection.identifier, "azure-ml")
        ui.downloads(lambda: table, *name)


@st.cache_resource(max_entries=16, show_spinner="Computing what Azure ML would say …")
def _exact(key: int, _within: Scope, _found: Found) -> tuple[pd.DataFrame, int]:
    """Return Azure's numbers from the rows, and of how many columns; the same days once."""
    compared, collection = _found.measured.compared, _found.collection
    other = _within.reference and scope.counterpart(_within.reference, collection)
    reference = reading.every_row(_within, other or collection, compared.before)
    current = reading.every_row(_within, collection, compared.days)
    both = [name for name in current.columns if name in compared.reference.features]
    return drift.compare(reference[both], current[both], mode="azure-ml"), len(both)
