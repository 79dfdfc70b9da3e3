"""Listings that are believed for a while: how few calls they take, and when there is a new one."""

import threading
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.blobs import Blob
from lib.catalog import DayBlob
from lib.store import listings
from lib.store.listings import Listings
from lib.window import Window, joined

MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))


def blob(day, span="day"):
    return DayBlob(day, Blob(f"{day}-{span}", 1, "e", None), span)


class Account:
    """What lists, and counts how often."""

    def __init__(self, *blobs):
        self.blobs, self.asked = blobs, []

    def __call__(self, window):
        self.asked.append(window)
        return tuple(each for each in self.blobs if each.touches(window.first, window.last))


@pytest.fixture
def account():
    return Account(
        *map(blob, MARCH), blob(date(2026, 3, 1), "month"), blob(date(2026, 1, 1), "year")
    )


def test_a_window_inside_one_that_was_listed_takes_no_call(account):
    listed = Listings(2**20, 60)
    assert len(listed.get("c", MARCH, account)) == 33
    inside = Window(date(2026, 3, 10), date(2026, 3, 12))
    spans = [each.span for each in listed.get("c", inside, account)]
    assert spans == ["day", "day", "day", "month", "year"]
    assert account.asked == [MARCH]
    assert listed.get("c", MARCH, account) is listed.get("c", MARCH, account)


def test_another_collection_or_a_longer_window_is_listed(account):
    listed = Listings(2**20, 60)
    longer = Window(date(2026, 2, 28), MARCH.last)
    for key, window in [("c", MARCH), ("d", MARCH), ("c", longer), ("c", MARCH)]:
        listed.get(key, window, account)
    assert account.asked == [MARCH, MARCH, longer]


def test_a_listing_is_believed_for_a_while_and_until_it_is_cleared(account, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(listings.time, "monotonic", lambda: now[0])
    listed = Listings(2**20, 60)
    for moment in (0, 59, 61):
        now[0] = moment
        listed.get("c", MARCH, account)
    assert len(account.asked) == 2
    listed.clear()
    listed.get("c", MARCH, account)
    assert len(account.asked) == 3


def test_more_collections_are_held_than_any_account_has(account):
    listed = Listings(64 * 2**20, 60)
    for key in range(2_000):
        listed.get(key, MARCH, account)
    for key in range(2_000):
        listed.get(key, MARCH, account)
    assert len(account.asked) == 2_000


def test_an_error_is_not_kept(account):
    listed = Listings(2**20, 60)

    def fail(window):
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        listed.get("c", MARCH, fail)
    assert listed.get("c", MARCH, account)


def test_one_listing_serves_all_who_ask_at_the_same_time(account):
    listed, gate, results = Listings(2**20, 60), threading.Event(), []

    def slow(window):
        assert gate.wait(30)
        return account(window)

    threads = [
        threading.Thread(target=lambda: results.append(listed.get("c", MARCH, slow)), daemon=True)
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(30)
    assert [len(each) for each in results] == [33] * 10
    assert len(account.asked) == 1


days = st.dates(date(2025, 11, 1), date(2026, 4, 1))
windows = st.builds(lambda first, n: Window(first, first + timedelta(n)), days, st.integers(0, 40))


@given(st.lists(windows, max_size=5))
def test_joined_windows_cover_the_same_days_and_do_not_touch(several):
    one = joined(several)
    assert {d for each in one for d in each} == {d for each in several for d in each}
    assert all((b.first - a.last).days > 1 for a, b in pairwise(one))


@given(st.builds(blob, days, st.sampled_from(["year", "month", "day", "hour"])), windows)
def test_a_blob_touches_the_windows_that_hold_one_of_its_days(one, window):
    covered = {d for d in window if d >= one.day}
    if one.span == "year":
        covered = {d for d in covered if d.year == one.day.year}
    elif one.span == "month":
        covered = {d for d in covered if (d.year, d.month) == (one.day.year, one.day.month)}
    else:
        covered = {d for d in covered if d == one.day}
    assert one.touches(window.first, window.last) == bool(covered)
