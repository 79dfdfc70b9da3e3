"""How far each day of one feature is from the reference."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _changes, _verdicts
from lib.charts._changes import Line
from lib.charts._days import days_of, every_day, iso, on_days
from lib.charts._figure import GREY, HEIGHT, REFERENCE, Part, axis, empty, figure, finite
from lib.charts._timeline import Timeline, parted
from lib.charts._verdicts import VERDICT_COLOURS, Thresholds

_PLOT_PX = 230
_LABEL_PX = 15
_NUMBERS = ("js_debiased", "q", "n", "missing")


def drift_line(
    table: pd.DataFrame,
    thresholds: Thresholds,
    limit: float | None = None,
    change: date | None = None,
    back: date | None = None,
    uncertainty: tuple[date, date] | None = None,
) -> go.Figure:
    """Return the distance of one feature per day, the reference's days in grey.

    `table` has one row per day: `day`, `part` (reference or current), `n` rows, `js_debiased`,
    `q`, `verdict`, `missing` (a share of 1) and `beyond` (of the control `limit`), which is
    emphasised. A day without rows is a gap. `change` is the first day that was otherwise, first
    possible and last possible day in `uncertainty`; `back` the first day that was as before
    again. A point's `customdata` is its ISO date.
    """
    table, timeline = parted(table)
    if timeline is None or not np.isfinite(finite(table["js_debiased"])).any():
        return empty()
    current = (table["part"] == "current").to_numpy(dtype=bool)
    levels = _verdicts.levels(thresholds)
    known = [limit] if limit is not None and np.isfinite(limit) else []
    lines = _lines(timeline, change, back, uncertainty)
    top = float(np.nanmax([*finite(table["js_debiased"]), *levels.values(), *known])) * 1.12
    marks = _changes.drawn(lines)
    return figure(
        [
            *_series(table, current, timeline),
            *_beyond(table, timeline),
            *[_limit(timeline, value) for value in known],
        ],
        height=HEIGHT,
        margin={"l": 0, "r": 56, "t": 8, "b": 0},
        hovermode="closest",
        # Points are small, so what lies near one counts too.
        hoverdistance=60,
        showlegend=True,
        legend=_changes.legend(lines, _PLOT_PX) | {"itemclick": False, "itemdoubleclick": False},
        shapes=[*timeline.divider, *marks["shapes"], *_verdicts.lines(levels, "y")],
        annotations=[*marks["annotations"], *_level_labels(levels, top)],
        xaxis=timeline.axis,
        # A grid would be drawn over the thresholds, and they are one.
        yaxis=axis(
            "Distance from the reference",
            range=[0, top],
            showgrid=False,
            zeroline=False,
            fixedrange=True,
        ),
    )


def _series(table: pd.DataFrame, current: NDArray[np.bool_], timeline: Timeline) -> list[Part]:
    # The window comes first, which gives it the theme's first colour.
    parts = (("window", table[current]), (REFERENCE, table[~current]))
    return [_line(part, timeline, name) for name, part in parts if len(part)]


def _line(table: pd.DataFrame, timeline: Timeline, name: str) -> Part:
    days = days_of(table)
    window = every_day(days)
    numbers = [on_days(days, table[column], window) for column in _NUMBERS]
    verdicts = dict(
        zip(iso(days), map(_verdicts.spoken, _verdicts.known(table["verdict"])), strict=True)
    )
    told = [
        f"{verdicts.get(day, '')}<br>{_verdicts.details(*each)}"
        for day, *each in zip(iso(window), *numbers, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": timeline.place(window),
        "y": np.where(numbers[2] > 0, numbers[0], np.nan),
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"width": 2} | ({"color": GREY} if name == REFERENCE else {}),
        "marker": {"size": 6 if timeline.days.size <= 60 else 4},
        "customdata": iso(window),
        "hovertext": told,
        "hovertemplate": "<b>%{customdata|%a %-d %b %Y}</b>: %{hovertext}<extra></extra>",
    }


def _beyond(table: pd.DataFrame, timeline: Timeline) -> list[Part]:
    table = table[table["beyond"].eq(True).to_numpy(dtype=bool)]
    if table.empty:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "beyond the control limit",
            "x": timeline.place(days_of(table)),
            "y": finite(table["js_debiased"]),
            "marker": {
                "symbol": "circle-open",
                "size": 12 if timeline.days.size <= 60 else 9,
                "color": VERDICT_COLOURS["strong"],
                "line": {"width": 2},
            },
            "cliponaxis": False,
            "unselected": {"marker": {"opacity": 1}},
            "hoverinfo": "skip",
        }
    ]


def _limit(timeline: Timeline, value: float) -> Part:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"control limit {_verdicts.distance(value)}",
        "x": timeline.range,
        "y": [value, value],
        "line": {"color": GREY, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _lines(
    timeline: Timeline,
    change: date | None,
    back: date | None,
    uncertainty: tuple[date, date] | None,
) -> list[Line]:
    lines = []
    for text, day in (("changed", change), ("back", back)):
        if day is None or np.isnan(place := _place(timeline, day)):
            continue
        low, high = (_place(timeline, end) for end in uncertainty or (day, day))
        between = (low, high) if day == change and low < high else None
        left, right = timeline.range
        at = (place - left) / (right - left)
        lines.append(Line(f"{text} {_changes.day(day)}", place, at, between))
    return lines


def _level_labels(levels: Mapping[str, float], top: float) -> list[Part]:
    """Return the names of the thresholds at the right edge, each clear of the one below it."""
    labels, above = [], -np.inf
    for name, value in levels.items():
        pixel = value / top * _PLOT_PX
        above = max(pixel, above + _LABEL_PX)
        label = {"text": name, "x": 1, "xref": "paper", "xanchor": "left", "xshift": 4}
        label |= {"y": value, "yanchor": "middle", "yshift": above - pixel, "showarrow": False}
        labels.append(label)
    return labels


def _place(timeline: Timeline, day: date) -> float:
    """Return where a day begins, NaN if it has no place."""
    return float(timeline.place(np.array([day], dtype="datetime64[D]"))[0]) - 0.5
