"""Frames to profiles."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lib.collected import vectors
from lib.profile import cells, counts, texts, weighted
from lib.profile.feature import Feature, Profile, Shapes

META = ("correlation_id", "position", "scored_at", "request_id")
"""Columns of collected rows that describe the row, not what the model was asked."""

THREADS = 2

FEW_CELLS = 50_000
"""Cells below which threads cost more than they save."""

Floats = NDArray[np.float64]


def profile(frame: pd.DataFrame, skip: Collection[str] = META) -> Profile:
    """Return the summary of a frame's rows, without the columns in `skip`.

    Numbers, booleans, datetimes (without a zone they count as UTC) and texts are
    taken as they are, texts sorted by what each cell holds; cells of any other
    column are looked at one by one, and what is unknown counts as text. Of vectors there
    are their lengths and norms (see `lib.collected.vectors`), not themselves. NaN, None
    and NaT are missing, an empty text is not. Of columns with the same name the
    later ones get a number.
    """
    names = _names(frame.columns)
    skip = {*skip, *vectors.judged_by_others(names)}
    chosen = [(name, frame.iloc[:, at]) for at, name in enumerate(names) if name not in skip]
    if frame.size < FEW_CELLS:
        return Profile(rows=len(frame), features={name: feature(name, c) for name, c in chosen})
    # Sorting and Arrow let go of the interpreter, so two columns really run at once;
    # texts take longest and go first, so that no thread ends with one while the other waits.
    first = sorted(chosen, key=lambda column: column[1].dtype.kind in "iufb")
    with ThreadPoolExecutor(THREADS) as pool:
        measured = {part.name: part for part in pool.map(lambda column: feature(*column), first)}
    return Profile(rows=len(frame), features={name: measured[name] for name, _ in chosen})


def _names(columns: Iterable[Hashable]) -> list[str]:
    """Return the columns' names as distinct texts."""
    names: dict[str, None] = {}
    for column in columns:
        name, number = str(column), 1
        while name in names:
            number += 1
            name = f"{column} ({number})"
        names[name] = None
    return list(names)


def feature(name: str, column: pd.Series) -> Feature:
    """Return the summary of one column."""
    dtype = column.dtype
    if dtype == np.int64:
        return _from_integers(name, column.to_numpy())
    if dtype.kind in "iuf":
        return _from_numbers(name, column.to_numpy(dtype=np.float64, na_value=np.nan))
    if dtype.kind == "M":
        return _from_instants(name, column)
    if dtype.kind == "b":
        return _from_truths(name, column)
    return _from_texts(name, texts.texts_of(column))


def _from_numbers(name: str, values: Floats) -> Feature:
    finite = np.isfinite(values)
    kept = values if finite.all() else values[finite]
    numbers = weighted.of(kept)
    return Feature(
        name=name,
        rows=len(values),
        missing=int(np.isnan(values).sum()),
        below=int((values == -np.inf).sum()),
        above=int((values == np.inf).sum()),
        numbers=numbers,
        shapes=Shapes(whole=int((np.rint(kept) == kept).sum())),
    )


def _from_integers(name: str, values: NDArray[np.int64]) -> Feature:
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if high - low > 4 * len(values):
        return _from_numbers(name, values.astype(np.float64))
    # A narrow range is counted without sorting.
    rows = np.bincount(values - low)
    found = np.flatnonzero(rows)
    return Feature(
        name=name,
        rows=len(values),
        missing=0,
        numbers=weighted.of_counted((found + low).astype(np.float64), rows[found]),
        shapes=Shapes(whole=len(values)),
    )


def _from_instants(name: str, column: pd.Series) -> Feature:
    seconds = cells.seconds(column)
    present = seconds[~np.isnan(seconds)]
    return Feature(
        name=name,
        rows=len(column),
        missing=len(column) - len(present),
        instants=weighted.of(present),
    )


def _from_truths(name: str, column: pd.Series) -> Feature:
    present = column.dropna().to_numpy(dtype=bool)
    rows = np.array([len(present) - present.sum(), present.sum()])
    truths = pa.array(["False", "True"]).filter(pa.array(rows > 0))
    feature = _from_counted(name, truths, rows[rows > 0])
    return replace(feature, rows=len(column), missing=len(column) - len(present))


def _from_texts(name: str, held: pa.ChunkedArray) -> Feature:
    counted = pc.value_counts(held.drop_null() if held.null_count else held)
    feature = _from_counted(name, counted.field("values"), counted.field("counts").to_numpy())
    return replace(feature, rows=len(held), missing=feature.missing + held.null_count)


def _from_counted(name: str, values: pa.Array, rows: NDArray[np.int64]) -> Feature:
    """Return the summary of distinct texts that come with the rows of each."""
    held = cells.sort(values)
    numbers, seconds = held.numbers, held.seconds
    finite, is_instant = np.isfinite(numbers), ~np.isnan(seconds)
    words, text_rows = values.filter(pa.array(held.text)), rows[held.text]
    whole = int(rows[finite & (np.rint(numbers) == numbers)].sum())
    return Feature(
        name=name,
        rows=int(rows.sum()),
        missing=int(rows[held.missing].sum()),
        below=int(rows[numbers == -np.inf].sum()),
        above=int(rows[numbers == np.inf].sum()),
        numbers=weighted.of_counted(numbers[finite], rows[finite]),
        instants=weighted.of_counted(seconds[is_instant], rows[is_instant]),
        texts=counts.of_counted(words, text_rows),
        shapes=replace(cells.shapes(words, text_rows), whole=whole),
    )
