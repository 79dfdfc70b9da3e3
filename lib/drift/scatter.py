"""The days of a feature as points whose distances are in units of chance.

A day's shares scatter for two reasons: it has few rows, and no day is quite like
another. The second kind, overdispersion, does not shrink with more rows, so a day of
a million rows must not outweigh all others. Both are estimated from the days
themselves, and what follows (`change`, `weekly`) asks whether an arrangement of the
days explains more of their scatter than shuffling the days does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lib.drift.grid import Grid

RARE = 0.005
"""Bins with a smaller share of all rows are put together: few rows make wild points."""

LIGHT = 0.1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scatter:
    """The days that have rows, oldest first.

    `counts` are their rows per bin, rare bins together. `weights` are the rows that
    a day is worth: n / (1 + n·ρ), with ρ the overdispersion (a day of endless rows is
    worth 1/ρ). `points` (days × bins) are √weight · (share − mean share) / √mean share;
    if only chance moved the shares, each would have a variance just below 1, however
    many rows its day has.
    """

    days: tuple[date, ...]
    counts: Floats
    weights: Floats
    points: Floats

    def __len__(self) -> int:
        return len(self.days)

    @property
    def numbers(self) -> Ints:
        """The days as numbers; Mondays are those that leave no rest when divided by 7."""
        return np.array([day.toordinal() - 1 for day in self.days], dtype=np.int64)

    @property
    def weekdays(self) -> Ints:
        """0 for a Monday to 6 for a Sunday."""
        weekdays: Ints = self.numbers % 7
        return weekdays

    @property
    def weeks(self) -> Ints:
        """The week of each day, counted in sevens from the first day, so that few are cut."""
        weeks: Ints = (self.numbers - self.numbers[:1]) // 7
        return weeks


def scatter(grid: Grid) -> Scatter:
    """Return the days of a grid as points; of a day in both parts that of the reference.

    Days worth less than a tenth of the median day are left out: they say next to
    nothing, but so wildly that they look unlike all others.
    """
    place = {day: at for at, day in reversed(list(enumerate(grid.days)))}
    order = [place[day] for day in sorted(place) if grid.counts[place[day]].sum() > 0]
    days = np.array(grid.days, dtype=object)[order]
    found = _of(days, _joined(grid.counts[order]))
    if not len(found):
        return found
    telling = found.weights >= LIGHT * np.median(found.weights)
    return found if telling.all() else _of(days[telling], _joined(grid.counts[order][telling]))


def _joined(counts: Floats) -> Floats:
    """Return the counts with empty bins left out and rare bins put together."""
    total = counts.sum(axis=0)
    rare = total < RARE * total.sum()
    joined = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    return joined[:, joined.sum(axis=0) > 0]


def _of(days: NDArray[np.object_], counts: Floats) -> Scatter:
    rows = counts.sum(axis=1)
    mean = counts.sum(axis=0) / max(rows.sum(), 1.0)
    shares = counts / rows[:, None] if len(days) else counts
    centred = (shares - mean) / np.sqrt(mean)
    weights = rows / (1 + rows * _overdispersion(centred, rows))
    return Scatter(tuple(days.tolist()), counts, weights, np.sqrt(weights)[:, None] * centred)


def _overdispersion(centred: Floats, rows: Floats) -> float:
    """Return ρ, by which a day's shares scatter beyond chance: variance = p(1−p)(1/n + ρ).

    From neighbouring days, since a change parts only two of them: in the mean their
    squared distance is (bins − 1) · (1/n + 1/m + 2ρ).
    """
    if len(centred) < 2 or centred.shape[1] < 2:
        return 0.0
    apart = np.square(np.diff(centred, axis=0)).sum(axis=1) / (centred.shape[1] - 1)
    return max(0.0, float(np.mean(apart - 1 / rows[1:] - 1 / rows[:-1])) / 2)
