"""Which rows lie in a bin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lib import profile
from lib.drift.bins import Bins


def members(bins: Bins, at: int, column: pd.Series) -> NDArray[np.bool_]:
    """Return which cells of a column lie in the bin with this number.

    They are counted as `count` counts them, but each for itself: near the edge of a bin
    of numbers there can be a few rows more or fewer than the profile's groups tell.
    """
    found = profile.held(column)
    missing, other = len(bins.labels) - 1, len(bins.labels) - 2
    places = np.full(len(found.numbers), 0 if bins.kind not in MEASURED else other)
    if bins.kind == "numeric":
        is_number = ~np.isnan(found.numbers)
        places[is_number] = np.searchsorted(bins.edges, found.numbers[is_number], side="right")
    for number, value in enumerate(bins.values):
        same = profile.belongs(value, found)
        if bins.kind == "boolean":
            lower = pc.utf8_lower(found.texts)
            same |= np.array(pc.equal(lower, pa.scalar(value.lower(), lower.type)).fill_null(False))
        places[same] = number
    places[found.missing] = missing
    rows: NDArray[np.bool_] = places[found.of_row] == at
    return rows


MEASURED = ("numeric", "categorical", "boolean")
