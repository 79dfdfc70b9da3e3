"""The rows of a batch as one Parquet file, a copy that is read without parsing again.

The rows of all its blobs are one below the other. A column that has one type in one blob
and another in the next is two columns of the file, the second called after its type; the
file's metadata say which columns each blob has, and how they are called there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib.blobs import Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.collected.assembly import Layout
from lib.store import batches
from lib.store.batches import Batch, Unread
from lib.store.blob_rows import rows_of
from lib.store.files import UNREADABLE, VERSION
from lib.store.seal import sealed, unsealed
from lib.store.shelf import Shelf

GROUP = 64 * 2**10
"""Rows of a row group: the least that is read of a column."""

LAYOUT = "$layout"
"""The column that says which of its blob's layouts a row has."""

Parts = list[tuple[DayBlob, Collected]]


@dataclass(frozen=True)
class Piece:
    """The rows of one blob in a copy: from which row on, how many, and their columns.

    `columns` are the frame's names with those in the file; `layouts` as in `Collected`, the
    rows left out.
    """

    start: int
    rows: int
    columns: Mapping[str, str]
    layouts: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Copy:
    """An opened copy, and which piece of it is of which blob."""

    parquet: pq.ParquetFile
    pieces: list[tuple[DayBlob, Piece]]


def of(shelf: Shelf, container: Container, batch: Batch) -> tuple[Parts, list[Unread]]:
    """Return the rows of a batch, blob by blob, and the blobs that could not be read.

    They come from the copy; if there is none, from the blobs, and a copy is kept.
    """
    file = shelf.copy(container, batch)
    if file is not None:
        with file:
            try:
                copy = opened(file, container, batch)
                if copy:
                    return [(item, _whole(copy, piece)) for item, piece in copy.pieces], []
            except UNREADABLE:
                shelf.kept.note_rebuilt()
    return read(shelf, container, batch)


def read(shelf: Shelf, container: Container, batch: Batch) -> tuple[Parts, list[Unread]]:
    """Read a batch from its blobs as `of` does, and keep a copy if all could be read."""
    unread: list[Unread] = []
    parts = list(rows_of(container, batch, unread))
    if not unread and shelf.kept.place:
        shelf.keep_copy(container, batch, encode(container, parts))
    return parts, unread


def opened(file: BinaryIO, container: Container, batch: Batch) -> Copy | None:
    """Open a copy if it is of the batch's present version. Raises one of UNREADABLE."""
    parquet = pq.ParquetFile(file, page_checksum_verification=True)
    about = unsealed(parquet.metadata.metadata)
    told = [(blob["name"], blob["etag"]) for blob in about["blobs"]]
    if about["version"] != VERSION or about["container"] != container.label:
        raise ValueError("a copy of another version or container")
    if told != batches.versions(batch):
        return None
    pieces, start = [], 0
    for item, blob in zip(batch, about["blobs"], strict=True):
        layouts = [tuple(names) for names in blob["layouts"]]
        pieces.append((item, Piece(start, blob["rows"], blob["columns"], layouts)))
        start += blob["rows"]
    return Copy(parquet, pieces)


def encode(container: Container, parts: Parts) -> bytes:
    """Return the rows of some blobs as a file."""
    fields: dict[str, pa.DataType] = {}
    tables, about = [], []
    for item, one in parts:
        table = pa.Table.from_pandas(one.frame, preserve_index=False).replace_schema_metadata(None)
        names = [_in_file(fields, field) for field in table.schema]
        about.append(
            {
                "name": item.blob.name,
                "etag": item.blob.etag,
                "rows": len(table),
                "columns": dict(zip(table.column_names, names, strict=True)),
                "layouts": [list(names) for _, names in one.layouts],
            }
        )
        tables.append(_with_layout(table.rename_columns(names), one))
    schema = pa.schema(
        [*fields.items(), (LAYOUT, pa.int32())],
        metadata=sealed({"version": VERSION, "container": container.label, "blobs": about}),
    )
    file = io.BytesIO()
    whole = pa.concat_tables(tables, promote_options="default")
    with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
        writer.write_table(whole.select(schema.names).cast(schema), row_group_size=GROUP)
    return file.getvalue()


def taken(copy: Copy, piece: Piece, names: Sequence[str], rows: slice | Any) -> pd.DataFrame:
    """Return columns of some rows of a piece, which are a slice or their numbers, ascending."""
    at = np.arange(piece.rows)[rows] + piece.start
    groups = np.unique(at // GROUP)
    columns = [piece.columns[name] for name in names]
    if not len(at):
        groups = groups[:0]
    table = copy.parquet.read_row_groups(groups.tolist(), columns)
    # Where the rows of each group begin in what was read.
    places = np.searchsorted(groups, at // GROUP) * GROUP + at % GROUP
    if len(at) and at[-1] - at[0] + 1 == len(at):
        table = table.slice(int(places[0]), len(at))
    else:
        table = table.take(pa.array(places, pa.int64()))
    frame: pd.DataFrame = table.select(columns).rename_columns(list(names)).to_pandas()
    return frame


def layout_of(copy: Copy, piece: Piece) -> Any:
    """Return which of the piece's layouts each of its rows has, by number."""
    inside = Piece(piece.start, piece.rows, {LAYOUT: LAYOUT}, ())
    return taken(copy, inside, [LAYOUT], slice(None))[LAYOUT].to_numpy()


def _whole(copy: Copy, piece: Piece) -> Collected:
    frame = taken(copy, piece, list(piece.columns), slice(None))
    layouts: tuple[Layout, ...] = ()
    if piece.layouts:
        each = layout_of(copy, piece)
        layouts = tuple((np.flatnonzero(each == at), n) for at, n in enumerate(piece.layouts))
    return Collected(frame, pd.DataFrame(), len(frame), layouts)


def _in_file(fields: dict[str, pa.DataType], field: pa.Field) -> str:
    """Return what a column is called in the file, and add it if it is not there yet."""
    name, number = str(field.name), 1
    while fields.setdefault(name, field.type) != field.type or name == LAYOUT:
        number += 1
        name = f"{field.name} ({field.type})" + (f" {number}" if number > 2 else "")
    return name


def _with_layout(table: pa.Table, read: Collected) -> pa.Table:
    layout = np.zeros(len(table), np.int32)
    for at, (rows, _) in enumerate(read.layouts):
        layout[rows] = at
    return table.append_column(LAYOUT, pa.array(layout))
