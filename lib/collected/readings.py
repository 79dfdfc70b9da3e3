"""Columns that hold numbers, times or lists in another writing than the typing rule has.

The rule (see `types`) takes only what every program writes the same way. What it leaves as
text, or takes for a large number, is looked at once more: does the column as a whole have
one of the writings known here? Each column is decided by its own cells, file by file, and
how it was read is said. A file that leaves it open keeps its text, so in the profile of
several files the numbers or times of most stand beside the texts of few; the order of the
files makes no difference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import dates, epochs, numbers, types, values, vectors, wrapped
from lib.collected.types import Finding

Floats = npt.NDArray[np.float64]

_SAMPLED = 200
_MOST_SAMPLED = 0.8
"""Share of the sampled cells below which a writing is not tried: less than it has to explain."""

_LONGEST = 64
"""Characters of a number or a date; no cell that is longer is looked at for one."""


@dataclass(frozen=True)
class Column:
    """A typed column, what to say of it, and of vectors their lengths and norms."""

    cells: pa.ChunkedArray
    findings: tuple[Finding, ...] = ()
    vectors: tuple[pa.ChunkedArray, pa.ChunkedArray] | None = None


def of_text(name: str, text: pa.ChunkedArray, near: Floats | None) -> Column:
    """Return a column of text (missing = null), typed, in whatever known writing it is.

    `near` are the seconds since 1970 at which the rows were scored, NaN where not known.
    """
    typed, finding = types.typed(text)
    return _read(name, _column(typed, finding), near)


def of_values(name: str, cells: Sequence[Any], near: Floats | None) -> Column:
    """Return a column of JSON values (missing = None), typed, in whatever writing it is."""
    inner = wrapped.elements(cells, numbers.MOST)
    column = _read(name, _column(*values.typed(cells if inner is None else inner)), near)
    if inner is None:
        return column
    lists = [at for at, cell in enumerate(cells) if isinstance(cell, list)]
    return _said(column, Finding("list_values", len(lists), lists[0], wrapped.LISTS))


def seconds_of(stamps: pa.ChunkedArray, day: date | None) -> Floats | None:
    """Return the seconds since 1970 at which rows were scored, on `day` where they do not say."""
    micros = stamps.cast(pa.int64()).cast(pa.float64(), safe=False)  # of the year 9999, too
    seconds = np.asarray(micros.to_numpy(), np.float64) / 1e6
    if day is not None:
        seconds = np.where(np.isnan(seconds), noon(day), seconds)
    return None if np.isnan(seconds).all() else seconds


def noon(day: date) -> float:
    """Return the seconds since 1970 at noon of a day, in UTC."""
    return (day - date(1970, 1, 1)).days * 86_400.0 + 43_200


def as_times(seconds: Floats) -> pa.ChunkedArray:
    """Return seconds since 1970 as times, NaN as missing."""
    missing = np.isnan(seconds)
    micros = np.rint(np.where(missing, 0, seconds) * 1e6).astype(np.int64)
    return pa.chunked_array([pa.array(micros, pa.int64(), mask=missing).cast(types.TIMESTAMP)])


def in_one_form(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of text in Unicode's composed form (NFC): the same text is one value."""
    if all(_is_ascii(chunk) for chunk in text.chunks):
        return text
    return pc.utf8_normalize(text, form="NFC")


def name_in_one_form(name: str) -> str:
    """Return a column's name in Unicode's composed form, as `in_one_form` does for cells."""
    return unicodedata.normalize("NFC", name)


def _column(cells: pa.ChunkedArray, finding: Finding | None) -> Column:
    return Column(cells, (finding,) if finding else ())


def _said(column: Column, finding: Finding) -> Column:
    return replace(column, findings=(finding, *column.findings))


def _read(name: str, column: Column, near: Floats | None) -> Column:
    kind = column.cells.type
    if pa.types.is_string(kind):
        found = _of_text(name, column, near)
        if pa.types.is_string(found.cells.type):
            return replace(found, cells=in_one_form(found.cells))
        return found
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _of_numbers(name, column, near)
    return column


