"""The bins of time that charts share, so that one stands exactly below the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.charts import _times
from lib.charts._figure import Floats, Part, axis, finite
from lib.charts._times import Unit

Mark = tuple[datetime, str]
"""A moment at which something happened, and what; the text may be anything."""

Moments = NDArray[np.datetime64]

_DAY = timedelta(days=1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = ((_DAY, "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


@dataclass(frozen=True)
class TimeAxis:
    """A stretch of time in bins, with what happened in it.

    `first` and `last` (aware, any zone) are its ends and `grain` the width of a bin, a part of a
    day. Bins begin at midnight UTC and every `grain` after it, so the first may begin before
    `first`, and the last end after `last`: it is not over yet. `marks` are drawn in every chart.
    `shift` is how much later the period before is drawn, by default about the stretch's length.
    """

    first: datetime
    last: datetime
    grain: timedelta
    marks: Sequence[Mark] = ()
    shift: timedelta | None = None

    @property
    def starts(self) -> Moments:
        """When each bin begins, in seconds of UTC; there is at least one."""
        step = int(self.grain.total_seconds())
        first, last = (int(moment.timestamp()) for moment in (self.first, self.last))
        begin = first // step * step
        return np.arange(begin, max(last, begin + 1), step).astype("datetime64[s]")

    @property
    def end(self) -> np.datetime64:
        """When the last bin ends."""
        return np.datetime64(self.starts[-1] + np.timedelta64(self.grain), "s")

    @property
    def x(self) -> list[str]:
        """The beginnings as Plotly reads them."""
        return iso(self.starts)

    @property
    def centres(self) -> list[str]:
        """The middles, where points of lines stand."""
        return iso(self.starts + np.timedelta64(self.grain) / 2)

    @property
    def clicks(self) -> list[str]:
        """The beginnings as a page gets them back from a click, such as `2026-11-23T14:00Z`."""
        return [f"{np.datetime_as_string(start, unit='m')}Z" for start in self.starts]

    @property
    def width(self) -> float:
        """The width of a bin as Plotly takes it, in milliseconds."""
        return self.grain / timedelta(milliseconds=1)

    @property
    def passed(self) -> Floats:
        """The part of each bin that is over at `last`: 1 but for the last, a tenth at least."""
        seconds = self.last.timestamp() - self.starts.astype(np.int64)
        return np.clip(seconds / self.grain.total_seconds(), 0.1, 1.0)

    @property
    def per(self) -> str:
        """The width of a bin in words, such as `15 minutes`, or `hour` for one."""
        size, word = next((s, w) for s, w in _UNITS if self.grain >= s or w == "minute")
        number = self.grain / size
        return word if number == 1 else f"{number:g} {word}s"

    def at(self, moments: pd.Series | Sequence[datetime]) -> NDArray[np.int64]:
        """Return the bin that each moment lies in, -1 where it lies in none."""
        seconds = pd.to_datetime(pd.Series(moments), utc=True).dt.tz_localize(None)
        times = seconds.to_numpy("datetime64[s]")
        inside = ~np.isnat(times) & (times >= self.starts[0]) & (times < self.end)
        bins = (times - self.starts[0]) // np.timedelta64(self.grain)
        return np.where(inside, bins, -1).astype(np.int64)

    def share(self, moment: datetime) -> float:
        """Return how far to the right a moment is: 0 at the beginning, 1 at the end."""
        at = moment.timestamp() - self.starts[0].astype(np.int64)
        return float(at / (self.end - self.starts[0]).astype(np.int64))

    def sums(self, table: pd.DataFrame, column: str) -> Floats:
        """Return the sum of a column in each bin, 0 in one without rows."""
        bins, values = self.at(table["moment"]), np.nan_to_num(numbers(table[column]))
        sums = np.bincount(bins[bins >= 0], values[bins >= 0], minlength=self.starts.size)
        return sums.astype(np.float64)

    def values(self, table: pd.DataFrame, column: str) -> Floats:
        """Return the value of a column in each bin, NaN where there is none."""
        spread, bins = np.full(self.starts.size, np.nan), self.at(table["moment"])
        spread[bins[bins >= 0]] = numbers(table[column])[bins >= 0]
        return spread

    def shifted(self, before: pd.DataFrame) -> pd.DataFrame:
        """Return the table of the period before at the times at which it is drawn."""
        whole = self.grain * round((self.last - self.first) / self.grain)
        return before.assign(moment=before["moment"] + (self.shift or whole))

    def told(self) -> list[str]:
        """Return each bin in words, such as `Mon 23 Nov 2026 14:00 to 15:00`."""
        unit: Unit = "D" if self.grain >= _DAY else "m"
        seconds = self.starts.astype(np.int64).astype(float)
        step = self.grain.total_seconds()
        days = (self.starts.astype("datetime64[D]").astype(np.int64) + 3) % 7
        return [
            f"<b>{_WEEKDAYS[day]} {_times.span(second, second + step, unit)}</b>{later}"
            for day, second, later in zip(
                days, seconds, np.where(self.passed < 1, ", not over yet", ""), strict=True
            )
        ]

    def drawn(self, title: str = "Time (UTC)") -> Part:
        """Return the x axis over all bins; charts of the same bins have the same one."""
        return _times.date_axis("m") | axis(
            title,
            range=iso(np.array([self.starts[0], self.end])),
            zeroline=False,
            # A zoom outlives the change to other rows, but not to another stretch of time.
            uirevision=f"{self.starts[0]} {self.end}",
        )


def iso(moments: Moments) -> list[str]:
    """Return moments in UTC as Plotly reads them."""
    texts: list[str] = np.datetime_as_string(moments.astype("datetime64[s]")).tolist()
    return texts


def in_utc(moment: datetime) -> str:
    """Return one moment in UTC as Plotly reads it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def numbers(column: pd.Series) -> Floats:
    """Return a column as floats, NaN where there is no finite number."""
    return finite(pd.to_numeric(column, errors="coerce").to_numpy("float64", na_value=np.nan))
