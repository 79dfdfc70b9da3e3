"""Bytes of CSV → rows of text, grouped by their number of cells.

Arrow's parser reads at several hundred MB/s and agrees with Python's csv module on
quotes, newlines inside cells, mixed line ends and NUL. Rows whose width is not the
expected one come back through a handler and are read once more by width. What Arrow
refuses (a row larger than its block) goes through Python's csv module instead.
A blank line is no row; an empty cell is missing.

One-dimensional arrays of predictions are collected as one row each, so there may be as
many widths as sizes of requests. Past the 200 most common, rows stay together as text.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv

from lib.collected import lines

Places = npt.NDArray[np.int64]

_MOST_WIDTHS = 200
_BATCH_ROWS = 20_000
_BLOCK_BYTES = 4 << 20


@dataclass(frozen=True)
class Block:
    """The rows of one width: their cells by column, and their places in the file.

    A column that was not asked for is None.
    """

    places: Places
    cells: list[pa.ChunkedArray | None]


@dataclass(frozen=True)
class Rows:
    """All rows of a file, by width; `total` is how many.

    `ragged` has the rows of unusual widths by place: how many cells, and their CSV.
    `is_open`: a quote never closes; then there is nothing else.
    """

    blocks: dict[int, Block]
    ragged: dict[int, tuple[int, str]]
    total: int
    is_open: bool


def first(data: bytes, most: int = 100) -> list[list[str]]:
    """Return the cells of the first rows."""
    return list(islice(_records(lines.of(data)), most))


def usual_width(rows: list[list[str]]) -> int:
    """Return the most common width of the rows after the first, which may be a header."""
    return Counter(map(len, rows[1:] or rows)).most_common(1)[0][0]


def width_at(rows: Rows, place: int) -> int:
    """Return how many cells the row at a place has."""
    if place in rows.ragged:
        return rows.ragged[place][0]
    for width, block in rows.blocks.items():
        at = np.searchsorted(block.places, place)
        if at < len(block.places) and block.places[at] == place:
            return width
    raise IndexError(place)


def without_last(rows: Rows) -> Rows:
    """Return all rows but the last of the file."""
    last = rows.total - 1
    if last in rows.ragged:
        ragged = {place: row for place, row in rows.ragged.items() if place != last}
        return replace(rows, ragged=ragged, total=last)
    width = width_at(rows, last)
    block = rows.blocks[width]
    cells = [None if column is None else column[:-1] for column in block.cells]
    blocks = {**rows.blocks, width: Block(block.places[:-1], cells)}
    return replace(rows, blocks=blocks, total=last)


def split(data: bytes, width: int, unread: Collection[int] = ()) -> Rows:
    """Read all rows of UTF-8 text; those of the usual `width` without the `unread` columns."""
    try:
        return _split_by_arrow(data, width, unread)
    except pa.ArrowInvalid:
        return split_exactly(data, width)


def split_exactly(data: bytes, width: int) -> Rows:
    """Read all rows with Python's csv module: slower, any size of row, the same result."""
    end = _end(width)
    waiting: dict[int, list[list[str]]] = defaultdict(list)
    places: dict[int, list[int]] = defaultdict(list)
    tables: dict[int, list[pa.Table]] = defaultdict(list)
    records = _records(chain(lines.of(data), ["\n", end]))
    total, last = 0, next(records)
    for row in records:
        # One row behind, since the last is `end` unless a quote swallowed it.
        places[len(last)].append(total)
        waiting[len(last)].append(last)
        if len(waiting[len(last)]) == _BATCH_ROWS:
            tables[len(last)].append(_table(waiting.pop(len(last))))
        total, last = total + 1, row
    if last != end.split(","):
        return Rows({}, {}, total + 1, is_open=True)
    counts = {wide: len(found) for wide, found in places.items()}
    unusual = _unusual(counts, {width, *(wide for wide in places if places[wide][0] == 0)})
    ragged: dict[int, tuple[int, str]] = {}
    for wide, batch in waiting.items():
        if wide in unusual:
            texts = [(wide, _as_csv(row)) for row in batch]
            ragged |= dict(zip(places[wide], texts, strict=True))
        else:
            tables[wide].append(_table(batch))
    blocks = {
        wide: _block(np.array(places[wide], np.int64), pa.concat_tables(parts))
        for wide, parts in tables.items()
    }
    return Rows(blocks, ragged, total, is_open=False)


