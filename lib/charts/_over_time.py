"""What charts over time have in common: the frame, and the columns that take clicks."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _marks, _words
from lib.charts._figure import GREY, LEGEND_ABOVE, Floats, Part, axis, figure
from lib.charts._time_axis import TimeAxis

NO_REQUESTS = "No requests in this window"

FAILED = "#d94848"
"""What failed: for marks, 3:1 to either background."""

HEIGHT = 260
LEFT_PX, RIGHT_PX = 86, 60
"""Margins are the same in all charts, or plots of the same bins would not be equally wide."""

_AROUND_PX = 80
_RATES = (("a minute", 60.0), ("an hour", 3600.0), ("a day", 86_400.0))


def over_time(
    traces: Sequence[Part],
    time: TimeAxis,
    y: Part,
    *,
    top: float,
    height: int = HEIGHT,
    x_title: str = "Time (UTC)",
    legend: bool = True,
    shapes: Sequence[Part] = (),
    annotations: Sequence[Part] = (),
) -> go.Figure:
    """Return a chart over the bins of `time`, with its marks; `top` is where the y axis ends."""
    above = _marks.height(time)
    return figure(
        [*traces, *_marks.triangles(time, top)],
        height=height + above,
        margin={"l": LEFT_PX, "r": RIGHT_PX, "t": 8 + above, "b": 0},
        barmode="overlay",
        hovermode="closest",
        showlegend=legend,
        legend=LEGEND_ABOVE
        | {"y": 1 + (above + 4) / (height - _AROUND_PX), "itemclick": False}
        | {"itemdoubleclick": False},
        shapes=[*_marks.lines(time), *shapes],
        annotations=[*_marks.labels(time), *annotations],
        xaxis=time.drawn(x_title),
        yaxis=y,
    )


def y_axis(title: str, low: float, high: float, **more: object) -> Part:
    """Return a y axis that leaves the margin as it is."""
    shared: Part = {"range": [low, high], "fixedrange": True, "automargin": False}
    return axis(title, **(shared | more)) | {"title": {"text": title, "standoff": 14}}


def count_axis(title: str, most: float) -> Part:
    """Return a y axis for counts from 0 to somewhat more than `most`."""
    whole: Part = {"dtick": 1} if most < 5 else {}
    return y_axis(title, 0, room(most), tickformat="~s" if most >= 10_000 else ",", **whole)


def room(most: float) -> float:
    """Return where the axis of values from 0 to `most` ends."""
    return most * 1.06 or 1.0


def columns(time: TimeAxis, told: Sequence[str], low: float, high: float) -> Part:
    """Return an unseen bar over each bin that says what is in it, and shows when it is chosen.

    What is drawn may be a line, or too small to be hit. `customdata` is the ISO moment at which
    the bin begins.
    """
    return {
        "type": "bar",
        "x": time.x,
        "base": low,
        "y": [high - low] * len(told),
        "offset": 0,
        "width": time.width,
        "marker": {"color": GREY, "opacity": 0, "line": {"width": 0}},
        "selected": {"marker": {"opacity": 0.3}},
        "unselected": {"marker": {"opacity": 0}},
        "showlegend": False,
        "customdata": time.clicks,
        "hovertext": list(told),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def bars(time: TimeAxis, values: object, **more: object) -> Part:
    """Return bars that fill their bins but for a little; one that is not over yet, what passed."""
    return {
        "type": "bar",
        "x": time.x,
        "y": values,
        "offset": time.width * 0.06,
        "width": time.width * 0.88 * time.passed,
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
    } | more


def line(time: TimeAxis, values: object, **more: object) -> Part:
    """Return a line through the middles of the bins that breaks where there is no value."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": time.centres,
        "y": values,
        "connectgaps": False,
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
    } | more


def at_the_right(text: str, y: float, shift: float = 0) -> Part:
    """Return a label in the right margin, at the height `y` of the axis."""
    place: Part = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 5, "y": y}
    return place | {"text": text, "yanchor": "middle", "yshift": shift, "showarrow": False}


def alone(values: Floats) -> NDArray[np.bool_]:
    """Return which values stand between two gaps, where no line would show them."""
    gap = np.isnan(np.concatenate([[np.nan], values, [np.nan]]))
    between: NDArray[np.bool_] = gap[:-2] & gap[2:] & ~gap[1:-1]
    return between


def counted(time: TimeAxis, count: float) -> str:
    """Return the requests of a bin in words, with how many a minute, an hour or a day that is."""
    if not count:
        return "no requests"
    said = f"{_words.number(count)} {'request' if count == 1 else 'requests'}"
    seconds = time.grain.total_seconds()
    rates = [(word, size) for word, size in _RATES if size <= seconds]
    word, size = next((rate for rate in rates if count * rate[1] >= seconds), rates[-1])
    return said if size == seconds else f"{said} ({_words.compact(count * size / seconds)} {word})"


def log_ticks(low: float, high: float) -> Part:
    """Return ticks at 1, 2 and 5, or at powers of ten where there are many, by log10."""
    steps = (1, 2, 5) if high - low < 2.2 else (1,)
    values = [
        math.log10(step) + power
        for power in range(math.floor(low), math.ceil(high) + 1)
        for step in steps
    ]
    shown = [value for value in values if low - 1e-9 <= value <= high + 1e-9]
    return {"tickvals": shown, "ticktext": [_words.number(10**value) for value in shown]}
