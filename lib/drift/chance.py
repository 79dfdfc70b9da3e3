"""How likely chance alone is to give what was seen, for the counts behind signals."""

from __future__ import annotations

import math

from scipy import special


def of_shares(k: int, n: int, j: int, m: int) -> float:
    """Return p of k of n rows against j of m: chi-square, with Yates' correction."""
    hits, rows = k + j, n + m
    if not 0 < hits < rows:
        return 1.0
    off = max(0.0, abs(k * m - j * n) - rows / 2)
    statistic = rows * (off / n / m) * (off / hits / (rows - hits))
    return float(special.chdtrc(1, statistic))


def of_one_side(k: float, n: int, m: int) -> float:
    """Return the chance that k given rows of n + m all are among the n: (n / (n + m))^k."""
    return math.exp(-k * math.log1p(m / n))


def of_unseen(k: int, m: int, once: int, twice: int, n: int, alpha: float) -> float:
    """Return p of k of m rows with values that are not among n, of which some came once or twice.

    Good and Turing expect the share once/n (Good, Biometrika 40, 1953). Against its
    own uncertainty the upper bound of a Poisson count of the variance
    once + 2 · twice is taken, at the level `alpha`.
    """
    z = -float(special.ndtri(alpha))
    bound = once + z * z / 2 + z * math.sqrt(once + 2 * twice + z * z / 4)
    return float(special.bdtrc(k - 1, m, min(1.0, max(0.0, bound / n))))


def different(distinct: int, n: int, m: int) -> tuple[float, float]:
    """Return how many different values to expect in m rows if n rows have `distinct`.

    Between two extremes, the smaller first: as many per row as before; and what N
    equally frequent values give, with distinct = N (1 − exp(−n/N)).
    """
    if distinct >= n:
        return float(m), float(m)
    low, high = float(distinct), 1e6 * n
    for _ in range(60):
        values = math.sqrt(low * high)
        is_short = -values * math.expm1(-n / values) < distinct
        low, high = (values, high) if is_short else (low, values)
    ends = sorted((distinct * m / n, -high * math.expm1(-m / high)))
    return ends[0], ends[1]
