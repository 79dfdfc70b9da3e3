"""A blob that has only grown is read on from where it was left.

v1 commits its one file per day every ten minutes, v2 appends to that of the hour all the
time, and neither touches what is there. Whether that holds is looked at each time. And
what is read by itself must say what it would have said as part of the whole: so whatever
could make a difference (another type, another column, a problem of any kind) has the
blob read as a whole again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib import collected, errors, profile
from lib.blobs import Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.store.batches import Digest, Fold, by_day
from lib.store.files import Growth

OVERLAP = 64 * 2**10
"""Bytes at the end of what was read that are read again, to see that they are the same."""

MOST_EVENTS = 2**18
"""Events whose ids are kept, 8 bytes each; of more the blob is read as a whole."""

EXACT = 2**53 - 1
"""Beyond this float64 does not hold every integer, so other integers can make them text."""

_EVENT_ID = re.compile(rb'"id"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,}\]]+))')

_ANY = "empty"
_NOT_MIXED = "mixed"


def of(data: bytes, name: str, read: Collected) -> Growth | None:
    """Return what to know to read on after these bytes of a blob, or None if that cannot be."""
    if len(read.problems) or read.layouts or not data.endswith(b"\n"):
        return None
    header = b""
    if name.endswith(".csv"):
        header = data[: data.find(b"\n") + 1]
        # A quoted name may hold a line break.
        if header.count(b'"') % 2 or not header.strip():
            return None
    elif not name.endswith(".jsonl"):
        return None
    events = _events(data) if not header else _NONE
    if events is None:
        return None
    shared = data[max(len(header), len(data) - OVERLAP) :]
    types = _types(read, json=not header)
    return Growth(len(data), len(header), _digest(header, shared), types, events)


def extended(
    container: Container,
    item: DayBlob,
    old: Growth,
    digests: Mapping[date, Digest],
    fold: Fold,
) -> tuple[dict[date, Digest], Growth] | None:
    """Return the digests of a blob that has grown, reading what is new; None if it must be whole.

    `digests` are those of the first `old.size` bytes; calls: two for CSV, one for JSON lines.
    """
    if item.blob.size <= old.size:
        return None
    start = max(old.header, old.size - OVERLAP)
    try:
        header = container.read(item.blob.name, 0, old.header) if old.header else b""
        rest = container.read(item.blob.name, start)
    except errors.OF_ONE_BLOB:
        return None
    shared, new = rest[: old.size - start], rest[old.size - start :]
    if not new or _digest(header, shared) != old.digest:
        return None
    read = collected.read(header + new, item.blob.name, fetch=container.read)
    part = of(header + new, item.blob.name, read)
    columns = _joined(old.columns, part.columns) if part else None
    if part is None or columns is None or np.isin(part.events, old.events).any():
        return None
    events = np.concatenate([old.events, part.events])
    if len(events) > MOST_EVENTS:
        return None
    grown = Growth(
        size=old.size + len(new),
        header=old.header,
        digest=_digest(header, rest[max(0, len(rest) - OVERLAP) :]),
        columns=columns,
        events=events,
    )
    return _added(digests, read.frame, item, fold), grown


_NONE: NDArray[np.uint64] = np.empty(0, np.uint64)


def _added(
    digests: Mapping[date, Digest], frame: pd.DataFrame, item: DayBlob, fold: Fold
) -> dict[date, Digest]:
    whole = dict(digests)
    for day, rows in by_day(frame, item):
        new = fold([rows])
        old = whole.get(day)
        if old is None:
            none = next(iter(whole.values())).problems
            whole[day] = Digest(len(rows), new, none)
        else:
            both = profile.merge([old.kept, new])
            whole[day] = replace(old, rows=old.rows + len(rows), kept=both)
    return dict(sorted(whole.items()))


def _digest(header: bytes, shared: bytes) -> str:
    return hashlib.sha256(header + shared).hexdigest()


def _events(data: bytes) -> NDArray[np.uint64] | None:
    """Return a hash of each event's id, since an id that comes again is a problem.

    Ids inside the rows are among them, which does no harm. Not a number, as no collector
    writes it, would be missing in one part and text in the whole.
    """
    found = [text or other for text, other in _EVENT_ID.findall(data)]
    if len(found) > MOST_EVENTS or b"NaN" in data:
        return None
    return pd.util.hash_array(np.array(found, dtype=object), categorize=False)


def _types(read: Collected, json: bool) -> dict[str, str]:
    """Return the type of each column, as far as it says how more rows would be typed."""
    return {name: _type(read.frame[name], json) for name in read.features}


def _type(column: pd.Series, json: bool) -> str:
    kind = column.dtype.kind
    if kind == "i":
        return "large" if len(column) and (~column.between(-EXACT, EXACT)).any() else "number"
    if column.isna().all():
        return _ANY
    if kind in "fbM":
        return {"f": "number", "b": "truths", "M": "instants"}[kind]
    if not json:
        return "text"
    # In JSON these texts can have been lists, objects or truth values, which do not go
    # together with other texts.
    odd = column.str.startswith(("[", "{"), na=False) | column.isin(["True", "False"])
    return _NOT_MIXED if odd.any() else "text"


def _joined(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str] | None:
    """Return the types of both together, or None if they are not those of each."""
    if old.keys() != new.keys():
        return None
    found = {}
    for name, one in old.items():
        both = {one, new[name]}
        if _NOT_MIXED in both or (len(both) > 1 and (_ANY not in both or "large" in both)):
            return None
        found[name] = next(iter(both - {_ANY}), _ANY)
    return found
