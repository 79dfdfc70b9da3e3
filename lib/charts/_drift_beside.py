"""Drift on the time axis of requests: did they change when the data did?"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _verdicts
from lib.charts._days import days_of, iso
from lib.charts._figure import Floats, Part, empty, finite
from lib.charts._over_time import over_time, y_axis
from lib.charts._time_axis import TimeAxis

_HEIGHT = 170
_DAY_MS = 86_400_000
_LEAST = 0.05
"""A day of no drift at all is a low bar; one without data is none."""


def drift_beside(drift: pd.DataFrame, time: TimeAxis) -> go.Figure:
    """Return the drift of each day as bars in the colours of verdicts, on the axis of requests.

    `drift` has one row per day: `day`, `js_debiased` and `verdict`. Days are whole ones in UTC,
    those at the ends cut off by the axis. Changes of versions are marks of `time`. A bar's
    `customdata` is its ISO date.
    """
    days = days_of(drift)
    inside = (days + np.timedelta64(1, "D") > time.starts[0]) & (days < time.end)
    if not inside.any():
        return empty("No drift is known of these days", height=_HEIGHT)
    days, distances = days[inside], finite(drift["js_debiased"])[inside]
    verdicts = _verdicts.known(drift["verdict"])[inside]
    top = max(float(np.nanmax(distances, initial=0)) * 1.1, 0.01)
    return over_time(
        [
            _bars(days[verdicts == verdict], distances[verdicts == verdict], verdict, top)
            for verdict in _verdicts.ALL
            if (verdicts == verdict).any()
        ],
        time,
        y_axis("Distance", 0, top, nticks=4),
        top=top,
        height=_HEIGHT,
    )


def _bars(days: NDArray[np.datetime64], values: Floats, verdict: str, top: float) -> Part:
    told = [_verdicts.distance(value) for value in values]
    return _verdicts.bars(verdict) | {
        "x": iso(days),
        "y": np.fmax(values, top * _LEAST),
        "offset": 0,
        "width": _DAY_MS,
        "customdata": iso(days),
        "hovertext": [f"{_verdicts.spoken(verdict)}<br>distance {text}" for text in told],
        "hovertemplate": "<b>%{customdata|%a %-d %b %Y}</b>: %{hovertext}<extra></extra>",
    }
