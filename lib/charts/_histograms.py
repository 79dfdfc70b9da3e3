"""Histograms of a number, from bins and counts; never from rows."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from lib.charts import _times, _words
from lib.charts._bins import Bins, bins, time_bins
from lib.charts._figure import (
    GREY,
    HEIGHT,
    REFERENCE,
    SMALL_HEIGHT,
    Floats,
    Part,
    axis,
    empty,
    figure,
    finite,
    shares,
    small,
)

Measure = Literal["count", "share", "density"]

_TITLES: dict[str, str] = {"count": "Rows", "share": "Share of rows", "density": "Density"}
_FORMATS: dict[str, str] = {"count": ",", "share": ".3~%", "density": ""}


def histogram(
    edges: ArrayLike,
    series: Mapping[str, ArrayLike],
    *,
    unit: str = "",
    y: Measure = "count",
    log_x: bool = False,
    time: bool = False,
) -> go.Figure:
    """Return a histogram of n bins: `edges` holds n + 1 values, each series n counts.

    One or two series: the first is filled, the second a line in steps. More: all are lines.
    The series named `reference` is a grey line wherever it stands. `y` is the count, the
    share of the series' rows, or the density: that share divided by the width of the bin.
    Bins at or below 0 have no place on a logarithmic axis; a note counts the rows in them.

    With `time`, edges are seconds since 1970 in UTC, drawn as dates; density is per day. `unit`
    and `log_x` do not apply, and a note counts the rows outside the years 1 to 9999.
    """
    log_x = log_x and not time
    drawn = time_bins(edges) if time else bins(edges, unit=unit, log_x=log_x)
    numbers = _reference_last({name: finite(values) for name, values in series.items()})
    if drawn is None or not any(np.nansum(values) > 0 for values in numbers.values()):
        return empty()
    several = len(numbers) > 2
    traces = [_steps(drawn, values, y, name) for name, values in numbers.items()]
    if several:
        traces = [
            trace | _spoken(drawn, values, name)
            for trace, (name, values) in zip(traces, numbers.items(), strict=True)
        ]
    else:
        traces = [traces[0] | {"fill": "tozeroy"}, *traces[1:], _hover(drawn, numbers, y)]
    return figure(
        traces,
        height=HEIGHT,
        bargap=0,
        hovermode="closest" if several else "x",
        showlegend=len(numbers) > 1,
        # A zoom outlives a new day of rows, but not the change to another feature.
        uirevision=f"{drawn.edges[0]:.10g} {drawn.edges[-1]:.10g} {y} {log_x}",
        annotations=_left_out(drawn, numbers),
        xaxis=_value_axis(drawn, unit) | _range(drawn, log_x),
        yaxis=axis(_title(y, "day" if time else unit), rangemode="tozero", tickformat=_FORMATS[y]),
    )


def small_histogram(
    edges: ArrayLike,
    counts: ArrayLike,
    reference: ArrayLike | None = None,
    *,
    time: bool = False,
) -> go.Figure:
    """Return a histogram for a card, of n + 1 `edges` and n counts, with the reference as a line.

    Both are shares of their own rows, so a short window can be laid over a long one. With
    `time`, edges are seconds since 1970 in UTC, drawn as dates.
    """
    drawn = time_bins(edges) if time else bins(edges)
    numbers = {"current": finite(counts)}
    if reference is not None:
        numbers[REFERENCE] = finite(reference)
    if drawn is None or not any(np.nansum(values) > 0 for values in numbers.values()):
        return empty(height=SMALL_HEIGHT)
    first, *others = (_steps(drawn, values, "share", name) for name, values in numbers.items())
    return small(
        [first | {"fill": "tozeroy"}, *others, _hover(drawn, numbers, "share")],
        drawn.ends,
        bargap=0,
        hovermode="x",
        xaxis=_range(drawn, log_x=False),
        yaxis={"rangemode": "tozero"},
    )


def _steps(drawn: Bins, values: Floats, y: Measure, name: str) -> Part:
    """Return the outline of a histogram: up from zero at the first edge, down at the last."""
    heights = np.nan_to_num(_heights(drawn, values, y))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _words.short(name),
        "x": drawn.placed(np.append(drawn.edges[0], drawn.edges)),
        "y": np.concatenate([[0.0], heights, [0.0]]),
        "line": {"shape": "hv", "width": 2} | ({"color": GREY} if name == REFERENCE else {}),
        "hoverinfo": "skip",
    }


def _spoken(drawn: Bins, values: Floats, name: str) -> Part:
    """Return the hover text of one outline among several: at the left edge of each bin."""
    rows = np.column_stack([values, shares(values)])[drawn.shown]
    return {
        "meta": [_words.whole(name)],
        "hovertext": [drawn.words[0], *drawn.words, drawn.words[-1]],
        "customdata": np.vstack([rows[:1], rows, rows[-1:]]),
        "hoverinfo": "all",
        "hovertemplate": "<b>%{meta[0]}</b><br>%{hovertext}<br>"
        "%{customdata[0]:,} rows (%{customdata[1]:.2~%})<extra></extra>",
    }


def _hover(drawn: Bins, numbers: Mapping[str, Floats], y: Measure) -> Part:
    """Return unseen bars that say what is in each bin, of all series at once."""
    lines = []
    for name, values in numbers.items():
        start = f"{_words.whole(name)}: " if len(numbers) > 1 else ""
        pairs = zip(values[drawn.shown], shares(values)[drawn.shown], strict=True)
        lines.append([start + _words.rows(n, share) for n, share in pairs])
    return {
        "type": "bar",
        "x": drawn.placed(drawn.centres),
        "y": _heights(drawn, next(iter(numbers.values())), y),
        "width": drawn.drawn_widths,
        "marker": {"color": "rgba(0, 0, 0, 0)"},
        "showlegend": False,
        # No template: with one, Plotly adds a second label that repeats x.
        "hoverinfo": "text",
        "hovertext": [
            "<br>".join([f"<b>{words}</b>", *texts])
            for words, *texts in zip(drawn.words, *lines, strict=True)
        ],
    }


def _heights(drawn: Bins, values: Floats, y: Measure) -> Floats:
    shown = (values if y == "count" else shares(values))[drawn.shown]
    if y != "density":
        return shown
    return np.divide(shown, drawn.widths, out=np.zeros_like(shown), where=drawn.widths > 0)


def _reference_last(numbers: dict[str, Floats]) -> dict[str, Floats]:
    return dict(sorted(numbers.items(), key=lambda item: item[0] == REFERENCE))


def _value_axis(drawn: Bins, unit: str) -> Part:
    return _times.date_axis("D") if drawn.time else axis(_words.with_unit("Value", unit))


def _range(drawn: Bins, log_x: bool) -> Part:
    ends = drawn.edges[[0, -1]]
    if drawn.time:
        return {"type": "date", "range": _times.date_range(*ends)}
    if log_x:
        return {"type": "log", "range": np.log10(ends).tolist()}
    return {"range": ends.tolist()}


def _title(y: Measure, unit: str) -> str:
    if y == "density" and unit.strip():
        return f"Density (per {_words.short(unit)})"
    return _TITLES[y]


def _left_out(drawn: Bins, numbers: Mapping[str, Floats]) -> list[Part]:
    rows = sum(float(np.nansum(np.delete(values, drawn.shown))) for values in numbers.values())
    if not rows:
        return []
    where = "outside the years 1 to 9999 are not on this axis"
    if not drawn.time:
        where = "at or below 0 are not on this logarithmic axis"
    return [
        {
            "text": f"{_words.number(rows)} rows {where}",
            "showarrow": False,
            "xref": "paper",
            "yref": "paper",
            "x": 1,
            "xanchor": "right",
            "y": 1,
            "yanchor": "top",
        }
    ]
