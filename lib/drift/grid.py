"""The days of each feature, all counted in the same bins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lib import profile
from lib.drift.bins import Bins, bins, count, counts
from lib.drift.compare import pair
from lib.profile import Feature, Profile

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
        rows = counts(chosen, [one.features.get(name) for one in profiles])
        base = np.zeros(len(chosen.labels))
        if sides.bins:
            base = rows[is_reference].sum(axis=0) if reference else count(chosen, sides.reference)
        found.append(Grid(name, sides.kind, chosen, days, is_reference, rows, base))
    return found


def _own(current: Feature | None, reference: Feature | None, override: str | None) -> Bins:
    """Return the bins of one side alone: of the first that has rows."""
    there = [side for side in (current, reference) if side is not None]
    side = next((side for side in there if side.rows), there[0])
    return bins(side, side, profile.kind(side, override))
