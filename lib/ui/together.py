"""All features together: whether a classifier can tell the window's rows from the reference's."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import charts, drift, ui
from lib.drift import Apart
from lib.summary import words
from lib.ui import reading, scope
from lib.ui.measured import Found
from lib.ui.scope import Scope

SAMPLE = 5_000
"""Rows of each side: more make the answer surer, not different."""

EXPLANATION = (
    "Features can each look as before and still have changed together. A classifier learns to tell "
    "rows of the window from rows of the reference: if it cannot (AUC near 0.5), nothing changed "
    "that it could see. It takes up to 5,000 rows of each side and some seconds."
)


def show(within: Scope, found: Found) -> None:
    """Say what it does, run it when asked, and show what came out."""
    st.markdown(EXPLANATION)
    compared = found.measured.compared
    if not compared.before or within.reference is None:
        st.info("A file is kept as a summary only; compare with collected days for this.")
        return
    key = f"together-{hash((within.source, found.collection, within.window, compared.label))}"
    wanted = f"{key}-wanted"
    st.button(
        "Tell them apart",
        key="tell-apart",
        icon=":material/join_inner:",
        on_click=ui.callback(lambda: st.session_state.update({wanted: True})),
    )
    if st.session_state.pop(wanted, False):
        bar = st.progress(0.0, "Reading a sample of the rows …")
        other = scope.counterpart(within.reference, found.collection) or found.collection
        reference = reading.drawn(within, other, compared.before, SAMPLE)
        current = reading.drawn(within, found.collection, compared.days, SAMPLE)
        kinds = dict(
            zip(found.measured.table["feature"], found.measured.table["kind"], strict=True)
        )
        st.session_state[key] = drift.tell_apart(
            reference,
            current,
            kinds,
            progress=lambda done: _advance(bar, done),
        )
        bar.empty()
    if apart := st.session_state.get(key):
        _result(within, found, apart)


def _advance(bar: DeltaGenerator, done: float) -> None:
    bar.progress(min(done, 1.0), "Learning to tell them apart …")


def _result(within: Scope, found: Found, apart: Apart) -> None:
    st.markdown(f"**{words.plain(apart.verdict)}**")
    with st.container(horizontal=True):
        st.metric(
            "AUC",
            f"{apart.auc:.3f}",
            border=True,
            help=f"95 % interval {apart.low:.3f} to {apart.high:.3f}. 0.5: cannot be told apart; "
            "1: always.",
        )
        st.metric("Rows of the window", f"{apart.rows[1]:,}", border=True)
        st.metric("Rows of the reference", f"{apart.rows[0]:,}", border=True)
    st.markdown("**Which features gave it away**")
    st.plotly_chart(
        charts.importance(apart.features.head(15)),
        key="apart",
        alt="Features by how much the classifier's AUC drops without them",
    )
    with st.container(horizontal=True):
        name = (within.service, within.version, found.collection.identifier, "together")
        ui.downloads(lambda: apart.features, *name)
