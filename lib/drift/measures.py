"""How far apart two distributions are.

Most measures are functions of two vectors of counts (rows per bin, the reference
first), which need not be whole; they also take arrays of such vectors, of the shape
(…, bins), and return one value for each. A bin without rows on either side adds
nothing, so vectors may be filled up with zeros. Without rows on one side a measure is
NaN. `ks` and `w1` are functions of two weighted lists of numbers.

p and q stand for the shares of the bins, n and m for the rows of the two sides.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from lib.profile import Weighted

EXPECTED = 5.0
"""Fewest rows that a bin should expect on either side (Cochran 1954)."""

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


def pooled(reference: Floats, current: Floats, ordered: bool) -> tuple[Floats, Floats, Places]:
    """Return both sides with the bins joined that expect fewer than 5 rows on either side.

    What a bin expects is its share of all rows, times the rows of the smaller side.
    Of ordered bins neighbours are joined, from the left, until they expect enough;
    else the rarest ones together, and with them the next rarest if need be. The third
    array says into which of the new bins each of the old ones went.
    """
    total = reference + current
    rows = total.sum()
    smaller = min(reference.sum(), current.sum())
    expected = total * (smaller / rows) if rows > 0 else np.zeros(len(total))
    if (expected >= EXPECTED).all():
        return reference, current, np.arange(len(total))
    places = _neighbours(expected) if ordered else _rarest(expected)
    kept = int(places.max()) + 1
    before, now = np.zeros(kept), np.zeros(kept)
    np.add.at(before, places, reference)
    np.add.at(now, places, current)
    return before, now, places


def contributions(reference: Floats, current: Floats) -> Floats:
    """Return what each bin adds to the Jensen-Shannon divergence, in bits; never negative.

    p log2(p/m) / 2 + q log2(q/m) / 2 with m = (p + q) / 2. They add up to the square
    of `js_distance`.
    """
    p, q = shares(reference), shares(current)
    middle = (p + q) / 2
    entropy = special.rel_entr(p, middle) + special.rel_entr(q, middle)
    found: Floats = np.maximum(entropy, 0.0) / (2 * math.log(2))
    return found


def js_distance(reference: Floats, current: Floats) -> Floats:
    """Return the Jensen-Shannon distance to base 2, between 0 and 1.

    The root of the divergence, KL(p‖m)/2 + KL(q‖m)/2 with m = (p + q) / 2 (Lin 1991;
    Endres and Schindelin 2003). Equals scipy.spatial.distance.jensenshannon(base=2).
    """
    found: Floats = np.sqrt(contributions(reference, current).sum(axis=-1))
    return found


def js_debiased(reference: Floats, current: Floats) -> Floats:
    """Return the Jensen-Shannon distance less what chance alone is expected to add.

    sqrt(max(0, JSD − (B−1)(1/n + 1/m) / (8 ln 2))) with B bins that have rows: without
    drift, 8 ln 2 · JSD / (1/n + 1/m) is about chi-square with B − 1 degrees of
    freedom (Grosse et al., Phys. Rev. E 65, 041905, 2002). Give it pooled bins.
    """
    filled = ((reference + current) > 0).sum(axis=-1)
    divergence = contributions(reference, current).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = 1 / reference.sum(axis=-1) + 1 / current.sum(axis=-1)
        chance = (filled - 1) * noise / (8 * math.log(2))
    found: Floats = np.sqrt(np.maximum(0.0, divergence - chance))
    return found


def psi(reference: Floats, current: Floats) -> Floats:
    """Return the population stability index, Σ (q − p) ln(q/p), never negative.

    Half a row is added on both sides to each bin that has rows on one, so that an
    empty bin has a logarithm; with many rows that is the plain formula.
    """
    filled = (reference + current) > 0
    p, q = shares(reference + filled / 2), shares(current + filled / 2)
    # Of a side without rows the half rows would be all there is.
    empty = (reference.sum(axis=-1) == 0) | (current.sum(axis=-1) == 0)
    found = (special.rel_entr(p, q) + special.rel_entr(q, p)).sum(axis=-1)
    return np.where(empty, np.nan, found)[()]


def hellinger(reference: Floats, current: Floats) -> Floats:
    """Return the Hellinger distance, ‖√p − √q‖ / √2, between 0 and 1."""
    difference = np.sqrt(shares(reference)) - np.sqrt(shares(current))
    found: Floats = np.sqrt(np.square(difference).sum(axis=-1) / 2)
    return found


def linf(reference: Floats, current: Floats) -> tuple[Floats, Places]:
    """Return the largest change of a bin's share, max |p − q|, and which bin that is.

    Of bins that changed alike it is one that grew.
    """
    change = shares(current) - shares(reference)
    # Of two bins, what one loses the other gains; the one that grew tells more.
    place = (np.abs(change) + 1e-9 * (change > 0)).argmax(axis=-1)
    return np.abs(change).max(axis=-1), place


def chi2(reference: Floats, current: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the two-sample chi-square statistic, its degrees of freedom, and p.

    Σ (observed − expected)² / expected over the table of 2 × B counts, with B − 1
    degrees of freedom (Pearson 1911), without Yates' correction. As
    scipy.stats.chi2_contingency(correction=False). One bin cannot differ: p is 1.
    """
    n, m = reference.sum(axis=-1), current.sum(axis=-1)
    total = reference + current
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.square(shares(reference) - shares(current)) / total
        statistic = np.where(total > 0, terms, 0.0).sum(axis=-1) * n * m
    statistic = np.where((n > 0) & (m > 0), statistic, np.nan)[()]
    freedom = np.maximum((total > 0).sum(axis=-1) - 1, 0).astype(np.float64)
    # chdtrc(0, 0) is NaN, but one bin that holds all rows is certain, not unknown.
    p = np.where(
        freedom > 0, special.chdtrc(np.maximum(freedom, 1), statistic), 1.0 + 0 * statistic
    )
    return statistic, freedom, p[()]


