"""Text cells sorted into numbers, instants and texts.

A column that holds anything but numbers arrives as text, and so do the numbers in
it. What is a number is decided as strictly as when a whole column is read: `01234`
is text, since it would not survive as a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lib.profile.feature import Shapes

NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"
NAN, INFINITIES = "nan", ("inf", "-inf")  # as Python writes them
INSTANT = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?$"
INSTANT_LENGTHS = (10, *range(19, 36))
TRUTHS = ("True", "False", "true", "false", "TRUE", "FALSE")
CODED = r"^\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?$|^[0-9a-fA-F]{16,}$"
PADDED = r"^-?0\d+$"
WORDY = r"\S\s+\S+\s+\S+\s+\S"

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sorted:
    """What each of some text cells holds: exactly one of the four.

    `numbers` and `seconds` (since 1970 in UTC) are NaN where the cell is no number,
    or no instant; `missing` and `text` say whether it is that.
    """

    missing: Mask
    numbers: Floats
    seconds: Floats
    text: Mask


def sort(values: pa.Array) -> Sorted:
    """Return what each text holds; for speed, give each distinct text once.

    An instant is a date of ISO 8601, with or without a time; without a zone it is
    in UTC. Impossible dates stay text. `nan` is how Python writes a missing number.
    """
    missing = _mask(pc.equal(values, NAN))
    is_number = _mask(pc.match_substring_regex(values, NUMBER))
    is_number |= _mask(pc.is_in(values, pa.array(INFINITIES, values.type)))
    numbers = np.full(len(values), np.nan)
    numbers[is_number] = _numbers(_chosen(values, is_number))
    # Patterns are the dear part, and what has another length than a date is most often a GUID.
    is_instant = np.isin(pc.binary_length(values).to_numpy(), INSTANT_LENGTHS)
    is_instant[is_instant] = _mask(pc.match_substring_regex(_chosen(values, is_instant), INSTANT))
    stamps = np.full(len(values), np.nan)
    stamps[is_instant] = _seconds(_chosen(values, is_instant))
    return Sorted(missing, numbers, stamps, ~missing & ~is_number & np.isnan(stamps))


def shapes(texts: pa.Array, counts: NDArray[np.int64]) -> Shapes:
    """Return how many cells have which shape, from distinct texts and their counts."""

    coded = _mask(pc.match_substring_regex(texts, CODED))
    lengths = pc.utf8_length(texts).to_numpy()
    rest, rest_counts = _chosen(texts, ~coded), counts[~coded]
    return Shapes(
        coded=int(counts[coded].sum()),
        characters=int((lengths * counts).sum()),
        truths=int(rest_counts[_mask(pc.is_in(rest, pa.array(TRUTHS, rest.type)))].sum()),
        padded=int(rest_counts[_mask(pc.match_substring_regex(rest, PADDED))].sum()),
        wordy=int(rest_counts[_mask(pc.match_substring_regex(rest, WORDY))].sum()),
    )


def _numbers(texts: pa.Array) -> Floats:
    """Return numbers written as text; those past 1e308 are infinite."""
    return np.asarray(pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False))


def _seconds(texts: pa.Array) -> Floats:
    """Return the seconds since 1970 of dates written as text; NaN for impossible ones."""
    if not len(texts):
        return np.empty(0)
    parsed = pd.to_datetime(
        pd.Series(texts.to_pylist()), format="ISO8601", utc=True, errors="coerce"
    )
    return seconds(parsed)


def seconds(instants: pd.Series) -> Floats:
    """Return the seconds since 1970 in UTC of a datetime column; NaN where there is none."""
    stamps = (instants if instants.dt.tz is None else instants.dt.tz_convert(None)).to_numpy()
    whole = stamps.astype("datetime64[us]").astype(np.int64) / 1e6
    return np.where(np.isnat(stamps), np.nan, whole)


def _mask(answer: pa.Array) -> Mask:
    return np.array(answer.to_numpy(zero_copy_only=False), dtype=bool)


def _chosen(values: pa.Array, which: Mask) -> pa.Array:
    return values if which.all() else values.filter(pa.array(which))
