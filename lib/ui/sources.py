"""Where the app reads from: the settings, the containers, and what they hold, each cached."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from lib import blobs, catalog, demo, settings, store
from lib.catalog import Collection, DayBlob
from lib.errors import DriftlineError, SettingsError, SourceError
from lib.settings import Limits, Profiles, Root, Settings, Source, Telemetry
from lib.window import Window

LISTING_S = 120
"""How long a listing is believed, in seconds. v1 commits every 600 s, v2 appends every second."""

LISTINGS_BYTES = 512 * 2**20
"""Listings held at most: some million names, 90 days of a thousand hourly collections."""

MOST_COLLECTIONS = 100_000
"""Collections whose first and last days are held, more than any account has."""

by_value: dict[str | type[Any], Callable[[Any], Any]] = {
    Source: hash,
    Collection: hash,
    Window: hash,
}
"""Hashed by Python: a hundred times as fast, and of a source's secrets nothing is kept."""


@dataclass(frozen=True)
class Found:
    """The collections of a source, which roots could not be read, and whether that is all.

    `unlisted` are folders ("container/prefix") that may not be listed, each with the refusal;
    `unseen` is set where the containers themselves may not be listed, and a guess was looked in.
    """

    collections: tuple[Collection, ...]
    failed: tuple[tuple[Root, DriftlineError], ...]
    complete: bool
    at: datetime
    unlisted: tuple[tuple[str, DriftlineError], ...] = ()
    unseen: DriftlineError | None = None


def load() -> Settings:
    """Return the settings; without any source, or with DRIFTLINE_DEMO set, the demo is the source.

    Raises SettingsError.
    """
    told = settings.load(_secrets(), os.environ)
    if told.sources and not os.environ.get("DRIFTLINE_DEMO"):
        return told
    folder = demo_folder(today())
    account = Source("Demo", folder=str(folder), workspace="contoso-ml", demo=True)
    return Settings(
        (replace(account, telemetry=Telemetry(archive=account)),),
        told.limits,
        told.profiles,
    )


def now() -> datetime:
    """Return the present moment, or the end of DRIFTLINE_TODAY."""
    told = os.environ.get("DRIFTLINE_TODAY")
    if told:
        return datetime.combine(date.fromisoformat(told), time.max, UTC)
    return datetime.now(UTC)


def cache_folder() -> Path:
    """Return the folder of this machine's user that holds what can be made anew."""
    return Path(os.path.expanduser(settings.profiles.cache_folder(os.environ)))


def today() -> date:
    """Return today in UTC, or DRIFTLINE_TODAY, for which pictures and tests stay the same."""
    told = os.environ.get("DRIFTLINE_TODAY")
    return date.fromisoformat(told) if told else datetime.now(UTC).date()


@st.cache_resource(
    show_spinner="Writing the demo data, once a day (about fifteen seconds) …", max_entries=1
)
def demo_folder(until: date) -> Path:
    """Write the demo account that ends with a day, and return its folder.

    It lies in the user's cache folder, or else in the temporary one; not below the
    project, where Streamlit would watch each of its files.
    """
    cache = cache_folder()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=cache))
    except OSError:
        elsewhere = Path(tempfile.mkdtemp()) / "demo"
        return demo.write(elsewhere, until, telemetry=True, ends=now()).folder
    folder = cache / f"demo-with-telemetry-{until}"
    if not folder.exists():
        demo.write(half / "demo", until, telemetry=True, ends=now())
        for old in cache.glob("demo-*"):
            shutil.rmtree(old, ignore_errors=True)
        # Another process may have been faster; what it wrote is the same.
        with suppress(OSError):
            (half / "demo").rename(folder)
    shutil.rmtree(half, ignore_errors=True)
    return folder


def memory(limits: Limits) -> store.Shelf:
    """Return the one store of profiles of this process, shared by all sessions."""
    return _shelf(limits, settings.profiles.read(_secrets().get("profiles", {}), os.environ))


@st.cache_resource(hash_funcs={Limits: hash, Profiles: hash})
def _shelf(limits: Limits, profiles: Profiles) -> store.Shelf:
    own = profiles.folder or profiles.connection_string or profiles.sas_token
    identity = None if own or not profiles.account_url else _identity()
    place = blobs.open_place(profiles, identity)
    return store.Shelf(limits.cache_mb * 2**20, place, profiles.keep_mb * 2**20)


