"""Names, numbers and dates as a figure may show them.

Plotly renders a subset of HTML in titles, ticks, legends and hover texts, and
every name comes from collected data, so each one passes through here.
"""

import math
import re
import textwrap
from collections.abc import Sequence
from datetime import date, datetime

TICK_LENGTH = 24
HOVER_LENGTH = 300
HOVER_WIDTH = 60
_UNIT_LENGTH = 12

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# `%{` would begin a place that Plotly fills in, in names and titles too.
_MARKUP = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("%{", "%&#123;"))
_UNPRINTABLE = re.compile(
    r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def short(name: object, length: int = TICK_LENGTH) -> str:
    """Return a name for a tick or a legend: the middle gives way when it is too long."""
    return _escaped(_shortened(_visible(name), length))


def whole(name: object) -> str:
    """Return a name for a hover text: in lines of 60 characters, and whole up to 300 of them."""
    # A label that outgrows the figure is cut off by the browser, so there is an end to it.
    shortened = _shortened(_visible(name), HOVER_LENGTH)
    lines = textwrap.wrap(shortened, HOVER_WIDTH, break_on_hyphens=False)
    return "<br>".join(_escaped(line) for line in lines)


def number(value: float) -> str:
    """Return a number in four significant digits, or all of its digits before the point."""
    size = abs(value)
    if not math.isfinite(value):
        return "no number"
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.3e}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}"


def compact(value: float) -> str:
    """Return a number of at most about five characters, such as `1.2k` or `34M`."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:.1f}{letter}" if abs(scaled) < 10 else f"{scaled:.0f}{letter}"
    return f"{value:.3g}"


def percent(share: float) -> str:
    """Return a share of 1 in percent; a small one is not rounded down to nothing."""
    if not math.isfinite(share):
        return "no share"
    if 0 < share < 0.0005:
        return "under 0.1%"
    return f"{share:.0%}" if share in (0, 1) else f"{share:.1%}"


def rows(count: float, share: float) -> str:
    """Return a number of rows and the share (of 1) that they are."""
    if not math.isfinite(count):
        return "rows not known"
    return f"{number(count)} {'row' if count == 1 else 'rows'} ({percent(share)})"


def span(low: float, high: float, unit: str = "") -> str:
    """Return the range of a bin, with as many digits as tell its two ends apart."""
    of_unit = suffix(unit)
    if math.isinf(low) or math.isinf(high):
        return _open_span(low, high, of_unit)
    if low == high:
        return number(low) + of_unit
    if max(abs(low), abs(high)) >= 1e12:
        return f"{number(low)} to {number(high)}{of_unit}"
    digits = min(12, max(0, 1 - math.floor(math.log10(high - low))))
    return f"{_fixed(low, digits)} to {_fixed(high, digits)}{of_unit}"


def with_unit(text: str, unit: str) -> str:
    """Return `text (unit)`, or the text alone where there is no unit."""
    return f"{text} ({short(unit)})" if unit.strip() else text


def suffix(unit: str) -> str:
    """Return the unit to write after a number, with a space before it, or nothing."""
    return f" {short(unit, _UNIT_LENGTH)}" if unit.strip() else ""


def capital(text: str) -> str:
    """Return a text with its first letter in upper case, ready for an axis title."""
    return short(text[:1].upper() + text[1:])


def days(when: Sequence[date]) -> list[str]:
    """Return ticks for days: `3 Mar`, with the year below the first one and where it changes."""
    years = [None, *(day.year for day in when)]
    return [
        f"{day.day} {_MONTHS[day.month - 1]}" + (f"<br>{day.year}" if day.year != before else "")
        for day, before in zip(when, years, strict=False)
    ]


def moment(when: datetime, unit: str) -> str:
    """Return a moment to the day, minute, second or millisecond (`D`, `m`, `s` or `ms`)."""
    # Years have four digits: 0001, where some systems begin, is not just a 1.
    day = f"{when.day} {_MONTHS[when.month - 1]} {when.year:04}"
    exact = {"m": "minutes", "s": "seconds", "ms": "milliseconds"}
    return day if unit == "D" else f"{day} {when.time().isoformat(exact[unit])}"


def _escaped(text: str) -> str:
    for sign, entity in _MARKUP:
        text = text.replace(sign, entity)
    return text


def _visible(text: object) -> str:
    # Line ends, and marks that reverse or hide text, would let a name pass for another one.
    return _UNPRINTABLE.sub(" ", str(text)).strip() or "(empty)"


def _shortened(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    end = (length - 1) // 2
    return f"{text[: length - 1 - end]}…{text[-end:]}"


def _open_span(low: float, high: float, of_unit: str) -> str:
    if math.isinf(low) and math.isinf(high):
        return "any value"
    if math.isinf(low):
        return f"below {number(high)}{of_unit}"
    return f"{number(low)}{of_unit} and above"


def _fixed(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
