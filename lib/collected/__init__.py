"""Bytes of collected data → one tidy frame and a list of problems.

Two kinds of file: CSV as azureml-monitoring writes it (v1, AKS) and JSON lines as the
data collector of online endpoints writes them (v2). Both give the same frame: features
in the order of the file, then the columns of `META`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from lib.collected import scoring, v1, v2
from lib.collected.assembly import Layout
from lib.collected.frame import META
from lib.collected.given import given
from lib.collected.problems import KINDS, Kind, Report
from lib.collected.text import clean

__all__ = ["KINDS", "META", "Collected", "Kind", "given", "read"]


@dataclass(frozen=True)
class Collected:
    """What one file held.

    `frame` has the features (float64, int64, bool, datetime64[us, UTC] or str; see
    `lib.collected.types`), then always `correlation_id` (str), `position` (int64, the
    row within its request), `scored_at` (datetime64[us, UTC]) and `request_id` (str).
    `problems` has kind, count, first_line (1-based, 0 if unknown), sample and message,
    one row per kind of `KINDS`. `layouts` says which rows have which features, where rows
    of several shapes stand in one file; () means that all have all.
    """

    frame: pd.DataFrame
    problems: pd.DataFrame
    rows_read: int
    layouts: tuple[Layout, ...] = ()

    @property
    def features(self) -> list[str]:
        """The columns that are not metadata."""
        return [name for name in self.frame.columns if name not in META]

    def parts(self) -> list[pd.DataFrame]:
        """Return the rows as frames of the features that they really have, and the metadata."""
        if not self.layouts:
            return [self.frame]
        return [self.frame.iloc[rows][[*names, *META]] for rows, names in self.layouts]


def read(data: bytes, name: str, fetch: Callable[[str], bytes] | None = None) -> Collected:
    """Read one collected file; `name` is the name of its blob.

    `.csv` is v1 and `.jsonl` v2; anything else is told by its first byte. Payloads over
    4 MB lie in blobs of their own: `fetch` reads one of the same container by its name;
    without it, or if it raises errors.NotFound, they are reported. Other errors of
    `fetch` are raised; broken data raise nothing: see `problems`.
    """
    report = Report()
    text = clean(data, report)
    is_json = name.endswith(".jsonl") or (not name.endswith(".csv") and text[:1] in (b"{", b"["))
    layouts: tuple[Layout, ...] = ()
    if is_json:
        frame = v2.read(text, name, fetch, report)
    else:
        frame, layouts = v1.read(text, report, day=scoring.day_of(name))
    return Collected(frame, report.frame(), len(frame), layouts)
