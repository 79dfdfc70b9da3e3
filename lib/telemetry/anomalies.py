"""Unusual hours of a series that repeats from day to day."""

from __future__ import annotations

import numpy as np
import pandas as pd

UNUSUAL = 4.0
"""From this score on a value is unusual: among normal values one in 16,000 is."""

FEWEST = 5
"""Values at the same time of day that there must be before one of them can be judged."""

_MAD_TO_SD = 1.4826


def unusual(series: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a series with expected, score and unusual beside each value.

    The frame has `moment` and the column. What is expected is the median of the values at the
    same time of day, weekends and working days apart. The score is the distance from it in
    units of spread: 1.4826 × the median absolute deviation of all values from what is expected
    of them, but no less than the square root of the expected, which counts have by chance
    alone. Too few values at a time of day: no judgement (NaN, False).
    """
    moment = series["moment"].dt
    time_of_day = moment.hour * 60 + moment.minute
    keys = [moment.day_of_week >= 5, time_of_day]
    values = series[column].astype("float64")
    groups = values.groupby(keys)
    expected = groups.transform("median").where(groups.transform("count") >= FEWEST)
    off = values - expected
    typical = _MAD_TO_SD * off.abs().median()
    spread = np.maximum(np.sqrt(expected.clip(lower=1.0)), 0.0 if np.isnan(typical) else typical)
    score = off / spread
    return series.assign(expected=expected, score=score, unusual=score.abs() > UNUSUAL)
