"""How a number is distributed, day by day."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _changes, _times, _words
from lib.charts._days import DAY_MS, Days, day_axis, days_of, every_day, iso, on_days
from lib.charts._figure import (
    GREY,
    HEIGHT,
    Floats,
    Part,
    axis,
    empty,
    figure,
    finite,
)

_QUANTILES = ("p05", "p25", "p50", "p75", "p95")
_MARKS = {
    "p50": "reference median",
    "p05": "reference 5% and 95%",
    "p95": "reference 5% and 95%",
}
# The theme gives every trace a colour of its own, but the bands belong to the median,
# whose colour is the theme's first, a blue.
_OUTER = "rgba(72, 145, 220, 0.22)"
_INNER = "rgba(72, 145, 220, 0.38)"
_PLOT_PX = 230


def quantile_bands(
    days: pd.DataFrame,
    *,
    unit: str = "",
    reference: Mapping[str, float] | None = None,
    time: bool = False,
    change: date | None = None,
    uncertainty: tuple[date, date] | None = None,
) -> go.Figure:
    """Return the median per day in two bands: the middle 50% and the middle 90% of rows.

    `days` has the columns `day`, `p05`, `p25`, `p50`, `p75` and `p95`; a day without a row,
    or with NaN, is a gap. `reference` holds quantiles under the same names, drawn as grey
    lines: the median dashed, 5% and 95% dotted.

    With `time`, quantiles are seconds since 1970 in UTC, drawn as dates; `unit` does not
    apply, and those outside the years 1 to 9999 are left out.

    `change` is the first day that was otherwise, marked by a line; `uncertainty`, the first and
    the last day that it may have been, is a band behind it.
    """
    known = _times.known if time else finite
    when = days_of(days)
    window = every_day(when)
    names = _QUANTILES if window.size else ()
    quantiles = {name: known(on_days(when, days[name], window)) for name in names}
    if all(np.isnan(values).all() for values in quantiles.values()):
        return empty()
    marks = {name: float(known(value)) for name, value in (reference or {}).items()}
    median = _median(window, quantiles["p50"], time)
    hover = _moments(quantiles, marks) if time else _numbers(quantiles, marks, unit)
    lines = _changes.on_dates(window, change, uncertainty)
    return figure(
        [
            median | hover,
            _band(window, quantiles["p05"], quantiles["p95"], time) | _filled("5% to 95%", _OUTER),
            _band(window, quantiles["p25"], quantiles["p75"], time) | _filled("25% to 75%", _INNER),
            *_reference_lines(window, marks, time),
        ],
        height=HEIGHT,
        barmode="overlay",
        bargap=0,
        hovermode="x",
        showlegend=True,
        legend=_changes.legend(lines, _PLOT_PX) | {"itemclick": False, "itemdoubleclick": False},
        xaxis=day_axis(window),
        # Days stay zoomed from feature to feature; values have nothing in common.
        yaxis=(_times.date_axis("D") if time else axis(_words.with_unit("Value", unit)))
        | {"range": _range(quantiles, marks, time), "fixedrange": True},
        **_changes.drawn(lines),
    )


def _median(window: Days, values: Floats, time: bool) -> Part:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "median",
        "x": iso(window),
        "y": _times.iso(values) if time else values,
        "connectgaps": False,
        "line": {"width": 2},
        "marker": {"size": 6 if window.size <= 60 else 4},
        # Drawn over the bands although it comes first, which gives it the theme's first colour.
        "zorder": 1,
    }


def _numbers(quantiles: Mapping[str, Floats], marks: Mapping[str, float], unit: str) -> Part:
    """Return what the median's hover text says; the day is written on the axis."""
    before = marks.get("p50", np.nan)
    return {
        "customdata": np.column_stack(list(quantiles.values())),
        "meta": [
            _words.suffix(unit),
            f" (reference {_words.number(before)})" if np.isfinite(before) else "",
        ],
        "hovertemplate": "<b>median %{y:,.5~r}%{meta[0]}</b>%{meta[1]}<br>"
        "half between %{customdata[1]:,.5~r} and %{customdata[3]:,.5~r}<br>"
        "90% between %{customdata[0]:,.5~r} and %{customdata[4]:,.5~r}<extra></extra>",
    }


def _moments(quantiles: Mapping[str, Floats], marks: Mapping[str, float]) -> Part:
    """Return what the median's hover text says where the quantiles are times."""
    table = np.column_stack(list(quantiles.values()))
    told = _times.unit_of(table)
    before = _times.moment(marks.get("p50", np.nan), told)
    return {
        "customdata": [[_times.moment(value, told) for value in row] for row in table],
        "meta": [f" (reference {before})" if before else ""],
        "hovertemplate": "<b>median %{customdata[2]}</b>%{meta[0]}<br>"
        "half between %{customdata[1]} and %{customdata[3]}<br>"
        "90% between %{customdata[0]} and %{customdata[4]}<extra></extra>",
    }


def _band(window: Days, low: Floats, high: Floats, time: bool) -> Part:
    # Bars rather than a filled line: they end where the data end, and one day between two
    # gaps still has a width. On an axis of dates they are as long as milliseconds say.
    return {
        "type": "bar",
        "x": iso(window),
        "base": _times.iso(low) if time else low,
        "y": (high - low) * 1000 if time else high - low,
        "width": DAY_MS,
        "hoverinfo": "skip",
    }


def _filled(name: str, color: str) -> Part:
    return {"name": name, "marker": {"color": color, "line": {"width": 0}}}


def _range(
    quantiles: Mapping[str, Floats], marks: Mapping[str, float], time: bool
) -> list[float] | list[str | None]:
    # Left to itself the axis of bars ends exactly where they do.
    values = np.concatenate([*quantiles.values(), [marks.get(name, np.nan) for name in _MARKS]])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    pad = (high - low) * 0.06 or (_times.DAY if time else abs(high) * 0.1 or 1.0)
    if time:
        return _times.date_range(low - pad, high + pad)
    return [low - pad, high + pad]


def _reference_lines(window: Days, marks: Mapping[str, float], time: bool) -> list[Part]:
    half = np.timedelta64(12, "h")
    ends = [window[0].astype("datetime64[h]") - half, window[-1].astype("datetime64[h]") + half]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": [str(end) for end in ends],
            "y": _times.iso(np.full(2, marks[quantile])) if time else [marks[quantile]] * 2,
            "line": {"color": GREY, "width": 1.5, "dash": "dash" if quantile == "p50" else "dot"},
            # One entry stands for both dotted lines.
            "showlegend": quantile != "p95",
            "hoverinfo": "skip",
        }
        for quantile, name in _MARKS.items()
        if np.isfinite(marks.get(quantile, np.nan))
    ]
