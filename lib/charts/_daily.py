"""One number per day, as bars."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._days import DAY_MS, Days, day_axis, days_of, every_day, iso, on_days
from lib.charts._figure import UNSELECTED, Part, axis, count_axis, empty, figure

_HEIGHT = 260
_BAR_MS = 0.8 * DAY_MS


def rows_per_day(days: pd.DataFrame, series: str | None = None, unit: str = "rows") -> go.Figure:
    """Return bars of `value` per `day`; `series` names a column whose values are stacked.

    A day without a row, or with NaN, has no bar. A bar's `customdata` is its ISO date.
    """
    when = days_of(days)
    window = every_day(when)
    if not window.size:
        return empty(height=_HEIGHT)
    if series is None:
        parts = [_bars(window, when, days["value"]) | _hover(unit)]
    else:
        parts = [
            _bars(window, when[rows], days["value"].iloc[rows]) | _hover(unit, str(name))
            for name, rows in days.groupby(series, sort=False, dropna=False).indices.items()
        ]
    most = sum(float(np.nanmax(part["y"], initial=0)) for part in parts)
    return figure(
        parts,
        height=_HEIGHT,
        barmode="stack",
        hovermode="closest",
        showlegend=len(parts) > 1,
        xaxis=day_axis(window),
        yaxis=count_axis(_words.capital(unit), most, rangemode="tozero", fixedrange=True),
    )


def share_per_day(days: pd.DataFrame, *, title: str) -> go.Figure:
    """Return bars of `share` (of 1) per `day`; `title` says of what, on the y axis.

    A day without a row, or with NaN, has no bar. A bar's `customdata` is its ISO date.
    """
    when = days_of(days)
    window = every_day(when)
    if not window.size:
        return empty(height=_HEIGHT)
    bars = _bars(window, when, days["share"])
    top = float(np.nanmax(bars["y"], initial=0))
    hover = {
        "hovertext": [_words.percent(share) for share in bars["y"]],
        "hovertemplate": "%{x|%a %-d %b %Y}: %{hovertext}<extra></extra>",
    }
    return figure(
        [bars | hover],
        height=_HEIGHT,
        hovermode="closest",
        xaxis=day_axis(window),
        yaxis=axis(
            _words.short(title, 40),
            # All zero is an answer too, so the axis has a scale to read it from.
            range=[0, top * 1.05 if top > 0 else 0.01],
            tickformat=".3~%",
            fixedrange=True,
        ),
    )


def _bars(window: Days, when: Days, values: pd.Series) -> Part:
    days = iso(window)
    return {
        "type": "bar",
        "x": days,
        "y": on_days(when, values, window),
        "width": _BAR_MS,
        "customdata": days,
        "unselected": UNSELECTED,
    }


def _hover(unit: str, name: str | None = None) -> Part:
    words = "%{x|%a %-d %b %Y}: %{y:,} %{meta[0]}<extra></extra>"
    if name is None:
        return {"meta": [_words.short(unit)], "hovertemplate": words}
    return {
        "name": _words.short(name),
        "meta": [_words.short(unit), _words.whole(name)],
        "hovertemplate": f"%{{meta[1]}}<br>{words}",
    }
