"""The time at which each row was scored, in whatever writing it was collected."""

import re
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import dates, epochs, readings, types
from lib.collected.types import Finding

_DAY = re.compile(r"/([0-9]{4})/([0-9]{2})(?:/([0-9]{2}))?(?=/)")
_NUMBER = r"[0-9]{9,19}(?:\.[0-9]+)?"

Floats = npt.NDArray[np.float64]


def day_of(name: str) -> date | None:
    """Return the day of the folder that a blob's name puts it in; of a month, its middle."""
    every = _DAY.findall(name)
    if not every:
        return None
    year, month, day = every[-1]
    try:
        return date(int(year), int(month), int(day or 15))
    except ValueError:
        return None


def times(column: pa.ChunkedArray, day: date | None) -> tuple[pa.ChunkedArray, tuple[Finding, ...]]:
    """Return text as times; whatever is none is missing. Also what to say of that.

    Times in another writing than ISO 8601 are read too: seconds since 1970 near the folder's
    `day` (or the file's other times), and dates as in `dates`.
    """
    parsed, bad = types.times_or_missing(column)
    if bad is None:
        return parsed, ()
    left = np.flatnonzero(np.asarray(pc.and_(pc.is_valid(column), pc.is_null(parsed))))
    text = column.take(pa.array(left))
    seconds, words = _read(text, _moment(parsed, day))
    known = ~np.isnan(seconds)
    findings = []
    if known.any():
        every = np.full(len(column), np.nan)
        every[left] = seconds
        others = readings.as_times(every).combine_chunks()
        parsed = pa.chunked_array([pc.coalesce(parsed.combine_chunks(), others)])
        findings.append(Finding("date_writing", int(known.sum()), int(left[known][0]), words))
    if not known.all():
        missing = left[~known]
        findings.append(Finding("bad_time", len(missing), int(missing[0])))
    return parsed, tuple(findings)


def _moment(parsed: pa.ChunkedArray, day: date | None) -> float | None:
    """Return the second near which the rows were scored: the folder's day, or the other times."""
    if day is not None:
        return readings.noon(day)
    seconds = readings.seconds_of(parsed, None)
    return None if seconds is None else float(np.nanmedian(seconds))


def _read(text: pa.ChunkedArray, moment: float | None) -> tuple[Floats, str]:
    """Return the seconds since 1970 of times that are not written as usual, and how they are."""
    seconds, units = _since_1970(text, moment)
    words = [f"read as epoch {unit}" for unit in units]
    while (left := np.flatnonzero(np.isnan(seconds))).size:
        rest = text.take(pa.array(left))
        near = None if moment is None else np.full(len(left), moment)
        found = dates.read(rest, near, most=0)
        if found is None or found.unclear:
            break
        seconds[left] = found.seconds
        words.append(found.words)
    return seconds, "; ".join(dict.fromkeys(words))


def _since_1970(text: pa.ChunkedArray, moment: float | None) -> tuple[Floats, list[str]]:
    seconds, units = np.full(len(text), np.nan), dict[str, None]()
    for at in np.flatnonzero(np.asarray(types.matches(text, _NUMBER))):
        found = epochs.nearest(float(text[int(at)].as_py()), moment)
        if found:
            seconds[at] = found[0]
            units[found[1]] = None
    return seconds, list(units)