def _split_by_arrow(data: bytes, width: int, unread: Collection[int]) -> Rows:
    odd: list[tuple[int, int, str]] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        odd.append((row.number - 1, row.actual_columns, row.text))
        return "skip"

    end = _end(width)
    usual = _read(_with_end(data, end), width, unread, keep)
    total = usual.num_rows + len(odd)
    if not (odd and odd[-1][0] == total - 1 and odd[-1][2] == end):
        return Rows({}, {}, total, is_open=True)
    odd.pop()
    total -= 1
    places = np.delete(np.arange(total), [place for place, _, _ in odd])
    blocks = {width: _block(places, usual, unread)} if len(places) else {}
    counts = Counter(wide for _, wide, _ in odd) + Counter({width: len(places)})
    unusual = _unusual(counts, {width, *(wide for place, wide, _ in odd[:1] if place == 0)})
    ragged = {place: (wide, text) for place, wide, text in odd if wide in unusual}
    by_width: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place, wide, text in odd:
        if wide not in unusual:
            by_width[wide].append((place, text))
    for wide, rows in by_width.items():
        texts = "\n".join(text for _, text in rows).encode()
        places = np.array([place for place, _ in rows], np.int64)
        blocks[wide] = _block(places, _read(_Joined(b"\n", texts), wide))
    return Rows(blocks, ragged, total, is_open=False)


def _unusual(counts: Mapping[int, int], usual: set[int]) -> set[int]:
    """Return the widths whose rows stay text: neither among the most common nor frequent."""
    ranked = sorted(counts, key=lambda wide: (-counts[wide], wide))
    return {w for w in ranked[_MOST_WIDTHS:] if counts[w] < _BATCH_ROWS} - usual


def _as_csv(row: list[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(row)
    return text.getvalue()


def _read(
    text: io.RawIOBase,
    width: int,
    unread: Collection[int] = (),
    keep: Callable[[arrow_csv.InvalidRow], str] | None = None,
) -> pa.Table:
    names = [str(at) for at in range(width)]
    wanted = [name for at, name in enumerate(names) if at not in unread]
    return arrow_csv.read_csv(
        text,
        # Rows of another width come with their number only without threads, which gain nothing.
        read_options=arrow_csv.ReadOptions(
            use_threads=False, column_names=names, block_size=_BLOCK_BYTES
        ),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=keep),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=wanted,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _table(rows: list[list[str]]) -> pa.Table:
    columns = [
        pa.array([cell or None for cell in column], pa.string())
        for column in zip(*rows, strict=True)
    ]
    return pa.table(columns, [str(at) for at in range(len(columns))])


def _block(places: Places, table: pa.Table, unread: Collection[int] = ()) -> Block:
    width = table.num_columns + len(unread)
    return Block(places, [None if at in unread else table[str(at)] for at in range(width)])


def _end(width: int) -> str:
    """A row of another width to put after the last: an open quote before it swallows it."""
    return "\x1e" + "," * width


def _with_end(data: bytes, end: str) -> "_Joined":
    # Arrow takes a byte order mark at the start of a file for one; here it would be data.
    return _Joined(b"\n", data, b"\n", end.encode())


def _records(text: Iterator[str]) -> Iterator[list[str]]:
    return filter(None, csv.reader(text))


class _Joined(io.RawIOBase):
    """Several bytes one after the other as one file, without copying them together."""

    def __init__(self, *parts: bytes) -> None:
        self._left = [memoryview(part) for part in reversed(parts) if part]

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> Any:
        # Arrow takes every answer for a block and a row may span two, so none may be short.
        parts: list[memoryview] = []
        while self._left and size:
            part = self._left.pop()
            parts.append(part if size < 0 else part[:size])
            if len(parts[-1]) < len(part):
                self._left.append(part[size:])
            size -= len(parts[-1]) if size > 0 else 0
        return parts[0] if len(parts) == 1 else b"".join(parts)