def _of_text(name: str, column: Column, near: Floats | None) -> Column:
    sample = _sample(column.cells)
    if not any(map(wrapped.looks, sample)):
        return _of_writing(column, near)
    text, words = wrapped.unwrapped(column.cells)
    changed = np.asarray(pc.fill_null(pc.not_equal(text, column.cells), False))
    if not changed.any():
        return _of_writing(column, near)
    typed = types.typed(types.without(text, lambda cells: pc.equal(cells, "")))
    inner = _of_writing(_column(*typed), near)
    return _said(inner, Finding("list_values", int(changed.sum()), int(changed.argmax()), words))


def _of_writing(column: Column, near: Floats | None) -> Column:
    """Look for numbers, dates and vectors in a column that is still text."""
    if not pa.types.is_string(column.cells.type):
        return column
    sample = _sample(column.cells)
    if _share(sample, numbers.looks) and any(map(numbers.is_marked, sample)):
        plain = numbers.plain(column.cells)
        if plain:
            typed, finding = types.typed(plain[0])
            return _said(_column(typed, finding), plain[1])
    elif _share(sample, dates.looks):
        return _of_dates(column, near)
    elif _share(sample, vectors.looks):
        found = vectors.measured(column.cells)
        if found:
            length, norm, finding = found
            return _said(replace(column, vectors=(length, norm)), finding)
    return column


def _of_dates(column: Column, near: Floats | None) -> Column:
    found = dates.read(column.cells, near)
    if found is None:
        return column
    known = ~np.isnan(found.seconds)
    kind = "unclear_writing" if found.unclear else "date_writing"
    finding = Finding(kind, int(known.sum()), int(known.argmax()), found.words)
    if found.unclear:
        return _said(column, finding)
    times = as_times(found.seconds)
    if known.sum() < len(column.cells) - column.cells.null_count:
        # What is no date keeps its text, so the others are text of the usual writing.
        words = pc.strftime(times, "%Y-%m-%dT%H:%M:%SZ")
        text = pc.if_else(pa.array(known), words.combine_chunks(), column.cells.combine_chunks())
        times = pa.chunked_array([text])
    return _said(replace(column, cells=times), finding)


def _of_numbers(name: str, column: Column, near: Floats | None) -> Column:
    if not _may_be_times(column.cells):
        return column
    cells = column.cells.cast(pa.float64(), safe=False).to_numpy()
    found = epochs.read(name, np.asarray(cells, np.float64), near)
    if found is None:
        return column
    seconds, words = found
    known = ~np.isnan(seconds)
    finding = Finding("date_writing", int(known.sum()), int(known.argmax()), words)
    return Column(as_times(seconds), (*column.findings, finding))


def _may_be_times(cells: pa.ChunkedArray) -> bool:
    bounds = pc.min_max(cells)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return low is not None and epochs.LEAST <= low <= high < epochs.MOST


def _sample(text: pa.ChunkedArray) -> list[str]:
    """Return some of the present cells, evenly spread; too long ones as their beginning."""
    if not len(text):
        return []
    at = np.unique(np.linspace(0, len(text) - 1, _SAMPLED).astype(np.int64))
    cells = text.take(pa.array(at)).drop_null()
    if not len(cells):
        cells = text.drop_null()[:_SAMPLED]
    begin = pc.utf8_slice_codeunits(cells, 0, _LONGEST).to_pylist()
    last = pc.utf8_slice_codeunits(cells, -1).to_pylist()
    short = pc.less_equal(pc.utf8_length(cells), _LONGEST).to_pylist()
    return [b if s else f"{b}…{z}" for b, z, s in zip(begin, last, short, strict=True)]


def _share(sample: Sequence[str], looks: Callable[[str], bool]) -> bool:
    return bool(sample) and sum(map(looks, sample)) >= _MOST_SAMPLED * len(sample)


def _is_ascii(cells: pa.StringArray) -> bool:
    _, offsets, text = cells.buffers()
    if text is None or not len(cells):
        return True
    bounds = np.frombuffer(offsets, np.int32)[[cells.offset, cells.offset + len(cells)]]
    return bytes(memoryview(text)[bounds[0] : bounds[1]]).isascii()
