"""Features in order: by how far they drifted, or by how much they gave away."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from lib.charts import _verdicts, _words
from lib.charts._bars import label_axis
from lib.charts._figure import LEGEND_ABOVE, UNSELECTED, Floats, Part, axis, empty, figure, finite
from lib.charts._verdicts import Thresholds

_ROW_PX = 26
_AROUND_PX = 110
_NO_FEATURES = "No features to show"


def ranked(
    table: pd.DataFrame, thresholds: Thresholds | None = None, *, most: int = 15
) -> go.Figure:
    """Return the distances of the first features as bars, coloured by verdict, from the top.

    `table` has one row per feature, the most drifted first: `feature`, `verdict`, `js_debiased`,
    `q` and `n_current` rows, of which the first `most` are drawn. `thresholds` are vertical
    lines. A bar's `customdata` is its feature, as given.
    """
    table = table.head(most)
    if table.empty:
        return empty(_NO_FEATURES)
    verdicts = _verdicts.known(table["verdict"])
    distances = finite(table["js_debiased"])
    levels = _verdicts.levels(thresholds) if thresholds else {}
    top = float(np.nanmax([*distances, *levels.values(), 0.01]))
    traces = [
        _verdict_bars(table, distances, verdict, verdicts == verdict)
        for verdict in _verdicts.ALL
        if (verdicts == verdict).any()
    ]
    height = _AROUND_PX + _ROW_PX * len(table)
    return figure(
        traces,
        height=height,
        barmode="overlay",
        hovermode="closest",
        showlegend=True,
        legend=LEGEND_ABOVE | {"y": 1 + 22 / (height - _AROUND_PX), "itemclick": False},
        shapes=_verdicts.lines(levels, "x"),
        annotations=_level_labels(levels),
        # Room for the number at the end of the longest bar.
        xaxis=axis(
            "Distance (0 the same, 1 nothing in common)",
            range=[0, top * 1.12],
            fixedrange=True,
            zeroline=False,
        ),
        yaxis=label_axis(table["feature"].tolist()),
    )


def importance(table: pd.DataFrame) -> go.Figure:
    """Return how much each feature told two windows apart as bars, the most telling at the top.

    `table` has one row per `feature`, with its `importance`: how much smaller the classifier's
    AUC is once the feature is shuffled. A bar's `customdata` is its feature, as given.
    """
    values = finite(table["importance"])
    order = np.argsort(-values, kind="stable")  # NaN comes last
    table, values = table.iloc[order], values[order]
    if not np.isfinite(values).any():
        return empty(_NO_FEATURES)
    low, high = min(0.0, float(np.nanmin(values))), max(0.001, float(np.nanmax(values)))
    room = (high - low) * 0.12
    names = table["feature"].tolist()
    bars = _bars(names, values, np.arange(len(names))) | {
        "hovertemplate": "<b>%{hovertext}</b><br>AUC lower by %{x:.4f} without it<extra></extra>",
    }
    return figure(
        [bars],
        height=_AROUND_PX - 30 + _ROW_PX * len(names),
        hovermode="closest",
        xaxis=axis(
            "AUC lost when shuffled",
            range=[low - room if low else 0, high + room],
            fixedrange=True,
        ),
        yaxis=label_axis(names),
    )


def _verdict_bars(
    table: pd.DataFrame, distances: Floats, verdict: str, rows: NDArray[np.bool_]
) -> Part:
    at = np.flatnonzero(rows)
    part = table.iloc[at]
    numbers = zip(
        distances[at], finite(part["q"]), finite(part["n_current"]), np.full(at.size, np.nan),
        strict=True,
    )  # fmt: skip
    names = part["feature"].tolist()
    return (
        _bars(names, distances[at], at)
        | _verdicts.bars(verdict)
        | {
            "text": [
                _verdicts.distance(js) if np.isfinite(js) else verdict for js in distances[at]
            ],
            "hovertext": [
                f"<b>{_words.whole(name)}</b>: {verdict}<br>{_verdicts.details(*each)}"
                for name, each in zip(names, numbers, strict=True)
            ],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }
    )


def _bars(names: Sequence[str], values: Floats, at: object) -> Part:
    return {
        "type": "bar",
        "orientation": "h",
        "x": np.nan_to_num(values),
        "y": at,
        "width": 0.72,
        "text": [_verdicts.distance(value) for value in values],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "customdata": [str(name) for name in names],
        "unselected": UNSELECTED,
        "hovertext": [_words.whole(name) for name in names],
    }


def _level_labels(levels: dict[str, float]) -> list[Part]:
    # The smallest two lie close together: their names lean to either side.
    sides = ("right", "center", "left")
    return [
        {
            "text": name,
            "x": value,
            "xanchor": side,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "showarrow": False,
        }
        for side, (name, value) in zip(sides, levels.items(), strict=False)
    ]
