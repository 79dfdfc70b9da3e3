"""What a feature is counted in, so that two sides of it can be compared bin by bin.

Bins are chosen once, from both sides together, and every part is counted in the same
ones. Cells of another kind and missing cells have bins of their own: a feature that
goes missing has changed, whatever its remaining numbers say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lib import profile
from lib.drift.measures import EXPECTED
from lib.profile import Feature, Weighted, tables, weighted

MOST_VALUES = 50
"""Most distinct numbers that get a bin each."""

MOST_CATEGORIES = 100

OTHER, OTHER_KIND, MISSING = "(other)", "(other kind)", "(missing)"
PRESENT = "present"

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bins:
    """What a feature is counted in, fixed by the reference (and, for values, by both sides).

    `kind` is the feature's, `labels` name each bin for people. Numeric features have
    k bins of numbers with k - 1 inner `edges`, a number at an edge being above it,
    then "(other kind)" and "(missing)". Categorical and boolean ones have a bin for
    each of `values`, then "(other)" and "(missing)". Other kinds have "present" and
    "(missing)", since no two windows hold the same times, identifiers or texts.
    """

    kind: str
    labels: tuple[str, ...]
    edges: Floats = field(default_factory=lambda: np.empty(0))
    values: tuple[str, ...] = ()


def shared_kind(
    reference: Feature | None, current: Feature | None, override: str | None = None
) -> str:
    """Return the kind by which both sides are measured: the override, or the reference's.

    An empty or absent side leaves it to the other. Of a category and an identifier it
    is the identifier: more rows can turn the one into the other. Raises ValueError
    for an override that is no kind.
    """
    sides = [profile.kind(side, override) for side in (reference, current) if side is not None]
    found = [kind for kind in sides if kind != "empty"] or ["empty"]
    return "identifier" if set(found) == {"categorical", "identifier"} else found[0]


def bins(reference: Feature, current: Feature, kind: str, most: int = 20) -> Bins:
    """Return the bins in which two sides of a feature of this kind are to be counted.

    Numbers: at most 50 different ones on both sides together get a bin each, with
    edges midway. Else there are at most `most` bins of about equal rows of the
    reference, with edges midway between neighbouring values of it; where the
    reference alone has at most 50 values, of both sides in equal parts, or values
    between those few would not show. The outer bins are open and hold infinities.

    Categories: those that expect 5 rows on the larger side, at most 100.
    """
    if kind == "numeric":
        return _numeric(reference.numbers, current.numbers, most)
    if kind == "boolean":
        return Bins(kind, ("False", "True", OTHER, MISSING), values=("False", "True"))
    if kind == "categorical":
        values = _frequent(reference, current)
        return Bins(kind, (*values, OTHER, MISSING), values=values)
    return Bins(kind, (PRESENT, MISSING))


def count(bins: Bins, feature: Feature | None) -> Floats:
    """Return the rows of a feature in each bin; they add up to its rows, to 0 for None.

    Of more than 1,024 different numbers the rows of each group are taken to lie
    evenly around its mean, so counts are not whole.
    """
    found: Floats = counts(bins, [feature])[0]
    return found


def counts(bins: Bins, parts: Sequence[Feature | None]) -> Floats:
    """Return the rows of each part of a feature in each bin, (parts, bins), as `count` does."""
    found = np.zeros((len(parts), len(bins.labels)))
    there = [(row, part) for row, part in zip(found, parts, strict=True) if part is not None]
    if bins.kind == "numeric":
        _count_numbers(bins.edges, there)
        return found
    for row, part in there:
        if bins.kind in ("categorical", "boolean"):
            rows = tally(part, bins.kind)
            listed = [rows.get(value, 0) for value in bins.values]
            row[:] = [*listed, part.present - sum(listed), part.missing]
        else:
            row[:] = part.present, part.missing
    return found


def tally(feature: Feature, kind: str = "categorical") -> Counter[str]:
    """Return the rows of each listed value as a text; of booleans, however they are written.

    Numbers and instants are values too, those that are known to be one value each.
    """
    rows = Counter(dict(feature.texts.items()))
    if kind == "boolean":
        rows = Counter()
        for text, n in feature.texts.items():
            rows[text.capitalize()] += n
    for numbers, spell in (
        (feature.numbers, tables.number_text),
        (feature.instants, tables.instant_text),
    ):
        single = weighted.heavy(numbers)
        for value, n in zip(numbers.values[single], numbers.counts[single], strict=True):
            rows[spell(float(value))] += int(n)
    for text, n in (("-inf", feature.below), ("inf", feature.above)):
        if n:
            rows[text] += n
    return rows


def below(numbers: Weighted, edges: Floats) -> Floats:
    """Return the rows with a number below each ascending edge.

    Exact for listed values. The rows of a group lie half to either side of its mean,
    evenly up to the next one.
    """
    found: Floats = _below([numbers], edges)[0]
    return found


def _below(parts: Sequence[Weighted], edges: Floats) -> Floats:
    """Return the rows of each part with a number below each edge, (parts, edges), all at once."""
    below = np.zeros((len(parts), len(edges)))
    filled = [at for at, part in enumerate(parts) if len(part.values)]
    if not filled or not len(edges):
        return below
    lists = [parts[at] for at in filled]
    ends = np.cumsum([len(part.values) for part in lists])[:, None]
    starts = np.vstack([[[0]], ends[:-1]])
    values = np.concatenate([part.values for part in lists])
    rows = np.concatenate([part.counts for part in lists]).astype(np.float64)
    upto = np.cumsum(rows)
    total = upto[ends - 1] - upto[starts] + rows[starts]
    after = starts + np.array([np.searchsorted(part.values, edges) for part in lists])
    before, after = np.maximum(after - 1, starts), np.minimum(after, ends - 1)
    # Rows lie half to either side of their group's mean, those of a listed value on it.
    listed = np.array([[part.exact] for part in lists])
    half = [
        np.where(listed | (rows[at] >= total / 200) | (at == starts) | (at == ends - 1), 0.0, 0.5)
        * rows[at]
        for at in (before, after)
    ]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        way = (edges / 2 - values[before] / 2) / (values[after] / 2 - values[before] / 2)
    way = np.where(np.isfinite(way), way, 0.0)
    inside = upto[before] - upto[starts] + rows[starts] - half[0] + way * (half[0] + half[1])
    below[filled] = np.where(edges <= values[starts], 0.0, inside)
    return below


def _count_numbers(edges: Floats, there: Sequence[tuple[Floats, Feature]]) -> None:
    """Fill the row of each part: bins of numbers, of another kind, and missing."""
    upto = _below([part.numbers for _, part in there], edges)
    for below, (row, part) in zip(upto, there, strict=True):
        row[:-2] = np.maximum(np.diff(below, prepend=0.0, append=float(part.numbers.count)), 0.0)
        row[0] += part.below
        row[-3] += part.above
        row[-2:] = profile.type_errors(part, "numeric"), part.missing


def _numeric(reference: Weighted, current: Weighted, most: int) -> Bins:
    """Return the bins of numbers."""
    few = reference.exact and len(reference.values) <= MOST_VALUES
    if few:
        values = np.union1d(reference.values, current.values)
        if len(values) <= MOST_VALUES:
            labels = _spelled(values) or ("any number",)
            return _of_numbers(_midway(values, np.arange(len(values) - 1)), labels)
        # Only sides that are taken alike keep two samples of the same from looking different.
        edges = _even_edges([reference, current], values, most)
    else:
        edges = _even_edges([reference], reference.values, most)
    return _of_numbers(edges, _spans(edges))


def _of_numbers(edges: Floats, labels: Sequence[str]) -> Bins:
    return Bins("numeric", (*labels, OTHER_KIND, MISSING), edges=edges)


def _even_edges(sides: Sequence[Weighted], values: Floats, most: int) -> Floats:
    """Return edges between values that cut the mean of the sides' shares most evenly.

    Each cut goes to the nearest gap, so a value with many rows gets a bin for itself.
    """
    share = np.zeros(len(values))
    for side in sides:
        share[np.searchsorted(values, side.values)] += side.counts / max(side.count, 1)
    upto = np.cumsum(share)[:-1] / share.sum()
    wanted = np.arange(1, most) / most
    right = np.minimum(np.searchsorted(upto, wanted), len(upto) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(wanted - upto[left] < upto[right] - wanted, left, right)
    return _midway(values, np.unique(nearest))


def _midway(values: Floats, places: NDArray[np.intp]) -> Floats:
    """Return edges between the values at the places and the ones that follow."""
    if len(values) < 2:
        return np.empty(0)
    low, high = values[places], values[places + 1]
    # Halves first, or the largest numbers overflow; the smallest ones have no middle.
    return np.clip(low / 2 + high / 2, np.nextafter(low, np.inf), high)


def _frequent(reference: Feature, current: Feature) -> tuple[str, ...]:
    """Return the values that expect enough rows on the larger side, most frequent first.

    Only the rows of both sides together may decide: a choice that looks at how they
    divide would find differences where there are none.
    """
    total = tally(reference) + tally(current)
    n, m = reference.rows, current.rows
    enough = EXPECTED * (n + m) / max(n, m, 1)
    frequent = [(value, rows) for value, rows in total.items() if rows >= enough]
    ranked = sorted(frequent, key=lambda item: (-item[1], item[0]))
    return tuple(value for value, _ in ranked[:MOST_CATEGORIES])


def _spans(edges: Floats) -> tuple[str, ...]:
    """Return the name of each bin between open ends."""
    if not len(edges):
        return ("any number",)
    texts = _spelled(edges)
    inner = (f"{low} – {high}" for low, high in pairwise(texts))
    return (f"below {texts[0]}", *inner, f"{texts[-1]} and above")


def _spelled(values: Floats) -> tuple[str, ...]:
    """Return ascending numbers in as few digits, from four on, as tell them apart."""
    for digits in (4, 7, 17):
        texts = tuple(_spell(value, digits) for value in values.tolist())
        if len(set(texts)) == len(texts):
            break
    return texts


def _spell(value: float, digits: int) -> str:
    """Return a number for people: whole ones in full, others in so many significant digits."""
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.{digits}g}"
    if value == int(value) or abs(value) >= 10.0**digits:
        return f"{value:,.0f}"
    text = f"{value:,.{max(0, digits - len(str(int(abs(value)))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
