"""CSV as azureml-monitoring (v1) and its predecessors write it → the tidy frame.

Names come from the header where the number of features fits; other rows are kept in
columns `col_0`, `col_1`, … of their own. Rows stay in the order of the file.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import NamedTuple

import pandas as pd

from lib.collected import header, lines, rows, shapes
from lib.collected.assembly import Layout, assemble
from lib.collected.header import Header
from lib.collected.problems import Report, number_of
from lib.collected.rows import Rows
from lib.collected.shapes import Shape

Split = Callable[[bytes, int, Collection[int]], Rows]

_MOST_OPEN_QUOTES = 3
"""Stray quotes to get over in one file; what the next one swallows is left out."""


class _Text(NamedTuple):
    """A file whose quotes all close: its first rows, and (line, count) of lines taken out."""

    text: bytes
    first: list[list[str]]
    rows: Rows
    removed: list[tuple[int, int]]


def read(
    data: bytes, report: Report, split: Split = rows.split, day: date | None = None
) -> tuple[pd.DataFrame, tuple[Layout, ...]]:
    """Read a CSV file of valid UTF-8. `split` turns bytes into rows; tests compare two ways.

    `day` is that of the file's folder, if known.
    """
    whole = _closed(data, split, report)
    if not whole.first:
        if not whole.removed:
            report.add("no_rows", 1, "The file is empty.")
        return assemble([], None, report, day)
    try:
        found, names = _shapes(_untorn(whole, report), whole, report)
    except shapes.UnreadError:
        # Some rows are not what the first ones let expect: read every cell.
        every = split(whole.text, rows.usual_width(whole.first), ())
        found, names = _shapes(_untorn(whole._replace(rows=every), Report()), whole, report)
    result, layouts = assemble(found, names, report, day)
    report.locate(lambda places: _located(whole, places))
    return result, layouts


def _closed(text: bytes, split: Split, report: Report) -> _Text:
    removed: list[tuple[int, int]] = []
    while first := rows.first(text):
        width = rows.usual_width(first)
        has_tail = any(header.has_tail(row) for row in first if len(row) == width)
        found = split(text, width, shapes.unread(width) if has_tail else ())
        if not found.is_open:
            return _Text(text, first, found, removed)
        text, line, torn = lines.without_open_row(text, len(removed) < _MOST_OPEN_QUOTES)
        removed.append((line, len(torn)))
        report.add(
            "torn_line",
            len(torn),
            f"{number_of(len(torn), 'line')} left out: a quote opens and never closes.",
            line=_original(line, removed[:-1]),
            sample=torn[0],
        )
    return _Text(text, [], Rows({}, {}, 0, False), removed)


def _untorn(whole: _Text, report: Report) -> Rows:
    """Leave out a last row that ends without a newline before it has all cells."""
    last = whole.rows.total - 1
    if whole.text.endswith((b"\n", b"\r")) or last < 1:
        return whole.rows
    cells, before = (rows.width_at(whole.rows, place) for place in (last, last - 1))
    # After a narrower row the count tells nothing, but the metadata come last in a row.
    tails = any(header.has_tail(row) for row in whole.first) and not _ends_in_tail(whole.text)
    if cells >= before and not tails:
        return whole.rows
    report.add(
        "torn_line",
        1,
        f"The last line was cut short after {number_of(cells, 'cell')} and is left out.",
        place=last,
    )
    return rows.without_last(whole.rows)


def _ends_in_tail(text: bytes) -> bool:
    """Whether the last line holds the metadata cells; in these, nothing is quoted."""
    return header.has_tail(text.rpartition(b"\n")[2].decode().split(","))


def _shapes(found: Rows, whole: _Text, report: Report) -> tuple[list[Shape], Header | None]:
    """Recognise the header and the shapes of the rows. Raises shapes.UnreadError."""
    first = whole.first[0]
    own = found.blocks[len(first)]
    same = shapes.equal_rows(own, first)
    names = None
    blocks = dict(found.blocks)
    repeats = len(same) - 1
    if header.is_header(first, _is_frame(whole.text), repeats, found.total):
        names = header.parse(first)
        blocks[len(first)] = shapes.without(own, same)
    result = [shape for block in blocks.values() for shape in shapes.of_block(block, names)]
    result += shapes.of_ragged(found.ragged, names)
    if names and repeats:
        report.add(
            "repeated_header",
            repeats,
            f"The header comes again in {number_of(repeats, 'line')} between the rows; skipped.",
            place=int(own.places[same[1]]),
        )
    return result, names


def _is_frame(text: bytes) -> bool:
    """Whether the first line ends in CR LF and the second in LF: the rows of a DataFrame."""
    first = text.find(b"\n")
    second = text.find(b"\n", first + 1)
    return text[first - 1 : first] == b"\r" and text[second - 1 : second] not in (b"\r", b"")


def _located(whole: _Text, places: list[int]) -> dict[int, tuple[int, str]]:
    found = lines.locate(whole.text, places)
    return {at: (_original(line, whole.removed), text) for at, (line, text) in found.items()}


def _original(line: int, removed: list[tuple[int, int]]) -> int:
    """Number a line as in the file, before lines were taken out one after the other."""
    for at, count in reversed(removed):
        line += count if line >= at else 0
    return line