@st.cache_resource(hash_funcs=by_value, max_entries=1_024)
def container(source: Source, name: str) -> blobs.Container:
    """Return a container of a source, its connections kept open."""
    return blobs.open(source, name, _credential(source))


@st.cache_resource(
    hash_funcs=by_value, ttl=600, max_entries=16, show_spinner="Looking through the account …"
)
def found(source: Source) -> Found:
    """Return the collections of all roots of a source; raises when none could be read."""
    roots = blobs.roots(source, _credential(source))
    whole: list[Collection] = []
    failed: list[tuple[Root, DriftlineError]] = []
    unlisted: list[tuple[str, DriftlineError]] = []
    complete, unseen = True, None
    for root in roots:
        try:
            tree = catalog.collections(
                container(source, root.container), root.prefix, source.workspace
            )
        except SourceError as error:
            failed.append((root, blobs.unreadable(source, root, error)))
            continue
        whole += tree.collections
        complete &= tree.complete
        unseen = blobs.unseen(source, root)
        unlisted += [(f"{root.container}/{prefix}", error) for prefix, error in tree.unlisted]
    if failed and len(failed) == len(roots):
        raise failed[0][1]
    names = tuple(catalog.tell_apart(whole))
    return Found(names, tuple(failed), complete, datetime.now(UTC), tuple(unlisted), unseen)


def listing(source: Source, collection: Collection, window: Window) -> tuple[DayBlob, ...]:
    """Return the blobs of a collection in a window."""

    def ask(days: Window) -> tuple[DayBlob, ...]:
        listed = container(source, collection.container)
        return tuple(catalog.blobs(listed, collection, days.first, days.last))

    return _listings().get((source, collection), window, ask)


@st.cache_resource
def _listings() -> store.Listings:
    return store.Listings(LISTINGS_BYTES, LISTING_S)


@st.cache_data(hash_funcs=by_value, ttl=LISTING_S, max_entries=256, show_spinner="Adding up …")
def sizes(
    source: Source, name: str, collections: tuple[Collection, ...]
) -> dict[Collection, catalog.Size]:
    """Return the sizes of collections of one container, as far as they can be counted."""
    return catalog.sizes(container(source, name), collections)


@st.cache_data(hash_funcs=by_value, ttl=3600, max_entries=MOST_COLLECTIONS, show_spinner=False)
def first_day(source: Source, collection: Collection) -> date | None:
    """Return the oldest day of a collection."""
    return catalog.first_day(container(source, collection.container), collection)


@st.cache_data(hash_funcs=by_value, ttl=LISTING_S, max_entries=MOST_COLLECTIONS, show_spinner=False)
def last_day(source: Source, collection: Collection) -> date | None:
    """Return the newest day of a collection."""
    return catalog.last_day(container(source, collection.container), collection)


on_forget: dict[str, Callable[[], None]] = {}
"""What else is to be done where a reader wants to look again, by what it is for."""


def forget() -> None:
    """Ask the accounts again from now on; profiles stay, their ETags say what is new."""
    for cached in (found, sizes, first_day, last_day):
        cached.clear()
    _listings().clear()
    memory(load().limits).forget_incomplete()
    for call in list(on_forget.values()):
        call()


@st.cache_resource
def _identity(authority: str = "") -> Any:
    return blobs.credential(authority)


def _credential(source: Source) -> Any:
    """Return the app's own identity where the source needs it."""
    own = source.folder or source.connection_string or source.sas_token
    return None if own else _identity(source.authority)


def _secrets() -> Mapping[str, Any]:
    """Return secrets.toml as a mapping, empty where there is none."""
    try:
        st.secrets.load_if_toml_exists()
        return st.secrets.to_dict()
    except StreamlitSecretNotFoundError as error:
        if "parsing" not in str(error):
            return {}
    except (ValueError, RecursionError):
        pass  # not UTF-8, or brackets within brackets, hundreds deep
    raise SettingsError(
        "secrets.toml is not valid TOML.",
        "Texts stand in quotation marks, lists in brackets; the example below is valid.",
        key=".streamlit/secrets.toml",
        example='[sources.contoso]\naccount_url = "https://contoso.blob.core.windows.net"',
    )
