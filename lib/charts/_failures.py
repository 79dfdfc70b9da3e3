"""Which share of requests failed."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._figure import GREY, Floats, Part, empty
from lib.charts._over_time import (
    FAILED,
    NO_REQUESTS,
    alone,
    at_the_right,
    columns,
    line,
    over_time,
    y_axis,
)
from lib.charts._time_axis import TimeAxis


def failure_rate(
    table: pd.DataFrame,
    time: TimeAxis,
    objective: float | None = None,
    before: pd.DataFrame | None = None,
) -> go.Figure:
    """Return the share of failed requests in each bin; one without requests is a gap.

    `table` is the answer to `failure_rate`: `moment`, `requests`, `failed` and, if known, how many
    of them are `hidden` as successes; `before` is the same of the period before. `objective` is
    the share of requests (of 1) that has to go well: a line shows what may fail, and bins beyond
    it have a point. A column's `customdata` is the ISO moment at which its bin begins.
    """
    requests, failed = time.sums(table, "requests"), time.sums(table, "failed")
    if not requests.any():
        return empty(NO_REQUESTS)
    share = _share(failed, requests)
    allowed = None if objective is None else 1 - objective
    earlier = None
    traces = [_shares(time, share)]
    if allowed is not None and (share > allowed).any():
        traces.append(_beyond(time, share, allowed))
    if before is not None:
        shifted = time.shifted(before)
        earlier = _share(time.sums(shifted, "failed"), time.sums(shifted, "requests"))
        grey: Part = {"color": GREY, "width": 1.5, "dash": "dash"}
        traces.append(line(time, earlier, name="the period before", line=grey))
    parts = [part for part in (share, earlier) if part is not None]
    top = max(np.nanmax([*np.concatenate(parts), allowed or 0]) * 1.08, 0.001)
    hidden = time.sums(table, "hidden") if "hidden" in table else np.zeros_like(failed)
    told = _told(time, requests, failed, hidden, earlier)
    return over_time(
        [*traces, columns(time, told, 0, top)],
        time,
        y_axis("Failed requests", 0, top, tickformat=".3~%"),
        top=top,
        legend=len(traces) > 1,
        shapes=[] if allowed is None else [_limit(allowed)],
        annotations=[] if allowed is None else [at_the_right("objective", allowed)],
    )


def _shares(time: TimeAxis, share: Floats) -> Part:
    return line(
        time,
        share,
        name="failed",
        mode="lines+markers",
        line={"color": FAILED, "width": 2},
        marker={"color": FAILED, "size": np.where(alone(share), 5, 0)},
    )


def _beyond(time: TimeAxis, share: Floats, allowed: float) -> Part:
    marker = {"color": FAILED, "size": 7 if share.size <= 60 else 5}
    beyond = np.where(share > allowed, share, np.nan)
    name = f"more than the objective allows ({_words.percent(allowed)})"
    return line(time, beyond, name=name, mode="markers", marker=marker)


def _limit(allowed: float) -> Part:
    ends: Part = {"x0": 0, "x1": 1, "xref": "paper", "y0": allowed, "y1": allowed}
    return ends | {"type": "line", "line": {"color": GREY, "width": 1.5}}


def _share(failed: Floats, requests: Floats) -> Floats:
    share: Floats = np.divide(
        failed, requests, out=np.full(requests.size, np.nan), where=requests > 0
    )
    return share


def _told(
    time: TimeAxis, requests: Floats, failed: Floats, hidden: Floats, earlier: Floats | None
) -> list[str]:
    texts = []
    for i, when in enumerate(time.told()):
        text = f"{when}<br>no requests"
        if requests[i]:
            text = f"{when}<br>{_words.percent(failed[i] / requests[i])} failed: "
            text += f"{_words.number(failed[i])} of {_words.number(requests[i])}"
        if hidden[i]:
            text += f"<br>{_words.number(hidden[i])} of them recorded as a success"
        if earlier is not None and np.isfinite(earlier[i]):
            text += f"<br>the period before: {_words.percent(earlier[i])}"
        texts.append(text)
    return texts
