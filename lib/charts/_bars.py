"""Categories as horizontal bars."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from lib.charts import _words
from lib.charts._figure import (
    GREY,
    REFERENCE,
    SMALL_HEIGHT,
    UNSELECTED,
    Floats,
    Part,
    axis,
    count_axis,
    empty,
    figure,
    finite,
    shares,
    small,
)

Measure = Literal["count", "share"]

_BAR_PX = 16
_LEAST_HEIGHT = 140
_MOST_SMALL = 5
_SMALL_NAME = 14
_SMALL_PART = 0.7  # of the width is for the bars, the rest for their numbers


def bars(
    labels: Sequence[object], series: Mapping[str, ArrayLike], *, y: Measure = "count"
) -> go.Figure:
    """Return one group of horizontal bars per label, in the order given, from the top.

    Each series holds one count per label; the one named `reference` is grey and comes second.
    `y` is the count, or its share of the series' rows in these labels. A bar's `customdata` is
    its label, whole and as it was given.
    """
    numbers = {name: finite(values) for name, values in series.items()}
    if not len(labels) or not any(np.nansum(values) > 0 for values in numbers.values()):
        return empty()
    names = sorted(numbers, key=lambda name: name == REFERENCE)
    traces = [_group(labels, name, numbers[name], y, alone=len(names) == 1) for name in names]
    most = max(float(np.nanmax(trace["x"], initial=0)) for trace in traces)
    # Room for the number at the end of the longest bar.
    room: Part = {"range": [0, most * 1.12], "fixedrange": True}
    return figure(
        traces,
        height=max(_LEAST_HEIGHT, 80 + len(labels) * (len(traces) * _BAR_PX + 10)),
        barmode="group",
        bargap=10 / (len(traces) * _BAR_PX + 10),
        hovermode="closest",
        showlegend=len(traces) > 1,
        xaxis=count_axis("Rows", most, **room)
        if y == "count"
        else axis("Share of rows", tickformat=".3~%", **room),
        yaxis=label_axis(labels),
    )


def small_bars(
    labels: Sequence[object], counts: ArrayLike, reference: ArrayLike | None = None
) -> go.Figure:
    """Return the largest categories for a card: five bars, or four and all the rest in one.

    All are shares of their own rows; the reference is a thin grey bar below.
    """
    numbers = finite(counts)
    before = np.zeros(0) if reference is None else finite(reference)
    if not len(labels) or not (np.nansum(numbers) > 0 or np.nansum(before) > 0):
        return empty(height=SMALL_HEIGHT)
    named, share, before = _largest(labels, shares(numbers), shares(before))
    end = max(float(share.max()), float(before.max(initial=0))) / _SMALL_PART
    hover = _small_hover(named, share, before)
    traces = [_small_bar(share, hover, -0.4, 0.5 if before.size else 0.74)]
    if before.size:
        traces.append(_small_bar(before, hover, 0.12, 0.24) | {"marker": {"color": GREY}})
    return small(
        [*traces, _written(share, end)],
        barmode="overlay",
        hovermode="closest",
        xaxis={"range": [0, end]},
        yaxis={
            "range": [max(len(named), _MOST_SMALL) - 0.5, -0.5],
            "tickvals": list(range(len(named))),
            "ticktext": [_words.short(name, _SMALL_NAME) for name in named],
            "ticklabelstandoff": 4,
            "showticklabels": True,
            "automargin": True,
        },
    )


def _group(labels: Sequence[object], name: str, values: Floats, y: Measure, *, alone: bool) -> Part:
    share = shares(values)
    start = "" if alone else f"{_words.whole(name)}: "
    texts = [
        _words.number(n) if y == "count" else _words.percent(n)
        for n in (values if y == "count" else share)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": _words.short(name),
        "x": values if y == "count" else share,
        "y": np.arange(len(labels)),
        "marker": {"color": GREY} if name == REFERENCE else {},
        "text": texts,
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "customdata": [str(label) for label in labels],
        "unselected": UNSELECTED,
        "hovertext": [
            f"<b>{_words.whole(label)}</b><br>{start}{_words.rows(n, part)}"
            for label, n, part in zip(labels, values, share, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def label_axis(labels: Sequence[object]) -> Part:
    """Return a y axis of labels, whole numbers from 0 at the top."""
    # Places, not names: two long names may look the same once they are shortened.
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": [_words.short(label) for label in labels],
        "range": [len(labels) - 0.5, -0.5],
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _largest(
    labels: Sequence[object], share: Floats, before: Floats
) -> tuple[list[str], Floats, Floats]:
    """Return names, shares and reference shares of the largest categories, then of the rest."""
    share, before = np.nan_to_num(share), np.nan_to_num(before)
    order = np.argsort(-(np.maximum(share, before) if before.size else share), kind="stable")
    first, rest = order, order[:0]
    if order.size > _MOST_SMALL:
        first, rest = np.split(order, [_MOST_SMALL - 1])
    names = [str(labels[i]) for i in first] + ([f"{rest.size:,} more"] if rest.size else [])
    now, then = (
        np.append(values[first], values[rest].sum() if rest.size else []) if values.size else values
        for values in (share, before)
    )
    return names, now, then


def _small_bar(share: Floats, hover: list[str], offset: float, width: float) -> Part:
    return {
        "type": "bar",
        "orientation": "h",
        "x": share,
        "y": np.arange(share.size),
        "offset": offset,
        "width": width,
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _small_hover(names: Sequence[str], share: Floats, before: Floats) -> list[str]:
    texts = [f"<b>{_words.whole(name)}</b>" for name in names]
    if not before.size:
        return [f"{text}<br>{_words.percent(s)}" for text, s in zip(texts, share, strict=True)]
    return [
        f"{text}<br>current: {_words.percent(now)}<br>reference: {_words.percent(then)}"
        for text, now, then in zip(texts, share, before, strict=True)
    ]


def _written(share: Floats, end: float) -> Part:
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.full(share.size, end),
        "y": np.arange(share.size),
        "text": [_words.percent(s) for s in share],
        "textposition": "middle left",
        "hoverinfo": "skip",
    }
