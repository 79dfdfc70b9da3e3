"""What telemetry adds to the table of versions: requests, how fast, how many failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd

from lib.summary import words

OBSERVED = ("requests_per_day", "p95_ms", "failed_pct", "exceptions")
"""The columns that telemetry adds."""

LEAST_MORE = 0.005
"""A service fails more than before from half a request in a hundred on that it did not …"""

LEAST_TIMES = 2.0
"""… if that is twice as much …"""

LEAST_Z = 3.0
"""… and chance would hardly do it: 3 standard errors of a difference of two shares."""


@dataclass(frozen=True)
class Names:
    """What telemetry may call a version of a service: as the whole service, or by its own names."""

    of: str
    service: tuple[str, ...]
    own: tuple[str, ...]


def explained(names: Sequence[Names], told: Iterable[str]) -> dict[str, int]:
    """Return which row of `names` a name in telemetry belongs to; others are left out.

    The name of a service goes before that of a version (a service may be called `a-1` beside
    version 1 of `a`), and the first row that bears it takes it.
    """
    rows: dict[str, int] = {}
    for one_of in ("service", "own"):
        for at, each in enumerate(names):
            for name in getattr(each, one_of):
                rows.setdefault(name, at)
    return {name: rows[name] for name in told if name in rows}


def with_telemetry(
    table: pd.DataFrame, names: Sequence[Names], told: pd.DataFrame, days: float
) -> pd.DataFrame:
    """Return the table of versions with the columns `OBSERVED`, behind what drifted.

    `names` has an entry per row, and perhaps more for versions that are not in the table; `told`
    is the answer to `overview` about so many `days`. Where several names lead to one row, the
    numbers are added up, and the longest p95 stands, which that of all together cannot exceed.
    Rows that telemetry does not tell of are empty.
    """
    rows = explained(names, told["service"])
    mine = told.assign(row=told["service"].map(rows)).dropna(subset="row")
    numbers = _numbers(_added(mine, "row"), days).reindex(table.index)
    at = list(table.columns).index("drifted") + 1
    return pd.concat([table.iloc[:, :at], numbers, table.iloc[:, at:]], axis="columns")


def unexplained(names: Sequence[Names], told: pd.DataFrame, days: float) -> pd.DataFrame:
    """Return what is in telemetry under names of no version: name and the columns `OBSERVED`."""
    rows = explained(names, told["service"])
    rest = told[~told["service"].isin(list(rows))]
    return _numbers(_added(rest, "service"), days).rename_axis("name").reset_index()


def failing(names: Sequence[Names], now: pd.DataFrame, before: pd.DataFrame) -> str:
    """Say (Markdown) which service fails clearly more often than before, "" if none does.

    Both are answers to `overview`, added up over the versions of a service. Clearly more is
    half a percentage point, and twice as much, and 3 standard errors of the difference, which
    takes requests as independent and telemetry as not sampled.
    """
    earlier = _by_service(names, before).add_suffix("_before")
    both = _by_service(names, now).join(earlier, how="inner")
    worse = both[_clearly_more(both)]
    if worse.empty:
        return ""
    share = (worse["failed"] / worse["requests"]).sort_values(ascending=False)
    first = share.index[0]
    was = worse.loc[first, "failed_before"] / worse.loc[first, "requests_before"]
    text = f"{words.code(str(first))} **fails more** than before: "
    text += f"{words.percent(share.iloc[0])} of requests, was {words.percent(was)}"
    rest = len(worse) - 1
    return text + (f"; so {'does' if rest == 1 else 'do'} {rest:,} more." if rest else ".")


def _by_service(names: Sequence[Names], told: pd.DataFrame) -> pd.DataFrame:
    rows = explained(names, told["service"])
    whose = told["service"].map({name: names[row].of for name, row in rows.items()})
    return _added(told.assign(whose=whose).dropna(subset="whose"), "whose")


def _clearly_more(both: pd.DataFrame) -> pd.Series:
    n, m = both["requests"], both["requests_before"]
    now, before = both["failed"] / n, both["failed_before"] / m
    pooled = (both["failed"] + both["failed_before"]) / (n + m)
    error = (pooled * (1 - pooled) * (1 / n + 1 / m)).map(sqrt)
    more = now - before
    return (more >= LEAST_MORE) & (now >= LEAST_TIMES * before) & (more >= LEAST_Z * error)


_ADDED: Mapping[str, str] = {
    "requests": "sum",
    "failed": "sum",
    "p95_ms": "max",
    "exceptions": "sum",
}


def _added(told: pd.DataFrame, by: str) -> pd.DataFrame:
    return told.groupby(by, sort=False)[list(_ADDED)].agg(dict(_ADDED))


def _numbers(added: pd.DataFrame, days: float) -> pd.DataFrame:
    """Return the columns as they are shown."""
    requests = added["requests"].astype("float64")
    return pd.DataFrame(
        {
            "requests_per_day": requests / days,
            "p95_ms": added["p95_ms"].astype("float64"),
            "failed_pct": 100 * added["failed"] / requests.replace(0, np.nan),
            "exceptions": added["exceptions"].astype("Int64"),
        }
    )
