"""Whether all features together tell two windows apart.

Features can each keep their distribution while what they have to do with one another
changes. A classifier that has learnt which of two windows a row is from finds that
too: if it does no better than a coin on rows it has not seen, the windows are alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from lib import profile
from lib.drift.bins import shared_kind
from lib.profile import Feature

FEWEST = 100
"""Rows on either side below which nothing is learnt."""

MOST_VALUES = 100
"""Values of a category that are told apart; the rest are one."""

LEARNT = ("numeric", "categorical", "boolean")
"""Kinds that can be alike in two windows; times, identifiers and texts never are."""

LARGEST = 1e100

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Apart:
    """How well the windows can be told apart: 0.5 is by chance, 1 always.

    `auc` is the area under the ROC curve on rows that were not learnt from, `low` and
    `high` its 95 % interval; all NaN where nothing could be learnt. `rows` were used of
    the reference and the current. `features` has the columns feature and importance:
    by how much the AUC falls if that feature is shuffled, the largest first.
    `left_out` are the columns that were not used, beside those that describe the row
    (`profile.META`). `verdict` is a sentence.
    """

    auc: float
    low: float
    high: float
    rows: tuple[int, int]
    features: pd.DataFrame
    left_out: tuple[str, ...]
    verdict: str


def tell_apart(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    kinds: Mapping[str, str] = {},
    sample: int = 5_000,
    folds: int = 5,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Apart:
    """Return how well a classifier tells the rows of two windows apart (a two-sample test).

    Gradient-boosted trees learn from all folds but one and are asked about that one
    (Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", 2017). At most
    `sample` rows of each side are drawn at random. Only columns of both sides are used
    that are numeric, categorical or boolean: a column that only one side has, a time
    or an identifier would tell any two windows apart. Missing cells are a value of
    their own. The interval is DeLong's (Biometrics 44, 1988), its variance multiplied by
    1 + folds / (folds − 1) as Nadeau and Bengio do for cross-validation (Machine
    Learning 52, 2003). `progress` is called with the share that is done. `kinds` are
    the reader's own. Raises ValueError for a kind that there is not, or for fewer than
    two folds.
    """
    report = progress or (lambda done: None)
    random = np.random.default_rng(seed)
    sides = [_drawn(side, sample, random) for side in (reference, current)]
    rows = (len(sides[0]), len(sides[1]))
    (before, reference), (now, current) = (_named(side) for side in sides)
    chosen, left_out = _chosen(before, now, kinds)
    if not chosen:
        return _unjudged(rows, left_out, "no column is numeric, categorical or boolean in both")
    if min(rows) < FEWEST:
        return _unjudged(rows, left_out, f"at least {FEWEST} rows of either are needed")
    table = np.column_stack(
        [_values(reference, current, name, kind) for name, kind in chosen.items()]
    )
    is_current = np.repeat([0, 1], rows)
    is_category = [kind != "numeric" for kind in chosen.values()]
    score, importance = _learnt(table, is_current, is_category, folds, seed, report)
    # Folds learn from the same rows, so that their errors go together.
    factor = 1 + folds / (folds - 1)
    auc, low, high = delong(score[is_current == 0], score[is_current == 1], factor)
    features = pd.DataFrame({"feature": pd.Series(list(chosen), dtype="str")})
    features["importance"] = importance
    features = features.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    return Apart(auc, low, high, rows, features, left_out, _verdict(auc, low, high))


def _unjudged(rows: tuple[int, int], left_out: tuple[str, ...], why: str) -> Apart:
    nothing = pd.DataFrame({"feature": pd.Series([], dtype="str"), "importance": np.empty(0)})
    return Apart(math.nan, math.nan, math.nan, rows, nothing, left_out, f"Not judged: {why}.")


def delong(negative: Floats, positive: Floats, factor: float = 1.0) -> tuple[float, float, float]:
    """Return the AUC of two samples of scores and its 95 % interval, on the scale of the logit.

    The AUC is the Mann-Whitney statistic, ties half; its variance is DeLong's, in the
    fast form of Sun and Xu (IEEE Signal Processing Letters 21, 2014). Between fully
    separated samples the variance is none, and the interval ends at the next rank.
    `factor` multiplies the variance.
    """
    m, n = len(positive), len(negative)
    ranks = _ranks(np.concatenate([positive, negative]))
    above = (ranks[:m] - _ranks(positive)) / n
    below = 1 - (ranks[m:] - _ranks(negative)) / m
    auc = float(above.mean())
    sd = math.sqrt(np.var(above, ddof=1) / m + np.var(below, ddof=1) / n)
    inner = min(max(auc, 0.5 / (m * n)), 1 - 0.5 / (m * n))
    reach = float(special.ndtri(0.975)) * math.sqrt(factor) * sd / (inner * (1 - inner))
    ends = (special.expit(special.logit(inner) + side * reach) for side in (-1, 1))
    low, high = (float(end) for end in ends)
    return auc, min(low, auc), max(high, auc)


def _ranks(values: Floats) -> Floats:
    """Return the ranks from 1 on, equal values sharing theirs, as scipy.stats.rankdata does."""
    _, place, rows = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(rows) - (rows - 1) / 2)[place]
    return ranks


def _drawn(frame: pd.DataFrame, sample: int, random: np.random.Generator) -> pd.DataFrame:
    """Return a frame with at most so many of its rows, drawn at random, in their order."""
    if len(frame) <= sample:
        return frame
    return frame.iloc[np.sort(random.choice(len(frame), sample, replace=False))]


def _named(frame: pd.DataFrame) -> tuple[Mapping[str, Feature], pd.DataFrame]:
    """Return the features of a frame, and the frame with its columns named as they are."""
    features = profile.profile(frame, skip=()).features
    return features, frame.set_axis(list(features), axis=1)


def _chosen(
    before: Mapping[str, Feature], now: Mapping[str, Feature], kinds: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the kinds of the columns to learn from, and the columns that are left out."""
    names = [name for name in dict.fromkeys((*before, *now)) if name not in profile.META]
    found = {name: shared_kind(before.get(name), now.get(name), kinds.get(name)) for name in names}
    chosen = {
        name: kind
        for name, kind in found.items()
        if kind in LEARNT and name in before and name in now
    }
    return chosen, tuple(name for name in names if name not in chosen)


def _values(reference: pd.DataFrame, current: pd.DataFrame, name: str, kind: str) -> Floats:
    """Return a column of both sides as numbers, categories by their rank; NaN is missing."""
    column = pd.concat([reference[name].astype(object), current[name].astype(object)])
    if kind == "numeric":
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        return np.asarray(np.clip(numbers, -LARGEST, LARGEST))
    texts = column.astype(str).where(column.notna())
    if kind == "boolean":
        texts = texts.str.capitalize()
    rank = texts.map(pd.Series({v: at for at, v in enumerate(texts.value_counts().index)}))
    return np.asarray(np.minimum(rank.to_numpy(np.float64, na_value=np.nan), MOST_VALUES))


def _learnt(
    table: Floats,
    is_current: NDArray[np.int64],
    is_category: list[bool],
    folds: int,
    seed: int,
    report: Callable[[float], None],
) -> tuple[Floats, Floats]:
    """Return each row's score by trees that have not seen it, and the features' importance."""
    # Imported here, since it takes a second that only those should wait for who ask for it.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    random = np.random.default_rng(seed)
    trees = HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        categorical_features=is_category,
        early_stopping=False,
        random_state=seed,
    )
    score, falls = np.empty(len(table)), np.zeros((folds, table.shape[1]))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(table, is_current)
    # Threads that wait for each other by spinning take minutes where cores are shared.
    with threadpool_limits(1, user_api="openmp"):
        for fold, (learn, ask) in enumerate(parts):
            trees.fit(table[learn], is_current[learn])
            found = trees.decision_function(table[ask])
            # Other trees, another scale: only the order within a fold says something.
            score[ask] = _ranks(found) / len(ask)
            auc = roc_auc_score(is_current[ask], found)
            for at in range(table.shape[1]):
                shuffled = table[ask]
                random.shuffle(shuffled[:, at])
                without = roc_auc_score(is_current[ask], trees.decision_function(shuffled))
                falls[fold, at] = auc - without
                report((fold + (at + 1) / table.shape[1]) / folds)
    return score, falls.mean(axis=0)


def _verdict(auc: float, low: float, high: float) -> str:
    """Say in a sentence how far the windows can be told apart."""
    said = f"AUC {auc:.3f}, 95 % interval {low:.3f} – {high:.3f}"
    if low <= 0.5:
        return f"The two cannot be told apart ({said})."
    how = "hardly" if auc < 0.6 else "in part" if auc < 0.75 else "well" if auc < 0.9 else "easily"
    return f"The two can {how} be told apart ({said})."
