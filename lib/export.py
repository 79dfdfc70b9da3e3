"""Frames as files to take away: CSV that a spreadsheet can open safely, and Parquet."""

from __future__ import annotations

import io
import re

import pandas as pd

from lib import profile

FORMULA = re.compile(r"^[=+\-@\t\r]")
"""How a cell begins that a spreadsheet would run as a formula (OWASP, CSV injection)."""


def csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as UTF-8 CSV (with a byte order mark, which Excel asks for).

    Text that a spreadsheet would run as a formula gets a leading apostrophe, in
    cells and in column names; numbers are left alone. Times are ISO 8601, UTC.
    """
    frame = profile.plain(frame)
    safe = frame.rename(columns=lambda name: _escape(str(name)))
    for at, (_, column) in enumerate(frame.items()):
        if not isinstance(column.dtype, pd.DatetimeTZDtype) and column.dtype.kind not in "biufM":
            safe.isetitem(at, column.map(_escape, na_action="ignore").to_numpy())
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8-sig", "replace")


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a frame as Parquet (zstd), with the types that it was read with.

    Cells of several types in one column are text.
    """
    buffer = io.BytesIO()
    profile.plain(frame, profile.storable).to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def file_name(*parts: str, ending: str) -> str:
    """Return a file name made of parts that may hold anything, `credit-svc_3_2026-11-04.csv`."""
    kept = (re.sub(r"[^\w.-]+", "-", part).strip("-.") for part in parts)
    return "_".join(part for part in kept if part)[:120] + f".{ending}"


def _escape(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value
