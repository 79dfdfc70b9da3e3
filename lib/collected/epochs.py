"""Numbers that are times: seconds since 1970 (or milli-, micro-, nanoseconds), and `20260301`.

The data collector of v2 writes every time as such a number. A large number may also be just
that, so what decides is how near the times would be to when the rows were scored.
"""

import re

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_DAY = 86_400.0
_UNITS = (
    ("seconds", 1.0, 1e8, 1e10),
    ("milliseconds", 1e3, 1e11, 1e13),
    ("microseconds", 1e6, 1e14, 1e16),
    ("nanoseconds", 1e9, 1e17, 1e19),
)
"""Units with the numbers that are times of 1973 to 2286 in them."""

LEAST, MOST = 19_000_101, 1e19
"""Numbers below and from which none is a time."""

_YEAR, _MONTH = 366 * _DAY, 31 * _DAY
_FEW = 3
"""Different numbers below which the times have to be near within a month, not a year."""

_LONGEST_YEARS = 60
"""Years before scoring from which whole days in milliseconds and the like are still taken."""

_NAME = re.compile(r"(?:^|[^a-z])(?:ids?|guid|uuid|key|no|nr|number)$", re.IGNORECASE)


def read(name: str, values: Floats, near: Floats | None) -> tuple[Floats, str] | None:
    """Return the seconds since 1970 that a column's numbers mean and how they were read.

    `near` are the seconds at which the rows were scored, NaN where not known. None if they
    are numbers.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    if not LEAST <= low <= high < MOST:
        return None
    if high <= 21_001_231 or (low >= 1.9000101e13 and high <= 2.1001232e13):
        return _calendar(values, known)
    return _since_1970(name, values, known, near)


def nearest(value: float, moment: float | None) -> tuple[float, str] | None:
    """Return the seconds since 1970 that one number means as a time of scoring, and the unit.

    It has to be within a year of `moment`, or of the years 2015 to 2100 if that is not known.
    """
    for unit, per_second, least, most in _UNITS:
        if least <= value < most:
            seconds = value / per_second
            near = abs(seconds - moment) <= _YEAR if moment else 1.42e9 < seconds < 4.1e9
            return (seconds, unit) if near else None
    return None


def _since_1970(
    name: str, values: Floats, known: Floats, near: Floats | None
) -> tuple[Floats, str] | None:
    times = near[~np.isnan(near)] if near is not None else np.empty(0)
    if not len(times) or _says_id(name):
        return None
    for unit, per_second, least, most in _UNITS:
        if not (least <= known.min() and known.max() < most):
            continue
        seconds = known / per_second
        away = max(float(times.min() - seconds.min()), float(seconds.max() - times.max()))
        few = len(np.unique(known[:1000])) < _FEW
        is_near = away <= (_MONTH if few else _YEAR)
        if is_near or (per_second > 1 and _are_dates(seconds, times)):
            return values / per_second, f"read as epoch {unit}"
    return None


def _are_dates(seconds: Floats, times: Floats) -> bool:
    """Whether all are midnight, of different days, and not long before or after scoring."""
    if len(np.unique(seconds[:1000])) < _FEW or (seconds % _DAY).any():
        return False
    oldest = float(times.min()) - _LONGEST_YEARS * _YEAR
    return bool(seconds.min() >= oldest and seconds.max() <= times.max() + _YEAR)


def _calendar(values: Floats, known: Floats) -> tuple[Floats, str] | None:
    """Read `20260301` and `20260301103000`, if all of them are in the calendar."""
    if (known % 1).any():
        return None
    long = bool(known.max() > 1e9)
    filled = np.where(np.isnan(values), known[0], values).astype(np.int64)
    date, clock = (filled // 1_000_000, filled % 1_000_000) if long else (filled, filled * 0)
    year, month, day = date // 10_000, date // 100 % 100, date % 100
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    if ((month < 1) | (month > 12) | (day < 1) | (hour > 23)).any():
        return None
    if ((minute > 59) | (second > 59)).any():
        return None
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    if (days.astype("datetime64[M]") != months).any():
        return None
    seconds = days.astype(np.int64) * _DAY + hour * 3600 + minute * 60 + second
    words = "read as YYYYMMDDHHMMSS" if long else "read as YYYYMMDD"
    return np.where(np.isnan(values), np.nan, seconds), words


def _says_id(name: str) -> bool:
    """Whether a name says that its numbers count things, such as order_id or orderId."""
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return bool(_NAME.search(words))
