"""Columns of text, in whatever form pandas or Arrow keeps them, as one form.

pandas keeps text as objects, as `str` over Python or Arrow, as categories, and as any
string type of Arrow: plain, large, views, dictionaries, in chunks and slices. Arrow has
no kernel for some of them, and Parquet files of others cannot be read by pandas.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa


def texts_of(column: pd.Series) -> pa.ChunkedArray:
    """Return the cells as the texts they would be in a CSV file, large strings; missing ones null.

    What is no UTF-8, and half of a surrogate pair, become a replacement character.
    """
    if isinstance(column.dtype, (pd.StringDtype, pd.ArrowDtype)):
        try:
            stored = pa.chunked_array(pa.array(column.array))
        except UnicodeEncodeError:  # half of a surrogate pair, which only Python holds
            return _one_by_one(column)
        if _is_text(stored.type):
            return _valid(stored.cast(pa.large_string()))
    return _one_by_one(column)


def readable(column: pd.Series) -> pd.Series:
    """Return a column of text as pandas' own `str`; any other, and objects, as it is."""
    dtype = column.dtype
    is_arrow = isinstance(dtype, pd.ArrowDtype) and _is_text(dtype.pyarrow_dtype)
    is_python = isinstance(dtype, pd.StringDtype) and dtype.storage == "python"
    return _as_str(column) if is_arrow or is_python else column


def storable(column: pd.Series) -> pd.Series:
    """Return a column as `readable` does, and objects that Arrow cannot hold as text too."""
    if column.dtype != object:
        return readable(column)
    try:
        pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError, OverflowError):
        return _as_str(column)
    return column


def plain(frame: pd.DataFrame, form: Callable[[pd.Series], pd.Series] = readable) -> pd.DataFrame:
    """Return a frame with each column in the form that `readable` or `storable` gives it."""
    made = frame.copy(deep=False)
    for at, (_, column) in enumerate(frame.items()):
        changed = form(column)
        if changed is not column:
            made.isetitem(at, changed.array)
    return made


def _as_str(column: pd.Series) -> pd.Series:
    made = texts_of(column).to_pandas().astype("str")
    return pd.Series(made.array, index=column.index, name=column.name)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _valid(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = texts.cast(pa.large_binary()).to_pylist()
        cells = [None if cell is None else cell.decode("utf-8", "replace") for cell in raw]
        return pa.chunked_array([pa.array(cells, pa.large_string())])
    return texts


def _one_by_one(column: pd.Series) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(map(_text, column), pa.large_string())])


def _text(cell: object) -> str | None:
    """Return any cell as text; None if it is missing."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, (float, np.floating)):
        return None if np.isnan(cell) else repr(float(cell))
    if isinstance(cell, (date, np.datetime64)):
        return None if pd.isna(cell) else pd.Timestamp(cell).isoformat()
    # Arrow holds no half of a surrogate pair, Python does.
    return str(cell).encode("utf-8", "replace").decode()
