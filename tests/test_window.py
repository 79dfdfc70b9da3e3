from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import window
from lib.window import Window

DAYS = st.dates(min_value=date(2001, 1, 1), max_value=date(2090, 1, 1))


def test_a_window_counts_both_of_its_ends():
    week = window.ending(date(2026, 11, 24), 7)
    assert week == Window(date(2026, 11, 18), date(2026, 11, 24))
    assert len(week) == 7
    assert next(iter(week)) == date(2026, 11, 18)
    assert date(2026, 11, 24) in week
    assert date(2026, 11, 25) not in week


@given(DAYS, st.integers(1, 400))
def test_the_previous_window_is_as_long_and_ends_the_day_before(last, days):
    this = window.ending(last, days)
    assert len(this) == len(list(this)) == len(this.previous) == days
    assert this.previous.last + timedelta(days=1) == this.first


@pytest.mark.parametrize(
    ("days", "weeks_back"),
    [
        (1, [1, 2, 3, 4]),
        (7, [1, 2, 3, 4]),
        (8, [2, 4, 6, 8]),
        (10, [2, 4, 6]),
        (14, [2, 4]),
        (28, [4]),
        (30, [5]),
    ],
)
def test_the_same_weekdays_are_whole_weeks_before(days, weeks_back):
    this = window.ending(date(2026, 11, 24), days)
    shifted = window.same_weekdays(this)
    assert [(this.first - each.first).days / 7 for each in shifted] == weeks_back


@given(DAYS, st.integers(1, 400))
def test_the_same_weekdays_begin_on_the_same_weekday_and_never_overlap(last, days):
    this = window.ending(last, days)
    shifted = window.same_weekdays(this)
    assert {len(each) for each in shifted} == {days}
    assert {each.first.weekday() for each in shifted} == {this.first.weekday()}
    for later, earlier in pairwise([this, *shifted]):
        assert earlier.last < later.first
    assert 1 <= len(shifted) <= 4
    assert len(shifted) == 4 or len(shifted) * days >= 28 > (len(shifted) - 1) * days


def test_a_window_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="before it begins"):
        Window(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 11, 4), date(2026, 11, 4), "4 Nov 2026"),
        (date(2026, 11, 4), date(2026, 11, 10), "4 – 10 Nov 2026"),
        (date(2026, 10, 4), date(2026, 11, 10), "4 Oct – 10 Nov 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025 – 2 Jan 2026"),
    ],
)
def test_a_window_is_spelt_as_people_write_it(first, last, text):
    assert str(Window(first, last)) == text
