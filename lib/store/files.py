"""The digests of a batch as one Parquet file, which other programs can read too.

One row per day and feature, in plain columns; what belongs to the file as a whole (which
blobs, in which version, rows and problems by day) is JSON in its metadata. Every number
comes back as it was, to the last bit.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lib.profile import Counts, Feature, Profile, Shapes, Weighted, counts, weighted
from lib.store.batches import Digest
from lib.store.seal import sealed, unsealed

VERSION = 2
"""Raised whenever a file of the last version would be misunderstood, or say something else than
the rows would say now."""

UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, IndexError)
"""What a file that is cut short, damaged or somebody else's raises when it is read."""

PROBLEMS = {
    "kind": "str",
    "count": "int64",
    "first_line": "int64",
    "sample": "str",
    "message": "str",
    "blob": "str",
}
"""The columns of problems and their types."""

_NO_PROBLEMS = pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in PROBLEMS.items()})

_WHOLE = ("rows", "missing", "below", "above")
_SHAPES = tuple(each.name for each in fields(Shapes))
_WEIGHTED = {"number": "numbers", "instant": "instants"}
# Snappy reads twice as fast as zstd and takes 4 % more room. Neighbours of ascending numbers
# share their first bytes, which the split by byte puts together; counts repeat.
_LOOK = {
    "compression": "snappy",
    "use_dictionary": [f"{kind}_counts.list.element" for kind in _WEIGHTED],
    "column_encoding": {f"{kind}_values.list.element": "BYTE_STREAM_SPLIT" for kind in _WEIGHTED},
    "write_statistics": False,
    "store_schema": False,
    "write_page_checksum": True,
}

Lists = tuple[list[int], Any]
"""Where the list of each row begins and ends, and the elements of all."""


@dataclass(frozen=True)
class Growth:
    """What has to be known of one blob to read on where it was left.

    `size` bytes were read; `digest` is that of the header, the first `header` bytes, and of
    the last bytes read. `columns` says of what type each column was; `events` has a hash of
    each event's id (v2).
    """

    size: int
    header: int
    digest: str
    columns: Mapping[str, str]
    events: NDArray[np.uint64]


@dataclass(frozen=True)
class File:
    """A kept file that was opened: of which blobs and versions it is, and the rest unread.

    `size` bytes were read of its blob if that may be read on, else 0.
    """

    blobs: list[tuple[str, str]]
    size: int
    about: Mapping[str, Any]
    parquet: pq.ParquetFile


def encode(
    container: str,
    blobs: Sequence[tuple[str, str, int]],
    digests: Mapping[date, Digest],
    growth: Growth | None,
) -> bytes:
    """Return a file with the digests of blobs, which are given as name, ETag and size."""
    rows = [(day, part) for day, one in digests.items() for part in one.kept.features.values()]
    columns = {
        "day": pa.array([day for day, _ in rows], pa.date32()),
        **_columns([part for _, part in rows]),
        "events": _lists(
            [growth.events if growth and not at else _NONE for at in range(len(rows))]
        ),
    }
    about = {
        "version": VERSION,
        "container": container,
        "blobs": [{"name": name, "etag": etag, "size": size} for name, etag, size in blobs],
        "days": [
            {
                "day": day.isoformat(),
                "rows": one.rows,
                "problems": one.problems.to_dict("records"),
            }
            for day, one in digests.items()
        ],
        "growth": growth
        and {
            "size": growth.size,
            "header": growth.header,
            "digest": growth.digest,
            "columns": dict(growth.columns),
        },
    }
    table, file = pa.table(columns), io.BytesIO()
    with pq.ParquetWriter(file, table.schema, **_LOOK) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(sealed(about))
    return file.getvalue()


def opened(data: bytes, container: str) -> File:
    """Open a kept file of a container. Raises one of UNREADABLE if it is none of this version."""
    parquet = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    about = unsealed(parquet.metadata.metadata)
    if about["version"] != VERSION or about["container"] != container:
        raise ValueError("a file of another version or container")
    told = [(blob["name"], blob["etag"]) for blob in about["blobs"]]
    return File(told, int(about["growth"]["size"]) if about["growth"] else 0, about, parquet)


def growth(file: File) -> Growth | None:
    """Return how to read on. Raises one of UNREADABLE."""
    told = file.about["growth"]
    if told is None:
        return None
    events = file.parquet.read(["events"], use_threads=False)["events"]
    found = events.combine_chunks().values.to_numpy() if len(events) else _NONE
    return Growth(told["size"], told["header"], told["digest"], told["columns"], found)


def digests(file: File) -> tuple[dict[date, Digest], int]:
    """Return the digests by day, and the bytes they take. Raises one of UNREADABLE."""
    names = [name for name in file.parquet.schema_arrow.names if name != "events"]
    table = file.parquet.read(names, use_threads=False).combine_chunks()
    found: dict[date, dict[str, Feature]] = {}
    for day, feature in zip(table["day"].to_pylist(), _features(table), strict=True):
        found.setdefault(day, {})[feature.name] = feature
    result = {}
    for told in file.about["days"]:
        day, rows = date.fromisoformat(told["day"]), int(told["rows"])
        result[day] = Digest(rows, Profile(rows, found.pop(day, {})), _problems(told["problems"]))
    if found:
        raise ValueError("features of a day that the file does not name")
    return result, table.nbytes + 2_000 * len(table)


