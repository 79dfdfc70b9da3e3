"""Reading for a check: what a source holds, and the days of it, without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from lib import blobs, catalog, store
from lib.catalog import Collection
from lib.errors import DriftlineError, SourceError
from lib.settings import Root, Settings, Source
from lib.window import Window, joined


def shelf(told: Settings) -> store.Shelf:
    """Return what holds the profiles of blobs once they are read; the app's files serve too."""
    where = told.profiles
    place = blobs.open_place(where)
    return store.Shelf(told.limits.cache_mb * 2**20, place, where.keep_mb * 2**20)


@dataclass(frozen=True)
class Account:
    """A source, its containers opened once, and the shelf for profiles read from it."""

    source: Source
    shelf: store.Shelf
    _opened: dict[str, blobs.Container] = field(default_factory=dict, repr=False)

    def collections(self) -> tuple[list[Collection], list[tuple[Root, DriftlineError]], bool]:
        """Return the collections, the places that could not be read, and whether that is all.

        Raises SourceError if the source does not even tell its containers.
        """
        whole: list[Collection] = []
        failed: list[tuple[Root, DriftlineError]] = []
        complete = True
        for root in blobs.roots(self.source, self._credential):
            try:
                container = self.container(root.container)
                tree = catalog.collections(container, root.prefix, self.source.workspace)
            except SourceError as error:
                failed.append((root, blobs.unreadable(self.source, root, error)))
                continue
            failed += [(Root(root.container, folder), error) for folder, error in tree.unlisted]
            if unseen := blobs.unseen(self.source, root):
                failed.append((Root("other containers"), unseen))
            whole += tree.collections
            complete &= tree.complete
        return catalog.tell_apart(whole), failed, complete

    def days(self, collection: Collection, windows: Sequence[Window]) -> list[store.Day]:
        """Return the days with data in some windows, in order. Raises SourceError."""
        container = self.container(collection.container)
        listed = {
            each: catalog.blobs(container, collection, each.first, each.last)
            for each in joined(windows)
        }
        read: list[store.Day] = []
        for window in windows:
            around = next(each for each in listed if window.first in each and window.last in each)
            found = [each for each in listed[around] if each.touches(window.first, window.last)]
            read += store.matched(list(store.days(self.shelf, container, found, window)))
        return sorted(read, key=lambda day: day.day)

    def last_day(self, collection: Collection) -> date | None:
        """Return the newest day of a collection. Raises SourceError."""
        return catalog.last_day(self.container(collection.container), collection)

    def container(self, name: str) -> blobs.Container:
        """Return a container of the source, its connections kept open."""
        if name not in self._opened:
            self._opened[name] = blobs.open(self.source, name, self._credential)
        return self._opened[name]

    @cached_property
    def _credential(self) -> Any:
        """One identity for all containers, where the source needs one."""
        own = self.source.folder or self.source.connection_string or self.source.sas_token
        return None if own else blobs.credential(self.source.authority)
