"""A table that a reader brings along, such as the rows that a model was trained on."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from lib.collected import readings, vectors
from lib.collected.problems import KINDS
from lib.errors import NotReadable

_BLOCK = 16 * 2**20
"""Bytes that the parser takes at once; a row must fit in."""


def given(data: bytes, name: str) -> pd.DataFrame:
    """Return the rows of a CSV file with a header, or of a Parquet file.

    Cells of a CSV stay text, as the profile sorts them by what each holds, but for columns in
    a writing of their own, such as a decimal comma; empty ones are missing. Raises
    errors.NotReadable.
    """
    if name.lower().endswith(".parquet"):
        return _parquet(data, name)
    header = data.split(b"\n", 1)[0]
    delimiter = max(",;\t", key=lambda mark: header.count(mark.encode()))
    parse = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    read = pyarrow.csv.ReadOptions(block_size=_BLOCK)
    try:
        names = pyarrow.csv.open_csv(
            io.BytesIO(data), read_options=read, parse_options=parse
        ).schema.names
        convert = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        )
        table = pyarrow.csv.read_csv(
            io.BytesIO(data), read_options=read, parse_options=parse, convert_options=convert
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise NotReadable(
            f"{name!r} is not a CSV file with a header and rows of one width: {error}.",
            "Save it as CSV in UTF-8 or as Parquet.",
        ) from None
    return pd.DataFrame(_in_plain_writing(table).to_pandas())


def _in_plain_writing(table: pa.Table) -> pa.Table:
    """Return a table of text with the columns typed that are in another writing than usual."""
    columns: dict[str, pa.ChunkedArray] = {}
    for name in table.column_names:
        read = readings.of_text(name, table[name], None)
        noted = any(KINDS[finding.kind].note for finding in read.findings)
        columns[name] = read.cells if noted else table[name]
        if read.vectors:
            columns |= dict(zip(vectors.names(name), read.vectors, strict=True))
    return pa.table(list(columns.values()), list(columns))


def _parquet(data: bytes, name: str) -> pd.DataFrame:
    try:
        return pd.DataFrame(pyarrow.parquet.read_table(io.BytesIO(data)).to_pandas())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise NotReadable(
            f"{name!r} is not a Parquet file: {error}.",
            "Write it anew, for example with pandas' to_parquet.",
        ) from None
