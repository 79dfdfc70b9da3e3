"""The bins of a histogram as they are drawn and named."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lib.charts import _times, _words
from lib.charts._days import DAY_MS
from lib.charts._figure import Floats


@dataclass(frozen=True)
class Bins:
    """The bins that can be drawn, from left to right."""

    edges: Floats
    """Where they begin and end in the figure: n + 1 finite, increasing values."""
    words: list[str]
    """What each of them holds: n texts."""
    ends: tuple[str, str]
    """What stands at the two ends of an axis that has no ticks."""
    shown: slice
    """Which of the given bins they are; the others have no place on the axis."""
    time: bool = False
    """Whether the edges are seconds since 1970 in UTC, and drawn as dates."""

    @property
    def centres(self) -> Floats:
        """The middle of each bin."""
        return (self.edges[:-1] + self.edges[1:]) / 2

    @property
    def widths(self) -> Floats:
        """The width of each bin; in days where they are bins of time."""
        return np.diff(self.edges) / (_times.DAY if self.time else 1.0)

    @property
    def drawn_widths(self) -> Floats:
        """The width of each bin in the figure, where time is in milliseconds."""
        return self.widths * (DAY_MS if self.time else 1.0)

    def placed(self, values: Floats) -> Floats | list[str | None]:
        """Return values, such as edges, as the axis takes them."""
        return _times.iso(values) if self.time else values


def bins(edges: ArrayLike, *, unit: str = "", log_x: bool = False) -> Bins | None:
    """Return the bins between increasing `edges`, or None if there are none to draw.

    The outer edges may be infinite: an open bin is drawn as wide as its neighbour.
    """
    given = np.asarray(edges, dtype=np.float64)
    if not _are_edges(given):
        return None
    hidden = int((given[1:] <= 0).sum()) if log_x else 0
    if hidden == given.size - 1:
        return None
    ranges = zip(given[hidden:-1], given[hidden + 1 :], strict=True)
    words = [_words.span(low, high, unit) for low, high in ranges]
    left, right = (_words.number(end) if np.isfinite(end) else "…" for end in given[[0, -1]])
    closed = _closed(given, abs(given[np.isfinite(given)][0]) * 0.05 or 0.5)[hidden:]
    if log_x and closed[0] <= 0:
        # Zero has no place on this axis; the bin that holds it is drawn one decade wide.
        closed[1] = closed[1] if closed[1] > 0 else 1.0
        closed[0] = closed[1] / 10
    return Bins(closed, words, (left, right), slice(hidden, None))


def time_bins(edges: ArrayLike) -> Bins | None:
    """Return the bins between increasing `edges` in seconds since 1970, or None as `bins` does.

    They end with the years 1 and 9999, as dates do.
    """
    given = np.asarray(edges, dtype=np.float64)
    if not _are_edges(given):
        return None
    inside = np.flatnonzero((given[1:] > _times.FIRST) & (given[:-1] < _times.LAST))
    if not inside.size:
        return None
    shown = slice(int(inside[0]), int(inside[-1]) + 1)
    given = given[shown.start : shown.stop + 1]
    clipped = np.round(np.clip(given, _times.FIRST, _times.LAST), 3)
    given = np.where(np.isinf(given), given, clipped)
    unit = _times.unit_of_bins(given)
    words = [_times.span(low, high, unit) for low, high in pairwise(given)]
    closed = np.clip(_closed(given, _times.DAY / 2), _times.FIRST, _times.LAST)
    return Bins(closed, words, _time_ends(given, unit), shown, time=True)


def _are_edges(given: Floats) -> bool:
    return given.size >= 2 and bool(np.isfinite(given).any()) and not np.isnan(given).any()


def _time_ends(given: Floats, unit: _times.Unit) -> tuple[str, str]:
    low, high = given[[0, -1]]
    if np.isfinite([low, high]).all():
        return _times.ends(low, high, unit)
    return (
        _times.moment(low, unit) if np.isfinite(low) else "…",
        _times.end(high, unit) if np.isfinite(high) else "…",
    )


def _closed(edges: Floats, half: float) -> Floats:
    """Return finite edges that can be told apart in the figure."""
    inner = edges[np.isfinite(edges)]
    if inner[0] == inner[-1]:
        # All rows have one value, or lie on both sides of one: a bin without a width.
        return np.linspace(inner[0] - half, inner[0] + half, edges.size)
    low, high = inner[0] - (inner[1] - inner[0]), inner[-1] + (inner[-1] - inner[-2])
    return np.nan_to_num(edges, neginf=low, posinf=high)
