"""A calendar of what was collected: one cell per day, a week per column."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _words
from lib.charts._days import DAY_MS, Days, days_of, every_day, iso, on_days
from lib.charts._figure import (
    FAINT,
    GREY,
    LEGEND_ABOVE,
    UNSELECTED,
    Floats,
    Part,
    axis,
    empty,
    figure,
)

_HEIGHT = 240
_CELL = 0.86
_LEAST_WEEKS = 10
_MOST_WEEKS_WITH_NUMBERS = 16
_MOST_TICKS = 14
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def calendar(days: pd.DataFrame, unit: str = "rows") -> go.Figure:
    """Return a calendar of the days in the window, coloured by value.

    `days` has the columns `day` and `value`, one row per day; the window reaches from the
    first to the last. A day with NaN, or without a row, is hatched: nothing was collected.
    A cell is a bar, so a click selects it: `customdata` is its ISO date.
    """
    when = days_of(days)
    window = every_day(when)
    if not window.size:
        return empty("No days in this window", height=_HEIGHT)
    values = on_days(when, days["value"], window)
    weeks = int((_mondays(window)[-1] - _mondays(window)[0]).astype(int)) // 7 + 1
    missing = np.isnan(values)
    cells = _collected(
        window[~missing], values[~missing], unit, numbers=weeks <= _MOST_WEEKS_WITH_NUMBERS
    )
    gaps = _not_collected(window[missing])
    return figure(
        [trace for trace in (cells, gaps) if len(trace["x"])],
        height=_HEIGHT,
        barmode="overlay",
        hovermode="closest",
        showlegend=bool(missing.any()),
        legend=LEGEND_ABOVE,
        xaxis=_week_axis(_mondays(window)[0], weeks),
        yaxis=_weekday_axis(),
    )


def _collected(days: Days, values: Floats, unit: str, *, numbers: bool) -> Part:
    most = float(values.max(initial=0)) or 1.0
    marker = {
        "color": values,
        "cmin": 0,
        "cmax": most,
        "line": {"width": 0.5, "color": FAINT},
        "showscale": True,
        "colorbar": {
            "title": {"text": _words.capital(unit), "side": "top"},
            "thickness": 10,
            "len": 1,
            "nticks": 5,
            "outlinewidth": 0,
            "tickformat": "~s",
        },
    }
    trace = _cells(days) | {
        "marker": marker,
        "showlegend": False,
        "hovertext": [_words.number(value) for value in values],
        "meta": [_words.short(unit)],
        "hovertemplate": "%{customdata|%a %-d %b %Y}: %{hovertext} %{meta[0]}<extra></extra>",
    }
    if numbers:
        trace |= {
            "text": [_words.compact(value) for value in values],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
        }
    return trace


def _not_collected(days: Days) -> Part:
    return _cells(days) | {
        "name": "no data collected",
        "marker": {
            "color": "rgba(0, 0, 0, 0)",
            "line": {"width": 1, "color": FAINT},
            "pattern": {"shape": "/", "size": 6, "solidity": 0.15, "fgcolor": GREY},
        },
        "hovertemplate": "%{customdata|%a %-d %b %Y}: no data collected<extra></extra>",
    }


def _cells(days: Days) -> Part:
    row = _weekdays(days)
    return {
        "type": "bar",
        "x": iso(_mondays(days)),
        "base": row - _CELL / 2,
        "y": np.full(days.size, _CELL),
        "width": 7 * DAY_MS * _CELL,
        "customdata": iso(days),
        "unselected": UNSELECTED,
    }


def _week_axis(first: np.datetime64, weeks: int) -> Part:
    shown = max(weeks, _LEAST_WEEKS)
    half = np.timedelta64(84, "h")
    start, end = first.astype("datetime64[h]") - half, first + np.timedelta64(7 * (shown - 1), "D")
    step = -(-shown // _MOST_TICKS)
    ticks = first + np.arange(0, weeks, step) * np.timedelta64(7, "D")
    return axis(
        "Week from Monday (UTC)",
        type="date",
        range=[str(start), str(end.astype("datetime64[h]") + half)],
        tickvals=iso(ticks),
        ticktext=_words.days(ticks.tolist()),
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )


def _weekday_axis() -> Part:
    return {
        "tickvals": list(range(7)),
        "ticktext": _WEEKDAYS,
        "range": [6.5, -0.5],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }


def _weekdays(days: Days) -> NDArray[np.int64]:
    # Day 0 of the calendar that NumPy counts in, 1 January 1970, was a Thursday.
    return (days.astype(np.int64) + 3) % 7


def _mondays(days: Days) -> Days:
    mondays: Days = days - _weekdays(days).astype("timedelta64[D]")
    return mondays
