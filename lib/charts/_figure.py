"""What all figures have in common: size, margins, neutral colours, and the empty state.

The rest of the look (fonts, background, series colours) is left to the theme that
the figure is shown in, light or dark. A colour is fixed only where it means something,
and then reads on both.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

REFERENCE = "reference"
"""The name of the series that all others are compared with; it is drawn in grey."""

GREY = "#8a8f98"
FAINT = "rgba(138, 143, 152, 0.35)"
NO_ROWS = "No rows in this window"

HEIGHT = 320
SMALL_HEIGHT = 110

LEGEND_ABOVE: dict[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 1.02,
    "yanchor": "bottom",
    "traceorder": "normal",
}

Part = dict[str, Any]
Floats = NDArray[np.float64]

UNSELECTED: Part = {"marker": {"opacity": 0.45}}
"""What is left of the bars that a click did not choose; Plotly would all but hide them."""


def figure(traces: list[Part], *, height: int = HEIGHT, **layout: Any) -> go.Figure:
    """Return a figure of plain traces; `layout` adds to or replaces what all figures share."""
    shared: Part = {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "showlegend": False,
        "legend": LEGEND_ABOVE,
        "uirevision": "as left",
    }
    # One dictionary, validated once: building trace objects and updating them takes four
    # times as long.
    return go.Figure({"data": traces, "layout": shared | layout})


def empty(message: str = NO_ROWS, *, height: int = HEIGHT) -> go.Figure:
    """Return a figure that says in words why there is nothing to draw."""
    words = {
        "text": message,
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
    }
    hidden = {"visible": False, "fixedrange": True}
    return figure([], height=height, annotations=[words], xaxis=hidden, yaxis=hidden)


def axis(title: str, **more: Any) -> Part:
    """Return an axis whose labels and title (already plain text) always get the room they need."""
    return {"title": {"text": title, "standoff": 10}, "automargin": True} | more


def count_axis(title: str, most: float, **more: Any) -> Part:
    """Return an axis for counts up to `most`; there is no tick at half a row."""
    whole = {"dtick": 1} if most < 5 else {}
    return axis(title, tickformat=",", **whole, **more)


def finite(values: ArrayLike) -> Floats:
    """Return numbers as floats, NaN where there is no finite one."""
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def shares(values: Floats) -> Floats:
    """Return counts divided by their sum; all zero where the sum is zero."""
    total = float(np.nansum(values))
    return values / total if total > 0 else np.zeros_like(values)


def small(traces: list[Part], ends: tuple[str, str] | None = None, **layout: Any) -> go.Figure:
    """Return a figure for a card: no zoom, and for axes two texts below its ends at most."""
    below = {"showarrow": False, "xref": "paper", "yref": "paper", "y": 0, "yanchor": "top"}
    left, right = ends or ("", "")
    texts = [
        below | {"text": left, "x": 0, "xanchor": "left"},
        below | {"text": right, "x": 1, "xanchor": "right"},
    ]
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}
    return figure(
        traces,
        height=SMALL_HEIGHT,
        margin={"l": 0, "r": 0, "t": 4, "b": 20 if ends else 0, "pad": 0},
        dragmode=False,
        annotations=texts if ends else [],
        xaxis=bare | layout.pop("xaxis", {}),
        yaxis=bare | layout.pop("yaxis", {}),
        **layout,
    )
