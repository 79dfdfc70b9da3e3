"""Histograms: bins that several distributions share, and the rows in each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lib.profile import weighted
from lib.profile.weighted import Weighted

MOST_BINS = 60

DAY = 86_400
MONDAY = 4 * DAY  # 1970 began on a Thursday
TIMES = tuple(
    unit * times
    for unit, several in (
        (1, (1, 2, 5, 10, 15, 30)),
        (60, (1, 2, 5, 10, 15, 30)),
        (3_600, (1, 2, 3, 6, 12)),
        (DAY, (1, 2, 7, 14, 28, 91, 182, 364)),
    )
    for times in several
)
"""Widths of bins of time, in seconds; above the last, whole multiples of it."""

Floats = NDArray[np.float64]


def edges(
    many: Sequence[Weighted],
    bins: int | Literal["auto"] = "auto",
    log: bool = False,
    clip: float | None = None,
    time: bool = False,
) -> Floats:
    """Return ascending edges of bins that suit all the distributions together.

    "auto" takes the finest width that Freedman and Diaconis' rule, 2 IQR n^(−1/3),
    gives for any of them, with 5 to 60 bins; a number asks for about so many.
    Edges are round numbers, or with `time` round times (the values are seconds
    since 1970). Numbers that only come in steps, as whole ones do or prices, get
    bins of one step each, centred on it, if that makes no more than 60; else bins
    of several whole steps, so that none holds more of them than its neighbours.

    With `log`, widths are equal in the logarithm and only positive values are
    covered. With `clip`, such as 0.001, that share at either end of each
    distribution need not be covered. `outside` counts what is not covered.
    """
    many = [_positive(numbers) for numbers in many] if log else list(many)
    many = [numbers for numbers in many if len(numbers.values)]
    if not many:
        return np.array([1.0, 10.0]) if log else np.array([0.0, 1.0])
    tails = (0.0, 1.0) if clip is None else (clip, 1 - clip)
    ends = np.array([weighted.quantiles(numbers, tails) for numbers in many])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    if log:
        return _log_edges(low, high, MOST_BINS if bins == "auto" else bins)
    unit = 0.0 if time else _unit(many)
    if bins == "auto" and unit and low < high < low + MOST_BINS * unit:
        steps = np.arange(round((high - low) / unit) + 2, dtype=np.float64)
        return _rounded(low + unit * (steps - 0.5), unit)
    wanted = _auto(many, low, high) if bins == "auto" else max(1, bins)
    return _even_edges(low, high, wanted, unit, time)


def histogram(numbers: Weighted, edges: Floats) -> Floats:
    """Return the rows in each bin: its lower edge belongs to a bin, to the last also the upper.

    While the list is exact these are numpy's counts. Else the rows of a group lie
    evenly around their mean, up to halfway to the nearer neighbour, unless they
    are so many (1/200 of all) that they must be one value. Then counts are not
    whole, and each edge is off by less than a group, mostly far less.
    """
    return np.diff(_below(numbers, edges))


def outside(numbers: Weighted, edges: Floats) -> tuple[int, int]:
    """Return the rows below the first edge and above the last; infinities are not among them."""
    below = _below(numbers, edges)
    return round(below[0]), round(numbers.count - below[-1])


def _below(numbers: Weighted, edges: Floats) -> Floats:
    """Return the rows below each edge; at or below the last one."""
    values, counts = numbers.values, numbers.counts.astype(np.float64)
    spread = _spread(numbers)
    single = spread == 0
    upto = np.append(0.0, np.cumsum(np.where(single, counts, 0.0)))
    places = np.searchsorted(values, edges, side="left")
    places[-1] = np.searchsorted(values, edges[-1], side="right")
    values, counts, spread = values[~single], counts[~single], spread[~single]
    shares = (edges[:, None] - (values - spread)) / (2 * spread)
    below: Floats = upto[places] + np.clip(shares, 0.0, 1.0) @ counts
    return below


def _spread(numbers: Weighted) -> Floats:
    """Return how far to either side the rows of each group lie; 0 for single values."""
    values = numbers.values
    if numbers.exact or len(values) < 3:
        return np.zeros(len(values))
    gaps = np.diff(values) / 2
    spread = np.concatenate([[0.0], np.minimum(gaps[1:], gaps[:-1]), [0.0]])
    return np.where(weighted.heavy(numbers), 0.0, spread)


def _positive(numbers: Weighted) -> Weighted:
    """Return the distribution of the positive numbers only."""
    positive = numbers.values > 0
    return weighted.of_counted(numbers.values[positive], numbers.counts[positive])


def _unit(many: Sequence[Weighted]) -> float:
    """Return the step in which all the numbers come, of at most three decimals; 0 if in none.

    Of numbers that are not all listed, those that are speak for the rest if they
    are several and hold four of five rows.
    """
    if not all(_speaks(numbers) for numbers in many):
        return 0.0
    values = np.concatenate([numbers.values[weighted.heavy(numbers)] for numbers in many])
    decimals = next((n for n in range(4) if (np.round(values, n) == values).all()), None)
    if decimals is None or np.abs(values).max() > 1e12:
        return 0.0
    if not all(numbers.exact for numbers in many):
        return 10.0**-decimals
    steps = np.rint(values * 10**decimals).astype(np.int64)
    return float(np.gcd.reduce(steps - steps[0]) / 10**decimals)


def _speaks(numbers: Weighted) -> bool:
    """Return whether the values that are known as they are stand for nearly all."""
    rows = numbers.counts[weighted.heavy(numbers)]
    return numbers.exact or bool(len(rows) > 2 and rows.sum() >= 0.8 * numbers.count)


def _auto(many: Sequence[Weighted], low: float, high: float) -> int:
    """Return the number of bins that Freedman and Diaconis' rule asks for."""
    widths = []
    for numbers in many:
        lower, upper = weighted.quantiles(numbers, (0.25, 0.75)).tolist()
        widths.append(2 * (upper / 2 - lower / 2) * 2 * numbers.count ** (-1 / 3))
    width = min((width for width in widths if width > 0), default=0.0)
    if width == 0:
        return MOST_BINS // 2
    return int(np.clip((high / 2 - low / 2) / width * 2, 5, MOST_BINS))


