"""The days of each feature, all counted in the same bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lib import profile
from lib.drift.bins import Bins, bins, count
from lib.drift.compare import pair
from lib.profile import Feature, Profile, Weighted

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """One feature's rows per day and bin: the days of the reference first, then the window's.

    `counts` has the shape (days, bins); a day without the feature is all zero. A day
    that lies in both is there twice. `base` holds the counts of the whole reference:
    the sum of its days, or, of one without days such as a file, its own; all zero if
    the two sides are not comparable.
    """

    feature: str
    kind: str
    bins: Bins
    days: tuple[date, ...]
    is_reference: NDArray[np.bool_]
    counts: Floats
    base: Floats


def grids(
    reference: Mapping[date, Profile],
    current: Mapping[date, Profile],
    kinds: Mapping[str, str] = {},
    whole: tuple[Profile, Profile] | None = None,
) -> list[Grid]:
    """Return a grid for each feature of either side, in the reference's order of columns.

    `whole` is the merged reference and the merged window; without it both are merged
    here, which takes longer than all the rest. A reference without days is given by
    `whole` only. The bins are those in which `compare` compares the two as a whole;
    if it cannot, those of the window alone, or of the reference alone. `kinds` are the
    reader's own; raises ValueError for one that there is not.
    """
    before, now = whole or (profile.merge(reference.values()), profile.merge(current.values()))
    days = (*sorted(reference), *sorted(current))
    profiles = [reference[day] for day in sorted(reference)]
    profiles += [current[day] for day in sorted(current)]
    is_reference = np.arange(len(days)) < len(reference)
    found = []
    for name in dict.fromkeys((*before.features, *now.features)):
        sides = pair(name, before.features.get(name), now.features.get(name), kinds.get(name))
        chosen = sides.bins or _own(sides.current, sides.reference, kinds.get(name))
        counts = _counted(chosen, [one.features.get(name) for one in profiles])
        base = np.zeros(len(chosen.labels))
        if sides.bins:
            base = counts[is_reference].sum(axis=0) if reference else count(chosen, sides.reference)
        found.append(Grid(name, sides.kind, chosen, days, is_reference, counts, base))
    return found


def _own(current: Feature | None, reference: Feature | None, override: str | None) -> Bins:
    """Return the bins of one side alone: of the first that has rows."""
    there = [side for side in (current, reference) if side is not None]
    side = next((side for side in there if side.rows), there[0])
    return bins(side, side, profile.kind(side, override))


def _counted(bins: Bins, parts: Sequence[Feature | None]) -> Floats:
    """Return what `count` does for each part, of numbers all at once."""
    counts = np.zeros((len(parts), len(bins.labels)))
    if bins.kind != "numeric":
        for row, part in zip(counts, parts, strict=True):
            row[:] = count(bins, part)
        return counts
    there = [at for at, part in enumerate(parts) if part is not None]
    features = [part for part in parts if part is not None]
    rows = np.array([[float(part.numbers.count)] for part in features]).reshape(-1, 1)
    upto = np.hstack([np.zeros_like(rows), _below([f.numbers for f in features], bins.edges), rows])
    counts[there, :-2] = np.maximum(np.diff(upto, axis=1), 0.0)
    for at, part in zip(there, features, strict=True):
        counts[at, 0] += part.below
        counts[at, -3] += part.above
        counts[at, -2:] = profile.type_errors(part, "numeric"), part.missing
    return counts


def _below(parts: Sequence[Weighted], edges: Floats) -> Floats:
    """Return the rows of each part with a number below each edge: `bins.below` of many lists."""
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
