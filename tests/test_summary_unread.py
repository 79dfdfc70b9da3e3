from datetime import date

import pandas as pd

from lib import profile, store, summary
from lib.blobs import Blob


def day(number, *closed):
    unread = tuple(
        store.Unread(name, f"{name!r} is archived.", "Move it.", True) for name in closed
    )
    blobs = tuple(Blob(name, 1, "e", None) for name in closed)
    nothing = profile.merge([])
    return store.Day(
        date(2026, 11, number), "c", blobs, 0, nothing, pd.DataFrame(), unread, not closed
    )


def test_nothing_is_said_where_everything_was_read():
    assert summary.unread_text([day(1), day(2)]) == ""
    assert summary.unread([]).columns.tolist() == ["day", "blob", "reason", "next_step"]


def test_one_file_is_named_with_its_day_its_reason_and_what_to_do():
    assert summary.unread_text([day(1), day(2, "a.csv")]) == (
        "1 file of 2 Nov 2026 could not be read, so its rows are not counted. "
        "'a.csv' is archived. Move it."
    )


def test_of_several_files_the_days_and_the_first_reason_are_said():
    days = [day(1, "a"), day(2, "b", "c"), day(4, "d")]
    assert summary.unread_text(days) == (
        "4 files of 1 – 2 Nov 2026 and 4 Nov 2026 could not be read, so their rows are not "
        "counted. The first: 'a' is archived. Move it."
    )
    table = summary.unread(days)
    assert table["blob"].tolist() == ["a", "b", "c", "d"]
    assert table["day"].tolist() == [date(2026, 11, n) for n in (1, 2, 2, 4)]
