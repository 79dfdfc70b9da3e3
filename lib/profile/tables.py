"""Profiles as small tables for people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.profile import weighted
from lib.profile.feature import Feature, Profile
from lib.profile.kinds import distinct, kind, numbers_of, type_errors
from lib.profile.weighted import Weighted

QUANTILES = {"p01": 0.01, "p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75}
QUANTILES |= {"p95": 0.95, "p99": 0.99}


def top(feature: Feature, most: int = 20) -> pd.DataFrame:
    """Return the most frequent values of a feature of any kind, and what is left.

    Columns: value (text), count, share (of all rows), special. The special rows come
    last and only if they have rows: "other" for any value that is not listed, and
    "missing". So the counts add up to the feature's rows. Numbers are shown as
    short as they can be (`3`, `3.5`), instants in UTC. Of more than 1,024 different
    numbers only those that stand out of the rest are listed.
    """
    listed = [
        *feature.texts.items(),
        *((number_text(value), rows) for value, rows in _single(feature.numbers)),
        *((instant_text(value), rows) for value, rows in _single(feature.instants)),
        *((text, rows) for text, rows in (("-inf", feature.below), ("inf", feature.above)) if rows),
    ]
    shown = sorted(listed, key=lambda item: (-item[1], item[0]))[:most]
    other = feature.present - sum(count for _, count in shown)
    special = [(name, n) for name, n in (("other", other), ("missing", feature.missing)) if n]
    rows = shown + special
    counts = np.array([count for _, count in rows], dtype=np.int64)
    return pd.DataFrame(
        {
            "value": pd.Series([value for value, _ in rows], dtype="str"),
            "count": counts,
            "share": counts / max(feature.rows, 1),
            "special": np.arange(len(rows)) >= len(shown),
        }
    )


def table(profile: Profile, kinds: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return one row per feature; `kinds` are the reader's own, by feature name.

    Columns: feature, kind, rows, missing, missing_share, distinct, distinct_exact,
    type_errors, infinite; of numeric features mean, sd (ddof 1), min, p01, p05,
    p25, median, p75, p95, p99, max; of datetimes first, last; top_value and
    top_share (of all rows). What a kind does not have is NaN, NaT or "".
    """
    chosen = kinds or {}
    rows = [_row(feature, chosen.get(name)) for name, feature in profile.features.items()]
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=t) for name, t in COLUMNS.items()}
    )


def number_text(value: float) -> str:
    """Return a number as short as it can be without being another one."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def instant_text(seconds: float) -> str:
    """Return an instant in UTC as a date and time, with a fraction of a second if it has one."""
    return str(_instant(seconds).tz_localize(None))


def _row(feature: Feature, override: str | None) -> dict[str, object]:
    """Return what the table says of one feature."""
    chosen = kind(feature, override)
    numbers = numbers_of(feature, chosen)
    different, exact = distinct(feature)
    most = top(feature, 1)
    most = most[~most["special"]]
    is_numeric, is_datetime = chosen == "numeric", chosen == "datetime" and numbers.count > 0
    low, high = weighted.quantiles(numbers, (0, 1)).tolist()
    return {
        "feature": feature.name,
        "kind": chosen,
        "rows": feature.rows,
        "missing": feature.missing,
        "missing_share": feature.missing / feature.rows if feature.rows else 0.0,
        "distinct": different,
        "distinct_exact": exact,
        "type_errors": type_errors(feature, chosen),
        "infinite": feature.infinite,
        **(_moments(numbers, low, high) if is_numeric else {}),
        "first": _instant(low) if is_datetime else pd.NaT,
        "last": _instant(high) if is_datetime else pd.NaT,
        "top_value": most["value"].iloc[0] if len(most) else "",
        "top_share": most["share"].iloc[0] if len(most) else np.nan,
    }


def _moments(numbers: Weighted, low: float, high: float) -> dict[str, object]:
    """Return the columns that only numeric features have."""
    quantiles = weighted.quantiles(numbers, list(QUANTILES.values())).tolist()
    named = dict(zip(QUANTILES, quantiles, strict=True))
    return {"mean": numbers.mean, "sd": numbers.sd, "min": low, **named, "max": high}


def _single(numbers: Weighted) -> list[tuple[float, int]]:
    """Return the numbers that are known to be one value each, with their rows."""
    kept = weighted.heavy(numbers)
    return list(zip(numbers.values[kept].tolist(), numbers.counts[kept].tolist(), strict=True))


def _instant(seconds: float) -> pd.Timestamp:
    return pd.Timestamp(round(seconds * 1e6), unit="us", tz="UTC")


_FIGURES = ("mean", "sd", "min", *QUANTILES, "max")
COLUMNS: dict[str, str] = {
    "feature": "str",
    "kind": "str",
    "rows": "int64",
    "missing": "int64",
    "missing_share": "float64",
    "distinct": "int64",
    "distinct_exact": "bool",
    "type_errors": "int64",
    "infinite": "int64",
    **dict.fromkeys(_FIGURES, "float64"),
    "first": "datetime64[us, UTC]",
    "last": "datetime64[us, UTC]",
    "top_value": "str",
    "top_share": "float64",
}
"""The columns of `table` and their types."""
