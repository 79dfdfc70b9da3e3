"""Cumulative distributions: which share of rows is at or below a value."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from lib.charts import _times, _words
from lib.charts._figure import GREY, HEIGHT, REFERENCE, Floats, Part, axis, empty, figure, finite

_LEVELS = 400
"""Steps that are drawn at most: one for each pixel of height or so."""


def ecdf(
    series: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    unit: str = "",
    log_x: bool = False,
    time: bool = False,
) -> go.Figure:
    """Return cumulative distributions as steps.

    Each series is a pair: increasing values, and the share (of 1) of rows at or below each.
    Of more than 400 steps only those that can be told apart are drawn, each where it is.
    The series named `reference` is grey. On a logarithmic axis values up to 0 are not shown,
    but count.

    With `time`, values are seconds since 1970 in UTC, drawn as dates; `unit` and `log_x` do
    not apply, and values outside the years 1 to 9999 are left out.
    """
    log_x = log_x and not time
    steps = {
        name: _steps(_times.known(x) if time else finite(x), finite(share), log_x)
        for name, (x, share) in sorted(series.items(), key=lambda item: item[0] == REFERENCE)
    }
    steps = {name: (values, shares) for name, (values, shares) in steps.items() if values.size}
    if not steps:
        return empty()
    every = np.concatenate([values for values, _ in steps.values()])
    told = _times.unit_of(every) if time else None
    return figure(
        [_line(name, *step, unit, told) for name, step in steps.items()],
        height=HEIGHT,
        hovermode="x",
        showlegend=len(steps) > 1,
        # A zoom outlives a new day of rows, but not the change to another feature.
        uirevision=f"{every.min():.3g} {every.max():.3g} {log_x}",
        xaxis=_date_axis(every, told)
        if told
        else axis(_words.with_unit("Value", unit), type="log" if log_x else "linear"),
        yaxis=axis(
            f"Share of rows at or {'before' if time else 'below'}",
            range=[0, 1.02],
            tickformat=".3~%",
        ),
    )


def _steps(values: Floats, shares: Floats, log_x: bool) -> tuple[Floats, Floats]:
    known = np.isfinite(values) & np.isfinite(shares) & ((values > 0) | (not log_x))
    # What lies left of a logarithmic axis has been counted by its left end.
    before = shares[~known & (values <= 0)].max(initial=0.0)
    values, shares = values[known], shares[known]
    if not values.size:
        return values, shares
    if values.size > _LEVELS:
        level = np.floor(shares * _LEVELS)
        kept = np.append(level[1:] != level[:-1], True)
        kept[0] = True
        values, shares = values[kept], shares[kept]
    return np.append(values[0], values), np.append(before, shares)


def _date_axis(values: Floats, told: _times.Unit) -> Part:
    low, high = float(values.min()), float(values.max())
    # Left to itself the axis of a single moment would show two milliseconds.
    pad = 0.0 if low < high else _times.DAY / 2
    return _times.date_axis(told) | {"range": _times.date_range(low - pad, high + pad)}


def _line(name: str, values: Floats, shares: Floats, unit: str, told: _times.Unit | None) -> Part:
    """Return the line of one series; with `told`, of moments told as exactly as that."""
    line: Part = {"shape": "hv", "width": 2}
    if name == REFERENCE:
        line |= {"color": GREY, "width": 1.5}
    where = f"before {_times.template('x', told)}" if told else "below %{x:,.6~r}%{meta[1]}"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _words.short(name),
        "x": _times.iso(values) if told else values,
        "y": shares,
        "line": line,
        "meta": [_words.whole(name), _words.suffix(unit)],
        "hovertemplate": f"<b>%{{meta[0]}}</b><br>%{{y:.2~%}} of rows are at or {where}"
        "<extra></extra>",
    }
