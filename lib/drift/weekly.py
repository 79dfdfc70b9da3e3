"""Whether a feature follows the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from lib.drift import measures
from lib.drift.grid import Grid
from lib.drift.scatter import Scatter, scatter

FEWEST_DAYS = 14
SMALLEST = 0.03
"""Debiased Jensen-Shannon distance from the others that weekdays have to have to stand apart."""

LEVEL = 0.005

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weekly:
    """A weekly wave: the weekdays in `low` (0 = Monday) stand apart from the others.

    `js` is the debiased Jensen-Shannon distance (base 2) between the two.
    """

    feature: str
    js: float
    low: tuple[int, ...]


def weekly(grid: Grid) -> Weekly | None:
    """Return the weekly wave of a feature; None without one, or with fewer than 14 days.

    Days are compared within their week only, so that a change or a slow drift is no
    wave. A wave is one if the weekdays explain so much more of this scatter than they
    leave that chance would do so with a probability of less than 0.5 % (an F-test, with
    degrees of freedom for points that scatter unevenly by Satterthwaite, Biometrics
    Bulletin 2, 1946), and if two groups of weekdays are at least 0.03 apart.
    """
    return wave(scatter(grid), grid.feature)


def wave(days: Scatter, feature: str) -> Weekly | None:
    """Return what `weekly` does, from the days as points."""
    if len(days) < FEWEST_DAYS or len(set(days.weekdays.tolist())) < 2:
        return None
    roots = np.sqrt(days.weights)[:, None]
    weeks = _unit(roots * _indicators(days.weeks))
    within = days.points - weeks @ (weeks.T @ days.points)
    low = _apart(days, within)
    is_low = np.isin(days.weekdays, low)
    rest, apart = (days.counts[side].sum(axis=0) for side in (~is_low, is_low))
    js = float(measures.js_debiased(rest, apart))
    if js < SMALLEST or _chance(days, within, weeks) > LEVEL:
        return None
    return Weekly(feature, js, low)


def _indicators(groups: NDArray[np.int64]) -> Floats:
    indicators: Floats = (groups[:, None] == np.unique(groups)).astype(np.float64)
    return indicators


def _unit(columns: Floats) -> Floats:
    unit: Floats = columns / np.linalg.norm(columns, axis=0)
    return unit


def _apart(days: Scatter, within: Floats) -> tuple[int, ...]:
    """Return the weekdays that stand apart: the smaller side of the best cut of their means.

    The means are cut in two along the direction in which they differ most.
    """
    present = np.unique(days.weekdays)
    weight = _indicators(days.weekdays).T @ days.weights
    means = _indicators(days.weekdays).T @ (np.sqrt(days.weights)[:, None] * within)
    means /= weight[:, None]
    score = np.linalg.svd(np.sqrt(weight)[:, None] * means, full_matrices=False)[2][0] @ means.T
    order = np.argsort(score, kind="stable")
    upto, total = np.cumsum((weight * score)[order])[:-1], float(weight @ score)
    share = np.cumsum(weight[order])[:-1]
    between = np.square(upto - share / weight.sum() * total) / (share * (weight.sum() - share))
    cut = int(np.argmax(between)) + 1
    sides = sorted((order[:cut], order[cut:]), key=lambda side: (len(side), weight[side].sum()))
    return tuple(sorted(present[sides[0]].tolist()))


def _chance(days: Scatter, within: Floats, weeks: Floats) -> float:
    """Return the probability that weekdays without a wave explain as much of the scatter."""
    weekdays = np.sqrt(days.weights)[:, None] * _indicators(days.weekdays)
    basis, size, _ = np.linalg.svd(weekdays - weeks @ (weeks.T @ weekdays), full_matrices=False)
    basis = basis[:, size > 1e-6 * size[0]]
    spread = np.square(np.linalg.svd(within - basis @ (basis.T @ within), compute_uv=False))
    explained, left = float(np.square(basis.T @ within).sum()), float(spread.sum())
    between, among = basis.shape[1], len(days) - weeks.shape[1] - basis.shape[1]
    if among < 1 or left <= 1e-9 * explained:
        return 0.0 if among > 0 and explained > 0 else 1.0
    # So many directions of the same size would scatter as unevenly as these do.
    directions = left**2 / float(np.square(spread).sum())
    ratio = explained / between / (left / among)
    return float(special.fdtrc(between * directions, among * directions, ratio))
