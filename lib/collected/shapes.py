"""Rows of one width → features and metadata, recognised by how the rows themselves look.

A file may hold rows of several shapes: a redeployment adds or drops a feature in
mid-day and the old header stays. Names are trusted only where their number fits.
"""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import types
from lib.collected.header import BOUNDARIES, GUID, SCORED_AT, TAIL, Header, layout_of
from lib.collected.rows import Block, Places

Mask = npt.NDArray[np.bool_]

TAIL_CELLS = {"correlation_id": -8, "scored_at": -7, "request_id": -1}
LEAD_CELLS = {"scored_at": 0, "correlation_id": 1, "request_id": 2}
NAMED_CELLS = {TAIL[at]: meta for meta, at in TAIL_CELLS.items()}


@dataclass(frozen=True, eq=False)
class Shape:
    """Rows of one width and one layout: cells as text, places in the file.

    `meta` has a column for each of correlation_id, scored_at and request_id that the
    rows carry. `cells` counts the rows by how many cells they have in the file. `rest`
    has features that are not in columns, as one JSON list per row.
    """

    cells: Mapping[int, int]
    places: Places
    features: list[pa.ChunkedArray]
    meta: Mapping[str, pa.ChunkedArray]
    rest: pa.ChunkedArray | None = None


class UnreadError(Exception):
    """A cell is needed that was not read."""


def unread(width: int) -> set[int]:
    """The cells of the tail that say what the blob's name says: workspace to model version."""
    return {width + at for at in range(-5, -1)}


def of_block(block: Block, header: Header | None) -> list[Shape]:
    """Split the rows of one width by layout. Raises UnreadError."""
    tail = _tail(block, header)
    lead = _lead(block, header) & ~tail
    rest = ~(tail | lead)
    shapes = []
    if tail.any():
        shapes.append(_of_tail(_only(block, tail)))
    if lead.any():
        shapes.append(_of_lead(_only(block, lead)))
    if rest.any():
        shapes.append(_by_header(_only(block, rest), header))
    return shapes


def of_ragged(ragged: Mapping[int, tuple[int, str]], header: Header | None) -> list[Shape]:
    """Recognise rows of unusual widths one by one; their features stay together."""
    layouts: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    for place, (_, text) in sorted(ragged.items()):
        cells = next(csv.reader(io.StringIO(text, newline="")))
        layouts[layout_of(cells, header)].append((place, cells))
    return [_of_cells(layout, rows) for layout, rows in layouts.items()]


def _of_cells(layout: str, rows: list[tuple[int, list[str]]]) -> Shape:
    start, end, meta = {
        "tail": (0, -8, TAIL_CELLS),
        "lead": (3, None, LEAD_CELLS),
        "plain": (0, None, {}),
    }[layout]
    return Shape(
        Counter(len(cells) for _, cells in rows),
        np.array([place for place, _ in rows], np.int64),
        [],
        {name: _column([cells[at] or None for _, cells in rows]) for name, at in meta.items()},
        _column([as_json(cells[start:end]) for _, cells in rows]),
    )


def as_json(cells: Sequence[str | None]) -> str:
    """Return cells as a JSON list, a missing one as null."""
    return json.dumps([cell or None for cell in cells], ensure_ascii=False)


def _column(cells: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def equal_rows(block: Block, cells: list[str]) -> Places:
    """Return which rows of a block, by their number in it, are these cells (as far as read)."""
    rows: Places = np.arange(len(block.places))
    for column, cell in zip(block.cells, cells, strict=True):
        if column is not None and len(rows):
            # Nearly all rows differ in the first cell already.
            left = column if len(rows) == len(column) else _few(column, rows)
            same = pc.equal(left, cell) if cell else left.is_null()
            rows = rows[np.asarray(pc.fill_null(same, False))]
    return rows


def _few(column: pa.ChunkedArray, rows: Places) -> pa.ChunkedArray:
    """Take some rows; one by one if there are only a few, which is faster over many chunks."""
    if len(rows) > 100:
        return column.take(pa.array(rows))
    return _column([column[row].as_py() for row in rows.tolist()])


def without(block: Block, rows: Places) -> Block:
    """Return a block without some of its rows."""
    if rows.tolist() == [0]:
        cells = [None if column is None else column[1:] for column in block.cells]
        return Block(block.places[1:], cells)
    return _only(block, ~np.isin(np.arange(len(block.places)), rows))


def _only(block: Block, mask: Mask) -> Block:
    if mask.all():
        return block
    keep = pa.array(mask)
    cells = [None if column is None else column.filter(keep) for column in block.cells]
    return Block(block.places[mask], cells)


def _tail(block: Block, header: Header | None) -> Mask:
    if len(block.cells) < 8:
        return np.zeros(len(block.places), bool)
    stamps, boundaries = _read(block.cells[-7]), _read(block.cells[-6])
    known = pc.is_in(boundaries, value_set=pa.array(BOUNDARIES))
    tail = np.asarray(known) & _match(stamps, SCORED_AT)
    if tail.all() or header is None or header.layout != "tail":
        return tail
    if len(header.cells) == len(block.cells):
        # Labels are written by users, who may format times in their own way or leave them out.
        tail |= np.asarray(stamps.is_null()) | _match(stamps, types.TIME)
    return tail


def _lead(block: Block, header: Header | None) -> Mask:
    if len(block.cells) < 3 or block.cells[0] is None:
        return np.zeros(len(block.places), bool)
    lead = _match(_read(block.cells[0]), SCORED_AT)
    if header is not None and header.layout == "lead":
        return lead
    if header is not None or not lead.any():
        return np.zeros(len(block.places), bool)
    return lead & _match(_read(block.cells[2]), GUID)


def _of_tail(block: Block) -> Shape:
    meta = {name: _read(block.cells[at]) for name, at in TAIL_CELLS.items()}
    return _shape(block, block.cells[:-8], meta)


def _of_lead(block: Block) -> Shape:
    meta = {name: _read(block.cells[at]) for name, at in LEAD_CELLS.items()}
    return _shape(block, block.cells[3:], meta)


def _by_header(block: Block, header: Header | None) -> Shape:
    if header is None or header.layout != "named" or len(header.cells) != len(block.cells):
        return _shape(block, block.cells, {})
    cells = dict(zip(header.cells, block.cells, strict=True))
    meta = {name: _read(cells[at]) for at, name in NAMED_CELLS.items() if at in cells}
    # The other names of the tail repeat what the blob's name says.
    pairs = zip(header.cells, block.cells, strict=True)
    return _shape(block, [cell for name, cell in pairs if name not in TAIL], meta)


def _shape(
    block: Block, features: list[pa.ChunkedArray | None], meta: dict[str, pa.ChunkedArray]
) -> Shape:
    cells = {len(block.cells): len(block.places)}
    return Shape(cells, block.places, [_read(cell) for cell in features], meta)


def _read(column: pa.ChunkedArray | None) -> pa.ChunkedArray:
    if column is None:
        raise UnreadError
    return column


def _match(column: pa.ChunkedArray, pattern: str) -> Mask:
    return np.asarray(pc.fill_null(types.matches(column, pattern), False))
