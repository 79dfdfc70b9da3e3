"""The day on which a feature changed, and whether it changed back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lib.drift import measures
from lib.drift.grid import Grid
from lib.drift.scatter import Scatter, scatter
from lib.drift.thresholds import DEFAULT, Thresholds
from lib.drift.weekly import wave

FEWEST_DAYS = 10
"""Days with rows below which no day can be told from the scatter of the others."""

SHUFFLES = (99, 999)
WORK = 1_000_000
"""Fewest and most shuffles, and the stretches that all of them may have together."""

EULER, TINY = 0.5772156649, 1e-300

CUT = 3.68
"""Log-likelihood that a day may lack against the best and still lie in the 95 % interval.

The two sides of a change point lack exponentially distributed amounts, and
(1 − exp(−3.68))² = 0.95 (Siegmund, Int. Statist. Rev. 56, 1988). A parameter's 1.92
would cover 73 %.
"""

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """A change of a feature that lasted at least two days.

    `day` is the first day of the new state that has rows, and between `earliest` and
    `latest` it lies with 95 % confidence; of a gradual change `day` is in the middle
    and the others are its first and last day. `back` is the first day on which the
    feature was as before again, None if it has not come back. `js` is the debiased
    Jensen-Shannon distance (base 2) between the new state and the other days.
    """

    feature: str
    day: date
    earliest: date
    latest: date
    back: date | None
    js: float


def change(grid: Grid, thresholds: Thresholds = DEFAULT) -> Change | None:
    """Return the clearest change within the days of a feature, None if there is none.

    Days of both parts are taken in the order of time, each worth its rows as far as
    days do not scatter by themselves (see `scatter`), and less what the weekday
    explains if there is a weekly wave. The stretch of days that explains most of
    their scatter is the new state, up to the last day or up to a way back. It is a
    change if it is at least `watch` apart from the other days, and if the best
    stretch of shuffled days explains as much with a probability of at most `q`
    (99 to 999 shuffles with a fixed seed, and a Gumbel distribution fitted to their
    best, as in Abrams, Kulldorff and Kleinman, Int. J. Health Geogr. 9:61, 2010).
    Shuffling accounts for the number of stretches, and for days that scatter more than
    chance, whatever it is that scatters; days that resemble the day before count for
    less. Fewer than 10 days have no change.
    """
    days = scatter(grid)
    if len(days) < FEWEST_DAYS or days.points.shape[1] < 2:
        return None
    scan = _scan(days, by_weekday=wave(days, grid.feature) is not None)
    first, end = _stretch(scan, days)
    if first == end:
        return None
    js = _distance(days, first, end)
    if js < thresholds.watch:
        return None
    line = _line(scan, days, first, end)
    if _chance(scan, days, line) > thresholds.q:
        return None
    back = _back(days, line, max(thresholds.watch, js / 2))
    return Change(grid.feature, *_interval(scan, days, line), back, js)


@dataclass(frozen=True, eq=False)
class _Scan:
    """What is needed to say how much each stretch of days would explain as another state.

    `groups` are the weekdays if there is a weekly wave, else all days are in one;
    `free` (days × days) takes the mean of each group out of weighted values. `worth`
    (from × to) is 1 / the squared length of a stretch's indicator without that mean,
    and 0 where a stretch is not to be taken: it begins after at least two days, and
    has at least two, since one day is no state.
    """

    groups: Ints
    roots: Reals
    free: Reals
    worth: Reals

    def explained(self, points: Reals) -> Reals:
        """Return the squares that each stretch explains: (…, days, bins) to (…, from, to)."""
        moved = self.roots[:, None] * points
        start = np.zeros((*moved.shape[:-2], 1, moved.shape[-1]), dtype=moved.dtype)
        upto = np.concatenate([start, np.cumsum(moved, axis=-2)], axis=-2)
        # |a − b|² = |a|² + |b|² − 2ab, of the sums up to either end.
        found: Reals = upto @ np.swapaxes(upto, -1, -2)
        size = np.diagonal(found, axis1=-2, axis2=-1).copy()
        found *= -2
        found += size[..., :, None]
        found += size[..., None, :]
        found *= self.worth
        return found


@dataclass(frozen=True, eq=False)
class _Line:
    """The days along the line from the old state to the new: numbers instead of points.

    The new state is from the day at `first` up to `end`; it explains the sum of squares
    `explained`. What it leaves of `values` has the variance `noise`, already multiplied
    by `alike`: (1 + r) / (1 − r), with r the correlation of a day with the day before.
    """

    first: int
    end: int
    axis: Floats
    values: Floats
    explained: float
    noise: float
    alike: float


def _scan(days: Scatter, by_weekday: bool) -> _Scan:
    groups = days.weekdays if by_weekday else np.zeros(len(days), dtype=np.int64)
    roots, free = np.sqrt(days.weights), _free(days.weights, groups)
    block = np.pad((roots[:, None] * free * roots).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    size = np.diagonal(block)
    length = size[:, None] + size - 2 * block
    first, end = np.indices(length.shape)
    taken = (first >= 2) & (end >= first + 2) & (length > 1e-6 * days.weights.mean())
    return _Scan(groups, roots, free, np.where(taken, 1 / np.where(taken, length, 1.0), 0.0))


def _free(weights: Floats, groups: Ints) -> Floats:
    """Return what takes the mean of each group out of weighted values (days × days)."""
    same = groups[:, None] == groups
    roots = np.sqrt(weights)
    free: Floats = np.eye(len(weights)) - same * np.outer(roots, roots) / (same @ weights)
    return free


def _stretch(scan: _Scan, days: Scatter) -> tuple[int, int]:
    """Return the stretch that is most likely another state, from its first day to its end.

    One that ends before the last day has to be clearly better than one that does
    not: by 3/2 · log(days) in log-likelihood, which is what another change point costs
    (Zhang and Siegmund, Biometrics 63, 2007). It is empty if all days are the same.
    """
    explained = scan.explained(scan.free @ days.points)
    first, end = np.unravel_index(int(np.argmax(explained)), explained.shape)
    lasting = int(np.argmax(explained[:, -1]))
    if explained[lasting, -1] <= 0:
        return int(first), int(end)
    line = _line(scan, days, int(first), int(end))
    gain = explained[first, end] - explained[lasting, -1]
    if gain <= 3 * math.log(len(days)) * line.noise:
        return lasting, len(days)
    return int(first), int(end)


def _line(scan: _Scan, days: Scatter, first: int, end: int) -> _Line:
    points = scan.free @ days.points
    inside = np.zeros(len(days))
    inside[first:end] = 1.0
    step = scan.free @ (scan.roots * inside)
    step /= np.linalg.norm(step)
    moved = step @ points
    size = float(np.linalg.norm(moved))
    axis = moved / max(size, TINY)
    values = points @ axis
    left = values - step * size
    least = 1e-9 * size**2
    # What a step leaves of a gradual change is alike from day to day, and is no noise.
    calm = _left_by_ramp(scan, days, values, end) if end == len(days) else left
    calm = min(left, calm, key=lambda rest: float(rest @ rest))
    # By chance alone r is off by 1/√days, so that much is no sign of anything.
    r = float(calm[1:] @ calm[:-1]) / max(float(calm @ calm), least) - len(days) ** -0.5
    r = min(max(0.0, r), 0.95)
    alike = (1 + r) / (1 - r)
    squares = max(float(left @ left), least)
    noise = squares / (np.trace(scan.free) - 1)
    return _Line(first, end, axis, values, size**2, noise * alike, alike)


def _left_by_ramp(scan: _Scan, days: Scatter, values: Floats, end: int) -> Floats:
    """Return what the best straight way from one state to another leaves of the values."""
    hinges, explained = _ramps(scan, days, values, end)
    last, full = np.unravel_index(int(np.argmax(explained)), explained.shape)
    way = hinges[:, last] - hinges[:, full]
    left: Floats = values - way * float(way @ values) / max(float(way @ way), TINY)
    return left


def _chance(scan: _Scan, days: Scatter, line: _Line) -> float:
    """Return the probability that shuffled days have a stretch that explains as much."""
    shuffles = int(np.clip(WORK / len(days) ** 2, *SHUFFLES))
    random = np.random.default_rng(0)
    points = (scan.free @ days.points).astype(np.float32)
    orders = random.permuted(np.tile(np.arange(len(days)), (shuffles, 1)), axis=1)
    small = (part.astype(np.float32) for part in (scan.roots, scan.free, scan.worth))
    lean = _Scan(scan.groups, *small)
    total, best = float(np.square(points).sum()), np.empty(shuffles)
    for some in np.array_split(np.arange(shuffles), math.ceil(shuffles / 50)):
        shuffled = lean.free @ points[orders[some]]
        # Taking out the mean again takes more from shuffled days: compare shares of the rest.
        scale = total / np.square(shuffled).sum(axis=(1, 2))
        best[some] = lean.explained(shuffled).max(axis=(1, 2)) * scale
    explained = line.explained / line.alike
    counted = (int((best >= explained).sum()) + 1) / (shuffles + 1)
    width = max(float(best.std(ddof=1)) * math.sqrt(6) / math.pi, TINY)
    beyond = (explained - float(best.mean())) / width + EULER
    return min(counted, -math.expm1(-math.exp(-max(beyond, -9.0))))


def _distance(days: Scatter, first: int, end: int) -> float:
    """Return how far the days of a stretch are from the others."""
    now = days.counts[first:end].sum(axis=0)
    return float(measures.js_debiased(days.counts.sum(axis=0) - now, now))


def _interval(scan: _Scan, days: Scatter, line: _Line) -> tuple[date, date, date]:
    """Return the first day of the new state, the earliest and the latest that it may be."""
    if ramp := _ramp(scan, days, line):
        last, full = ramp
        middle = (days.numbers[last] + days.numbers[full]) / 2
        day = days.days[int(np.searchsorted(days.numbers, middle))]
        return day, _after(days, last), days.days[full]
    explained = scan.explained(line.values[:, None])[:, line.end]
    near = np.flatnonzero(explained >= explained[line.first] - 2 * CUT * line.noise)
    near = near[(near >= 2) & (near <= line.end - 2)]
    return days.days[line.first], _after(days, int(near[0]) - 1), days.days[int(near[-1])]


def _ramp(scan: _Scan, days: Scatter, line: _Line) -> tuple[int, int] | None:
    """Return the last day of the old state and the first full one of the new, if days lie between.

    A straight way from one to the other has to be clearly better than a step.
    """
    values = days.points[: line.end] @ line.axis
    free = _free(days.weights[: line.end], scan.groups[: line.end])
    values = free @ values
    _, explained = _ramps(scan, days, values, line.end)
    last, full = np.unravel_index(int(np.argmax(explained)), explained.shape)
    gain = explained[last, full] - np.diagonal(explained, 1).max()
    noise = (float(values @ values) - explained[last, full]) / max(np.trace(free) - 1, 1.0)
    return (int(last), int(full)) if gain > 2 * CUT * noise else None


def _ramps(scan: _Scan, days: Scatter, values: Floats, end: int) -> tuple[Floats, Floats]:
    """Return the hinge at each day, and what the way from each to each later one explains.

    A hinge is 0 up to its day and rises from there: the straight way from one day to
    another is the difference of two.
    """
    weights, numbers = days.weights[:end], days.numbers[:end]
    free = _free(weights, scan.groups[:end])
    hinges = free @ (np.sqrt(weights)[:, None] * np.maximum(0, numbers[:, None] - numbers))
    along, gram = hinges.T @ values, hinges.T @ hinges
    size = np.diagonal(gram)
    length = size[:, None] + size - 2 * gram
    taken = np.triu(length > 1e-9 * size.max(), 1)
    explained = np.where(taken, np.square(along[:, None] - along), 0.0)
    explained /= np.where(taken, length, 1.0)
    return hinges, explained


def _after(days: Scatter, place: int) -> date:
    """Return the day after one, whether it has rows or not."""
    return days.days[place] + timedelta(days=1)


def _back(days: Scatter, line: _Line, least: float) -> date | None:
    """Return the first day after the new state if the days from then on are as those before it."""
    if line.end == len(days):
        return None
    before, after = days.counts[: line.first].sum(axis=0), days.counts[line.end :].sum(axis=0)
    return days.days[line.end] if measures.js_debiased(before, after) < least else None