_NONE: NDArray[np.uint64] = np.empty(0, np.uint64)


def _problems(told: list[dict[str, Any]]) -> pd.DataFrame:
    if not told:
        return _NO_PROBLEMS
    return pd.DataFrame(
        {
            name: pd.Series([each[name] for each in told], dtype=dtype)
            for name, dtype in PROBLEMS.items()
        }
    )


def _columns(features: Sequence[Feature]) -> dict[str, pa.Array]:
    columns = {"name": pa.array([each.name for each in features], pa.string())}
    for name in _WHOLE:
        columns[name] = pa.array([getattr(each, name) for each in features], pa.int64())
    for kind, name in _WEIGHTED.items():
        parts = [getattr(each, name) for each in features]
        columns |= {
            f"{kind}_values": _lists([part.values for part in parts], np.float64),
            f"{kind}_counts": _lists([part.counts for part in parts], np.int64),
            f"{kind}_exact": pa.array([part.exact for part in parts], pa.bool_()),
            f"{kind}_mean": pa.array([part.mean for part in parts], pa.float64()),
            f"{kind}_m2": pa.array([part.m2 for part in parts], pa.float64()),
            f"{kind}_distinct": pa.array([part.distinct for part in parts], pa.int64()),
            f"{kind}_sketch": _lists([part.sketch for part in parts]),
        }
    texts = [each.texts for each in features]
    values = pa.chunked_array([part.values for part in texts], pa.string()).combine_chunks()
    columns |= {
        "text_values": pa.ListArray.from_arrays(_offsets([p.values for p in texts]), values),
        "text_counts": _lists([part.counts for part in texts], np.int64),
        "text_other": pa.array([part.other for part in texts], pa.int64()),
        "text_distinct": pa.array([part.distinct for part in texts], pa.int64()),
        "text_exact": pa.array([part.exact for part in texts], pa.bool_()),
        "text_sketch": _lists([part.sketch for part in texts]),
    }
    shapes = [astuple(each.shapes) for each in features]
    for at, name in enumerate(_SHAPES):
        columns[name] = pa.array([shape[at] for shape in shapes], pa.int64())
    return columns


def _lists(parts: Sequence[NDArray[Any]], dtype: Any = np.uint64) -> pa.ListArray:
    """Return a column of lists from their elements."""
    return pa.ListArray.from_arrays(
        _offsets(parts), pa.array(np.concatenate([np.empty(0, dtype), *parts]))
    )


def _offsets(parts: Sequence[Any]) -> pa.Array:
    return pa.array(np.cumsum([0, *map(len, parts)]), pa.int32())


def _features(table: pa.Table) -> Iterator[Feature]:
    """Make the features of all rows; the arrays they hold are parts of the table's own."""
    plain = {
        name: column.to_pylist()
        for name, column in zip(table.column_names, table.columns, strict=True)
        if not pa.types.is_list(column.type)
    }
    lists = {name: _flat(table[name]) for name in table.column_names if name not in plain}
    for row in range(len(table)):
        yield Feature(
            name=plain["name"][row],
            **{name: plain[name][row] for name in _WHOLE},
            numbers=_weighted(plain, lists, "number", row),
            instants=_weighted(plain, lists, "instant", row),
            texts=_counts(plain, lists, row),
            shapes=Shapes(*(plain[name][row] for name in _SHAPES)),
        )


def _weighted(
    plain: Mapping[str, Any], lists: Mapping[str, Lists], kind: str, row: int
) -> Weighted:
    values = _of(lists[f"{kind}_values"], row)
    if not len(values):
        return weighted.EMPTY
    return Weighted(
        values,
        _of(lists[f"{kind}_counts"], row),
        plain[f"{kind}_exact"][row],
        plain[f"{kind}_mean"][row],
        plain[f"{kind}_m2"][row],
        plain[f"{kind}_distinct"][row],
        _of(lists[f"{kind}_sketch"], row),
    )


def _counts(plain: Mapping[str, Any], lists: Mapping[str, Lists], row: int) -> Counts:
    bounds, _ = lists["text_values"]
    if bounds[row] == bounds[row + 1]:
        return counts.EMPTY
    return Counts(
        _of(lists["text_values"], row),
        _of(lists["text_counts"], row),
        plain["text_other"][row],
        plain["text_distinct"][row],
        plain["text_exact"][row],
        _of(lists["text_sketch"], row),
    )


def _flat(column: pa.ChunkedArray) -> Lists:
    if not len(column):
        return [0], np.empty(0)
    lists = column.chunk(0)
    elements = lists.values
    whole = elements if pa.types.is_string(elements.type) else elements.to_numpy()
    return lists.offsets.to_pylist(), whole


def _of(lists: Lists, row: int) -> Any:
    bounds, elements = lists
    return elements[bounds[row] : bounds[row + 1]]
