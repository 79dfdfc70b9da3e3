"""What was wrong with a file, counted by kind and said in words.

A file never fails as a whole: what cannot be read as it stands is kept in another
form or left out, and either way it becomes a line here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pandas as pd

SAMPLE_CHARS = 120


@dataclass(frozen=True)
class Kind:
    """What a kind of problem means, what its count counts, and whether that was lost.

    A `note` is no problem: it says how something was read.
    """

    meaning: str
    counts: str
    lost: bool = False
    note: bool = False


_IN_A_COLUMN = "rows of the column that has most of them"

KINDS = {
    "no_rows": Kind("a file or an event without rows", "files or events"),
    "invalid_utf8": Kind("bytes that are not UTF-8, shown as \N{REPLACEMENT CHARACTER}", "lines"),
    "nul_bytes": Kind("NUL bytes in the text, kept", "lines"),
    "torn_line": Kind("a line cut short or an open quote; left out", "lines", lost=True),
    "no_header": Kind("rows without names; columns are called col_0, col_1, …", "rows"),
    "short_header": Kind("a header that lacks the metadata names its rows have", "rows"),
    "repeated_header": Kind("the header again between the rows; skipped", "lines"),
    "other_width": Kind("rows of another shape than the header, in columns of their own", "rows"),
    "no_metadata": Kind("rows without correlation id and time where others have them", "rows"),
    "rest": Kind("cells beyond what a table can hold, kept as text in one column", "rows"),
    "renamed": Kind("columns whose name was taken or empty", "columns"),
    "bad_time": Kind("a time of scoring that is no time; the row is kept without", "rows"),
    "large_integers": Kind("integers no number type here holds; kept as text", _IN_A_COLUMN),
    "rounded": Kind("integers beyond 2^53 rounded to floating point", _IN_A_COLUMN),
    "bad_line": Kind("a line that is not JSON; left out", "lines", lost=True),
    "not_an_event": Kind("JSON that is no event of the data collector", "lines", lost=True),
    "not_readable": Kind("an event whose data lie elsewhere, out of reach", "events", lost=True),
    "payload": Kind("data that are no table, kept as JSON text in `payload`", "rows"),
    "mixed_types": Kind("a column of numbers and text, kept as text", _IN_A_COLUMN),
    "repeated_event": Kind("an event id seen before in the file; kept", "events"),
    "number_writing": Kind(
        "numbers with a decimal comma or marks between thousands", _IN_A_COLUMN, note=True
    ),
    "date_writing": Kind("dates in another writing than ISO 8601", _IN_A_COLUMN, note=True),
    "list_values": Kind(
        "values in the brackets or names of types that Python writes around them",
        _IN_A_COLUMN,
        note=True,
    ),
    "vectors": Kind("lists of numbers, judged by their length and norm", _IN_A_COLUMN, note=True),
    "unclear_writing": Kind(
        "numbers or dates that can be read in two ways, kept as text", _IN_A_COLUMN, note=True
    ),
    "json_in_json": Kind("data that are JSON inside a JSON string, decoded", "rows", note=True),
}
"""Every kind of problem. `lost` kinds and the rows read add up to what the file held."""


@dataclass(frozen=True)
class Problem:
    """One kind of problem in one file.

    `place` is the number of the row where it first shows (0-based, counting every
    row of a CSV file); `Report.frame` turns it into a line and a sample.
    """

    kind: str
    count: int
    message: str
    line: int = 0
    sample: str = ""
    place: int | None = None


class UnusableError(Exception):
    """Something in a file that gives no rows: a kind of problem, and why."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why


@dataclass
class Report:
    """Collects the problems of one file while it is read."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        kind: str,
        count: int,
        message: str,
        *,
        line: int = 0,
        sample: str = "",
        place: int | None = None,
    ) -> None:
        """Note a problem; kinds are those of `KINDS`."""
        assert kind in KINDS, kind
        self.found.append(Problem(kind, count, message, line, sample, place))

    def locate(self, find: Callable[[list[int]], dict[int, tuple[int, str]]]) -> None:
        """Fill in line and sample of the problems known by their place among the rows."""
        places = sorted({p.place for p in self.found if p.place is not None})
        where = find(places) if places else {}
        self.found = [
            p
            if p.place is None
            else replace(p, line=where[p.place][0], sample=where[p.place][1], place=None)
            for p in self.found
        ]

    def frame(self) -> pd.DataFrame:
        """Return the problems, one row per kind, in the order of `KINDS`."""
        if not self.found:
            return _NONE.copy()
        found = [_merged([p for p in self.found if p.kind == kind]) for kind in KINDS]
        return _frame([p for p in found if p])


def _frame(found: list[Problem]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": pd.Series([p.kind for p in found], dtype="str"),
            "count": pd.Series([p.count for p in found], dtype="int64"),
            "first_line": pd.Series([p.line for p in found], dtype="int64"),
            "sample": pd.Series([_sample(p.sample) for p in found], dtype="str"),
            "message": pd.Series([p.message for p in found], dtype="str"),
        }
    )


def _merged(problems: list[Problem]) -> Problem | None:
    if not problems:
        return None
    first = min(problems, key=lambda p: p.line)
    messages = dict.fromkeys(p.message for p in problems)
    return replace(first, count=sum(p.count for p in problems), message=" ".join(messages))


def _sample(text: str) -> str:
    return text.rstrip("\r\n")[:SAMPLE_CHARS]


# Most files are without problems, and to make a frame takes as long as to read a small one.
_NONE = _frame([])


def some(words: Iterable[str], most: int = 5) -> str:
    """Return a short enumeration: the first few words and how many more there are."""
    every = list(words)
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more:,} more" if more > 0 else "")


def number_of(count: int, noun: str) -> str:
    """Return a count with its noun in the right number: 1 row, 2 rows."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
