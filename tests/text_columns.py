"""Columns of text in every form that pandas and Arrow give them, for tests of what reads them.

A new form is one more entry of `FORMS`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

Cells = Sequence[str | None]


def _held(*chunks: pa.Array) -> pd.Series:
    """Return a column that holds Arrow's array as it is."""
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array(chunks)))


def _from_table(column: pa.Array | pa.ChunkedArray) -> pd.Series:
    """Return a column as pages get it from what was parsed, or from a kept copy."""
    return pa.table({"f": column}).to_pandas()["f"]


def _of(kind: pa.DataType) -> Callable[[Cells], pd.Series]:
    return lambda cells: _held(pa.array(cells, kind))


FORMS: dict[str, Callable[[Cells], pd.Series]] = {
    "str": lambda cells: pd.Series(cells, dtype="str"),
    "object": lambda cells: pd.Series(cells, dtype="object"),
    "string over Python": lambda cells: pd.Series(cells, dtype=pd.StringDtype("python")),
    "str over Python": lambda cells: pd.Series(cells, dtype=pd.StringDtype("python", np.nan)),
    "string over Arrow": lambda cells: pd.Series(cells, dtype=pd.StringDtype("pyarrow")),
    "category of str": lambda cells: pd.Series(cells, dtype="str").astype("category"),
    "category of objects": lambda cells: pd.Series(cells, dtype="object").astype("category"),
    "Arrow string": _of(pa.string()),
    "Arrow large": _of(pa.large_string()),
    "Arrow view": _of(pa.string_view()),
    "Arrow dictionary": lambda cells: _held(pa.array(cells, pa.string()).dictionary_encode()),
    "Arrow dictionary of large": lambda cells: _held(
        pa.array(cells, pa.large_string()).dictionary_encode()
    ),
    "Arrow in chunks": lambda cells: _held(
        *(pa.array(part, pa.string()) for part in (cells[:1], [], cells[1:]))
    ),
    "slice of Arrow": lambda cells: _held(pa.array(["x" * 130, *cells, "y"], pa.string())[1:-1]),
    "slice of str": lambda cells: pd.Series(["x" * 130, *cells, "y"], dtype="str").iloc[1:-1],
    "every other row": lambda cells: pd.Series(
        [each for cell in cells for each in (cell, "x")], dtype="str"
    ).iloc[::2],
    "concatenated": lambda cells: pd.concat(
        [pd.Series(part, dtype="str") for part in (cells[:1], cells[1:])]
    ),
    "parsed in one chunk": lambda cells: _from_table(pa.array(cells, pa.string())),
    "parsed in two chunks": lambda cells: _from_table(
        pa.chunked_array([cells[:1], cells[1:]], pa.string())
    ),
    "read of views": lambda cells: _from_table(pa.array(cells, pa.string_view())),
    "read of a dictionary": lambda cells: _from_table(
        pa.array(cells, pa.string()).dictionary_encode()
    ),
}

LONG = ("ä" * 120, "ä" * 121, "x\0" * 70, "שלום " * 40, '{"a": "\n"}' * 30, "😀" * 121, "b" * 10**6)
ODD = (
    "",
    " ",
    "\0",
    "a\nb",
    "a,b",
    '"',
    "שלום",
    "e\u0301",
    "\u00e9",
    "nan",
    "inf",
    "01",
    "1",
    "2.5",
)
ODD += ("2026-03-01", "True", "=1+1", "-2", "+a", "@x", "\tq", "\r", "other", "missing")

cells = st.lists(st.none() | st.sampled_from(LONG + ODD) | st.text(max_size=8), max_size=10)
"""Cells of a column: missing, empty, odd, and up to 1 MB."""
