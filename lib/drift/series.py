"""Every day of every feature beside the reference."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.drift import measures
from lib.drift.grid import Grid
from lib.drift.thresholds import DEFAULT, VERDICTS, Thresholds

FEWEST_DAYS = 14
"""Reference days from which on they say how far a day may be from the others."""

SIGMAS = 3

COLUMNS: dict[str, str] = {
    **dict.fromkeys(["feature", "kind"], "str"),
    "day": "object",  # dates
    "part": "str",
    "n": "int64",
    **dict.fromkeys(["js", "js_debiased", "p", "q"], "float64"),
    "verdict": "str",
    "limit": "float64",
    "beyond": "bool",
    "missing": "float64",
}
"""The columns of `series` and their types."""

NOT_ENOUGH, NOT_COMPARABLE = VERDICTS[-2:]

Floats = NDArray[np.float64]


def series(
    grids: Sequence[Grid],
    thresholds: Thresholds = DEFAULT,
    weekdays: bool | Collection[str] = False,
) -> pd.DataFrame:
    """Return one row per feature and day, measured against the reference as `compare` does.

    Columns: feature, kind, day, part ("reference" or "current"), n (the feature's rows
    of the day), js, js_debiased, p, q, verdict, limit, beyond, missing (share of n).
    A day of the reference is compared with the other days of it. q corrects p for all
    features and days of the window that have rows enough; reference days have none,
    and the verdict "". `limit` is the mean + 3 sd (ddof 1) of the js_debiased of the
    reference's days, if at least 14 of them have rows enough; `beyond` says that a day
    with rows enough is above it. With `weekdays` each day is compared with the
    reference's days of the same weekday only; names mean these features alone. What
    does not apply is NaN.
    """
    weekly = {grid.feature for grid in grids} if weekdays is True else set(weekdays or ())
    measured = [_measured(grid, thresholds.fewest, grid.feature in weekly) for grid in grids]
    columns = {
        name: np.concatenate([part[name] for part in measured]) if measured else np.empty(0)
        for name in (*COLUMNS, "judged")
        if name not in ("q", "verdict")
    }
    is_current = columns["part"] == "current"
    judged = columns["judged"].astype(bool)
    columns["q"] = measures.benjamini_hochberg(
        np.where(is_current & judged, columns["p"], np.nan).astype(np.float64)
    )
    verdicts = _verdicts(columns, judged, thresholds)
    columns["verdict"] = np.where(is_current, verdicts, "").astype(object)
    return pd.DataFrame({name: pd.Series(columns[name], dtype=t) for name, t in COLUMNS.items()})


def _measured(grid: Grid, fewest: int, weekdays: bool) -> dict[str, NDArray[Any]]:
    """Return the columns of one feature, and whether a day has rows enough to be judged."""
    base, counts = _base(grid, weekdays), grid.counts
    n, size = counts.sum(axis=1), len(grid.days)
    before, now = _pooled(base, counts, ordered=grid.kind == "numeric")
    judged = np.minimum(n, base.sum(axis=1)) >= fewest
    js_debiased = measures.js_debiased(before, now)
    limit = _limit(js_debiased[grid.is_reference & judged])
    with np.errstate(invalid="ignore"):
        missing = counts[:, -1] / n
    return {
        "feature": np.full(size, grid.feature, dtype=object),
        "kind": np.full(size, grid.kind, dtype=object),
        "day": np.array(grid.days, dtype=object),
        "part": np.where(grid.is_reference, "reference", "current").astype(object),
        "n": np.rint(n),
        "js": measures.js_distance(before, now),
        "js_debiased": js_debiased,
        "p": measures.chi2(before, now)[2],
        "limit": np.full(size, limit),
        "beyond": judged & (js_debiased > limit),
        "missing": missing,
        "judged": judged,
    }


def _base(grid: Grid, weekdays: bool) -> Floats:
    """Return what each day is compared with: the reference without the day itself."""
    base = np.broadcast_to(grid.base, grid.counts.shape)
    if weekdays and grid.is_reference.any() and grid.base.any():
        weekday = np.array([day.weekday() for day in grid.days])
        same = (weekday[:, None] == weekday) & grid.is_reference
        base = same @ grid.counts
    own = grid.counts * (grid.is_reference & grid.base.any())[:, None]
    # Counts are not whole, so that a difference can end up just below zero.
    rest: Floats = np.maximum(base - own, 0.0)
    return rest


def _limit(js: Floats) -> float:
    if len(js) < FEWEST_DAYS:
        return float("nan")
    return float(js.mean() + SIGMAS * js.std(ddof=1))


def _verdicts(
    columns: dict[str, NDArray[Any]], judged: NDArray[np.bool_], thresholds: Thresholds
) -> NDArray[np.str_]:
    """Return the verdict on each day: both significance and size make drift."""
    is_significant = columns["q"] <= thresholds.q
    size = np.where(is_significant, columns["js_debiased"], 0.0)
    return np.select(
        [
            np.isnan(columns["js"].astype(np.float64)),
            ~judged,
            size >= thresholds.strong,
            size >= thresholds.drift,
            size >= thresholds.watch,
        ],
        [NOT_COMPARABLE, NOT_ENOUGH, *VERDICTS[:3]],
        VERDICTS[3],
    )


def _pooled(reference: Floats, current: Floats, ordered: bool) -> tuple[Floats, Floats]:
    """Return `measures.pooled` of each row, at the old width: bins joined into others are empty."""
    total = reference + current
    rows = total.sum(axis=1, keepdims=True)
    smaller = np.minimum(reference.sum(axis=1), current.sum(axis=1))[:, None]
    expected = total * np.divide(smaller, rows, out=np.zeros_like(rows), where=rows > 0)
    places = _neighbours(expected) if ordered else _rarest(expected)
    whole = (expected >= measures.EXPECTED).all(axis=1)
    places[whole] = np.arange(total.shape[1])
    flat = (places + np.arange(len(total))[:, None] * total.shape[1]).ravel()
    return _joined(reference, flat), _joined(current, flat)


def _joined(counts: Floats, flat: NDArray[np.intp]) -> Floats:
    joined: Floats = np.bincount(flat, counts.ravel(), minlength=counts.size).astype(np.float64)
    return joined.reshape(counts.shape)


def _neighbours(expected: Floats) -> NDArray[np.intp]:
    """Return the joined bin of each ordered bin; what is left over joins the last one."""
    places = np.zeros(expected.shape, dtype=np.intp)
    place, held = np.zeros(len(expected), dtype=np.intp), np.zeros(len(expected))
    for at in range(expected.shape[1]):
        places[:, at] = place
        held += expected[:, at]
        full = held >= measures.EXPECTED
        place = place + full
        held[full] = 0.0
    return np.minimum(places, np.maximum(place - 1, 0)[:, None])


def _rarest(expected: Floats) -> NDArray[np.intp]:
    """Return the joined bin of each bin: rare ones together in the last."""
    order = np.argsort(expected, axis=1, kind="stable")
    held = np.cumsum(np.take_along_axis(expected, order, axis=1), axis=1)
    rare = (expected < measures.EXPECTED).sum(axis=1)
    joined = np.minimum(np.maximum(rare, (held < measures.EXPECTED).sum(axis=1) + 1), held.shape[1])
    is_joined = np.argsort(order, axis=1) < joined[:, None]
    places = np.cumsum(~is_joined, axis=1) - 1
    return np.where(is_joined, (expected.shape[1] - joined)[:, None], places)
