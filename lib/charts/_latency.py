"""How long requests took."""

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._figure import GREY, Floats, Part, empty
from lib.charts._over_time import (
    NO_REQUESTS,
    alone,
    at_the_right,
    columns,
    counted,
    line,
    log_ticks,
    over_time,
    room,
    y_axis,
)
from lib.charts._time_axis import TimeAxis

LATENCY = "Latency (ms)"

_PERCENTILES = ("p50", "p95", "p99")
_PLOT_PX = 175
_LABEL_PX = 14


def latency_lines(
    table: pd.DataFrame,
    time: TimeAxis,
    before: pd.DataFrame | None = None,
    *,
    log: bool = False,
) -> go.Figure:
    """Return p50, p95 and p99 in ms as lines; a bin without requests is a gap.

    `table` is the answer to `over_time` or `latency`: `moment`, `requests`, `p50_ms`, `p95_ms`,
    `p99_ms`, and so is `before` for the period before, whose p95 is a dashed grey line. With
    `log` the axis is logarithmic, and what took no time is drawn at its end. A column's
    `customdata` is the ISO moment of its bin.
    """
    lines = {name: time.values(table, f"{name}_ms") for name in _PERCENTILES}
    earlier = None if before is None else time.values(time.shifted(before), "p95_ms")
    drawn = np.concatenate([*lines.values(), *([] if earlier is None else [earlier])])
    if np.isnan(np.concatenate(list(lines.values()))).all():
        return empty(NO_REQUESTS)
    low, high = _decades(drawn) if log else (0.0, room(float(np.nanmax(drawn))))
    told = _told(time, time.sums(table, "requests"), lines, earlier)
    y = _log_axis(low, high) if log else y_axis(LATENCY, low, high, tickformat=",")
    traces = [_line(time, np.maximum(values, low), name) for name, values in lines.items()]
    if earlier is not None:
        grey: Part = {"color": GREY, "width": 1.5, "dash": "dash"}
        values = np.maximum(earlier, low)
        traces.append(line(time, values, name="p95 of the period before", line=grey))
    return over_time(
        [*traces, columns(time, told, low, high)],
        time,
        y,
        top=high,
        annotations=_labels(lines, low, high, log),
    )


def _line(time: TimeAxis, values: Floats, name: str) -> Part:
    size = np.where(alone(values), 5, 0)
    width = 2.5 if name == "p95" else 1.5
    marks: Part = {"mode": "lines+markers", "marker": {"size": size}, "line": {"width": width}}
    return line(time, values, name=name, **marks)


def _told(
    time: TimeAxis, requests: Floats, lines: dict[str, Floats], earlier: Floats | None
) -> list[str]:
    texts = []
    for i, when in enumerate(time.told()):
        text = f"{when}<br>{counted(time, requests[i])}"
        for name, values in reversed(lines.items()):
            if np.isfinite(values[i]):
                text += f"<br>{name}: {_words.number(values[i])} ms"
        if earlier is not None and np.isfinite(earlier[i]):
            text += f"<br>p95 of the period before: {_words.number(earlier[i])} ms"
        texts.append(text)
    return texts


def _labels(lines: dict[str, Floats], low: float, high: float, log: bool) -> list[Part]:
    """Return the names of the lines beside their ends, each clear of the one below it."""
    labels, above = [], -math.inf
    for name, values in lines.items():
        if np.isnan(values[-1]):
            continue
        value = max(float(values[-1]), low)
        y, bottom, top = (math.log10(v) if log else v for v in (value, low, high))
        pixel = (y - bottom) / (top - bottom) * _PLOT_PX
        above = max(pixel, above + _LABEL_PX)
        labels.append(at_the_right(name, y, above - pixel))
    return labels


def _decades(values: Floats) -> tuple[float, float]:
    """Return the ends of a logarithmic axis for values, in ms."""
    positive = values[values > 0]
    low, high = (positive.min(), positive.max()) if positive.size else (1.0, 10.0)
    return float(low) / 1.25, float(high) * 1.25


def _log_axis(low: float, high: float) -> Part:
    low, high = math.log10(low), math.log10(high)
    ticks = log_ticks(low, high)
    ticks["tickvals"] = [10**value for value in ticks["tickvals"]]
    return y_axis(LATENCY, low, high, type="log") | ticks
