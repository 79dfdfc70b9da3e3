"""The lines of a CSV: where rows begin, and what an open quote swallowed.

A row may span lines, so both go through the file row by row.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator

# A cell may hold a whole picture; the limit of Python's module is 128 KB.
csv.field_size_limit(2**31 - 1)


def of(data: bytes) -> Iterator[str]:
    """Return the lines of UTF-8 text with their ends: CR LF, LF or CR."""
    return io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")


def locate(data: bytes, places: list[int]) -> dict[int, tuple[int, str]]:
    """Return for rows (by place) the line where each begins, from 1, and its text."""
    found: dict[int, tuple[int, str]] = {}
    record: list[str] = []
    lines = _noted(of(data), record)
    # Without a quote every line is a row, unless blank.
    records = csv.reader(lines) if b'"' in data else (line.strip("\r\n") for line in lines)
    line, place, wanted = 1, 0, set(places)
    for row in records:
        if row and place in wanted:
            found[place] = line, "".join(record)
            if len(found) == len(wanted):
                break
        line += len(record)
        place += bool(row)
        record.clear()
    return found


def without_open_row(data: bytes, recover: bool = True) -> tuple[bytes, int, list[str]]:
    """Take out the row whose quote never closes; return also its line and what was taken out.

    The quote swallowed all that follows. With `recover`, reading can go on at the first
    of those lines that has the usual width by itself; otherwise nothing of it is left.
    """
    size, line = 0, 1
    record: list[str] = []
    widths: Counter[int] = Counter()
    for row in csv.reader(_noted(of(data), record)):
        record_size = _size(record)
        if size + record_size >= len(data):
            break
        widths[len(row)] += 1
        size += record_size
        line += len(record)
        record.clear()
    width = (widths or Counter(map(_width, record[1:] or record))).most_common(1)[0][0]
    again = (at for at, text in enumerate(record) if at and recover and _width(text) == width)
    torn = record[: next(again, len(record))]
    return data[:size] + data[size + _size(torn) :], line, torn


def _noted(lines: Iterator[str], record: list[str]) -> Iterator[str]:
    for line in lines:
        record.append(line)
        yield line


def _size(lines: list[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def _width(line: str) -> int:
    return len(next(csv.reader([line])))
