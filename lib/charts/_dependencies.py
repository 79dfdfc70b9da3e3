"""What services depend on: the time that goes into it, and whether it fails."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._figure import UNSELECTED, Floats, Part, axis, empty, figure
from lib.charts._instances import AROUND_PX, BAR_PX, LEAST_ROWS, ROOM, named, rows_axis
from lib.charts._over_time import FAILED
from lib.charts._time_axis import numbers

_NAME = 22


def dependencies(table: pd.DataFrame, most: int = 10) -> go.Figure:
    """Return the share of the time of all requests that went into each target, as bars.

    `table` is the answer to `dependencies`: `service`, `target`, `name`, `calls`, `mean_ms`,
    `failed`, `share_pct`, a row per name of what was asked; those of a service and target are
    added up. Calls at the same time may make it more than 100%. Where calls failed, a red cross
    stands at the end of the bar. A bar's `customdata` is the service and the target, as given.
    """
    if table.empty:
        return empty("No calls in this window")
    found = _by_target(table)
    shown = found.head(most)
    names = shown["target"] if found["service"].nunique() == 1 else _both(shown, "target")
    share = shown["share"].to_numpy("float64")
    top = float(np.nanmax(share, initial=0)) * ROOM or 1.0
    return figure(
        [_time(shown, share), *_ends(shown, share)],
        height=AROUND_PX + BAR_PX * max(len(shown), LEAST_ROWS),
        barmode="overlay",
        bargap=0.3,
        hovermode="closest",
        showlegend=bool((shown["failed"] > 0).any()),
        xaxis=axis(
            "Share of the time in requests", range=[0, top], tickformat=".3~%", fixedrange=True
        ),
        yaxis=rows_axis(names.tolist(), _NAME),
    )


def _by_target(table: pd.DataFrame) -> pd.DataFrame:
    """Return calls, failed ones, time and share by service and target, the largest share first."""
    calls = numbers(table["calls"])
    plain = pd.DataFrame(
        {
            "service": table["service"].astype(str),
            "target": table["target"].astype(str),
            "calls": calls,
            "failed": numbers(table["failed"]),
            "total_ms": calls * numbers(table["mean_ms"]),
            "share": numbers(table["share_pct"]) / 100,
        }
    )
    groups = plain.groupby(["service", "target"], sort=False)
    found = groups.sum(min_count=1).reset_index()
    return found.sort_values(["share", "calls"], ascending=False, kind="stable")


def _time(shown: pd.DataFrame, share: Floats) -> Part:
    return {
        "type": "bar",
        "orientation": "h",
        "x": np.nan_to_num(share),
        "y": np.arange(share.size),
        "showlegend": False,
        "unselected": UNSELECTED,
        "customdata": named(shown, "target"),
        "hovertext": [_told_target(*row) for row in shown.itertuples(index=False)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _ends(shown: pd.DataFrame, share: Floats) -> list[Part]:
    """Return what is written at the ends of the bars, with a cross where calls failed."""
    failed, calls = shown["failed"].to_numpy(), shown["calls"].to_numpy()
    # The cross needs room; ordinary blanks would be left out.
    texts = [
        ("\u2003" if count else "\u2002")
        + (_words.percent(part) if np.isfinite(part) else "not known")
        for part, count in zip(share, failed > 0, strict=True)
    ]
    text: Part = {"type": "scatter", "y": np.arange(share.size), "hoverinfo": "skip"}
    text |= {"x": np.nan_to_num(share), "mode": "text", "textposition": "middle right"}
    text |= {"cliponaxis": False, "showlegend": False}
    some = failed > 0
    for i in np.flatnonzero(some):
        texts[i] += f", {_words.percent(failed[i] / calls[i])} failed"
    cross = {"symbol": "x", "size": 9, "color": FAILED}
    marks = text | {"mode": "markers", "marker": cross, "name": "with failed calls"}
    marks |= {"x": np.nan_to_num(share)[some], "y": np.flatnonzero(some), "showlegend": True}
    return [text | {"text": texts}, *([marks] if some.any() else [])]


def _told_target(
    service: str, target: str, calls: float, failed: float, total_ms: float, share: float
) -> str:
    lines = [
        f"<b>{_words.whole(target)}</b>",
        f"called by {_words.whole(service)}",
        f"{_words.percent(share)} of the time in its requests"
        if np.isfinite(share)
        else "its requests are not known",
        f"{_words.number(calls)} {'call' if calls == 1 else 'calls'}, "
        f"{_words.number(total_ms / calls)} ms on average",
    ]
    if failed > 0:
        lines.append(f"{_words.number(failed)} failed ({_words.percent(failed / calls)})")
    return "<br>".join(lines)


def _both(table: pd.DataFrame, column: str) -> pd.Series:
    return table["service"] + ": " + table[column]
