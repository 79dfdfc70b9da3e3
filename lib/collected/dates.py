"""Dates and times in other writings than ISO 8601: `01/03/2026`, `5 Mar 2026 10:00`, `20260301`.

Whether the day or the month comes first is decided from the whole column: a number above 12
tells, else which reading gives days in a row and days near to when the rows were scored. If
nothing tells, the column stays text.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST = 0.9
"""Share of the cells that have to be dates in one writing; the others stay text among them."""

NEAR_DAYS = 31
"""Days from the scoring time within which one reading of two is taken for the right one."""

_DAY = 86_400.0
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<name>(?i:{'|'.join(_MONTHS)}))[A-Za-z]*\.?"
_TIME = (
    r"(?:[T ,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_TWO = "(?P<{0}>[0-9]{{1,2}})"
_YEAR = "(?P<year>[0-9]{4})"
_WRITINGS = {
    "ymd": f"{_YEAR}[-/.]{_TWO.format('month')}[-/.]{_TWO.format('day')}{_TIME}",
    "either": f"{_TWO.format('one')}[-/.]{_TWO.format('two')}[-/.]{_YEAR}{_TIME}",
    "compact": r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?(?P<zone>Z)?)?",
    "dname": rf"(?:[A-Z][a-z]{{2}},? )?{_TWO.format('day')}[ -]{_MONTH}[ -]{_YEAR}{_TIME}",
    "named": rf"(?:[A-Z][a-z]{{2}},? )?{_MONTH} {_TWO.format('day')},? {_YEAR}{_TIME}",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _WRITINGS.items()}


@dataclass(frozen=True)
class Dates:
    """Times read from text: seconds since 1970 in UTC, NaN where a cell is none, and how.

    `words` name the format; if `unclear`, the day and the month cannot be told apart.
    """

    seconds: Floats
    words: str
    unclear: bool = False


def looks(cell: str) -> bool:
    """Whether a cell is a date in one of the writings."""
    return cell[:1].isalnum() and any(p.fullmatch(cell) for p in _PATTERNS.values())


def read(column: pa.ChunkedArray, near: Floats | None, most: float = MOST) -> Dates | None:
    """Return the times of a column of text, None if fewer than the share `most` are.

    `near` are the seconds at which the rows were scored, NaN where that is not known.
    """
    present = len(column) - column.null_count
    for name, pattern in _WRITINGS.items():
        parts = _extracted(column, pattern)
        matches = len(column) - parts["year"].null_count
        if not matches or matches < most * present:
            continue
        found = _ordered(parts, near, most * present) if name == "either" else _read(parts, name)
        if found and (~np.isnan(found.seconds)).sum() >= max(most * present, 1):
            return found
    return None


def _extracted(column: pa.ChunkedArray, pattern: str) -> dict[str, pa.Array]:
    """Return the named groups of each cell; missing where the cell is not the pattern."""
    cells = column.combine_chunks()
    groups = pc.extract_regex(cells, f"^{pattern}$")
    names = [field.name for field in groups.type]
    none = pa.nulls(len(cells), pa.string())
    return {"cell": cells} | {
        name: pc.if_else(groups.is_valid(), groups.field(name), none) for name in names
    }


def _read(parts: dict[str, pa.Array], name: str) -> Dates:
    shapes = {"ymd": "YYYY{0}MM{0}DD", "compact": "YYYYMMDD", "dname": "DD{0}Mon{0}YYYY"}
    cell = _first(parts)
    mark = next((mark for mark in cell if not mark.isalnum()), "")
    shape = "Mon DD, YYYY" if name == "named" else shapes[name].format(mark)
    return Dates(_seconds(parts, _month(parts), _int(parts, "day")), _words(shape, parts))


def _ordered(parts: dict[str, pa.Array], near: Floats | None, most: float) -> Dates | None:
    """Read dates of which the day or the month comes first."""
    one, two = _int(parts, "one"), _int(parts, "two")
    both = {True: _seconds(parts, two, one), False: _seconds(parts, one, two)}
    counts = {day_first: int((~np.isnan(s)).sum()) for day_first, s in both.items()}
    if max(counts.values()) < most:
        return None
    mark = next((mark for mark in _first(parts) if not mark.isalnum()), "/")
    shapes = {True: f"DD{mark}MM{mark}YYYY", False: f"MM{mark}DD{mark}YYYY"}
    names = {True: "day first", False: "month first"}
    if (one == two)[~np.isnan(both[True])].all():
        return Dates(both[True], _words(shapes[True], parts))
    if counts[True] != counts[False]:
        order = counts[True] > counts[False]
        return Dates(both[order], f"{_words(shapes[order], parts)}, {names[order]}")
    order_or_none, why = _inferred(both, near)
    if order_or_none is None:
        return Dates(both[True], f"{shapes[True]} or {shapes[False]}", unclear=True)
    order = order_or_none
    words = f"{_words(shapes[order], parts)}, {names[order]} as inferred: the days are {why}"
    return Dates(both[order], words)


def _inferred(both: dict[bool, Floats], near: Floats | None) -> tuple[bool | None, str]:
    """Return whether the day comes first, by days in a row and near the scoring time, and why."""
    rows = {order: _is_consecutive(seconds) for order, seconds in both.items()}
    away = {order: _distance(seconds, near) for order, seconds in both.items()}
    by_row = rows[True] if rows[True] != rows[False] else None
    nearer = away[True] < away[False]
    is_near = (
        min(away.values()) <= NEAR_DAYS * _DAY and min(away.values()) <= max(away.values()) / 2
    )
    by_time = nearer if is_near else None
    signs = {sign for sign in (by_row, by_time) if sign is not None}
    if len(signs) != 1:
        return None, ""
    reasons = ["consecutive"] if by_row is not None else []
    reasons += ["nearest to the scoring time"] if by_time is not None else []
    return signs.pop(), " and ".join(reasons)


def _is_consecutive(seconds: Floats) -> bool:
    days = np.unique(seconds[~np.isnan(seconds)] // _DAY)
    return len(days) > 2 and bool(days[-1] - days[0] == len(days) - 1)


def _distance(seconds: Floats, near: Floats | None) -> float:
    """Return how far the times typically are from the scoring times, infinite if not known."""
    away = np.abs(seconds - near) if near is not None else np.empty(0)
    known = away[~np.isnan(away)]
    return float(np.median(known)) if len(known) else float("inf")


def _seconds(parts: dict[str, pa.Array], month: Floats, day: Floats) -> Floats:
    """Return the seconds since 1970 in UTC; NaN for what is in no calendar."""
    year, hour = _int(parts, "year"), _int(parts, "hour", 0)
    minute, second = _int(parts, "minute", 0), _int(parts, "second", 0)
    if "half" in parts:
        half = np.array(
            [{"a": 0, "p": 12}.get(h.lower(), -1) if h else -1 for h in parts["half"].to_pylist()]
        )
        wrong = (half >= 0) & ((hour < 1) | (hour > 12))
        hour = np.where(half >= 0, np.where(wrong, np.nan, hour % 12 + half), hour)
    known = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    known &= (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(known, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(known, day - 1, 0).astype(np.int64)
    known &= days.astype("datetime64[M]") == months
    clock = (hour * 60 + minute) * 60 + second + _fraction(parts) - _offset(parts)
    return np.where(known, days.astype(np.int64) * _DAY + clock, np.nan)


def _month(parts: dict[str, pa.Array]) -> Floats:
    if "name" not in parts:
        return _int(parts, "month")
    numbers = {name: float(at) for at, name in enumerate(_MONTHS, 1)}
    return np.array([numbers[n.lower()] if n else np.nan for n in parts["name"].to_pylist()])


def _int(parts: dict[str, pa.Array], name: str, default: float = np.nan) -> Floats:
    if name not in parts:
        return np.full(len(parts["cell"]), default)
    text = parts[name]
    filled = pc.if_else(pc.equal(text, ""), None, text).cast(pa.float64())
    return np.asarray(filled.fill_null(default).to_numpy(zero_copy_only=False))


def _fraction(parts: dict[str, pa.Array]) -> Floats:
    if "fraction" not in parts:
        return np.zeros(len(parts["cell"]))
    text = pc.utf8_slice_codeunits(pc.utf8_rpad(parts["fraction"], 6, "0"), 0, 6)
    micros = text.cast(pa.float64()).fill_null(0)
    return np.asarray(micros.to_numpy(zero_copy_only=False)) / 1e6


def _offset(parts: dict[str, pa.Array]) -> Floats:
    """Return the seconds that a zone is ahead of UTC; without a zone it is UTC."""
    if "zone" not in parts:
        return np.zeros(len(parts["cell"]))
    coded = parts["zone"].dictionary_encode()
    ahead = np.array([*map(_ahead, coded.dictionary.to_pylist()), 0.0])
    at = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
    return np.asarray(ahead[at], np.float64)


def _ahead(zone: str) -> float:
    if zone[:1] not in ("+", "-"):
        return 0.0
    size = float(zone[1:3]) * 3600 + float(zone[-2:]) * 60
    return size if zone[0] == "+" else -size


def _first(parts: dict[str, pa.Array]) -> str:
    cell: str = parts["cell"][pc.index(parts["year"].is_valid(), True).as_py()].as_py()
    return cell


def _words(shape: str, parts: dict[str, pa.Array]) -> str:
    """Return how the dates were read, such as "read as DD/MM/YYYY HH:MM"."""
    has: dict[str, Any] = {
        name: name in parts and pc.any(pc.not_equal(parts[name], "")).as_py()
        for name in ("hour", "second", "half")
    }
    clock = " HH:MM" + (":SS" if has["second"] else "") if has["hour"] else ""
    return f"read as {shape}{clock}{' AM/PM' if has['half'] else ''}"
