"""What failures are made of over time: result codes, and problems."""

from collections.abc import Callable
from http import HTTPStatus

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _words
from lib.charts._figure import GREY, UNSELECTED, Floats, Part, empty
from lib.charts._over_time import HEIGHT, count_axis, over_time, room
from lib.charts._time_axis import TimeAxis, numbers

OTHER = "other"
_ROW_PX = 20
_NAMES_IN_A_ROW = 2


def codes_per_time(table: pd.DataFrame, time: TimeAxis, most: int = 6) -> go.Figure:
    """Return the failed requests of each bin, stacked by result code.

    `table` is the answer to `result_codes`: `moment`, `code`, `requests`, `failed`. Codes past
    the `most` frequent are added up. A bar's `customdata` is the ISO moment of its bin and the
    code, as given, empty for all others.
    """
    plain = table[["moment"]].assign(key=table["code"], count=table["failed"])
    return _stacked(plain, time, most, "failed requests", _code)


def exceptions_per_time(table: pd.DataFrame, time: TimeAxis, most: int = 6) -> go.Figure:
    """Return the exceptions of each bin, stacked by problem.

    `table` is the answer to `exception_history`: `moment`, `problem`, `exceptions`. Problems past
    the `most` frequent are added to those that it calls `Other`. A bar's `customdata` is the ISO
    moment of its bin and the problem, as given, empty for all others.
    """
    plain = table[["moment"]].assign(key=table["problem"], count=table["exceptions"])
    return _stacked(plain, time, most, "exceptions", str)


def _stacked(
    table: pd.DataFrame, time: TimeAxis, most: int, unit: str, name: Callable[[str], str]
) -> go.Figure:
    """Return bars of `count` per `moment`, stacked by `key`; `name` says what one is called."""
    table = table[(time.at(table["moment"]) >= 0) & (numbers(table["count"]) > 0)]
    if table.empty:
        return empty(f"No {unit} in this window", height=HEIGHT)
    keys = table["key"].astype(str)
    keys = keys.where(keys.str.lower() != OTHER, "")
    totals = table["count"].groupby(keys[keys != ""]).sum()
    kept = totals.sort_values(ascending=False, kind="stable").index[:most]
    parts = {key: time.sums(table[keys == key], "count") for key in kept}
    if not keys.isin(kept).all():
        parts[""] = time.sums(table[~keys.isin(kept)], "count")
    base, traces, when = np.zeros(time.starts.size), [], time.told()
    for key, values in parts.items():
        traces.append(_bars(time, when, values, base, key, name(key) if key else OTHER, unit))
        base = base + values
    rows = -(-len(traces) // _NAMES_IN_A_ROW)
    return over_time(
        traces,
        time,
        count_axis(f"{_words.capital(unit)} per {time.per}", float(base.max())),
        top=room(float(base.max())),
        height=HEIGHT + _ROW_PX * (rows - 1),
    )


def _bars(
    time: TimeAxis,
    when: list[str],
    values: Floats,
    base: Floats,
    key: str,
    name: str,
    unit: str,
) -> Part:
    there, x, clicks = np.flatnonzero(values), time.x, time.clicks
    return {
        "type": "bar",
        "name": _words.short(name),
        "x": [x[i] for i in there],
        "base": base[there],
        "y": values[there],
        "offset": time.width * 0.06,
        "width": time.width * 0.88 * time.passed[there],
        "marker": {} if key else {"color": GREY},
        "customdata": [[clicks[i], key] for i in there],
        "unselected": UNSELECTED,
        "hovertext": [
            f"{when[i]}<br>{_words.whole(name)}<br>{_counted(values[i], unit)}" for i in there
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _counted(count: float, unit: str) -> str:
    return f"{_words.number(count)} {unit.removesuffix('s') if count == 1 else unit}"


def _code(code: str) -> str:
    """Return a result code with what HTTP calls it, such as `503 Service Unavailable`."""
    known = code.isdecimal() and int(code) in set(HTTPStatus)
    return f"{code} {HTTPStatus(int(code)).phrase}" if known else f"code {code}"
