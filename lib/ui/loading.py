"""Loading exported telemetry into the copy that is asked: whether to, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress

import streamlit as st

from lib import logs, telemetry
from lib.errors import DriftlineError
from lib.logs import Logs, Span
from lib.summary import words
from lib.ui import reading, sources

NOTE = " What is loaded once is kept on the disk of the app, in about a fifth of the room."

QUICK_BYTES = 2 * 2**20
"""What is loaded in about a tenth of a second, and needs no bar."""


def agreed(store: Logs, names: Sequence[str], span: Span) -> bool:
    """Say whether to ask; where too much would be loaded first, ask the reader and say no."""
    key = f"agreed-{hash((repr(store), span))}"
    little = f"{key}-{hash(tuple(names))}"
    if st.session_state.get(key) or st.session_state.get(little):
        return True
    unread = sum(_unread(store, names, span).values())
    limits = sources.load().limits
    # Looking costs a listing, too much for every click.
    is_little = reading.is_little_or_agreed(
        key, unread, limits, "of exported telemetry have not been loaded yet", "Load", NOTE
    )
    st.session_state[little] = is_little
    return is_little


def load(store: Logs, names: Sequence[str], span: Span) -> None:
    """Load what questions need, with progress if it takes long; what fails is asked again later.

    What another choice makes needless is not loaded: Streamlit ends this run, and with it the
    loading.
    """
    unread = _unread(store, names, span)
    total, done = sum(unread.values()), 0
    if not isinstance(store, logs.Archive) or total <= QUICK_BYTES:
        return
    _, whole = telemetry.reads(names, span)
    bar = st.progress(0.0, "Loading exported telemetry …")
    for table in unread:
        with suppress(DriftlineError), closing(store.loading(table, whole)) as loading:
            for count in loading:
                done += count
                text = f"Loading {table}: {words.size(done)} of {words.size(total)}"
                bar.progress(min(done / total, 1.0), text)
    bar.empty()


def _unread(store: Logs, names: Sequence[str], span: Span) -> dict[str, int]:
    """Return how many bytes of each table are to be loaded; nothing where Azure is asked."""
    found: dict[str, int] = {}
    if isinstance(store, logs.Archive):
        tables, whole = telemetry.reads(names, span)
        for table in tables:
            # Whoever asks meets the error in its own place.
            with suppress(DriftlineError):
                found[table] = store.unread(table, whole)
    return found
