"""The rhythm of a week: a row per weekday, a column per hour."""

from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _words
from lib.charts._figure import FAINT, GREY, UNSELECTED, Floats, Part, axis, empty, figure
from lib.charts._over_time import NO_REQUESTS
from lib.charts._time_axis import numbers

WeekMeasure = Literal["requests", "p95_ms", "failed"]

_HEIGHT = 280
_WIDE, _HIGH = 0.94, 0.9
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TITLES: dict[WeekMeasure, str] = {
    "requests": "Requests",
    "p95_ms": "p95 latency (ms)",
    "failed": "Failed requests",
}


def hour_of_week(table: pd.DataFrame, measure: WeekMeasure = "requests") -> go.Figure:
    """Return the hours of a week, Monday first, coloured by requests, p95 or share that failed.

    `table` is the answer to `hour_of_week`: `weekday` (0 is Sunday), `hour` in UTC, `requests`,
    `failed` and `p95_ms`, one row per hour of the week. An hour without requests is hatched. A
    cell's `customdata` is the weekday and the hour as they were given.
    """
    requests, failed, p95 = (_grid(table, name) for name in ("requests", "failed", "p95_ms"))
    if not np.nansum(requests) > 0:
        return empty(NO_REQUESTS, height=_HEIGHT)
    share = np.divide(failed, requests, out=np.full((7, 24), np.nan), where=requests > 0)
    values = {"requests": requests, "p95_ms": p95, "failed": share}[measure]
    there = np.isfinite(values) & (requests > 0)
    traces = [_cells(~there, "no requests") | {"marker": _hatched(), "hovertext": _silent(~there)}]
    if there.any():
        told = [
            _told(requests[at], share[at], p95[at], *at)
            for at in zip(*there.nonzero(), strict=True)
        ]
        marker = _coloured(values[there], measure)
        traces.insert(0, _cells(there, "") | {"marker": marker, "hovertext": told})
    return figure(
        [trace for trace in traces if len(trace["x"])],
        height=_HEIGHT,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        barmode="overlay",
        hovermode="closest",
        xaxis=_hours(),
        yaxis=_weekdays(),
    )


def _grid(table: pd.DataFrame, column: str) -> Floats:
    """Return a column by weekday, Monday first, and hour; NaN where there is no row."""
    grid = np.full((7, 24), np.nan)
    weekday, hour = numbers(table["weekday"]), numbers(table["hour"])
    known = (weekday >= 0) & (weekday <= 6) & (hour >= 0) & (hour <= 23)
    rows = (weekday[known].astype(int) + 6) % 7
    grid[rows, hour[known].astype(int)] = numbers(table[column])[known]
    return grid


def _cells(drawn: NDArray[np.bool_], name: str) -> Part:
    rows, hours = drawn.nonzero()
    return {
        "type": "bar",
        "name": name,
        "x": hours + 0.5,
        "base": rows - _HIGH / 2,
        "y": np.full(rows.size, _HIGH),
        "width": _WIDE,
        "customdata": np.column_stack([(rows + 1) % 7, hours]).tolist(),
        "unselected": UNSELECTED,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _coloured(values: Floats, measure: WeekMeasure) -> Part:
    return {
        "color": values,
        # What is counted is compared with nothing; latencies only with each other.
        "cmin": float(values.min()) * 0.9 if measure == "p95_ms" else 0,
        "cmax": float(values.max()) or 1.0,
        "line": {"width": 0.5, "color": FAINT},
        "showscale": True,
        "colorbar": {
            "title": {"text": _TITLES[measure], "side": "right"},
            "thickness": 10,
            "len": 1,
            "nticks": 5,
            "outlinewidth": 0,
            "tickformat": ".3~%" if measure == "failed" else "~s",
        },
    }


def _hatched() -> Part:
    pattern = {"shape": "/", "size": 6, "solidity": 0.15, "fgcolor": GREY}
    line = {"width": 1, "color": FAINT}
    return {"color": "rgba(0, 0, 0, 0)", "line": line, "pattern": pattern}


def _silent(drawn: NDArray[np.bool_]) -> list[str]:
    return [f"{_when(*at)}<br>no requests" for at in zip(*drawn.nonzero(), strict=True)]


def _told(requests: float, share: float, p95: float, row: int, hour: int) -> str:
    noun = "request" if requests == 1 else "requests"
    lines = [_when(row, hour), f"{_words.number(requests)} {noun}"]
    if np.isfinite(share):
        lines.append(f"{_words.percent(share)} failed")
    if np.isfinite(p95):
        lines.append(f"p95: {_words.number(p95)} ms")
    return "<br>".join(lines)


def _when(row: int, hour: int) -> str:
    return f"<b>{_DAYS[row]} {hour:02}:00 to {hour + 1:02}:00</b>"


def _hours() -> Part:
    return axis(
        "Hour (UTC)",
        range=[0, 24],
        tickvals=list(range(0, 25, 3)),
        ticktext=[f"{hour:02}:00" for hour in range(0, 25, 3)],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )


def _weekdays() -> Part:
    return {
        "tickvals": list(range(7)),
        "ticktext": [day[:3] for day in _DAYS],
        "range": [6.5, -0.5],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
    }
