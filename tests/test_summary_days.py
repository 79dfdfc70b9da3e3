"""Days as tables: rows, sizes, gaps and problems."""

from datetime import date

import pandas as pd
import pytest

from lib import profile, summary
from lib.blobs import Blob
from lib.catalog import DayBlob
from lib.store import Day
from lib.window import Window

WINDOW = Window(date(2026, 3, 1), date(2026, 3, 6))
COLUMNS = ["kind", "count", "first_line", "sample", "message", "blob"]


def blob(size: int = 100, name: str = "f.csv") -> Blob:
    return Blob(name, size, "etag", None)


def day(number: int, rows: int = 2, sizes: tuple[int, ...] = (100,), problems: list = ()) -> Day:
    """Return a day of March with rows of one feature; problems are (kind, count, blob)."""
    table = [(kind, n, 7, "a,b", f"{kind} rows", name) for kind, n, name in problems]
    return Day(
        day=date(2026, 3, number),
        container="account/modeldata",
        blobs=tuple(blob(size) for size in sizes),
        rows=rows,
        profile=profile.profile(pd.DataFrame({"x": range(rows)})),
        problems=pd.DataFrame(table, columns=COLUMNS),
    )


def test_gaps_are_the_days_between_the_first_and_the_last_with_data():
    assert summary.gaps([day(2), day(5), day(3)], WINDOW) == [date(2026, 3, 4)]
    assert summary.gaps([day(1), day(6)], WINDOW) == [date(2026, 3, n) for n in (2, 3, 4, 5)]


def test_there_are_no_gaps_at_the_ends_or_without_days():
    assert summary.gaps([day(3)], WINDOW) == []
    assert summary.gaps([], WINDOW) == []


def test_days_out_of_the_window_make_no_gaps():
    assert summary.gaps([day(2), day(3), day(20)], WINDOW) == []


def test_every_day_of_the_window_has_its_numbers():
    days = [
        day(2, rows=3, sizes=(10, 20), problems=[("bad", 4, "f.csv"), ("worse", 1, "f.csv")]),
        day(4, rows=0),
    ]
    table = summary.by_day(days, WINDOW)
    assert list(table.columns) == ["day", "rows", "problems", "files", "bytes"]
    assert table["day"].tolist() == list(WINDOW)
    assert table.loc[1].tolist() == [date(2026, 3, 2), 3, 5, 2, 30]
    assert table.loc[3].tolist() == [date(2026, 3, 4), 0, 0, 1, 100]
    assert table.drop(index=[1, 3]).drop(columns="day").isna().all(axis=None)


def test_a_window_without_data_has_days_all_the_same():
    for table in (summary.by_day([], WINDOW), summary.bytes_by_day([], WINDOW)):
        assert table["day"].tolist() == list(WINDOW)
        assert table.drop(columns="day").isna().all(axis=None)
        assert (table.drop(columns="day").dtypes == "float64").all()


def test_bytes_add_up_by_day():
    found = [
        DayBlob(date(2026, 3, 2), blob(10), "day"),
        DayBlob(date(2026, 3, 4), blob(1), "hour"),
        DayBlob(date(2026, 3, 4), blob(2), "hour"),
    ]
    table = summary.bytes_by_day(found, WINDOW)
    assert list(table.columns) == ["day", "bytes"]
    assert table["bytes"].fillna(-1).tolist() == [-1, 10, -1, 3, -1, -1]


@pytest.mark.parametrize(
    ("span", "begins"), [("month", date(2026, 3, 1)), ("year", date(2026, 1, 1))]
)
def test_a_file_that_begins_before_the_window_counts_on_its_first_day(span, begins):
    window = Window(date(2026, 3, 5), date(2026, 3, 6))
    table = summary.bytes_by_day([DayBlob(begins, blob(10), span)], window)
    assert table["bytes"].fillna(-1).tolist() == [10, -1]


PROBLEM_COLUMNS = ["kind", "count", "message", "day", "blob", "first_line", "sample"]


def test_problems_of_all_days_come_most_frequent_first():
    days = [
        day(1, problems=[("bad", 2, "a.csv"), ("worse", 9, "a.csv")]),
        day(2),
        day(3, problems=[("bad", 2, "b.csv"), ("rare", 1, "b.csv")]),
    ]
    table = summary.problems(days)
    assert list(table.columns) == PROBLEM_COLUMNS
    assert table[["kind", "count", "blob"]].values.tolist() == [
        ["worse", 9, "a.csv"],
        ["bad", 2, "a.csv"],
        ["bad", 2, "b.csv"],
        ["rare", 1, "b.csv"],
    ]
    assert table.loc[0, ["message", "first_line", "sample"]].tolist() == ["worse rows", 7, "a,b"]


def test_no_problems_are_an_empty_table_with_the_same_columns():
    for days in ([], [day(1)]):
        table = summary.problems(days)
        assert table.empty
        assert list(table.columns) == PROBLEM_COLUMNS


def test_a_sentence_says_what_the_window_holds():
    assert summary.window_sentence([day(1, 900), day(2, 345)], WINDOW, "inputs") == (
        "**1,245 rows** of `inputs` on 2 of 6 days, 1 – 6 Mar 2026."
    )


def test_one_row_on_one_day_is_singular():
    window = Window(date(2026, 3, 1), date(2026, 3, 1))
    assert summary.window_sentence([day(1, 1)], window, "in`s") == (
        "**1 row** of `` in`s `` on 1 of 1 day, 1 Mar 2026."
    )


def test_the_sentence_names_three_gaps_at_most():
    wide = Window(date(2026, 3, 1), date(2026, 3, 31))
    assert summary.window_sentence([day(1), day(4), day(6)], wide, "inputs").endswith(
        " Nothing was collected on 2 – 3 Mar 2026 and 5 Mar 2026."
    )
    days = [day(n) for n in (1, 3, 5, 7, 9, 11)]
    assert summary.window_sentence(days, wide, "inputs").endswith(
        " Nothing was collected on 2 Mar 2026, 4 Mar 2026, 6 Mar 2026 and 2 more."
    )


def test_a_sentence_of_an_empty_window():
    assert summary.window_sentence([], WINDOW, "inputs") == (
        "**0 rows** of `inputs` on 0 of 6 days, 1 – 6 Mar 2026."
    )
