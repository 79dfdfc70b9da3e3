"""Rows of several blobs in one frame: all of them, or some that a mask picks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lib import catalog
from lib.blobs import Blob, Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.store import batches, copies
from lib.store.batches import Batch
from lib.store.copies import Copy, Piece
from lib.store.days import column_type
from lib.store.files import UNREADABLE
from lib.store.reading import READERS
from lib.store.reading import rows as rows_of
from lib.store.shelf import Shelf
from lib.window import Window

Matches = Callable[[pd.Series], ArrayLike]
"""Which cells of a column are wanted."""


def all_rows(
    container: Container, blobs: Sequence[Blob], shelf: Shelf | None = None
) -> pd.DataFrame:
    """Return the rows of several blobs in one frame; columns that a blob lacks are empty.

    A column that is text in one of them is text in all. With a shelf, copies are read where
    they are kept, and kept where not.
    """
    dated = [item for item in map(_dated, blobs) if item]
    if shelf is None or len(dated) < len(blobs):
        with ThreadPoolExecutor(READERS) as pool:
            return together(list(pool.map(lambda blob: rows_of(container, blob).frame, blobs)))
    found: dict[str, pd.DataFrame] = {}
    with ThreadPoolExecutor(READERS) as pool:
        every = batches.batches(dated)
        for part in pool.map(lambda batch: _frames(shelf, container, batch), every):
            found |= part
    return together([found[blob.name] for blob in blobs])


def _frames(shelf: Shelf, container: Container, batch: Batch) -> dict[str, pd.DataFrame]:
    """Return the rows of each blob of a batch by its name; one that cannot be read raises."""
    parts, unread = copies.of(shelf, container, batch)
    if unread:
        return {item.blob.name: rows_of(container, item.blob).frame for item in batch}
    return {item.blob.name: part.frame for item, part in parts}


def sample(
    shelf: Shelf,
    container: Container,
    found: Sequence[DayBlob],
    window: Window,
    feature: str,
    matches: Matches,
    most: int,
) -> pd.DataFrame:
    """Return up to `most` rows of a window for which a feature's cells match, newest days first.

    With all features and metadata, and the blob's name in the last column, `blob`. Blobs are
    read day by day, and no more of them than it takes; of kept copies, the one column, and
    then only the rows. A column may have another type in each blob. Blobs that cannot be read
    are passed over.
    """
    parts: list[pd.DataFrame] = []
    left = most
    wish = _Wish(window, feature, matches)
    for batch in reversed(batches.batches(found)):
        if left <= 0:
            break
        for item, frame in _matching(shelf, container, batch, wish, left):
            parts.append(frame.assign(**{_free("blob", frame): item.blob.name}))
            left -= len(frame)
    return together(parts)


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames in one; a column that is text in one of them is text in all."""
    if not parts:
        return pd.DataFrame()
    types: dict[object, set[object]] = {}
    for part in parts:
        for name, dtype in part.dtypes.items():
            types.setdefault(name, set()).add(column_type(dtype))
    mixed = [name for name, found in types.items() if len(found) > 1]
    return pd.concat(
        [part.astype({name: "str" for name in mixed if name in part}) for part in parts],
        ignore_index=True,
    )


def _dated(blob: Blob) -> DayBlob | None:
    parsed = catalog.parse(blob.name)
    return DayBlob(parsed.start.date(), blob, parsed.span) if parsed else None


def _free(name: str, frame: pd.DataFrame) -> str:
    """Return a name that no column of the frame has."""
    while name in frame.columns:
        name = f"{name}_name"
    return name


@dataclass(frozen=True)
class _Wish:
    """Rows of which days, for which cells of which feature."""

    window: Window
    feature: str
    matches: Matches

    def columns(self, item: DayBlob) -> list[str]:
        """Return the columns that say whether a row is wanted."""
        more = ["scored_at"] if item.span in batches.MANY_DAYS else []
        return list(dict.fromkeys([self.feature, *more]))

    def rows(self, item: DayBlob, columns: pd.DataFrame) -> NDArray[np.intp]:
        """Return the numbers of the rows that are wanted."""
        mask = np.array(self.matches(columns[self.feature]), dtype=bool)
        if item.span in batches.MANY_DAYS:
            days = columns["scored_at"].dt.date.fillna(item.day)
            mask &= days.between(self.window.first, self.window.last).to_numpy()
        return np.flatnonzero(mask)


def _matching(
    shelf: Shelf, container: Container, batch: Batch, wish: _Wish, most: int
) -> list[tuple[DayBlob, pd.DataFrame]]:
    """Return the first rows of a batch's blobs that are wanted, at most so many in all."""
    file = shelf.copy(container, batch)
    if file is not None:
        with file:
            try:
                copy = copies.opened(file, container, batch)
                if copy:
                    return _first((_of_copy(copy, *piece, wish) for piece in copy.pieces), most)
            except UNREADABLE:
                shelf.kept.note_rebuilt()
    parts, _ = copies.read(shelf, container, batch)
    return _first((_of_frame(*part, wish) for part in parts), most)


Wanted = tuple[DayBlob, NDArray[np.intp], Callable[[NDArray[np.intp]], pd.DataFrame]]
"""A blob, the numbers of its rows that are wanted, and how to get such rows."""


def _first(every: Iterable[Wanted], most: int) -> list[tuple[DayBlob, pd.DataFrame]]:
    found = []
    for item, rows, get in every:
        if len(rows):
            found.append((item, get(rows[:most])))
            most -= len(rows[:most])
        if most <= 0:
            break
    return found


def _of_copy(copy: Copy, item: DayBlob, piece: Piece, wish: _Wish) -> Wanted:
    rows = _NO_ROWS
    if wish.feature in piece.columns:
        columns = copies.taken(copy, piece, wish.columns(item), slice(None))
        rows = wish.rows(item, columns)
    if piece.layouts and len(rows):
        has = np.array([wish.feature in names for names in piece.layouts])
        rows = rows[has[copies.layout_of(copy, piece)[rows]]]
    return item, rows, lambda rows: copies.taken(copy, piece, list(piece.columns), rows)


def _of_frame(item: DayBlob, read: Collected, wish: _Wish) -> Wanted:
    rows = wish.rows(item, read.frame) if wish.feature in read.frame else _NO_ROWS
    if read.layouts:
        have = [at for at, names in read.layouts if wish.feature in names]
        rows = rows[np.isin(rows, np.concatenate([_NO_ROWS, *have]))]
    return item, rows, lambda rows: read.frame.iloc[rows]


_NO_ROWS: NDArray[np.intp] = np.empty(0, np.intp)
