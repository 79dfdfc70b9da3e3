"""How many requests there were."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._figure import GREY, Floats, Part, empty
from lib.charts._over_time import (
    FAILED,
    NO_REQUESTS,
    bars,
    columns,
    count_axis,
    counted,
    line,
    over_time,
    room,
)
from lib.charts._time_axis import TimeAxis


def request_rate(
    table: pd.DataFrame, time: TimeAxis, before: pd.DataFrame | None = None
) -> go.Figure:
    """Return the requests of each bin as bars, of which the failed ones stand at the bottom.

    `table` is the answer to `over_time`, or to `request_rate`, which has no `failed`; bins
    without rows are silence. `before` is the same of the period before, drawn as a grey line.
    A bin that is not over yet has a narrower bar. A column's `customdata` is the ISO moment at
    which its bin begins.
    """
    requests = time.sums(table, "requests")
    if not requests.any():
        return empty(NO_REQUESTS)
    failed = time.sums(table, "failed") if "failed" in table else np.zeros_like(requests)
    name = "succeeded" if "failed" in table else "requests"
    traces = [bars(time, requests - failed, name=name, base=failed)]
    if failed.any():
        traces.append(_failed(time, failed))
    earlier = None if before is None else time.sums(time.shifted(before), "requests")
    if earlier is not None:
        grey: Part = {"color": GREY, "width": 1.5, "shape": "hvh"}
        traces.append(line(time, earlier, name="the period before", line=grey))
    top = room(max(float(part.max()) for part in (requests, earlier) if part is not None))
    told = _rates(time, requests, failed, earlier)
    return over_time(
        [*traces, columns(time, told, 0, top)],
        time,
        count_axis(f"Requests per {time.per}", top / 1.06),
        top=top,
        legend=len(traces) > 1,
    )


def _failed(time: TimeAxis, failed: Floats) -> Part:
    # The outline keeps one failure of thousands from vanishing.
    marker = {"color": FAILED, "line": {"width": 1, "color": FAILED}}
    return bars(time, np.where(failed > 0, failed, np.nan), name="failed", marker=marker)


def _rates(time: TimeAxis, requests: Floats, failed: Floats, earlier: Floats | None) -> list[str]:
    texts = []
    for i, when in enumerate(time.told()):
        text = f"{when}<br>{counted(time, requests[i])}"
        if failed[i]:
            text += f"<br>{_words.number(failed[i])} failed "
            text += f"({_words.percent(failed[i] / requests[i])})"
        if earlier is not None:
            text += f"<br>the period before: {counted(time, earlier[i])}"
        texts.append(text)
    return texts
