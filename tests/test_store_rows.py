"""Copies of rows: when they are made, that they are the rows, and what is read of them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from growing import (
    CELLS,
    MARCH,
    SAMPLES,
    V1,
    V2,
    Blob,
    assert_same_feature,
    collected_samples,
    csv,
    event,
    fresh_blob,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from lib import blobs, catalog, collected, store
from lib.store import batches, copies
from lib.window import Window


class Account:
    """Blobs of one collection in a folder, read by a shelf that keeps copies."""

    def __init__(self, folder, files):
        for name, data in files.items():
            self.blob = Blob(folder, name)
            self.blob.write(data)
        self.container = self.blob.container
        self.shelf = self.process()
        (collection,) = catalog.collections(self.container).collections
        self.found = catalog.blobs(self.container, collection, date(2018, 1, 1), MARCH.last)

    def process(self):
        return store.Shelf(2**24, blobs.open_place(self.blob.profiles))

    def copies(self):
        return [path for path in self.blob.files() if path.name.endswith(".rows.parquet")]

    def all_rows(self, shelf=None):
        return store.all_rows(self.container, [item.blob for item in self.found], shelf)

    def sample(self, feature, matches, most, window=MARCH):
        self.container.reads.clear()
        shelf = self.process()
        return store.sample(shelf, self.container, self.found, window, feature, matches, most)


def on(day, name=V1):
    return name.replace("/05/", f"/{day:02}/")


@pytest.fixture
def account(tmp_path):
    return lambda files: Account(tmp_path, files)


def test_a_copy_is_made_when_rows_are_needed_again_and_not_before(account):
    account = account({V1: csv((1, "a"), (2, "b"))})
    list(store.days(account.shelf, account.container, account.found, MARCH))
    assert account.copies() == []
    first = dict(
        store.splits(account.shelf, account.container, account.found, MARCH, "s", ("a", "b"))
    )
    assert len(account.copies()) == 1
    account.container.reads.clear()
    again = dict(
        store.splits(account.process(), account.container, account.found, MARCH, "s", ("a", "b"))
    )
    assert account.container.reads == []
    assert first.keys() == again.keys() == {date(2026, 3, 5)}
    for name, part in first[date(2026, 3, 5)].items():
        other = again[date(2026, 3, 5)][name]
        assert_same_feature(part.features["x"], other.features["x"])


@pytest.mark.parametrize("sample", collected_samples(), ids=lambda path: "/".join(path.parts[-7:]))
def test_the_copy_of_a_sample_is_its_rows(tmp_path_factory, sample):
    name = str(sample.relative_to(SAMPLES)).split("/", 2)[2]
    with fresh_blob(tmp_path_factory, name) as blob:
        blob.write(sample.read_bytes())
        read = collected.read(sample.read_bytes(), name)
        assert_copied(blob, name, read)


def assert_copied(blob, name, read):
    shelf = store.Shelf(2**24, blobs.open_place(blob.profiles))
    item = next(iter(blob.container.blobs("")))
    batch = (catalog.DayBlob(date(2026, 3, 5), item, "day"),)
    for _ in range(2):
        ((_, copy),), unread = copies.of(shelf, blob.container, batch)
        assert not unread
        assert_frame_equal(copy.frame, read.frame)
        assert len(copy.layouts) == len(read.layouts)
        for (rows, names), (other_rows, other_names) in zip(
            copy.layouts, read.layouts, strict=True
        ):
            assert rows.tolist() == other_rows.tolist()
            assert names == other_names
    assert len(blob.container.reads) == 1


@given(rows=st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=3), min_size=1))
@settings(deadline=None, max_examples=50)
def test_the_copy_of_any_csv_is_its_rows(tmp_path_factory, rows):
    data = csv(*rows, header="a,b")
    with fresh_blob(tmp_path_factory, V1) as blob:
        blob.write(data)
        assert_copied(blob, V1, collected.read(data, V1))


def test_all_rows_are_the_same_from_blobs_and_from_copies(account):
    account = account(
        {
            on(5): csv((1, "a"), (2, "b"), (3, "c", 4)),
            on(6): csv(("$1", "a"), ("", "b")),
            on(7): csv((0.5, 7), ("inf", 8), header="x,$layout"),
        }
    )
    from_blobs = account.all_rows()
    assert account.copies() == []
    assert_frame_equal(account.all_rows(account.shelf), from_blobs)
    assert len(account.copies()) == 3
    account.container.reads.clear()
    assert_frame_equal(account.all_rows(account.process()), from_blobs)
    assert account.container.reads == []


def test_blobs_of_a_day_share_a_copy_and_keep_their_types(account):
    hours = [event(0, x=1, s="a"), event(1, x=1.5), event(2, x="text"), event(3, y=[1])]
    files = {V2.replace("/10/", f"/{at:02}/"): data for at, data in enumerate(hours)}
    account = account(files)
    from_blobs = account.all_rows()
    assert_frame_equal(account.all_rows(account.shelf), from_blobs)
    assert len(account.copies()) == 1
    assert_frame_equal(account.all_rows(account.process()), from_blobs)
    (batch,) = batches.batches(account.found)
    parts, _ = copies.of(account.process(), account.container, batch)
    assert [part.frame["x"].dtype.kind for _, part in parts if "x" in part.frame] == ["i", "f", "O"]


def test_a_copy_of_an_older_version_of_a_blob_is_not_used(account):
    account = account({V1: csv((1, "a"))})
    account.all_rows(account.shelf)
    account = Account(account.blob.path.parents[9], {V1: csv((1, "a"), (2, "b"))})
    assert account.all_rows(account.shelf)["x"].tolist() == [1, 2]
    account.container.reads.clear()
    assert account.all_rows(account.process())["x"].tolist() == [1, 2]
    assert account.container.reads == []


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"?" * 99])
def test_a_damaged_copy_is_made_anew(account, damage):
    account = account({V1: csv((1, "a"), (2, "b"))})
    rows = account.all_rows(account.shelf)
    (path,) = account.copies()
    good = path.read_bytes()
    path.write_bytes(damage(good))
    shelf = account.process()
    assert_frame_equal(account.all_rows(shelf), rows)
    assert shelf.notes().rebuilt == 1
    assert path.read_bytes() == good
    path.write_bytes(damage(good))
    assert account.sample("x", lambda cells: cells == 2, 5)["s"].tolist() == ["b"]
    assert path.read_bytes() == good


# Samples.


def test_a_sample_has_the_rows_that_match_the_newest_days_first(account):
    account = account({on(day): csv((1, f"a{day}"), (day, f"b{day}")) for day in (5, 6, 7)})
    for _ in range(2):
        found = account.sample("x", lambda cells: cells > 1, 2)
        assert found["s"].tolist() == ["b7", "b6"]
        assert found["blob"].tolist() == [on(7), on(6)]
        assert found["correlation_id"].tolist() == ["id-1", "id-1"]
        assert list(found.columns) == ["x", "s", *collected.META, "blob"]
    assert account.container.reads == []


def test_a_sample_reads_no_more_days_than_it_takes(account):
    account = account({on(day): csv((1, "a"), (2, "b")) for day in range(1, 20)})
    found = account.sample("x", lambda cells: cells == 2, 3)
    assert len(found) == 3
    assert len(account.container.reads) == 3
    assert account.sample("x", lambda cells: cells == 2, 0).empty


def test_a_sample_of_what_nothing_has_is_empty(account):
    account = account({V1: csv((1, "a"))})
    assert account.sample("x", lambda cells: cells > 9, 5).empty
    assert account.sample("no such feature", lambda cells: cells > 9, 5).empty


def test_rows_that_do_not_have_the_feature_are_not_asked(account):
    account = account({V1: csv((1, "a"), (2, "b", 3))})
    for _ in range(2):
        found = account.sample("x", lambda cells: cells.isna(), 5)
        assert found.empty
        assert account.sample("col_0", lambda cells: cells.notna(), 5)["col_0"].tolist() == [2]


def test_a_sample_of_a_month_has_rows_of_the_window_only(account):
    lines = [
        event(day, x=day).replace(b"2026-03-05", f"2026-03-{day:02}".encode()) for day in (2, 9, 20)
    ]
    name = "modelDataCollector/e/d/model_inputs/2026/03/a.jsonl"
    account = account({name: b"".join(lines)})
    window = Window(date(2026, 3, 5), date(2026, 3, 12))
    for _ in range(2):
        assert account.sample("x", lambda cells: cells > 0, 5, window)["x"].tolist() == [9]


def test_a_feature_called_blob_stays_itself(account):
    account = account({V1: csv((1, "a"), header="blob,s")})
    found = account.sample("blob", lambda cells: cells == 1, 5)
    assert found["blob"].tolist() == [1]
    assert found["blob_name"].tolist() == [V1]


def test_rows_are_found_in_whichever_group_of_a_copy_they_are(account, monkeypatch):
    monkeypatch.setattr(copies, "GROUP", 7)
    values = list(range(100))
    account = account({on(5): csv(*[(v, "a") for v in values]), on(6): csv((500, "b"))})
    account.all_rows(account.shelf)
    assert_frame_equal(account.all_rows(account.process()), account.all_rows())
    wanted = [6, 7, 20, 21, 22, 99]
    found = account.sample("x", lambda cells: cells.isin(wanted), 50)
    assert found["x"].tolist() == wanted
    assert account.container.reads == []


def test_a_mask_may_be_an_array_or_a_series(account):
    account = account({V1: csv((1, "a"), (2, "b"))})
    series = account.sample("x", lambda cells: pd.Series(cells == 2), 5)
    array = account.sample("x", lambda cells: np.asarray(cells == 2), 5)
    assert_frame_equal(series, array)
