"""The numbers that Azure ML's own model monitoring gives, so that both can be reconciled.

After azureml-assets, assets/model_monitoring/components/src: data_drift_compute_metrics,
shared_utilities/histogram_utils.py and df_utils.py. Default metrics and thresholds are
those of azure-ai-ml 1.35. Three of its rules differ most from Driftline's:

* A row with a missing cell in any column is left out altogether.
* Whole numbers are categories if fewer than 1 in 20 cells are different.
* The bins have equal widths, from the smallest to the largest number of both sides.

Of profiles instead of frames, rows cannot be left out whole: each column then goes
without its own missing cells, and numbers beyond 1,024 different ones come in groups.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from lib import profile
from lib.drift import measures
from lib.drift.bins import below, tally
from lib.profile import META, Feature, Profile, Weighted, weighted

THRESHOLD = 0.1
"""From where on it says drift, of either default metric."""

FEW_DISTINCT = 0.05
"""Share of different values below which whole numbers are categories."""

MOST_KS = 10_000
"""Rows of a side from which on it gives no Kolmogorov-Smirnov test."""

SMALLEST_SD = 0.001

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Column:
    """One side of a feature: its numbers, and the rows of each value if it has to be a category.

    `group` is the type: "float", "integer", or what else, which is categorical.
    `distinct` is the share of different values, which decides on integers.
    """

    group: str
    distinct: float
    numbers: Weighted
    rows: Mapping[str, int] | Mapping[float, int]


@dataclass(frozen=True)
class Numbers:
    """What Azure ML says of a feature; the default metric is w1_sd of numbers, else js."""

    kind: str
    verdict: str
    n_reference: int = 0
    n_current: int = 0
    bins: int = 0
    js: float = math.nan
    w1_sd: float = math.nan
    psi: float = math.nan
    ks: float = math.nan
    p: float = math.nan


def numbers(
    reference: Profile | pd.DataFrame,
    current: Profile | pd.DataFrame,
    kinds: Mapping[str, str],
) -> dict[str, Numbers]:
    """Return what Azure ML says of each feature of either side.

    JSD to base 2, PSI with one row added to each bin, p of `scipy.stats.ks_2samp`
    (NaN from 10,000 rows on, which it refuses) or of a one-sample chi-square test, in
    which a new category makes p zero. A feature that only one side has, or in another
    type, it leaves out: "not comparable". `kinds` override its types.
    """
    before, now = _columns(reference), _columns(current)
    return {
        name: _compared(before.get(name), now.get(name), kinds.get(name))
        for name in dict.fromkeys([*before, *now])
    }


def _columns(side: Profile | pd.DataFrame) -> dict[str, Column]:
    """Return the columns of a frame, or of a profile, by their names."""
    if isinstance(side, Profile):
        return {name: _of_feature(feature) for name, feature in side.features.items()}
    chosen = side.loc[:, ~side.columns.isin(META)]
    complete = chosen.dropna()
    # Types are told by all rows, measures by those that are complete.
    return {
        str(name): _of_series(chosen.iloc[:, at], complete.iloc[:, at])
        for at, name in enumerate(chosen.columns)
    }


def _of_series(column: pd.Series, complete: pd.Series) -> Column:
    """Return a column of a frame."""
    group = {"f": "float", "i": "integer", "u": "integer"}.get(column.dtype.kind)
    if group is None:
        named = {"b": "boolean", "M": "timestamp"}.get(column.dtype.kind, "string")
        rows = complete.astype(str).value_counts(sort=False)
        return Column(named, 1.0, weighted.EMPTY, dict(zip(rows.index, rows.tolist(), strict=True)))
    distinct = column.nunique(dropna=False) / max(len(column), 1)
    values, counts = np.unique(complete.to_numpy(dtype=np.float64), return_counts=True)
    rows_of = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return Column(group, distinct, _listed(values, counts), rows_of)


def _of_feature(feature: Feature) -> Column:
    """Return a column as far as a profile knows it: by what most of its cells are."""
    held = feature.numbers.count + feature.infinite
    if not feature.present or held < feature.present:
        kind = profile.kind(feature)
        group = {"boolean": "boolean", "datetime": "timestamp"}.get(kind, "string")
        return Column(group, 1.0, weighted.EMPTY, tally(feature))
    is_whole = feature.shapes.whole == feature.present
    distinct = profile.distinct(feature)[0] / feature.rows
    return Column("integer" if is_whole else "float", distinct, feature.numbers, tally(feature))


def _listed(values: Floats, counts: NDArray[np.int64]) -> Weighted:
    """Return ascending numbers as a list, however many there are."""
    if not len(values):
        return weighted.EMPTY
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.average(values, weights=counts))
        m2 = float((np.square(values - mean) * counts).sum())
    empty = weighted.EMPTY.sketch
    return Weighted(values, counts, True, mean, m2, len(values), empty)


def _compared(reference: Column | None, current: Column | None, override: str | None) -> Numbers:
    """Return what is said of one feature."""
    if reference is None or current is None:
        return Numbers("", "not comparable")
    kind = _kind(reference, override)
    if reference.group != current.group:
        return Numbers(kind, "not comparable")
    found = _of_numbers if kind == "numeric" else _of_categories
    return found(reference, current)


def _kind(reference: Column, override: str | None) -> str:
    """Return numeric or categorical; the reference decides."""
    if override is not None:
        return "numeric" if override == "numeric" else "categorical"
    few = reference.group == "integer" and reference.distinct < FEW_DISTINCT
    return "numeric" if reference.group in ("float", "integer") and not few else "categorical"


def _of_numbers(reference: Column, current: Column) -> Numbers:
    before, now = reference.numbers, current.numbers
    n, m = before.count, now.count
    if not n or not m or not math.isfinite(_width(before, now)):
        return Numbers("numeric", "not comparable", n, m)
    edges = _edges(before, now)
    p, q = (_histogram(side, edges) for side in (before, now))
    w1_sd = measures.w1(before, now) / max(before.sd, SMALLEST_SD)
    return Numbers(
        "numeric",
        "drift" if w1_sd > THRESHOLD else "stable",
        *(n, m, len(p)),
        js=float(measures.js_distance(p, q)),
        w1_sd=w1_sd,
        psi=_psi(p, q),
        ks=measures.ks(before, now),
        p=_ks_p(before, now),
    )


def _of_categories(reference: Column, current: Column) -> Numbers:
    values = list(dict.fromkeys([*reference.rows, *current.rows]))
    p, q = (
        np.array([side.rows.get(value, 0) for value in values], dtype=np.float64)
        for side in (reference, current)
    )
    n, m = int(p.sum()), int(q.sum())
    if not n or not m:
        return Numbers("categorical", "not comparable", n, m)
    js = float(measures.js_distance(p, q))
    return Numbers(
        "categorical",
        "drift" if js > THRESHOLD else "stable",
        *(n, m, len(p)),
        js=js,
        psi=_psi(p, q),
        p=_chi2_p(p, q),
    )


def _width(before: Weighted, now: Weighted) -> float:
    """Return the range of both sides; not finite if it cannot be told in a float."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(
            np.maximum(before.values[-1], now.values[-1])
            - np.minimum(before.values[0], now.values[0])
        )


