"""A distribution of numbers as values with weights.

Up to 1,024 distinct values are all listed. Of more, neighbours are put together
into groups of equal weight, each represented by its mean; the smallest and the
largest value and every value that outweighs a group stay themselves, and towards
both ends the groups get finer. Lists are merged by concatenating them.

Everything drawn or measured is a function of values and weights, so the same code
serves a day, a window of months and raw rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.profile import sketch
from lib.profile.sketch import Sketch

LISTED = 1_024
"""Most distinct numbers that are all listed."""

MERGED = 2 * LISTED
"""Most groups kept after a merge: small additions to a large list do not blur it each time."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Weighted:
    """Finite numbers, ascending and distinct, each with the number of rows it stands for.

    `exact` says that every distinct value is listed. `mean` and `m2`, the sum of
    squared deviations from it, are those of the rows, not of the groups. `distinct`
    counts the distinct values; it is an estimate once lists that are not exact were
    merged. `sketch` is what that estimate is made from, empty while exact.
    """

    values: Floats
    counts: Ints
    exact: bool
    mean: float
    m2: float
    distinct: int
    sketch: Sketch

    @property
    def count(self) -> int:
        """The number of rows."""
        return int(self.counts.sum())

    @property
    def sd(self) -> float:
        """The sample standard deviation (ddof 1) of the rows; NaN for fewer than two."""
        return float(np.sqrt(self.m2 / (self.count - 1))) if self.count > 1 else float("nan")


_TAILS = np.unique((1.5 ** np.arange(100)).astype(np.int64))

EMPTY = Weighted(
    values=np.empty(0),
    counts=np.empty(0, dtype=np.int64),
    exact=True,
    mean=float("nan"),
    m2=0.0,
    distinct=0,
    sketch=sketch.EMPTY,
)


def of(values: Floats) -> Weighted:
    """Return the distribution of finite numbers in any order."""
    ordered = values + 0.0  # a copy to sort, in which −0.0 is 0.0
    ordered.sort()
    first = _firsts(ordered)
    return _of_distinct(ordered[first], np.diff(first, append=len(ordered)))


def of_counted(values: Floats, counts: Ints) -> Weighted:
    """Return the distribution of finite numbers that come with the rows of each."""
    return _of_distinct(*_combined(values + 0.0, counts))


def merge(parts: Sequence[Weighted]) -> Weighted:
    """Return the distribution of all rows of several; their order does not matter.

    Exact ones give what all rows at once would have given.
    """
    parts = [part for part in parts if len(part.values)]
    if len(parts) <= 1:
        return parts[0] if parts else EMPTY
    values, counts = _combined(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )
    if all(part.exact for part in parts):
        return _of_distinct(values, counts)
    seen = sketch.merge(
        sketch.of_numbers(part.values) if part.exact else part.sketch for part in parts
    )
    largest = max(part.distinct for part in parts)
    distinct = min(max(sketch.estimate(seen), largest), sum(part.distinct for part in parts))
    if len(values) > MERGED:
        values, counts = _grouped(values, counts)
    mean, m2 = _merged_moments(parts)
    return Weighted(values, counts, False, mean, m2, distinct, seen)


def quantiles(numbers: Weighted, probabilities: ArrayLike) -> Floats:
    """Return the smallest values with at least these shares of the rows at or below them.

    This is numpy's method "inverted_cdf", and its result while the list is exact;
    else the mean of the group in which the quantile lies, so off by less than a
    group, some 1/1000 of the rows. NaN without rows.
    """
    wanted = np.atleast_1d(np.asarray(probabilities, dtype=np.float64))
    if not len(numbers.values):
        return np.full(len(wanted), np.nan)
    upto = np.cumsum(numbers.counts)
    rank = np.clip(np.ceil(upto[-1] * wanted - 1), 0, upto[-1] - 1)
    found: Floats = numbers.values[np.searchsorted(upto, rank, side="right")]
    return found


def ecdf(numbers: Weighted, points: int = 512) -> tuple[Floats, Floats]:
    """Return values and the share of the rows at or below each, for a line in steps.

    Of more values than `points` those are kept that divide the shares most evenly,
    always with the first and the last.
    """
    if not len(numbers.values):
        return np.empty(0), np.empty(0)
    share = np.cumsum(numbers.counts) / numbers.count
    if len(share) <= points:
        return numbers.values, share
    even = np.searchsorted(share, np.linspace(share[0], 1.0, points))
    kept = np.unique(np.minimum(even, len(share) - 1))
    return numbers.values[kept], share[kept]


