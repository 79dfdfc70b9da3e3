import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib import profile
from lib.profile import weighted
from lib.profile.weighted import Weighted

ROWS = 100_000


def sample(name: str, shift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(round(shift * 100))
    return {
        "normal": lambda: rng.normal(shift, 1, ROWS),
        "lognormal": lambda: rng.lognormal(shift, 1, ROWS),
        "40 % zeros": lambda: np.where(rng.random(ROWS) < 0.4, 0, rng.lognormal(shift, 1, ROWS)),
        "heavy tails": lambda: rng.standard_t(2, ROWS) + shift,
        "far apart": lambda: np.where(
            rng.random(ROWS) < 0.5, rng.normal(0, 0.01, ROWS), rng.normal(100 + shift, 5, ROWS)
        ),
    }[name]()


SAMPLES = ("normal", "lognormal", "40 % zeros", "heavy tails", "far apart")


def ks(one: Weighted, other: Weighted) -> float:
    points = np.concatenate([one.values, other.values])
    below = [
        np.append(0, np.cumsum(w.counts))[np.searchsorted(w.values, points, side="right")] / w.count
        for w in (one, other)
    ]
    return float(np.abs(below[0] - below[1]).max())


def test_few_distinct_values_are_all_listed():
    values = np.arange(1024.0).repeat(2)
    found = weighted.of(np.random.default_rng(0).permutation(values))
    assert found.exact
    assert found.values.tolist() == list(range(1024))
    assert set(found.counts) == {2}
    assert found.mean == 511.5
    assert found.sd == pytest.approx(values.std(ddof=1))


def test_one_value_more_makes_groups():
    found = weighted.of(np.arange(1025.0))
    assert not found.exact
    assert len(found.values) <= 1024
    assert found.count == found.distinct == 1025


def test_no_rows_have_no_mean_and_one_row_no_deviation():
    assert np.isnan(weighted.of(np.empty(0)).mean)
    assert np.isnan(weighted.EMPTY.sd)
    one = weighted.of(np.array([3.0]))
    assert one.mean == 3
    assert np.isnan(one.sd)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-300, 1.7e308])
def test_a_constant_is_kept_as_it_is(value):
    found = weighted.of(np.full(7, value))
    assert (found.values.tolist(), found.mean, found.sd) == ([value], value, 0)


def test_groups_of_huge_numbers_do_not_overflow():
    found = weighted.of(np.linspace(-0.85e308, 0.85e308, 5_000) * 2)
    assert np.isfinite(found.values).all()
    assert abs(found.mean) < 1e293
    assert found.sd == np.inf


@pytest.mark.parametrize("name", SAMPLES)
def test_groups_keep_ends_mean_and_rows(name):
    values = sample(name)
    found = weighted.of(values)
    assert len(found.values) <= 1024
    assert (np.diff(found.values) > 0).all()
    assert found.count == ROWS
    assert (found.values[0], found.values[-1]) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.sd == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert np.average(found.values, weights=found.counts) == pytest.approx(values.mean(), rel=1e-9)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("days", [1, 90])
def test_distances_from_groups_are_those_from_rows(name, days):
    rows = [sample(name, shift) for shift in (0.0, 0.05)]
    one, other = (
        weighted.merge([weighted.of(day) for day in np.array_split(values, days)])
        for values in rows
    )
    # Where values lie far apart, a distance may be off by a whole group, not half of one.
    limit = 0.001 if name == "far apart" else 0.0005
    assert ks(one, other) == pytest.approx(stats.ks_2samp(*rows).statistic, abs=limit)
    distance = stats.wasserstein_distance(one.values, other.values, one.counts, other.counts)
    sd = rows[0].std()
    assert distance / sd == pytest.approx(stats.wasserstein_distance(*rows) / sd, abs=0.0003)