def _even_edges(low: float, high: float, bins: int, unit: float, time: bool) -> Floats:
    """Return round edges of about so many bins of equal width from `low` to `high`."""
    if not math.isfinite(high - low):
        return np.linspace(low / 2, high / 2, bins + 1) * 2
    if low == high:
        half = 0.5 if abs(low) < 1e6 else abs(low) * 1e-6
        return np.array([low - half, low + half])
    width = (high - low) / bins
    if width < 1e-300:
        return np.unique(np.linspace(low, high, bins + 1))
    step = _time_step(width) if time else _round_step(width)
    step = unit * math.ceil(step / unit - 1e-9) if unit else step
    origin = MONDAY if time else 0.0
    first = math.floor((low - origin) / step)
    last = math.ceil((high - origin) / step)
    if time or unit:
        # The last bin has its upper edge too, which would be a step more than the others have.
        last = math.floor((high - origin) / step) + 1
    steps = np.arange(first, last + 1, dtype=np.float64)
    found = np.unique(_rounded(origin + steps * step, step))
    # Far from zero, round steps can vanish in the rounding of the edges themselves.
    covered = len(found) > 1 and found[0] <= low and found[-1] >= high
    return found if covered else np.unique(np.linspace(low, high, bins + 1))


def _rounded(edges: Floats, step: float) -> Floats:
    """Return edges as the decimal numbers they are meant to be: 0.3, not 0.30000000000000004."""
    return np.round(edges, min(max(0, 3 - math.floor(math.log10(step))), 22))


def _log_edges(low: float, high: float, bins: int) -> Floats:
    """Return edges at even steps of the logarithm, about so many bins or fewer."""
    low, high = math.log10(low), math.log10(high)
    wanted = (high - low) / bins
    step = next((step for step in (0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if step >= wanted), 0.0)
    step = step or float(math.ceil(wanted))
    first = math.floor(low / step)
    last = max(first + 1, math.ceil(high / step))
    return np.unique(10.0 ** (np.arange(first, last + 1) * step))


def _round_step(width: float) -> float:
    """Return the next of 1, 2, 2.5 and 5 times a power of ten that is not smaller."""
    power = 10.0 ** math.floor(math.log10(width))
    return power * next(
        step for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= width * 0.999
    )


def _time_step(seconds: float) -> float:
    """Return the next round width in time that is not smaller; below a second, a decimal one."""
    if seconds <= 0.5:
        return _round_step(seconds)
    longest = TIMES[-1] * math.ceil(seconds / TIMES[-1])
    return float(next((step for step in TIMES if step >= seconds), longest))