def ks(reference: Weighted, current: Weighted) -> float:
    """Return the Kolmogorov-Smirnov statistic, sup |F − G|; NaN without numbers on a side.

    Equals scipy.stats.ks_2samp(…).statistic on the rows while both lists are exact.
    """
    if not len(reference.values) or not len(current.values):
        return math.nan
    _, gap = _gap(reference, current)
    return float(np.abs(gap).max())


def w1(reference: Weighted, current: Weighted) -> float:
    """Return the Wasserstein-1 distance, ∫ |F − G| dx, in the unit of the values.

    How far the rows have to move on average. Equals
    scipy.stats.wasserstein_distance(values, …, counts, …). NaN without numbers on a
    side, infinite only if it is beyond the largest float.
    """
    if not len(reference.values) or not len(current.values):
        return math.nan
    return _area(reference, current) / _scale(reference, current)


def w1_sd(reference: Weighted, current: Weighted) -> float:
    """Return `w1` in standard deviations (ddof 1) of the reference; NaN if it has none."""
    if not len(reference.values) or not len(current.values):
        return math.nan
    scale = _scale(reference, current)
    sd = reference.sd * scale
    if not math.isfinite(reference.m2):
        # Squares beyond the largest float: again from the groups, made small first.
        squares = np.square(reference.values * scale - reference.mean * scale)
        sd = math.sqrt(float(squares @ reference.counts) / (reference.count - 1))
    return _area(reference, current) / sd if sd > 0 else math.nan


def benjamini_hochberg(p: Floats) -> Floats:
    """Return q, the false discovery rate at which each p is significant; NaN stays NaN.

    min over j ≥ i of p(j) · N / j (Benjamini and Hochberg 1995), N without the NaN.
    As scipy.stats.false_discovery_control.
    """
    q = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    raised = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return q


def shares(counts: Floats) -> Floats:
    """Return the counts as shares of their sum along the last axis; NaN without rows."""
    with np.errstate(invalid="ignore"):
        return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def _neighbours(expected: Floats) -> Places:
    """Return the joined bin of each ordered bin; what is left over joins the last one."""
    places = np.zeros(len(expected), dtype=np.intp)
    place, held = 0, 0.0
    for at, rows in enumerate(expected.tolist()):
        places[at] = place
        held += rows
        if held >= EXPECTED:
            place, held = place + 1, 0.0
    return np.minimum(places, max(place - 1, 0))


def _rarest(expected: Floats) -> Places:
    """Return the joined bin of each bin: rare ones together in the last."""
    order = np.argsort(expected, kind="stable")
    rare = int((expected < EXPECTED).sum())
    held = np.cumsum(expected[order])
    while rare < len(order) and held[rare - 1] < EXPECTED:
        rare += 1
    joined = np.zeros(len(expected), dtype=bool)
    joined[order[:rare]] = True
    places = np.cumsum(~joined) - 1
    places[joined] = len(expected) - rare
    return places.astype(np.intp)


def _gap(reference: Weighted, current: Weighted) -> tuple[Floats, Floats]:
    """Return all values, ascending, and F − G from each one on up to the next."""
    values = np.concatenate([reference.values, current.values])
    steps = np.concatenate(
        [reference.counts / reference.counts.sum(), -current.counts / current.counts.sum()]
    )
    order = np.argsort(values, kind="stable")
    values, gap = values[order], np.cumsum(steps[order])
    last = np.append(values[1:] != values[:-1], True)
    return values[last], gap[last]


def _area(reference: Weighted, current: Weighted) -> float:
    """Return ∫ |F − G| dx with x in units in which it cannot overflow."""
    values, gap = _gap(reference, current)
    return float(np.diff(values * _scale(reference, current)) @ np.abs(gap[:-1]))


def _scale(reference: Weighted, current: Weighted) -> float:
    """Return a power of two that keeps squares of the largest differences finite, or 1."""
    ends = [numbers.values[at] for numbers in (reference, current) for at in (0, -1)]
    return 2.0**-600 if max(map(abs, ends)) > 1e150 else 1.0
