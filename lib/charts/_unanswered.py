"""Bins that were not answered, marked in charts that were drawn of the others."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts._figure import GREY
from lib.charts._time_axis import TimeAxis, iso


def unanswered(figure: go.Figure, table: pd.DataFrame, time: TimeAxis) -> go.Figure:
    """Shade the bins without rows in a chart over time whose answer is not whole.

    Such a bin may be silence or may be missing: it is not known, so it does not look like none.
    """
    there = np.zeros(time.starts.size, dtype=bool)
    bins = time.at(table["moment"])
    there[bins[bins >= 0]] = True
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (~there).astype(int), [0]))))
    ends = np.append(time.starts, time.end)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        x0, x1 = iso(ends[[first, last]])
        figure.add_vrect(x0=x0, x1=x1, fillcolor=GREY, opacity=0.18, line_width=0, layer="below")
    if not there.all():
        figure.add_annotation(
            text="shaded: not answered",
            x=1,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="top",
            showarrow=False,
        )
    whens = time.told()
    for trace in figure.data:
        if trace.hovertext is not None and len(trace.hovertext) == there.size:
            trace.hovertext = [
                text if is_there else f"{when}<br>not answered"
                for text, when, is_there in zip(trace.hovertext, whens, there, strict=True)
            ]
    return figure
