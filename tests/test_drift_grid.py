"""All days of all features, counted in the bins in which the two sides are compared."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import drift, profile
from lib.profile import Profile

FIRST = date(2026, 3, 2)  # a Monday

quick = settings(deadline=None, max_examples=40)


def profiles(frames, first=FIRST):
    return {first + timedelta(days=n): profile.profile(frame) for n, frame in enumerate(frames)}


def frame(random, rows):
    """A column of each kind; the numbers with texts, infinities and missing cells among them."""
    numbers = random.lognormal(size=rows)
    cells = np.round(numbers, 2).astype(object)
    cells[random.random(rows) < 0.02] = "unknown"
    cells[random.random(rows) < 0.02] = None
    numbers[random.random(rows) < 0.01] = np.inf
    return pd.DataFrame(
        {
            "amount": numbers,
            "mixed": cells,
            "age": random.integers(18, 60, rows),
            "card": random.choice(["visa", "amex", "x", None], rows),
            "is_new": random.choice(["true", "False"], rows),
            "when": pd.Timestamp(FIRST, tz="UTC") + pd.to_timedelta(random.integers(0, 99, rows)),
        }
    )


@quick
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 3_000), min_size=2, max_size=5))
def test_each_day_is_counted_as_the_bins_count_it(seed, sizes):
    random = np.random.default_rng(seed)
    days = profiles([frame(random, size) for size in sizes])
    reference = dict(list(days.items())[:1])
    current = dict(list(days.items())[1:])
    for grid in drift.grids(reference, current):
        expected = [drift.count(grid.bins, one.features.get(grid.feature)) for one in days.values()]
        assert grid.counts == pytest.approx(np.array(expected), abs=1e-6)
        assert grid.counts.min() >= 0
        assert grid.counts.sum(axis=1) == pytest.approx(sizes)


def test_days_of_the_reference_come_first_and_make_the_base():
    random = np.random.default_rng(1)
    later = profiles([frame(random, 500) for _ in range(3)], FIRST + timedelta(days=30))
    earlier = profiles([frame(random, 400) for _ in range(2)])
    grid = drift.grids(later, earlier)[0]
    assert grid.days == (*later, *earlier)
    assert grid.is_reference.tolist() == [True] * 3 + [False] * 2
    assert grid.counts.shape == (5, len(grid.bins.labels))
    assert (grid.base == grid.counts[:3].sum(axis=0)).all()


def test_a_day_in_both_parts_is_there_twice():
    days = profiles([frame(np.random.default_rng(1), 300)] * 2)
    grid = drift.grids(days, days)[2]
    assert grid.days == (*days, *days)
    assert (grid.counts[:2] == grid.counts[2:]).all()


def test_a_reference_without_days_is_its_own_base():
    random = np.random.default_rng(2)
    file = profile.profile(frame(random, 5_000))
    days = profiles([frame(random, 500) for _ in range(3)])
    whole = file, profile.merge(days.values())
    for grid in drift.grids({}, days, whole=whole):
        assert not grid.is_reference.any()
        assert (grid.base == drift.count(grid.bins, file.features[grid.feature])).all()
        assert grid.base.sum() == pytest.approx(5_000)


def test_bins_are_those_of_the_whole_comparison():
    random = np.random.default_rng(3)
    days = profiles([frame(random, 2_000) for _ in range(4)])
    first, second = dict(list(days.items())[:2]), dict(list(days.items())[2:])
    whole = profile.merge(first.values()), profile.merge(second.values())
    for grid in drift.grids(first, second, whole=whole):
        sides = [side.features[grid.feature] for side in whole]
        assert grid.kind == drift.shared_kind(*sides)
        assert grid.bins.labels == drift.bins(*sides, grid.kind).labels


def test_without_the_whole_it_is_merged():
    random = np.random.default_rng(4)
    days = profiles([frame(random, 2_000) for _ in range(4)])
    first, second = dict(list(days.items())[:2]), dict(list(days.items())[2:])
    whole = profile.merge(first.values()), profile.merge(second.values())
    for one, other in zip(
        drift.grids(first, second), drift.grids(first, second, whole=whole), strict=True
    ):
        assert one.bins.labels == other.bins.labels
        assert (one.counts == other.counts).all()


def test_a_day_without_the_feature_is_all_zero():
    frames = [pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"b": [1.0]}), pd.DataFrame({"a": [2]})]
    days = profiles(frames)
    grid = drift.grids(dict(list(days.items())[:2]), dict(list(days.items())[2:]))[0]
    assert grid.feature == "a"
    assert grid.counts.sum(axis=1).tolist() == [2, 0, 1]


@pytest.mark.parametrize("reference", [True, False])
def test_a_feature_of_one_side_has_its_own_bins_and_no_base(reference):
    with_it = profiles([pd.DataFrame({"a": np.arange(200.0), "b": 1})] * 2)
    without = profiles([pd.DataFrame({"b": [1, 2]})] * 2, FIRST + timedelta(days=9))
    sides = (with_it, without) if reference else (without, with_it)
    grid = {grid.feature: grid for grid in drift.grids(*sides)}["a"]
    assert len(grid.bins.edges) > 1
    assert sorted(grid.counts.sum(axis=1).tolist()) == [0, 0, 200, 200]
    assert grid.base.tolist() == [0] * len(grid.bins.labels)


def test_kinds_that_have_nothing_in_common_have_no_base():
    before = profiles([pd.DataFrame({"a": pd.to_datetime(["2026-01-01"] * 9, utc=True)})])
    now = profiles([pd.DataFrame({"a": np.arange(9.0)})], FIRST + timedelta(days=1))
    (grid,) = drift.grids(before, now)
    assert grid.base.sum() == 0
    assert grid.counts.sum(axis=1).tolist() == [9, 9]


def test_features_come_in_the_order_of_columns_new_ones_last():
    before = profiles([pd.DataFrame({"z": [1], "a": [1]})])
    now = profiles([pd.DataFrame({"n": [1], "a": [1], "z": [1]})], FIRST + timedelta(days=1))
    assert [grid.feature for grid in drift.grids(before, now)] == ["z", "a", "n"]


def test_a_readers_kind_counts():
    days = profiles([pd.DataFrame({"zone": [1, 2, 3] * 20})] * 2)
    (grid,) = drift.grids(days, days, kinds={"zone": "categorical"})
    assert grid.kind == "categorical"
    assert set(grid.bins.values) == {"1", "2", "3"}
    with pytest.raises(ValueError, match="no kind"):
        drift.grids(days, days, kinds={"zone": "colour"})


def test_nothing_gives_nothing():
    assert drift.grids({}, {}) == []
    assert drift.grids({FIRST: Profile()}, {}) == []


def test_numbers_at_the_end_of_the_range_are_counted():
    values = np.array([-1.7e308, -1.0, 0.0, 1.0, 1.7e308, np.inf, -np.inf])
    before = profiles([pd.DataFrame({"x": np.repeat(values, 20)})])
    now = profiles([pd.DataFrame({"x": np.repeat(values, 3)})], FIRST + timedelta(days=1))
    (grid,) = drift.grids(before, now)
    assert grid.counts.sum(axis=1).tolist() == [140, 21]
    assert grid.counts[0] / 140 == pytest.approx(grid.counts[1] / 21)
