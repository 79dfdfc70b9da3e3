"""What the rows of each day are made of, by category."""

from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.charts import _changes, _words
from lib.charts._days import DAY_MS, Days, day_axis, days_of, every_day, iso
from lib.charts._figure import FAINT, GREY, HEIGHT, UNSELECTED, Floats, Part, axis, empty, figure

OTHER = "other"
MISSING = "missing"

_MOST = 10
_GREYS: dict[str, Part] = {
    OTHER: {"color": GREY},
    MISSING: {
        "color": FAINT,
        "pattern": {"shape": "/", "size": 6, "solidity": 0.15, "fgcolor": GREY},
    },
}


def categories_per_day(
    days: pd.DataFrame,
    *,
    unit: str = "rows",
    change: date | None = None,
    uncertainty: tuple[date, date] | None = None,
) -> go.Figure:
    """Return one stacked bar per day, of the `share` (of 1) that each category has in it.

    `days` has the columns `day`, `category` and `share`, one row per day and category. The
    categories are ordered by their total, the largest at the bottom; `other`, which also takes
    in all past the tenth, and `missing` come last, in grey. A day without a row is a gap.
    A bar's `x` is its ISO date. `change` is the first day that was otherwise, marked by a line;
    `uncertainty`, the first and the last day that it may have been, is a bar above it.
    """
    when = days_of(days)
    window = every_day(when)
    if not window.size:
        return empty()
    shares = _ordered(_by_category(days, when, window))
    traces = [_bars(window, name, values) for name, values in shares.items()]
    if not traces:
        return empty()
    lines = _changes.on_dates(window, change, uncertainty)
    return figure(
        traces,
        height=HEIGHT,
        barmode="stack",
        hovermode="closest",
        showlegend=True,
        legend={"traceorder": "reversed", "x": 1.01, "xanchor": "left", "y": 1, "yanchor": "top"},
        xaxis=day_axis(window),
        yaxis=axis(
            f"Share of {_words.short(unit)}", range=[0, 1], tickformat=".0%", fixedrange=True
        ),
        **_changes.top(lines),
        **_changes.over_bars(lines),
    )


def _by_category(days: pd.DataFrame, when: Days, window: Days) -> dict[str, Floats]:
    """Return the share of each category on each day of the window, NaN where there is none."""
    numbers = pd.to_numeric(days["share"]).to_numpy("float64", na_value=np.nan)
    known = ~np.isnat(when) & np.isfinite(numbers)
    named = days["category"].astype(object).fillna(MISSING).map(str)
    codes, names = pd.factorize(named.to_numpy()[known])
    cells = codes, (when[known] - window[0]).astype(int)
    table, rows = np.zeros((2, len(names), window.size))
    np.add.at(table, cells, numbers[known])
    np.add.at(rows, cells, 1)
    return dict(zip(names, np.where(rows > 0, table, np.nan), strict=True))


def _ordered(shares: dict[str, Floats]) -> dict[str, Floats]:
    """Return the shares by category as they are stacked, from the bottom."""
    named = [name for name in shares if name not in _GREYS]
    named.sort(key=lambda name: -float(np.nansum(shares[name])))
    ordered = {name: shares[name] for name in named[:_MOST]}
    rest = [shares[name] for name in [*named[_MOST:], OTHER] if name in shares]
    if rest:
        table = np.array(rest)
        ordered[OTHER] = np.where(np.isnan(table).all(axis=0), np.nan, np.nansum(table, axis=0))
    if MISSING in shares:
        ordered[MISSING] = shares[MISSING]
    return ordered


def _bars(window: Days, name: str, shares: Floats) -> Part:
    days = iso(window)
    return {
        "type": "bar",
        "name": _words.short(name),
        "x": days,
        "y": shares,
        "width": DAY_MS * 0.9,
        "marker": _GREYS.get(name, {}),
        "unselected": UNSELECTED,
        "meta": [_words.whole(name)],
        "hovertemplate": "%{x|%a %-d %b %Y}<br>%{meta[0]}: %{y:.1%}<extra></extra>",
    }
