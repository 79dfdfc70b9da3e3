"""Reading for a page: with progress, within the limit, and from memory where it can."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import date

import pandas as pd
import streamlit as st

from lib import profile, store
from lib.blobs import Blob
from lib.catalog import Collection, DayBlob
from lib.errors import DriftlineError
from lib.profile import Feature, Profile
from lib.settings import Limits, Source
from lib.summary import words
from lib.ui import sources
from lib.ui.boundary import callback
from lib.ui.scope import Scope
from lib.window import Window, joined

LINES, LINE_CHARS = 5, 500
"""Lines shown of a file, and characters of each."""

LISTERS = 8
"""Listings asked for at the same time."""

Wanted = tuple[Collection, Window]
"""A collection, and the days of it that a page is about."""


def _list_ahead(scope: Scope, wanted: Sequence[Wanted]) -> None:
    """List several collections at the same time, so that asking for each is quick afterwards.

    Windows of one collection that touch, as one and the one before, are listed together.
    """
    windows: dict[Collection, list[Window]] = {}
    for collection, days in wanted:
        windows.setdefault(collection, []).append(days)
    parts = [(c, days) for c, several in windows.items() for days in joined(several)]

    def ask(part: Wanted) -> None:
        # As below: it will be met again.
        with suppress(DriftlineError):
            sources.listing(scope.source, *part)

    with ThreadPoolExecutor(LISTERS) as pool:
        list(pool.map(ask, parts))


def agreed(scope: Scope, wanted: Sequence[Wanted]) -> bool:
    """Say whether to read; past the limit, ask the reader and say no until told to."""
    _list_ahead(scope, wanted)
    new = 0
    for part in wanted:
        # Whoever reads this part meets the error in its own place.
        with suppress(DriftlineError):
            new += sum(item.blob.size for item in _unread(scope, part))
    key = f"agreed-{hash((scope.source, *wanted))}"
    return is_little_or_agreed(key, new, scope.limits, "have not been read yet", "Read")


def is_little_or_agreed(
    key: str, size: int, limits: Limits, state: str, verb: str, note: str = ""
) -> bool:
    """Say whether to read so many bytes; past the limit, offer it and say no until told to.

    What the reader has agreed to is kept in the session under `key`. The other texts are parts
    of what is said.
    """
    if size <= limits.read_mb * 2**20 or st.session_state.get(key):
        return True
    st.warning(
        f"{words.size(size)} {state}. That is more than the {limits.read_mb} MB that are read "
        f"without asking (setting `limits.read_mb`).{note}",
        title="This window is large",
        icon=":material/database:",
    )
    st.button(
        f"{verb} {words.size(size)}",
        key=f"read-{key}",
        on_click=callback(lambda: st.session_state.update({key: True})),
    )
    return False


def days(scope: Scope, wanted: Sequence[Wanted]) -> list[list[store.Day]]:
    """Return the days with data of each collection and window, showing progress if it takes long.

    What another choice makes needless is not read: Streamlit ends this run, and
    with it the reading.
    """
    listed = [sources.listing(scope.source, *part) for part in wanted]
    total = sum(len({item.day for item in items}) for items in listed)
    slow = any(_unread(scope, part) for part in wanted)
    whole: list[list[store.Day]] = []
    bar = st.progress(0.0, "Reading …") if slow else None
    done = 0
    for (collection, window), items in zip(wanted, listed, strict=True):
        whole.append([])
        with closing(_days(scope, collection, window, items)) as reading:
            for day in reading:
                whole[-1].append(day)
                done += 1
                if bar:
                    text = f"Reading {collection.service} {collection.version}, {day.day}"
                    bar.progress(min(done / total, 1.0), f"{text}: day {done} of {total}")
    if bar:
        bar.empty()
    return [store.matched(days) for days in whole]


def merged(scope: Scope, days: Sequence[store.Day]) -> Profile:
    """Return the profile of several days."""
    return store.merged(sources.memory(scope.limits), days)


def by_group(
    scope: Scope, wanted: Sequence[Wanted], by: str, values: tuple[str, ...], name: str
) -> dict[str, Feature]:
    """Return a feature for each value of another, in all the days that are wanted."""
    groups: dict[str, list[Feature]] = {}
    for part in wanted:
        for _, profiles in _splits(scope, part, by, values):
            for value, split in profiles.items():
                if name in split.features:
                    groups.setdefault(value, []).append(split.features[name])
    return {value: profile.merge_features(parts) for value, parts in groups.items()}


def _splits(
    scope: Scope, wanted: Wanted, by: str, values: tuple[str, ...]
) -> list[tuple[date, dict[str, Profile]]]:
    """Return per day the profiles of the rows by the values of a feature, showing progress."""
    collection, window = wanted
    found = sources.listing(scope.source, collection, window)
    held = sources.memory(scope.limits)
    container = sources.container(scope.source, collection.container)
    bar = st.progress(0.0, f"Splitting by {by} …")
    parts: list[tuple[date, dict[str, Profile]]] = []
    with closing(store.splits(held, container, found, window, by, values)) as reading:
        for day, profiles in reading:
            parts.append((day, profiles))
            bar.progress(min(len(parts) / max(len(window), 1), 1.0), f"Splitting by {by}: {day}")
    bar.empty()
    return parts


@st.cache_data(
    hash_funcs=sources.by_value | {Blob: lambda blob: (blob.name, blob.etag)},
    max_entries=16,
    max_size="256MB",
    show_spinner="Reading the rows …",
)
def rows(source: Source, container: str, blobs: tuple[Blob, ...]) -> pd.DataFrame:
    """Return the rows of some blobs."""
    held = sources.memory(sources.load().limits)
    return store.all_rows(sources.container(source, container), blobs, held)


@st.cache_data(hash_funcs=sources.by_value, ttl=600, max_entries=64, show_spinner="Reading …")
def lines(source: Source, collection: Collection, name: str, first: int) -> tuple[int, list[str]]:
    """Return some lines of a blob as they are, from one (1-based; 0: from the first) on."""
    data = sources.container(source, collection.container).read(name)
    start = max(int(first), 1)
    every = data.split(b"\n")[start - 1 : start - 1 + LINES]
    return start, [line[:LINE_CHARS].decode(errors="replace").rstrip("\r") for line in every]


def sample(
    scope: Scope, wanted: Wanted, feature: str, matches: store.Matches, most: int
) -> pd.DataFrame:
    """Return up to `most` rows of a window whose feature matches, the newest days first."""
    collection, window = wanted
    with st.spinner("Looking for the rows …"):
        return store.sample(
            sources.memory(scope.limits),
            sources.container(scope.source, collection.container),
            sources.listing(scope.source, collection, window),
            window,
            feature,
            matches,
            most,
        )


def drawn(
    scope: Scope, collection: Collection, days: Sequence[store.Day], most: int
) -> pd.DataFrame:
    """Return about `most` rows drawn at random from some days, each in proportion to its rows."""
    share = min(1.0, most / max(sum(day.rows for day in days), 1))
    parts = [
        rows(scope.source, collection.container, day.readable).sample(frac=share, random_state=0)
        for day in days
    ]
    return pd.concat(parts, ignore_index=True)


def every_row(scope: Scope, collection: Collection, days: Sequence[store.Day]) -> pd.DataFrame:
    """Return all rows of some days."""
    blobs = tuple(blob for day in days for blob in day.readable)
    return rows(scope.source, collection.container, blobs)


def _days(
    scope: Scope, collection: Collection, window: Window, found: Sequence[DayBlob]
) -> Generator[store.Day]:
    held = sources.memory(scope.limits)
    return store.days(held, sources.container(scope.source, collection.container), found, window)


def _unread(scope: Scope, part: Wanted) -> list[DayBlob]:
    collection, _ = part
    held = sources.memory(scope.limits)
    container = sources.container(scope.source, collection.container)
    return store.unread(held, container, sources.listing(scope.source, *part))