def test_a_value_that_outweighs_a_group_stays_itself():
    values = sample("40 % zeros")
    whole = weighted.merge([weighted.of(day) for day in np.array_split(values, 30)])
    assert dict(zip(whole.values, whole.counts, strict=True))[0.0] == (values == 0).sum()
    prices = np.concatenate([values, np.repeat([9.99, 10.0, 19.99], [500, 700, 300])])
    kept = weighted.of(prices)
    counts = dict(zip(kept.values, kept.counts, strict=True))
    assert [counts[price] for price in (9.99, 10.0, 19.99)] == [500, 700, 300]


def test_many_heavy_values_leave_no_more_groups_than_allowed():
    rng = np.random.default_rng(5)
    values = np.concatenate([np.repeat(rng.normal(size=900), 100), rng.normal(size=50_000)])
    found = weighted.of(values)
    assert len(found.values) <= 1024
    assert found.count == len(values)


def test_many_small_merges_blur_little():
    values = np.random.default_rng(1).lognormal(size=ROWS)
    found = weighted.EMPTY
    for part in np.array_split(values, 100):
        found = weighted.merge([found, weighted.of(part)])
    assert len(found.values) <= weighted.MERGED
    assert ks(found, weighted.of(values)) < 0.002
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.sd == pytest.approx(values.std(ddof=1), rel=1e-12)


def test_distinct_numbers_are_counted_and_after_merging_estimated():
    rng = np.random.default_rng(2)
    parts = [rng.integers(0, 50_000, 40_000).astype(float) for _ in range(3)]
    assert weighted.of(parts[0]).distinct == len(np.unique(parts[0]))
    whole = weighted.merge([weighted.of(part) for part in parts])
    assert whole.distinct == pytest.approx(len(np.unique(np.concatenate(parts))), rel=0.1)


def test_full_and_exact_lists_share_their_distinct_values():
    full, few = weighted.of(np.arange(2_000.0)), weighted.of(np.arange(500.0))
    assert weighted.merge([full, few]).distinct == pytest.approx(2_000, rel=0.1)
    assert weighted.merge([full, weighted.EMPTY]) is full


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.integers(-20, 20).map(lambda n: n / 4), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), max_size=5),
)
def test_quantiles_of_exact_lists_are_those_of_numpy(values, probabilities):
    found = profile.quantiles(weighted.of(np.array(values)), [0, 1, 0.5, 0.1, *probabilities])
    expected = np.quantile(values, [0, 1, 0.5, 0.1, *probabilities], method="inverted_cdf")
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("name", SAMPLES)
def test_quantiles_of_groups_are_near_those_of_the_rows(name):
    values = np.sort(sample(name))
    probabilities = np.array([0.0005, 0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999, 0.9995])
    found = profile.quantiles(weighted.of(values), probabilities)
    low = np.searchsorted(values, found, side="left") / ROWS
    high = np.searchsorted(values, found, side="right") / ROWS
    assert (low <= probabilities + 0.001).all()
    assert (high >= probabilities - 0.001).all()
    # Towards the ends groups get finer.
    assert low[0] <= probabilities[0] + 0.0002
    assert high[-1] >= probabilities[-1] - 0.0002


def test_quantiles_of_nothing_are_nan():
    assert np.isnan(profile.quantiles(weighted.EMPTY, (0.1, 0.5))).all()


def test_the_ecdf_of_few_values_is_complete():
    x, share = profile.ecdf(weighted.of(np.array([1.0, 2, 2, 5])))
    assert x.tolist() == [1, 2, 5]
    assert share.tolist() == [0.25, 0.75, 1.0]
    assert [len(part) for part in profile.ecdf(weighted.EMPTY)] == [0, 0]


def test_the_ecdf_of_many_values_is_thinned_evenly():
    values = sample("lognormal")
    x, share = profile.ecdf(weighted.of(values), points=200)
    assert len(x) == len(share) <= 200
    assert (x[0], x[-1], share[-1]) == (values.min(), values.max(), 1.0)
    assert np.diff(share).max() < 0.008
    true = np.searchsorted(np.sort(values), x, side="right") / ROWS
    assert share == pytest.approx(true, abs=0.001)
