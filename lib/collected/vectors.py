"""Lists of numbers, such as embeddings: beside each column of them their lengths and norms.

What is judged of a vector are two numbers, how many elements it has and its Euclidean norm.
They are columns of the frame, so whoever reads rows or profiles has the same.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import types
from lib.collected.types import Finding

LENGTH, NORM = " (length)", " (norm)"
"""What is put behind a column's name for the two columns about it."""

MOST = 0.9
"""Share of the cells that are lists of numbers in a column of vectors."""

_CELL = r"(?s)\[[0-9eE+.,\s\[\]nulNaIfity-]*\]"
_ELEMENT = r"-?[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|-?\.[0-9]+|nan|-?inf"
_ROWS = 2_000

Floats = npt.NDArray[np.float64]


def looks(cell: str) -> bool:
    """Whether a cell may be a list of numbers, by its two ends."""
    return cell[:1] == "[" and cell[-1:] == "]" and cell[1:2].strip() not in ("{", '"', "'")


def names(name: str) -> tuple[str, str]:
    """Return the names of the columns with the lengths and the norms of a column of vectors."""
    return name + LENGTH, name + NORM


def judged_by_others(columns: Iterable[str]) -> set[str]:
    """Return the columns of vectors: those that have lengths and norms beside them."""
    every = set(columns)
    return {name for name in every if set(names(name)) <= every}


def expanded(columns: Iterable[str], every: Mapping[str, object]) -> list[str]:
    """Return column names with those of lengths and norms behind the vectors among `every`."""
    vectors = judged_by_others(every)
    return [new for name in columns for new in (name, *(names(name) if name in vectors else ()))]


def measured(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray, Finding] | None:
    """Return lengths and norms of a column's vectors, missing where a cell is none.

    None unless 9 of 10 present cells are lists of numbers, at least one of them not of one
    element.
    """
    parts = [
        lengths_and_norms(chunk.slice(start, _ROWS))
        for chunk in column.chunks
        for start in range(0, len(chunk), _ROWS)
    ]
    lengths = np.concatenate([np.empty(0), *(length for length, _ in parts)])
    norms = np.concatenate([np.empty(0), *(norm for _, norm in parts)])
    known = ~np.isnan(lengths)
    count, present = int(known.sum()), len(column) - column.null_count
    if not count or count < MOST * present or not (lengths[known] > 1).any():
        return None
    finding = Finding("vectors", count, int(known.argmax()), "read as vectors")
    numbers = [np.where(known, lengths, 0).astype(np.int64), np.where(known, norms, 0)]
    length, norm = (pa.chunked_array([pa.array(part, mask=~known)]) for part in numbers)
    return length, norm, finding


def lengths_and_norms(cells: pa.StringArray) -> tuple[Floats, Floats]:
    """Return the lengths and norms of some cells, NaN where a cell is no list of numbers."""
    lengths, norms = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    is_list = np.asarray(pc.fill_null(types.matches(cells, _CELL), False))
    rows = np.flatnonzero(is_list)
    inner = pc.replace_substring_regex(cells.take(pa.array(rows)), r"[\[\],\s]+", " ")
    split = pc.split_pattern(pc.utf8_trim(inner, " "), " ")
    counts = pc.list_value_length(split).to_numpy(zero_copy_only=False).astype(np.int64)
    words = _in_python_words(split.flatten())
    is_number = np.asarray(types.matches(words, _ELEMENT))
    of_row = np.repeat(np.arange(len(rows)), counts)
    empty = np.asarray(pc.equal(words, ""))
    bad = np.bincount(of_row, weights=~(is_number | empty), minlength=len(rows)) > 0
    numbers = np.asarray(pc.if_else(pa.array(is_number), words, "nan").cast(pa.float64()))
    squares = np.where(np.isnan(numbers), 0, numbers) ** 2
    lengths[rows] = np.where(bad, np.nan, np.bincount(of_row, weights=~empty, minlength=len(rows)))
    sums = np.bincount(of_row, weights=squares, minlength=len(rows))
    norms[rows] = np.where(bad, np.nan, np.sqrt(sums))
    return lengths, norms


def _in_python_words(words: pa.StringArray) -> pa.StringArray:
    words = pc.replace_substring_regex(words, "^(?:null|NaN)$", "nan")
    return pc.replace_substring_regex(words, "^(-?)Infinity$", r"\1inf")