def heavy(numbers: Weighted) -> NDArray[np.bool_]:
    """Return which values are themselves, not the mean of a group.

    All while exact; else those with 1/200 of the rows, more than any group has.
    """
    if numbers.exact:
        return np.ones(len(numbers.values), dtype=bool)
    return numbers.counts >= numbers.count / 200


def _of_distinct(values: Floats, counts: Ints) -> Weighted:
    """Return the distribution of ascending distinct numbers with their rows."""
    if not len(values):
        return EMPTY
    mean, m2 = _moments(values, counts)
    if len(values) <= LISTED:
        return Weighted(values, counts, True, mean, m2, len(values), sketch.EMPTY)
    seen = sketch.of_numbers(values)
    return Weighted(*_grouped(values, counts), False, mean, m2, len(values), seen)


def _firsts(ordered: Floats | Ints) -> NDArray[np.intp]:
    """Return where each distinct value of ascending ones begins."""
    if not len(ordered):
        return np.empty(0, dtype=np.intp)
    return np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])


def _combined(values: Floats, counts: Ints) -> tuple[Floats, Ints]:
    """Return the distinct values, ascending, with the rows of equal ones added up."""
    if not len(values):
        return values, counts
    order = np.argsort(values, kind="stable")
    values, counts = values[order], counts[order]
    first = _firsts(values)
    return values[first], np.add.reduceat(counts, first)


def _grouped(values: Floats, counts: Ints) -> tuple[Floats, Ints]:
    """Return at most LISTED groups of ascending distinct values: their means and rows."""
    first = _group_firsts(counts)
    last = np.append(first[1:], len(values)) - 1
    rows = np.add.reduceat(counts, first)
    scale = _scale(values)
    means = np.add.reduceat(values * scale * counts, first) / rows / scale
    # Rounding must not carry a mean out of its group, nor change a value that is alone.
    return np.clip(means, values[first], values[last]), rows


def _group_firsts(counts: Ints) -> NDArray[np.intp]:
    """Return where the groups begin, so that there are nearly LISTED, but no more.

    Ranks are cut evenly, and near both ends also at 1, 2, 3, 5, … rows from the
    end, each cut about half as far again as the one before. The first value at or
    past a cut begins a group; one with the weight of a group is one.
    """
    starts = np.cumsum(counts) - counts
    total = int(counts.sum())
    # Few heavy values leave room for finer groups of the others: begin too fine, but not with
    # groups of less than a row, which all values would be too heavy for.
    cells = min(4 * LISTED, total)
    while True:
        width = total / cells
        tail = _TAILS[: np.searchsorted(_TAILS, width)]
        ranks = np.concatenate([tail, np.arange(1, cells) * total // cells, total - tail])
        heavy = np.flatnonzero(counts >= width)
        cuts = np.concatenate([[0, 1, len(counts) - 1], heavy, heavy + 1])
        # Sorted, since numpy's unique goes by a hash table and takes some ten times as long.
        first = np.sort(np.concatenate([cuts, np.searchsorted(starts, ranks)]))
        first = first[_firsts(first)]
        first = first[first < len(counts)]
        if len(first) <= LISTED:
            return first
        cells = min(cells - 1, cells * LISTED // len(first))


def _moments(values: Floats, counts: Ints) -> tuple[float, float]:
    """Return mean and sum of squared deviations; the latter is infinite past 1e308."""
    scale = _scale(values)
    mean = (values * scale * counts).sum() / counts.sum() / scale
    mean = np.clip(mean, values[0], values[-1])
    with np.errstate(over="ignore"):
        return float(mean), float((np.square(values - mean) * counts).sum())


def _merged_moments(parts: Sequence[Weighted]) -> tuple[float, float]:
    """Return mean and m2 of all rows from those of the parts (Chan, Golub, LeVeque 1983)."""
    ordered = sorted(parts, key=lambda part: (part.mean, part.m2, part.count))
    counts = np.array([part.count for part in ordered])
    means = np.array([part.mean for part in ordered])
    mean, between = _moments(means, counts)
    with np.errstate(over="ignore"):
        return mean, between + float(np.sum([part.m2 for part in ordered]))


def _scale(values: Floats) -> float:
    """Return a power of two by which ascending values can be summed without overflow."""
    return 2.0**-64 if max(abs(values[0]), abs(values[-1])) > 1e280 else 1.0
