"""Two distributions bin by bin, and what each bin adds to the distance between them."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from lib.charts import _words
from lib.charts._figure import (
    FAINT,
    GREY,
    LEGEND_ABOVE,
    REFERENCE,
    Floats,
    Part,
    axis,
    empty,
    figure,
    finite,
    shares,
)

_HEIGHT = 420
_TICK_LENGTH = 16
_MOST_TICKS = 26
_UPPER, _LOWER = (0.42, 1.0), (0.0, 0.32)
_ALL_SEEN: Part = {"marker": {"opacity": 1}}


def contributions(
    labels: Sequence[object],
    reference: ArrayLike,
    current: ArrayLike,
    added: ArrayLike,
) -> go.Figure:
    """Return the shares of n bins above, and below them what each adds to the distance.

    `reference` and `current` hold n counts (or shares), `added` n amounts of any unit that sum
    to the distance, drawn in percent of that sum; the bin that adds most is emphasised and named.
    A click anywhere above or below a label chooses its bin: `customdata` is `[place]`, from 0.
    """
    before, now, parts = finite(reference), finite(current), finite(added)
    if not len(labels) or not (np.nansum(before) > 0 or np.nansum(now) > 0):
        return empty(height=_HEIGHT)
    now_share, before_share, part = (np.nan_to_num(shares(side)) for side in (now, before, parts))
    most = int(part.argmax()) if part.any() else None
    tops = [max(float(np.max([now_share, before_share])), 0.01) * 1.05, max(part.max(), 0.01)]
    tops[1] *= 1.3  # Room for the name of the bin that adds most.
    hover = _hover(labels, now, before, part)
    return figure(
        [
            # The first two traces have the theme's first two colours.
            _bars(now_share, 0.46) | {"name": "current", "zorder": 1},
            *_added(part, most),
            _bars(before_share, 0.86) | {"name": REFERENCE, "marker": {"color": GREY}},
            _clicked(tops[0], hover) | {"yaxis": "y"},
            _clicked(tops[1], hover) | {"yaxis": "y2"},
        ],
        height=_HEIGHT,
        barmode="overlay",
        hovermode="closest",
        showlegend=True,
        legend=LEGEND_ABOVE | {"itemclick": False, "itemdoubleclick": False},
        annotations=[] if most is None else [_name(labels, part, most)],
        xaxis=_label_axis(labels) | {"anchor": "y2"},
        yaxis=_share_axis("Share of rows", tops[0], _UPPER),
        yaxis2=_share_axis("Of the distance", tops[1], _LOWER),
    )


def _bars(heights: Floats, width: float) -> Part:
    return {
        "type": "bar",
        "x": np.arange(heights.size),
        "y": heights,
        "width": width,
        "hoverinfo": "skip",
        "unselected": _ALL_SEEN,
    }


def _added(part: Floats, most: int | None) -> list[Part]:
    below: Part = {"yaxis": "y2", "showlegend": False}
    rest = np.where(np.arange(part.size) == most, 0.0, part)
    bars = [_bars(values, 0.86) | below for values in (part - rest, rest)]
    return [bars[0], bars[1] | {"marker": {"color": GREY}}]


def _clicked(top: float, hover: list[str]) -> Part:
    """Return unseen bars that fill a panel, so that a bin without rows can be chosen too."""
    clear = "rgba(0, 0, 0, 0)"
    return _bars(np.full(len(hover), top), 1.0) | {
        "marker": {"color": clear},
        "selected": {"marker": {"color": FAINT}},
        "zorder": 2,
        "showlegend": False,
        "customdata": [[place] for place in range(len(hover))],
        # No template: with one, Plotly adds a second label that repeats x.
        "hoverinfo": "text",
        "hovertext": hover,
    }


def _hover(labels: Sequence[object], now: Floats, before: Floats, part: Floats) -> list[str]:
    numbers = zip(
        labels, now, np.nan_to_num(shares(now)), before, np.nan_to_num(shares(before)), part,
        strict=True,
    )  # fmt: skip
    return [
        f"<b>{_words.whole(label)}</b><br>current: {_words.rows(n, share)}<br>"
        f"reference: {_words.rows(m, base)}<br>adds {_words.percent(added)} of the distance"
        for label, n, share, m, base, added in numbers
    ]


def _name(labels: Sequence[object], part: Floats, most: int) -> Part:
    return {
        "text": f"{_words.short(labels[most])}: {_words.percent(float(part[most]))}",
        "x": most,
        "y": part[most],
        "yref": "y2",
        "yanchor": "bottom",
        # The name of an outer bin leans inwards.
        "xanchor": "left" if most < len(labels) / 3 else "right",
        "xshift": -8 if most < len(labels) / 3 else 8,
        "showarrow": False,
    }


def _label_axis(labels: Sequence[object]) -> Part:
    step = -(-len(labels) // _MOST_TICKS)
    shown = range(0, len(labels), step)
    # Places, not names: two long names may look the same once they are shortened.
    return {
        "tickvals": list(shown),
        "ticktext": [_words.short(labels[place], _TICK_LENGTH) for place in shown],
        # Turned the other way, the last labels would leave the figure and not be drawn.
        "autotickangles": [0, -45, -90],
        "range": [-0.5, len(labels) - 0.5],
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _share_axis(title: str, top: float, domain: tuple[float, float]) -> Part:
    return axis(title, range=[0, top], domain=domain, tickformat=".3~%", nticks=5, fixedrange=True)
