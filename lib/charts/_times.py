"""Moments as values: seconds since 1970 in UTC, drawn on an axis of real dates."""

import math
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib.charts import _words
from lib.charts._figure import Floats, Part, axis

Unit = Literal["D", "m", "s", "ms"]
"""How exactly moments are told, as NumPy calls it: to the day, minute, second or millisecond."""

DAY = 86_400.0
FIRST = -62_135_596_800.0
"""The beginning of the year 1, the first that a calendar, and Python's, knows."""
LAST = 253_402_300_799.999
"""The end of the year 9999, the last that is written in four digits."""

_EPOCH = datetime(1970, 1, 1)
_HOUR = 3600.0
_SIZES: tuple[tuple[Unit, float], ...] = (("D", DAY), ("m", 60.0), ("s", 1.0))
_FORMATS: dict[Unit, str] = {
    "D": "%-d %b %Y",
    "m": "%-d %b %Y %H:%M",
    "s": "%-d %b %Y %H:%M:%S",
    "ms": "%-d %b %Y %H:%M:%S.%L",
}
# Plotly's own ticks have the month before the day. What follows the line end is only
# written below the first tick and where it changes.
_TICKS = [
    {"dtickrange": [None, 999], "value": "%H:%M:%S.%L\n%-d %b %Y"},
    {"dtickrange": [1000, 59_999], "value": "%H:%M:%S\n%-d %b %Y"},
    {"dtickrange": [60_000, 86_399_999], "value": "%H:%M\n%-d %b %Y"},
    {"dtickrange": [86_400_000, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", "M12"], "value": "%b\n%Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def known(values: ArrayLike) -> Floats:
    """Return moments to the millisecond, NaN for those outside the years 1 to 9999."""
    moments = np.asarray(values, dtype=np.float64)
    inside = (moments >= FIRST) & (moments <= LAST)
    rounded: Floats = np.where(inside, moments, np.nan).round(3)
    return rounded


def iso(values: Floats) -> list[str | None]:
    """Return moments in the years 1 to 9999 as Plotly reads them, None for NaN.

    Plotly would take numbers for milliseconds of the reader's own time zone.
    """
    there = values[~np.isnan(values)]
    if not there.size:
        return [None] * values.size
    # A fraction of a second cannot be seen in an hour, but would make figures half as large again.
    unit = _unit(there, 1.0 if there.max() - there.min() >= _HOUR else 0.0)
    texts = np.datetime_as_string(_instants(values), unit=unit).tolist()
    return [None if text == "NaT" else text for text in texts]


def unit_of_bins(edges: Floats) -> Unit:
    """Return how exactly the finite edges of bins have to be told to tell them apart."""
    finite = edges[np.isfinite(edges)]
    return _unit(finite, float(np.diff(finite).min(initial=DAY)))


def unit_of(values: Floats) -> Unit:
    """Return how exactly to tell values: to the minute, or to the day where that says it all.

    Only where all of them lie within an hour, seconds matter.
    """
    there = values[~np.isnan(values)]
    if not there.size:
        return "D"
    return _unit(there, min(60.0, float(there.max() - there.min()) / 60))


def moment(value: float, unit: Unit) -> str:
    """Return a moment in words, such as `4 Nov 2026 13:30`; nothing for NaN."""
    if math.isnan(value):
        return ""
    return _words.moment(_EPOCH + timedelta(milliseconds=round(float(value) * 1000)), unit)


def end(high: float, unit: Unit) -> str:
    """Return the end of a range in words; in days, the last one, not the midnight after it."""
    return moment(max(FIRST, high - 0.001) if unit == "D" else high, unit)


def ends(low: float, high: float, unit: Unit) -> tuple[str, str]:
    """Return the two ends of a range in words, without the day again where it is the same."""
    if low == high:
        return moment(low, unit), moment(low, unit)
    first, second, day = moment(low, unit), end(high, unit), moment(high, "D")
    return first, second.removeprefix(f"{day} ") if first.startswith(day) else second


def span(low: float, high: float, unit: Unit) -> str:
    """Return the range of a bin in words, such as `4 Nov 2026 13:30 to 14:00`.

    One of the ends may be infinite.
    """
    if math.isinf(low):
        return f"before {moment(high, unit)}"
    if math.isinf(high):
        return f"{moment(low, unit)} and later"
    first, second = ends(low, high, unit)
    return first if first == second else f"{first} to {second}"


def date_range(low: float, high: float) -> list[str | None]:
    """Return the ends of an axis, which are those of the years 1 and 9999 at most."""
    # Plotly labels ticks that are a little beyond the ends too; those of the years 0 and
    # 10000 would both read 0000.
    beyond = (high - low) * 2e-4
    return iso(np.array([max(low, FIRST + beyond), min(high, LAST - beyond)]))


def date_axis(unit: Unit) -> Part:
    """Return an axis of dates, whose ticks suit any zoom; `unit` is for its hover label."""
    return axis("Value (UTC)", type="date", tickformatstops=_TICKS, hoverformat=_FORMATS[unit])


def template(place: str, unit: Unit) -> str:
    """Return the part of a hover template that tells the moment at `place`, such as `x`."""
    return f"%{{{place}|{_FORMATS[unit]}}}"


def _unit(values: Floats, apart: float) -> Unit:
    for unit, size in _SIZES:
        if apart >= size or not (values % size).any():
            return unit
    return "ms"


def _instants(values: Floats) -> NDArray[np.datetime64]:
    milliseconds = np.round(np.nan_to_num(values) * 1000).astype(np.int64)
    return np.where(np.isnan(values), np.datetime64("NaT"), milliseconds.astype("datetime64[ms]"))
