"""How many requests took how long, over time."""

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _words
from lib.charts._figure import FAINT, UNSELECTED, Floats, Part, empty
from lib.charts._latency import LATENCY
from lib.charts._over_time import NO_REQUESTS, log_ticks, over_time, y_axis
from lib.charts._time_axis import TimeAxis, numbers

_HEIGHT = 320
_WHEN = "%{x|%a %-d %b %Y %H:%M}"
_PALEST = 0.12
"""Where on the colour scale a single request stands; at its end it would be the background."""


def latency_heatmap(table: pd.DataFrame, time: TimeAxis, *, share: bool = False) -> go.Figure:
    """Return requests by time and duration, durations in steps that grow by the same factor.

    `table` is the answer to `latency_heatmap`: `moment`, `from_ms`, `to_ms`, `requests`. The
    colour is the number of requests or, with `share`, their share of the bin's, in the theme's
    scale and on a logarithmic one: a few slow requests among thousands are to be seen. A cell's
    `customdata` is the ISO moment of its bin, and the two ends of the step in ms.
    """
    requests, bins = numbers(table["requests"]), time.at(table["moment"])
    drawn = (bins >= 0) & (requests > 0) & (numbers(table["from_ms"]) > 0)
    if not drawn.any():
        return empty(NO_REQUESTS, height=_HEIGHT)
    low, high = numbers(table["from_ms"])[drawn], numbers(table["to_ms"])[drawn]
    bins, requests = bins[drawn], requests[drawn]
    parts = requests / np.bincount(bins, requests)[bins]
    clicks = time.clicks
    cells = _cells(time, bins, np.log10(low), np.log10(high)) | {
        "marker": _coloured(parts if share else requests, share),
        "customdata": [
            [clicks[i], float(f"{start:.6g}"), float(f"{end:.6g}")]
            for i, start, end in zip(bins, low, high, strict=True)
        ],
        "hovertext": [_told(*each) for each in zip(low, high, requests, parts, strict=True)],
    }
    bottom, top = float(np.log10(low).min()), float(np.log10(high).max())
    return over_time(
        [cells],
        time,
        y_axis(LATENCY, bottom, top, showgrid=False, zeroline=False) | log_ticks(bottom, top),
        top=top,
        height=_HEIGHT,
        legend=False,
    )


def _cells(time: TimeAxis, bins: NDArray[np.int64], low: Floats, high: Floats) -> Part:
    # There may be thousands, so each is written in few letters.
    x = np.datetime_as_string(time.starts, unit="m")
    return {
        "type": "bar",
        "x": x[bins].tolist(),
        "base": low.round(4).tolist(),
        "y": (high - low).round(4).tolist(),
        "offset": 0,
        "width": time.width,
        "unselected": UNSELECTED,
        "hovertemplate": f"<b>{_WHEN}</b><br>%{{hovertext}}<extra></extra>",
    }


def _coloured(values: Floats, share: bool) -> Part:
    """Return the colours of values on a logarithmic scale, and the scale itself at the right."""
    low, high = math.log10(values.min()), math.log10(values.max())
    high = max(high, low + 1)
    written = _words.percent if share else _words.compact
    ticks = log_ticks(low, high)["tickvals"]
    return {
        # All above zero, for which Plotly takes the sequential one of the theme's scales.
        "color": np.log10(values) - low + 1,
        "cmin": 1 - (high - low) * _PALEST,
        "cmax": 1 + high - low,
        "line": {"width": 0.5, "color": FAINT},
        "showscale": True,
        "colorbar": {
            "title": {"text": "Share of requests" if share else "Requests", "side": "right"},
            "x": 1,
            "xpad": 6,
            "ypad": 0,
            "thickness": 8,
            "len": 1,
            "outlinewidth": 0,
            "tickvals": [tick - low + 1 for tick in ticks],
            "ticktext": [written(10**tick) for tick in ticks],
        },
    }


def _told(low: float, high: float, requests: float, part: float) -> str:
    noun = "request" if requests == 1 else "requests"
    # The first step, from 1 ms on, holds all that took less.
    span = f"up to {_words.number(high)} ms"
    if low > 1:
        span = f"{_words.number(low)} to {_words.number(high)} ms"
    return f"{span}<br>{_words.number(requests)} {noun} ({_words.percent(part)})"
