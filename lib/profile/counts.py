"""A distribution of texts as values with counts.

Up to 10,000 distinct values are all counted. Of more, the 1,000 most frequent stay
listed, the rows of the rest are added up, and a sketch remembers how many
different values there were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lib.profile import sketch
from lib.profile.sketch import Sketch

LISTED = 10_000
"""Most distinct texts that are all listed."""

KEPT = 1_000
"""Texts that stay listed when there were more than LISTED."""

LONGEST = 120
"""Characters up to which a text is kept whole."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counts:
    """Distinct texts, the most frequent first (then by value), and the rows of each.

    `values` is an Arrow array of strings: forty bytes a value instead of a hundred.
    `other` rows have a text that is not listed. `exact` says that all are. When not
    exact, the count of a text merged from several frames may lack the rows of
    frames in which it was not among the listed. `distinct` is an estimate once
    lists that are not exact were merged, made from `sketch`, which is empty while
    exact. A text of more than 120 characters is listed as its first 100 and a hash
    of the whole.
    """

    values: pa.StringArray
    counts: Ints
    other: int
    distinct: int
    exact: bool
    sketch: Sketch

    @property
    def count(self) -> int:
        """The number of rows."""
        return int(self.counts.sum()) + self.other

    def items(self) -> Iterator[tuple[str, int]]:
        """Yield each listed text with its rows, the most frequent first."""
        return zip(self.values.to_pylist(), self.counts.tolist(), strict=True)


EMPTY = Counts(
    values=pa.array([], pa.string()),
    counts=np.empty(0, dtype=np.int64),
    other=0,
    distinct=0,
    exact=True,
    sketch=sketch.EMPTY,
)


def of_counted(values: pa.Array, counts: Ints) -> Counts:
    """Return the distribution of distinct texts that come with the rows of each."""
    if not len(values):
        return EMPTY
    values = _shortened(values)
    distinct = len(values)
    if distinct <= LISTED:
        return Counts(*_most_frequent(values, counts, LISTED), 0, distinct, True, sketch.EMPTY)
    seen = sketch.of_texts(values)
    kept, rows = _most_frequent(values, counts, KEPT)
    return Counts(kept, rows, int(counts.sum() - rows.sum()), distinct, False, seen)


def merge(parts: Sequence[Counts]) -> Counts:
    """Return the distribution of all rows of several; their order does not matter.

    Exact ones give what all rows at once would have given.
    """
    parts = [part for part in parts if part.count]
    if len(parts) <= 1:
        return parts[0] if parts else EMPTY
    values, counts = _combined(parts)
    if all(part.exact for part in parts):
        return of_counted(values, counts)
    seen = sketch.merge(
        sketch.of_texts(part.values) if part.exact else part.sketch for part in parts
    )
    largest = max(part.distinct for part in parts)
    distinct = min(max(sketch.estimate(seen), largest), sum(part.distinct for part in parts))
    kept, rows = _most_frequent(values, counts, KEPT)
    other = sum(part.count for part in parts) - int(rows.sum())
    return Counts(kept, rows, other, distinct, False, seen)


def _combined(parts: Sequence[Counts]) -> tuple[pa.Array, Ints]:
    """Return the distinct texts of all parts with their rows added up."""
    listed = pa.table(
        {
            "value": pa.chunked_array([part.values for part in parts]),
            "rows": np.concatenate([part.counts for part in parts]),
        }
    )
    added = listed.group_by("value", use_threads=False).aggregate([("rows", "sum")])
    return added["value"].combine_chunks(), added["rows_sum"].to_numpy()


def _most_frequent(values: pa.Array, counts: Ints, most: int) -> tuple[pa.StringArray, Ints]:
    """Return the `most` most frequent texts, then by value, with their rows."""
    order = pc.select_k_unstable(
        pa.table({"rows": counts, "value": values}),
        k=min(most, len(values)),
        sort_keys=[("rows", "descending"), ("value", "ascending")],
    )
    return values.take(order).cast(pa.string()), counts[order.to_numpy()]


def _shortened(values: pa.Array) -> pa.Array:
    """Return the texts, the long ones as a beginning and a hash that keeps them apart."""
    long = pc.greater(pc.utf8_length(values), LONGEST)
    if not pc.any(long).as_py():
        return values
    whole = values.filter(long)
    ends = pa.array([f"… #{digest:016x}" for digest in sketch.digests(whole)], values.type)
    nothing = pa.scalar("", values.type)
    short = pc.binary_join_element_wise(pc.utf8_slice_codeunits(whole, 0, 100), ends, nothing)
    return pc.replace_with_mask(values, long, short)
