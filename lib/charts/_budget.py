"""How an error budget is used up."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _times, _words
from lib.charts._figure import GREY, Floats, Part, empty
from lib.charts._over_time import FAILED, HEIGHT, at_the_right, columns, over_time, y_axis
from lib.charts._time_axis import TimeAxis, in_utc, iso

_STEADY = "used evenly, it would last until the end"


def budget(table: pd.DataFrame, time: TimeAxis) -> go.Figure:
    """Return the share of an error budget that is left after each bin, from 100% on.

    `table` is a budget's history: `moment`, `used_share` (of the budget of the whole stretch, 1 for
    all of it) and `burn` (1 is as fast as allowed). Below 0 it is overdrawn, in the colour of
    failures. A dashed line shows it used evenly, from the first moment of `time` to the last. A
    column's `customdata` is the ISO moment of its bin.
    """
    used, burn = time.values(table, "used_share"), time.values(table, "burn")
    known = np.isfinite(used)
    if not known.any():
        return empty("No error budget in this window", height=HEIGHT)
    left = 1 - used
    lowest = float(np.nanmin(left))
    low = min(0.0, lowest * 1.1) - 0.02
    return over_time(
        [*_lines(time, left), _evenly(time), columns(time, _told(time, left, burn), low, 1.05)],
        time,
        y_axis("Error budget left", low, 1.05, tickformat=".0%", zeroline=False),
        top=1.05,
        x_title=f"Time (UTC), {_ends(time)}",
        shapes=[_zero()],
        annotations=[_now(float(left[known][-1]))],
    )


def _lines(time: TimeAxis, left: Floats) -> list[Part]:
    """Return what is left as a line from the beginning, and where it is less than nothing."""
    ends = time.starts + np.timedelta64(time.grain)
    known = np.isfinite(left)
    x = iso(np.concatenate([time.starts[:1], ends[known]]))
    y = np.concatenate([[1.0], left[known]])
    line: Part = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip"}
    lines = [line | {"y": y, "name": "left", "line": {"width": 2.5}}]
    if (y < 0).any():
        over = np.where((y < 0) | np.append(y[1:] < 0, False), y, np.nan)
        red: Part = {"color": FAILED, "width": 2.5}
        lines.append(line | {"y": over, "name": "overdrawn", "line": red})
    return lines


def _evenly(time: TimeAxis) -> Part:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _STEADY,
        "x": [in_utc(time.first), in_utc(time.last)],
        "y": [1, 0],
        "line": {"color": GREY, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _told(time: TimeAxis, left: Floats, burn: Floats) -> list[str]:
    texts = []
    for i, when in enumerate(time.told()):
        text = f"{when}<br>"
        if np.isnan(left[i]):
            text += "not known"
        else:
            text += _left(left[i])
        if np.isfinite(burn[i]):
            text += f"<br>burns {_words.number(burn[i])} times as fast as allowed"
        texts.append(text)
    return texts


def _left(share: float) -> str:
    return f"{_words.percent(-share)} overdrawn" if share < 0 else f"{_words.percent(share)} left"


def _now(left: float) -> Part:
    short = f"{left:.0%}" if abs(left) < 10 else f"{left:,.0%}"
    return at_the_right(short.replace("-", "−"), left)


def _zero() -> Part:
    ends: Part = {"x0": 0, "x1": 1, "xref": "paper", "y0": 0, "y1": 0, "layer": "below"}
    return ends | {"type": "line", "line": {"color": GREY, "width": 1.5}}


def _ends(time: TimeAxis) -> str:
    first, last = (_times.moment(end.timestamp(), "m") for end in (time.first, time.last))
    return f"{first} to {last}"
