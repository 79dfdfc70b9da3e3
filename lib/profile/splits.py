"""Rows divided by the values of one column, and a profile of each part.

A group is named by a value (`FR`, `3`) or by a range of numbers (`< 5`, `5 – 12.5`,
`≥ 12.5`: from the first, up to and without the second). The name is all there is
to a group, so days that are divided by the same names can be merged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lib.profile import cells, measure, texts, weighted
from lib.profile.feature import Feature, Profile
from lib.profile.kinds import kind
from lib.profile.tables import number_text, top
from lib.profile.weighted import Floats, Weighted

OTHER, MISSING = "other", "missing"

Mask = NDArray[np.bool_]

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_RANGE = re.compile(
    rf"< (?P<under>{_NUMBER})|≥ (?P<over>{_NUMBER})|(?P<low>{_NUMBER}) – (?P<high>{_NUMBER})"
)


def groups(feature: Feature, most: int = 6, override: str | None = None) -> tuple[str, ...]:
    """Return the names of groups to divide rows by: at most `most` values, or four ranges.

    A numeric feature with more distinct values than `most` is divided near its
    quartiles, at round numbers; any other by its most frequent values. `override`
    is the reader's own kind of the feature.
    """
    numbers = feature.numbers
    if kind(feature, override) == "numeric":
        if len(numbers.values) > most or not numbers.exact:
            return _ranges(numbers)
        return tuple(number_text(value) for value in numbers.values.tolist())
    table = top(feature, most)
    return tuple(table.loc[~table["special"], "value"])


def split(frame: pd.DataFrame, by: str, groups: Sequence[str] | int = 6) -> dict[str, Profile]:
    """Return a profile of the rows of each group, in the order of the groups.

    A number of groups means those that `groups` finds in this frame. Rows of no
    group come under "other", rows without a value, or all if there is no such
    column, under "missing"; if a group itself is called so, under "other (rest)".
    Groups without rows are left out.
    """
    frame = texts.plain(frame)  # Arrow cannot take rows of views
    if by not in frame.columns:
        return {MISSING: measure.profile(frame)} if len(frame) else {}
    column = frame.loc[:, [by]].iloc[:, 0]
    names = _found(column, groups) if isinstance(groups, int) else groups
    found = held(column)
    group = np.full(len(found.numbers), len(names))
    group[found.missing] = len(names) + 1
    for at, name in enumerate(names):
        group[belongs(name, found) & (group == len(names))] = at
    rows = group[found.of_row]
    labels = [*names, *(f"{name} (rest)" if name in names else name for name in (OTHER, MISSING))]
    return {
        label: measure.profile(frame.loc[rows == at])
        for at, label in enumerate(labels)
        if (rows == at).any()
    }


@dataclass(frozen=True)
class Held:
    """The cells of a column: what each holds, and which of them each row has."""

    of_row: NDArray[np.intp]
    missing: Mask
    numbers: Floats
    seconds: Floats
    texts: pa.Array


def held(column: pd.Series) -> Held:
    """Return what the cells of a column hold, of texts each distinct one only once."""
    rows = np.arange(len(column))
    none = np.full(len(column), np.nan)
    if column.dtype.kind in "iuf":
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return Held(rows, np.isnan(numbers), numbers, none, pa.nulls(len(rows), pa.string()))
    if column.dtype.kind == "M":
        seconds = cells.seconds(column)
        return Held(rows, np.isnan(seconds), none, seconds, pa.nulls(len(rows), pa.string()))
    words = texts.texts_of(column).fill_null(cells.NAN)
    coded = words.combine_chunks().dictionary_encode()
    found = cells.sort(coded.dictionary)
    rows = coded.indices.to_numpy()
    return Held(rows, found.missing, found.numbers, found.seconds, coded.dictionary)


def belongs(name: str, found: Held) -> Mask:
    """Return which cells belong to the group of this name."""
    same: Mask = np.array(pc.equal(found.texts, name).fill_null(False))
    if limits := _RANGE.fullmatch(name):
        low, high = limits["low"] or limits["over"], limits["high"] or limits["under"]
        inside = ~np.isnan(found.numbers)
        inside &= found.numbers >= float(low or "-inf")
        return same | (inside if high is None else inside & (found.numbers < float(high)))
    wanted = cells.sort(pa.array([name]))
    same |= (found.numbers == wanted.numbers[0]) | (found.seconds == wanted.seconds[0])
    return same


def _found(column: pd.Series, most: int) -> tuple[str, ...]:
    return groups(measure.feature(str(column.name), column), most)


def _ranges(numbers: Weighted) -> tuple[str, ...]:
    """Return the names of up to four ranges between numbers near the quartiles."""
    low, *quartiles, high = weighted.quantiles(numbers, (0, 0.25, 0.5, 0.75, 1)).tolist()
    width = min(quartiles[-1] - quartiles[0] or high - low, 1e308)
    decimals = 1 - math.floor(math.log10(width))
    cuts = {round(cut, decimals) for cut in quartiles}
    # If most rows have the smallest value, that stands against all others.
    cuts = {cut for cut in cuts if low < cut <= high} or {float(numbers.values[1])}
    names = [number_text(cut) for cut in sorted(cuts)]
    between = (f"{one} – {next_one}" for one, next_one in pairwise(names))
    return (f"< {names[0]}", *between, f"≥ {names[-1]}")
