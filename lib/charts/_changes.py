"""The day on which something changed, as a vertical line across a figure."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from lib.charts import _words
from lib.charts._days import Days
from lib.charts._figure import GREY, LEGEND_ABOVE, Part

_BAND = "rgba(138, 143, 152, 0.2)"
_LABEL_PX = 20
_CLOSE = 0.25  # of the width: labels of two lines that are closer would overlap


@dataclass(frozen=True)
class Line:
    """A vertical line at the beginning of a day."""

    text: str
    x: object
    at: float
    """How far to the right it is, from 0 to 1."""
    between: tuple[object, object] | None = None
    """Where it lies with some certainty."""


def day(when: date) -> str:
    """Return a day without its year, such as `8 Nov`."""
    return _words.days([when])[0].partition("<br>")[0]


def on_dates(
    window: Days, change: date | None, uncertainty: tuple[date, date] | None
) -> list[Line]:
    """Return the line for a change on an axis of dates; none if it lies outside of them."""
    if change is None or not window[0] <= np.datetime64(change, "D") <= window[-1]:
        return []
    at = float((np.datetime64(change, "D") - window[0]).astype(int) / window.size)
    between = None
    if uncertainty and uncertainty[0] < uncertainty[1]:
        low, high = np.clip(np.array(uncertainty, "datetime64[D]"), window[0], window[-1])
        between = _beginning(low), _beginning(high)
    beginning = _beginning(np.datetime64(change, "D"))
    return [Line(f"changed {day(change)}", beginning, at, between)]


def drawn(lines: list[Line]) -> Part:
    """Return lines behind the data, and their labels above the figure."""
    bands = [
        _shape("rect", *line.between) | {"fillcolor": _BAND, "line": {"width": 0}}
        for line in lines
        if line.between
    ]
    marks = [_shape("line", line.x, line.x) | _stroke(GREY, 2) for line in lines]
    return {"shapes": bands + marks, "annotations": _labels(lines)}


def over_bars(lines: list[Line]) -> Part:
    """Return lines that can be seen on bars that fill the figure, and their labels above it."""
    above = {"layer": "above"}
    bands = [
        _shape("rect", *line.between)
        | {"y0": 1.01, "y1": 1.03, "fillcolor": GREY, "line": {"width": 0}}
        for line in lines
        if line.between
    ]
    # Black between white can be told from every colour.
    marks = [
        _shape("line", line.x, line.x) | _stroke(color, width) | above
        for line in lines
        for color, width in (("#ffffff", 5), ("#101010", 2))
    ]
    labels = [label | {"yshift": 6} for label in _labels(lines)]
    return {"shapes": bands + marks, "annotations": labels}


def legend(lines: list[Line], plot_px: int) -> Part:
    """Return a legend above the figure, and above the labels of lines if there are any."""
    return LEGEND_ABOVE | ({"y": 1 + (_LABEL_PX + 2) / plot_px} if lines else {})


def top(lines: list[Line]) -> Part:
    """Return the margins of a figure without a legend above it."""
    return {"margin": {"l": 0, "r": 8, "t": 8 + _LABEL_PX, "b": 0}} if lines else {}


def _labels(lines: list[Line]) -> list[Part]:
    if len(lines) == 2 and lines[1].at - lines[0].at < _CLOSE:
        if lines[0].at > _CLOSE / 2 and lines[1].at < 1 - _CLOSE / 2:
            return [_label(lines[0], "right"), _label(lines[1], "left")]
        both = ", ".join(line.text for line in lines)
        return [_label(replace(lines[0], text=both))]
    return [_label(line) for line in lines]


def _label(line: Line, side: str = "") -> Part:
    return {
        "text": line.text,
        "x": line.x,
        "xanchor": side or ("left" if line.at < 0.6 else "right"),
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _stroke(color: str, width: float) -> Part:
    return {"line": {"color": color, "width": width}}


def _shape(kind: str, x0: object, x1: object) -> Part:
    ends = {"x0": x0, "x1": x1, "y0": 0, "y1": 1}
    return {"type": kind, "yref": "paper", "layer": "below"} | ends


def _beginning(when: np.datetime64) -> str:
    # Marks stand at midnight and are a day wide, so a day begins half a day before its own.
    return str(when.astype("datetime64[h]") - np.timedelta64(12, "h"))
