"""The day of a change, found again where it was planted."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import norm

from lib import drift
from lib.drift import Bins, Grid, Thresholds, measures

FIRST = date(2026, 1, 1)  # a Thursday
EDGES = norm.ppf(np.arange(1, 16) / 16)


def day(number):
    return FIRST + timedelta(days=int(number))


def at(found):
    return (found.day - FIRST).days


def step(days, first, size, end=None):
    shift = np.zeros(days)
    shift[first:end] = size
    return shift


def ramp(days, first, end, size):
    return size * np.clip((np.arange(days) - first) / (end - first), 0, 1)


def planted(seed, days=90, shift=0.0, scatter=0.1, rows=(300, 3_000), weekend=0.0, lost=0.0, few=0):
    """Days of a normal feature in 16 even bins, whose mean differs from day to day.

    `scatter` and `shift` are in standard deviations of the feature, `weekend` is added
    on Saturdays and Sundays, the share `lost` of the days is missing, and `few` days
    have less than 20 rows.
    """
    random = np.random.default_rng(seed)
    is_weekend = np.array([day(n).weekday() >= 5 for n in range(days)])
    mean = scatter * random.normal(size=days) + shift + weekend * is_weekend
    upto = norm.cdf(EDGES - mean[:, None])
    shares = np.diff(upto, axis=1, prepend=0.0, append=1.0)
    n = np.exp(random.uniform(*np.log(rows), days)).astype(int)
    n[random.choice(days, few, replace=False)] = random.integers(1, 20, few)
    counts = random.multinomial(
        n, np.column_stack([0.99 * shares, np.zeros(days), np.full(days, 0.01)])
    )
    kept = np.flatnonzero(random.random(days) >= lost)
    return grid([day(n) for n in kept], counts[kept])


def grid(days, counts, reference=None):
    counts = np.array(counts, dtype=float)
    is_reference = np.arange(len(days)) < (len(days) // 2 if reference is None else reference)
    bins = Bins("numeric", tuple(str(n) for n in range(counts.shape[1])))
    return Grid(
        "x", "numeric", bins, tuple(days), is_reference, counts, counts[is_reference].sum(0)
    )


def changes(seeds=12, **story):
    found = [drift.change(planted(seed, **story)) for seed in range(seeds)]
    return [one for one in found if one is not None]


@pytest.mark.parametrize(
    "story",
    [{"scatter": 0.15}, {"scatter": 0.15, "few": 6, "lost": 0.1}, {"scatter": 0.1, "weekend": 0.5}],
    ids=["scatter", "gaps and tiny days", "weekly wave"],
)
def test_no_change_is_hardly_ever_taken_for_one(story):
    assert len(changes(500, days=60, **story)) <= 10


def test_few_days_without_a_change_are_not_taken_for_one():
    for story in ({"scatter": 0.2}, {"scatter": 0.1, "weekend": 0.6}):
        assert sum(len(changes(150, days=days, **story)) for days in (10, 14, 21)) <= 9


def test_days_that_scatter_in_all_their_bins_are_no_change():
    false = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        shares = random.dirichlet(np.full(16, 25.0), 60)
        false += (
            drift.change(grid([day(n) for n in range(60)], random.multinomial(1_000, shares)))
            is not None
        )
    assert false <= 3


def test_a_step_is_found_on_its_day():
    found = changes(shift=step(90, 45, 0.5))
    assert len(found) == 12
    assert sum(one.day == day(45) for one in found) >= 11
    assert all(one.earliest <= day(45) <= one.latest for one in found)
    assert all(one.back is None and one.feature == "x" for one in found)
    assert np.mean([(one.latest - one.earliest).days for one in found]) < 3


def test_a_small_step_in_much_scatter_has_an_interval_that_holds_it():
    found = changes(60, shift=step(90, 50, 0.3), scatter=0.15)
    assert len(found) >= 55
    held = [one.earliest <= day(50) <= one.latest for one in found]
    assert np.mean(held) >= 0.9
    assert all(one.earliest <= one.day <= one.latest for one in found)
    assert 2 < np.mean([(one.latest - one.earliest).days for one in found]) < 15


@pytest.mark.parametrize("days", [2, 3, 7, 20])
def test_a_step_that_goes_back_is_found_with_its_way_back(days):
    found = changes(shift=step(90, 50, 0.8, 50 + days))
    assert len(found) >= 11
    assert sum(one.day == day(50) for one in found) >= len(found) - 1
    assert sum(one.back == day(50 + days) for one in found) >= len(found) - 1


def test_a_single_day_is_no_state():
    assert changes(40, shift=step(90, 50, 2.0, 51)) == []
    assert changes(40, shift=step(90, 89, 2.0)) == []
    assert changes(40, shift=step(90, 0, 2.0, 1)) == []


def test_a_step_near_the_end_is_found():
    found = changes(shift=step(90, 87, 1.0))
    assert [one.day for one in found] == [day(87)] * len(found)
    assert len(found) >= 10


def test_a_step_between_two_weeks_is_found():
    found = changes(days=14, shift=step(14, 7, 0.8))
    assert [one.day for one in found] == [day(7)] * len(found)
    assert len(found) >= 8


def test_a_gradual_change_is_found_in_its_middle_with_its_ends():
    found = changes(shift=ramp(90, 40, 60, 1.0))
    assert len(found) == 12
    assert all(abs(at(one) - 50) <= 4 for one in found)
    assert all(10 <= (one.latest - one.earliest).days <= 30 for one in found)
    assert all(abs((one.earliest - day(41)).days) <= 6 for one in found)
    assert all(abs((one.latest - day(60)).days) <= 6 for one in found)
    assert all(one.back is None for one in found)


def test_a_step_is_found_beneath_a_weekly_wave():
    found = changes(shift=step(90, 50, 0.4), weekend=0.8, scatter=0.05)
    assert sum(one.day == day(50) for one in found) >= 11
    assert all(one.back is None for one in found)


def test_a_step_is_found_among_gaps_and_tiny_days():
    found = changes(shift=step(90, 50, 0.6), lost=0.2, few=10)
    assert len(found) == 12
    assert all(one.earliest <= day(50) <= one.latest for one in found)
    assert all(abs(at(one) - 50) <= 3 for one in found)


def test_days_with_few_rows_only_are_enough_together():
    found = changes(shift=step(90, 50, 1.0), rows=(8, 19))
    assert len(found) == 12
    assert all(abs(at(one) - 50) <= 2 for one in found)


def test_a_change_within_a_gap_may_have_come_on_any_day_of_it():
    whole = planted(3, shift=step(90, 45, 0.8))
    kept = [n for n in range(90) if not 40 <= n < 50]
    found = drift.change(grid([day(n) for n in kept], whole.counts[kept]))
    assert (found.day, found.earliest, found.latest) == (day(50), day(40), day(50))


def test_a_state_that_is_left_for_a_third_one_has_not_gone_back():
    shift = step(90, 40, 2.0, 70) + step(90, 70, -1.2)
    for one in changes(shift=shift):
        assert one.back is None


def test_what_is_missing_can_change():
    random = np.random.default_rng(1)
    share = np.where(np.arange(40) < 25, 0.01, 0.12)
    missing = random.binomial(500, share)
    found = drift.change(
        grid([day(n) for n in range(40)], np.column_stack([500 - missing, missing]))
    )
    assert found.day == day(25)


def test_the_distance_is_that_of_the_new_days_from_the_others():
    one = planted(1, shift=step(90, 60, 0.8, 80))
    found = drift.change(one)
    now = one.counts[60:80].sum(axis=0)
    rest = one.counts.sum(axis=0) - now
    filled = (now + rest) > 0
    assert (found.day, found.back) == (day(60), day(80))
    assert found.js == pytest.approx(float(measures.js_debiased(rest[filled], now[filled])))


def test_a_change_below_the_threshold_is_none():
    one = planted(1, shift=step(90, 45, 0.5))
    js = drift.change(one).js
    assert drift.change(one, Thresholds(watch=js * 0.99, drift=0.5, strong=0.6))
    assert drift.change(one, Thresholds(watch=js * 1.01, drift=0.5, strong=0.6)) is None


def test_the_order_of_the_parts_does_not_matter():
    one = planted(2, shift=step(90, 30, 0.6))
    turned = np.roll(np.arange(90), 45)
    other = grid([one.days[n] for n in turned], one.counts[turned], 45)
    assert drift.change(other) == drift.change(one)


def test_a_day_in_both_parts_counts_once():
    one = planted(2, shift=step(90, 30, 0.6))
    both = [*range(60), *range(30, 90)]
    other = grid([one.days[n] for n in both], one.counts[both], 60)
    assert drift.change(other) == drift.change(one)


def test_the_answer_is_the_same_each_time():
    one = planted(5, shift=step(90, 45, 0.3), scatter=0.2)
    assert drift.change(one) == drift.change(replace(one))


@pytest.mark.parametrize("days", range(10))
def test_too_few_days_have_no_change(days):
    counts = [[900, 100, 0] if n < days // 2 else [100, 900, 0] for n in range(days)]
    assert drift.change(grid([day(n) for n in range(days)], np.reshape(counts, (days, 3)))) is None


def test_days_that_are_all_the_same_have_no_change():
    assert drift.change(grid([day(n) for n in range(30)], [[70, 30, 0]] * 30)) is None
    assert drift.change(grid([day(n) for n in range(30)], [[0, 30, 0]] * 30)) is None
    assert drift.change(grid([day(n) for n in range(30)], [[0, 0, 0]] * 30)) is None


def test_a_change_without_any_scatter_is_found():
    counts = [[700, 300, 0]] * 20 + [[300, 700, 0]] * 20
    found = drift.change(grid([day(n) for n in range(40)], counts))
    assert (found.day, found.earliest, found.latest, found.back) == (day(20),) * 3 + (None,)
