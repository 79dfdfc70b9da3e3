"""Features that follow the week."""

from datetime import date, timedelta

import numpy as np
import pytest

from lib import drift
from lib.drift import Bins, Grid, measures

MONDAY = date(2026, 3, 2)
USUAL = np.array([0.4, 0.3, 0.15, 0.1, 0.05])


def planted(seed, days=56, low=(), size=0.15, scatter=400.0, later=None, lost=0.0, few=0):
    """Days whose shares scatter; on the weekdays in `low`, `size` moves to the last bin.

    `later` is (day, size) of a lasting change of the same kind.
    """
    random = np.random.default_rng(seed)
    days = [MONDAY + timedelta(days=n) for n in range(days)]
    moved = np.array([size * (day.weekday() in low) for day in days])
    if later:
        moved[later[0] :] += later[1]
    shares = USUAL + moved[:, None] * np.array([-1, 0, 0, 0, 1])
    shares = np.array([random.dirichlet(scatter * one) for one in shares])
    rows = random.integers(300, 3_000, len(days))
    rows[random.choice(len(days), few, replace=False)] = random.integers(1, 20, few)
    kept = np.flatnonzero(random.random(len(days)) >= lost)
    counts = random.multinomial(rows, shares)[kept].astype(float)
    is_reference = np.arange(len(kept)) < len(kept) // 2
    bins = Bins("categorical", tuple("abcde"))
    base = counts[is_reference].sum(axis=0)
    return Grid("x", "categorical", bins, tuple(days[n] for n in kept), is_reference, counts, base)


def waves(seeds, **story):
    found = [drift.weekly(planted(seed, **story)) for seed in range(seeds)]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("low", [(5, 6), (0,), (4, 5, 6), (2,), (0, 6)])
def test_the_weekdays_that_stand_apart_are_found(low):
    found = waves(15, low=low)
    assert [one.low for one in found] == [low] * 15
    assert {one.feature for one in found} == {"x"}


def test_the_distance_is_that_of_these_weekdays_from_the_others():
    one = planted(1, low=(5, 6))
    apart = np.array([day.weekday() >= 5 for day in one.days])
    sides = one.counts[~apart].sum(axis=0), one.counts[apart].sum(axis=0)
    assert drift.weekly(one).js == pytest.approx(float(measures.js_debiased(*sides)))


@pytest.mark.parametrize("story", [{}, {"scatter": 60.0}, {"lost": 0.2, "few": 6}, {"days": 14}])
def test_without_a_wave_there_is_hardly_ever_one(story):
    assert len(waves(300, **story)) <= 8


def test_neither_a_step_nor_a_slow_change_is_a_wave():
    assert len(waves(150, later=(30, 0.25))) <= 4
    assert len(waves(150, later=(50, 0.25))) <= 4


def test_a_wave_is_found_across_a_step():
    found = waves(15, low=(5, 6), later=(30, 0.2))
    assert [one.low for one in found] == [(5, 6)] * 15


def test_a_wave_is_found_among_gaps_and_tiny_days():
    found = waves(15, low=(5, 6), lost=0.2, few=6)
    assert [one.low for one in found] == [(5, 6)] * 15


def test_two_weeks_are_enough_and_a_day_less_is_not():
    assert [one.low for one in waves(15, days=14, low=(5, 6), scatter=5_000)] == [(5, 6)] * 15
    assert waves(15, days=13, low=(5, 6), scatter=5_000) == []


def test_a_wave_too_small_to_matter_is_none():
    assert waves(15, low=(5, 6), size=0.01, scatter=1e6) == []


def test_a_wave_is_no_change():
    false = [drift.change(planted(seed, low=(5, 6), size=0.3)) for seed in range(100)]
    assert sum(one is not None for one in false) <= 2


def test_a_feature_of_one_weekday_or_one_value_has_no_wave():
    mondays = planted(1, days=140)
    kept = [at for at, day in enumerate(mondays.days) if day.weekday() == 0]
    one = Grid(
        *("x", "categorical", mondays.bins, tuple(mondays.days[at] for at in kept)),
        *(np.ones(len(kept), dtype=bool), mondays.counts[kept], mondays.base),
    )
    assert drift.weekly(one) is None
    same = planted(1)
    flat = np.zeros_like(same.counts)
    flat[:, 0] = 100.0
    assert (
        drift.weekly(Grid("x", "numeric", same.bins, same.days, same.is_reference, flat, flat[0]))
        is None
    )


def test_a_wave_without_any_scatter_is_found():
    same = planted(1)
    apart = np.array([day.weekday() >= 5 for day in same.days])
    counts = np.where(apart[:, None], [300.0, 700, 0, 0, 0], [700.0, 300, 0, 0, 0])
    one = Grid("x", "numeric", same.bins, same.days, same.is_reference, counts, counts.sum(axis=0))
    assert drift.weekly(one).low == (5, 6)
