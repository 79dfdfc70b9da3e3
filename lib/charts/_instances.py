"""Instances side by side: is one of them slow, or failing?"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._figure import UNSELECTED, Floats, Part, axis, empty, figure
from lib.charts._over_time import FAILED, NO_REQUESTS
from lib.charts._time_axis import numbers

BAR_PX = 26
AROUND_PX = 90
LEAST_ROWS = 3
ROOM = 1.45
"""What is right of the longest bar is for its number."""

_NAME = 14
_PANELS = ([0.0, 0.3], [0.35, 0.65], [0.7, 1.0])


def instances(table: pd.DataFrame, most: int = 20) -> go.Figure:
    """Return requests, p95 and share of failures of each instance, side by side.

    `table` is the answer to `instances`: `service`, `instance`, `requests`, `p95_ms`, `failed`. Of
    more than `most` those with the most requests are shown. A bar's `customdata` is the service
    and the instance, as given.
    """
    table = table[numbers(table["requests"]) > 0]
    if table.empty:
        return empty(NO_REQUESTS)
    table = table.sort_values("requests", ascending=False, kind="stable").head(most)
    requests, p95, failed = (numbers(table[name]) for name in ("requests", "p95_ms", "failed"))
    told = _told_instances(table, requests, p95, failed)
    panels = (
        ("Requests", requests, [_words.compact(n) for n in requests], {"tickformat": "~s"}),
        ("p95 latency (ms)", p95, [_ms(value) for value in p95], {"tickformat": "~s"}),
        (
            "Failed requests",
            failed / requests,
            [_words.percent(share) for share in failed / requests],
            {"tickformat": ".3~%"},
        ),
    )
    traces, axes = [], {}
    for i, (title, values, texts, ticks) in enumerate(panels):
        end = "" if i == 0 else str(i + 1)
        top = float(np.nanmax(values, initial=0)) * ROOM or 1.0
        traces.append(_panel(table, values, texts, told) | {"xaxis": f"x{end}"})
        axes[f"xaxis{end}"] = axis(
            title, domain=_PANELS[i], range=[0, top], nticks=4, fixedrange=True, **ticks
        )
    traces[0]["marker"] = traces[1]["marker"] = {}
    return figure(
        traces,
        height=AROUND_PX + BAR_PX * max(len(table), LEAST_ROWS),
        bargap=0.3,
        hovermode="closest",
        yaxis=rows_axis(table["instance"].tolist(), _NAME),
        **axes,
    )


def _panel(table: pd.DataFrame, values: Floats, texts: list[str], told: list[str]) -> Part:
    return {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": np.arange(values.size),
        "marker": {"color": FAILED},
        "text": texts,
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "unselected": UNSELECTED,
        "customdata": named(table, "instance"),
        "hovertext": told,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _told_instances(
    table: pd.DataFrame, requests: Floats, p95: Floats, failed: Floats
) -> list[str]:
    texts = []
    for i, (service, instance) in enumerate(named(table, "instance")):
        noun = "request" if requests[i] == 1 else "requests"
        texts.append(
            f"<b>{_words.whole(instance)}</b><br>{_words.whole(service)}<br>"
            f"{_words.number(requests[i])} {noun}<br>p95: {_ms(p95[i])} ms<br>"
            f"{_words.number(failed[i])} failed ({_words.percent(failed[i] / requests[i])})"
        )
    return texts


def _ms(value: float) -> str:
    return _words.number(value) if np.isfinite(value) else "not known"


def named(table: pd.DataFrame, column: str) -> list[list[str]]:
    """Return service and name of each row, as given."""
    return [
        [str(service), str(name)]
        for service, name in zip(table["service"], table[column], strict=True)
    ]


def rows_axis(names: list[str], length: int) -> Part:
    """Return a y axis with a row per name, from the top; a few are kept as low as three."""
    return {
        "tickvals": list(range(len(names))),
        "ticktext": [_words.short(name, length) for name in names],
        "range": [max(len(names), LEAST_ROWS) - 0.5, -0.5],
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
