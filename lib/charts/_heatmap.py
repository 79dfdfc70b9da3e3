"""Drift at a glance: a row per feature, a column per day."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _verdicts, _words
from lib.charts._bars import label_axis
from lib.charts._days import Days, days_of, iso
from lib.charts._figure import LEGEND_ABOVE, Floats, Part, empty, figure, finite
from lib.charts._timeline import Timeline, parted

_ROW_PX = 20
_AROUND_PX = 100
_LEAST_ROWS = 3
_HIGH, _WIDE = 0.86, 0.9
_NUMBERS = ("js_debiased", "q", "n", "missing")
_DAY = "%{customdata[1]|%a %-d %b %Y}"


def drift_heatmap(
    table: pd.DataFrame, order: Sequence[str], *, changes: Mapping[str, date] | None = None
) -> go.Figure:
    """Return one row of cells per feature in `order`, from the top, coloured by verdict.

    `table` has one row per feature and day: `feature`, `day`, `part` (reference or current),
    `n` rows, `js_debiased`, `q`, `verdict` ("" on days of the reference) and `missing` (a share
    of 1). A day without rows has no cell. `changes` are the days on which features changed,
    marked by a triangle. Of a cell and of a triangle, `customdata` begins with the feature, as
    given, and the ISO date.
    """
    names = list(dict.fromkeys(order))
    table, timeline = parted(table[table["feature"].isin(names)])
    if timeline is None:
        return empty()
    table = table[finite(table["n"]) > 0]
    rows = pd.Index(names).get_indexer(pd.Index(table["feature"])).astype(float)
    verdicts = _verdicts.known(table["verdict"])
    traces = [
        _cells(table[verdicts == verdict], rows[verdicts == verdict], timeline, verdict)
        for verdict in _verdicts.ALL
        if (verdicts == verdict).any()
    ]
    height = _AROUND_PX + _ROW_PX * max(len(names), _LEAST_ROWS)
    return figure(
        [*traces, *_triangles(changes or {}, names, timeline)],
        height=height,
        barmode="overlay",
        hovermode="closest",
        showlegend=True,
        # Between the cells and the legend stand the words at the line.
        legend=LEGEND_ABOVE | {"y": 1 + 22 / (height - _AROUND_PX), "itemclick": False},
        shapes=timeline.divider,
        annotations=timeline.sides,
        xaxis=timeline.axis,
        yaxis=label_axis(names) | {"range": [max(len(names), _LEAST_ROWS) - 0.5, -0.6]},
    )


def _cells(table: pd.DataFrame, rows: Floats, timeline: Timeline, verdict: str) -> Part:
    days = days_of(table)
    numbers = zip(*(finite(table[name]) for name in _NUMBERS), strict=True)
    # A figure of a month and 30 features has thousands of cells, so they are kept small:
    # whole numbers in few bytes, and of the texts only what differs.
    return _verdicts.bars(verdict) | {
        "x": timeline.place(days).astype(np.int16),
        "base": (rows - _HIGH / 2).astype(np.float32),
        "y": np.full(days.size, _HIGH, dtype=np.float32),
        "width": _WIDE,
        "customdata": _named(table["feature"].tolist(), days),
        "hovertext": [_verdicts.details(*each) for each in numbers],
        "hovertemplate": f"<b>%{{customdata[2]}}</b><br>{_DAY}: {_verdicts.spoken(verdict)}"
        "<br>%{hovertext}<extra></extra>",
    }


def _triangles(changes: Mapping[str, date], names: list[str], timeline: Timeline) -> list[Part]:
    changed = [name for name in names if name in changes]
    days = np.array([changes[name] for name in changed], dtype="datetime64[D]")
    places = timeline.place(days)
    there = np.isfinite(places)
    if not there.any():
        return []
    features = [name for name, drawn in zip(changed, there, strict=True) if drawn]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "changed on this day",
            "x": places[there],
            "y": [names.index(name) - _HIGH / 2 for name in features],
            # White on black can be told from every cell and from either background.
            "marker": {
                "symbol": "triangle-down",
                "size": 9,
                "color": "#ffffff",
                "line": {"color": "#101010", "width": 1.2},
            },
            "unselected": {"marker": {"opacity": 1}},
            "customdata": _named(features, days[there]),
            "hovertemplate": f"<b>%{{customdata[2]}}</b><br>changed on {_DAY}<extra></extra>",
        }
    ]


def _named(features: Sequence[str], days: Days) -> list[list[str]]:
    whole = {name: _words.whole(name) for name in set(features)}
    return [[name, day, whole[name]] for name, day in zip(features, iso(days), strict=True)]
