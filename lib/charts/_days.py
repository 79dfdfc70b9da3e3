"""Days along x: real dates, and a day without data stays a gap."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.charts import _words
from lib.charts._figure import Floats, Part, axis

Days = NDArray[np.datetime64]

DAY_MS = 86_400_000
HOVER_DAY = "%a %-d %b %Y"
LABELLED_DAYS = 10

_TICK_DAY = "%-d %b\n%Y"


def days_of(frame: pd.DataFrame) -> Days:
    """Return the column `day` (dates, or timestamps in UTC) as whole days."""
    return pd.to_datetime(frame["day"], utc=True).dt.tz_localize(None).to_numpy("datetime64[D]")


def every_day(days: Days) -> Days:
    """Return all days from the first to the last, whether there are data or not."""
    known = days[~np.isnat(days)]
    if not known.size:
        return known
    return np.arange(known.min(), known.max() + np.timedelta64(1, "D"))


def on_days(days: Days, values: object, window: Days) -> Floats:
    """Return one value per day of the window, NaN where there is no finite one."""
    spread = np.full(window.size, np.nan)
    known = ~np.isnat(days)
    numbers = pd.to_numeric(pd.Series(values)).to_numpy("float64", na_value=np.nan)
    spread[(days[known] - window[0]).astype(int)] = numbers[known]
    return np.where(np.isfinite(spread), spread, np.nan)


def iso(days: Days) -> list[str]:
    """Return days as Plotly reads them, and as a page gets them back from a click."""
    return [str(day) for day in days]


def day_axis(window: Days) -> Part:
    """Return an x axis over the window; a short one keeps its days as narrow as in ten days."""
    pad = max(0.5, (LABELLED_DAYS - window.size + 1) / 2)
    hours = np.timedelta64(round(pad * 24), "h")
    ends = [window[0].astype("datetime64[h]") - hours, window[-1].astype("datetime64[h]") + hours]
    ticks: Part = {"tickformat": _TICK_DAY}
    if window.size <= LABELLED_DAYS:
        # Left to itself the axis would label noon, and days outside the window.
        ticks = {"tickvals": iso(window), "ticktext": _words.days(window.tolist())}
    return axis(
        "Day (UTC)",
        type="date",
        range=[str(end) for end in ends],
        hoverformat=HOVER_DAY,
        # A zoom outlives the change to another feature, but not to another window.
        uirevision=f"{window[0]} {window[-1]}",
        **ticks,
    )