def _edges(before: Weighted, now: Weighted) -> Floats:
    """Return the edges of ceil(log2(rows of the smaller side) + 1) bins of equal width."""
    low = min(before.values[0], now.values[0])
    width = _width(before, now)
    if width == 0:
        return np.array([low, low])
    bins = math.ceil(math.log2(min(before.count, now.count)) + 1)
    return np.asarray(low + np.arange(bins + 1) * (width / bins))


def _histogram(numbers: Weighted, edges: Floats) -> Floats:
    """Return the rows in each bin; an upper edge belongs to the next one, the last to the last."""
    upto = below(numbers, edges[1:-1])
    return np.diff(np.concatenate([[0.0], upto, [float(numbers.count)]]))


def _psi(p: Floats, q: Floats) -> float:
    """Return the population stability index with one row added to each bin."""
    b, c = measures.shares(p + 1), measures.shares(q + 1)
    return float(((c - b) * np.log(c / b)).sum())


def _chi2_p(p: Floats, q: Floats) -> float:
    """Return p of the current counts if the reference's shares were certain."""
    if len(p) < 2:
        return math.nan
    if (p == 0).any():
        return 0.0
    expected = measures.shares(p) * q.sum()
    statistic = (np.square(q - expected) / expected).sum()
    return float(special.chdtrc(len(p) - 1, statistic))


def _ks_p(before: Weighted, now: Weighted) -> float:
    """Return p of the two-sample Kolmogorov-Smirnov test, as scipy gives it."""
    if max(before.count, now.count) >= MOST_KS:
        return math.nan
    from scipy import stats  # takes half a second, which only this mode is worth

    with warnings.catch_warnings():
        # Where it finds no exact p, it says so and gives the asymptotic one.
        warnings.simplefilter("ignore", RuntimeWarning)
        sides = [np.repeat(side.values, side.counts) for side in (before, now)]
        return float(stats.ks_2samp(*sides).pvalue)
