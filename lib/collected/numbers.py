"""Numbers in the writings of other countries: `0,97`, `1.234,50`, `1,234.50`, `1'234.50`.

A comma can be a decimal mark or stand between thousands, and `1,234` can be both. So it is
decided from the whole column, by which of the two writings explains more of its cells; one
of a hundred has to make the difference, else the column stays text.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import types
from lib.collected.types import Finding

MOST = 0.9
"""Share of the cells that a writing has to explain; the others stay text among its numbers."""

_TELLS = 0.01
"""Share of the cells that one writing has to explain beyond what the other does."""

_THOUSANDS = "[1-9][0-9]{0,2}"
_SPACES = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
_APOSTROPHES = "['\N{RIGHT SINGLE QUOTATION MARK}]"
_WHOLE = "(?:0|[1-9][0-9]*)"
_GROUPED = rf"{_THOUSANDS}(?:(?:{_SPACES}[0-9]{{3}})+|(?:{_APOSTROPHES}[0-9]{{3}})+)"
_EXPONENT = "(?:[eE][+-]?[0-9]+)?"
_NONE = "nan|-?inf"

COMMA = rf"-?(?:{_WHOLE}|{_GROUPED}|{_THOUSANDS}(?:\.[0-9]{{3}})+)(?:,[0-9]+)?{_EXPONENT}|{_NONE}"
"""Numbers with a decimal comma, and perhaps points, spaces or apostrophes between thousands."""

POINT = (
    rf"-?(?:0|{_THOUSANDS}|{_GROUPED}|{_THOUSANDS}(?:,[0-9]{{3}})+)(?:\.[0-9]+)?{_EXPONENT}"
    rf"|{_NONE}"
)
"""Numbers with a decimal point, and marks between thousands wherever there are thousands."""

_EITHER = re.compile(f"{COMMA}|{POINT}|-?{_WHOLE}(?:\\.[0-9]+)?{_EXPONENT}")
_MARK = re.compile(f"[0-9](?:,|{_APOSTROPHES})[0-9]")


def looks(cell: str) -> bool:
    """Whether a cell is a number in some writing."""
    return bool(_EITHER.fullmatch(cell))


def is_marked(cell: str) -> bool:
    """Whether a cell has a mark that a plain number has not."""
    return bool(_MARK.search(cell))


def plain(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Finding] | None:
    """Return a column of text with its numbers in plain writing, and how they were read.

    Cells that are no numbers stay as they are. If both writings explain the column and
    differ, it comes back unchanged and is reported; None if neither does.
    """
    commas, points = (_mask(column, pattern) for pattern in (COMMA, POINT))
    marked = _mask(column, ".*[0-9](?:,|['\N{RIGHT SINGLE QUOTATION MARK}])[0-9].*")
    count = len(column) - column.null_count
    marks = int((marked & (commas | points)).sum())
    if not marks or max(commas.sum(), points.sum()) < MOST * count:
        return None
    more = int(commas.sum()) - int(points.sum())
    first = int(np.flatnonzero(marked)[0])
    if more >= max(1, _TELLS * marks):
        found = _with_point(column, commas)
        return found, Finding("number_writing", int(commas.sum()), first, _words(column, True))
    if -more < max(1, _TELLS * marks) and not _same(column, commas & points & marked):
        words = "1,234 can be a thousand or a decimal comma"
        return column, Finding("unclear_writing", marks, first, words)
    found = _without_marks(column, points)
    return found, Finding("number_writing", int(points.sum()), first, _words(column, False))


def _same(column: pa.ChunkedArray, which: Any) -> bool:
    """Whether the chosen cells are the same numbers in both writings."""
    return not pc.any(pc.match_substring(column.filter(pa.array(which)), ",")).as_py()


def _with_point(column: pa.ChunkedArray, which: Any) -> pa.ChunkedArray:
    bare = pc.replace_substring_regex(column, rf"\.|{_SPACES}|{_APOSTROPHES}", "")
    return _chosen(which, pc.replace_substring(bare, ",", "."), column)


def _without_marks(column: pa.ChunkedArray, which: Any) -> pa.ChunkedArray:
    bare = pc.replace_substring_regex(column, rf",|{_SPACES}|{_APOSTROPHES}", "")
    return _chosen(which, bare, column)


def _chosen(which: Any, these: pa.ChunkedArray, others: pa.ChunkedArray) -> pa.ChunkedArray:
    whole = pc.if_else(pa.array(which), these.combine_chunks(), others.combine_chunks())
    return pa.chunked_array([whole])


def _words(column: pa.ChunkedArray, comma: bool) -> str:
    if comma:
        return "read with a decimal comma"
    has_comma = pc.any(pc.match_substring(column, ",")).as_py()
    return f"read with {'commas' if has_comma else 'apostrophes'} between thousands"


def _mask(column: pa.ChunkedArray, pattern: str) -> Any:
    return np.asarray(pc.fill_null(types.matches(column, pattern), False))
