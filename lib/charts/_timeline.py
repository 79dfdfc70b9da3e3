"""The days of a reference and of the window after it, side by side on one axis."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.charts import _words
from lib.charts._days import LABELLED_DAYS, Days, days_of, every_day
from lib.charts._figure import GREY, Floats, Part, axis

_GAP = 2
"""Days that stay empty at most between the reference and the window.

On an axis of real dates a reference from last year would leave no room for either.
"""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Where days stand on the axis."""

    days: Days
    """Every day that has a place, from left to right."""
    places: Floats
    """Where each of them is: whole numbers."""
    start: float | None
    """Where the reference ends and the window begins, if both are there."""

    def place(self, days: Days) -> Floats:
        """Return where days are; NaN for one that has no place."""
        at = np.minimum(np.searchsorted(self.days, days), self.days.size - 1)
        return np.where(self.days[at] == days, self.places[at], np.nan)

    @property
    def range(self) -> list[float]:
        """The ends of the axis; a few days are kept as narrow as ten."""
        pad = max(0.5, (LABELLED_DAYS - self.days.size + 1) / 2)
        return [-pad, float(self.places[-1]) + pad]

    @property
    def axis(self) -> Part:
        """An axis on which ten days at most are labelled."""
        step = -(-self.days.size // LABELLED_DAYS)
        return axis(
            "Day (UTC)",
            range=self.range,
            tickvals=self.places[::step].tolist(),
            ticktext=_words.days(self.days[::step].tolist()),
            showgrid=False,
            zeroline=False,
            fixedrange=True,
        )

    @property
    def divider(self) -> list[Part]:
        """A thin line where the window begins."""
        if self.start is None:
            return []
        ends = {"x0": self.start, "x1": self.start, "y0": 0, "y1": 1, "yref": "paper"}
        return [{"type": "line", "line": {"color": GREY, "width": 1}} | ends]

    @property
    def sides(self) -> list[Part]:
        """What lies left and right of that line, in words above the figure."""
        if self.start is None:
            return []
        above = {"x": self.start, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
        return [
            above | {"text": "reference", "xanchor": "right", "xshift": -4},
            above | {"text": "window", "xanchor": "left", "xshift": 4},
        ]


def parted(table: pd.DataFrame) -> tuple[pd.DataFrame, Timeline | None]:
    """Return the rows that can be drawn and the axis for their `day`; None without any.

    `part` is `reference` or `current`. A day in both is drawn once, as one of the window.
    """
    days = days_of(table)
    current = (table["part"] == "current").to_numpy(dtype=bool)
    drawn = ~np.isnat(days) & (current | ~np.isin(days, days[current]))
    table, days, current = table[drawn], days[drawn], current[drawn]
    if not days.size:
        return table, None
    before, after = every_day(days[~current]), every_day(days[current])
    if not before.size or not after.size or before[-1] >= after[0]:
        whole = every_day(days)
        return table, Timeline(whole, np.arange(whole.size, dtype=float), None)
    gap = min(_GAP, int((after[0] - before[-1]).astype(int)) - 1)
    first = before.size + gap
    places = np.append(np.arange(before.size), first + np.arange(after.size)).astype(float)
    return table, Timeline(np.append(before, after), places, first - (gap + 1) / 2)
