import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import profile
from lib.profile import Weighted, weighted

DAY = 86_400


def of(values) -> Weighted:
    return weighted.of(np.asarray(values, dtype=np.float64))


def steps(edges: np.ndarray) -> list[float]:
    return sorted(set(np.diff(edges).round(6).tolist()))


def test_few_whole_numbers_get_a_bin_each():
    numbers = of([0, 1, 1, 3])
    edges = profile.edges([numbers])
    assert edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]
    assert profile.histogram(numbers, edges).tolist() == [1, 2, 0, 1]


def test_numbers_in_other_steps_get_a_bin_each_too():
    assert profile.edges([of([0.1, 0.2, 0.4])]).tolist() == [0.05, 0.15, 0.25, 0.35, 0.45]
    assert profile.edges([of([10, 15, 25])]).tolist() == [7.5, 12.5, 17.5, 22.5, 27.5]


@pytest.mark.parametrize("step", [1, 5, 0.1, 0.01, 250])
def test_bins_of_evenly_spaced_numbers_hold_equally_many(step):
    numbers = of(np.round(np.arange(900) * step, 2))
    edges = profile.edges([numbers])
    counts = profile.histogram(numbers, edges)
    assert 5 <= len(counts) <= 61
    assert set(counts[:-1]) == {counts[0]}
    assert counts[-1] <= counts[0]
    assert profile.outside(numbers, edges) == (0, 0)


def test_whole_numbers_are_recognised_when_they_are_not_all_listed():
    rng = np.random.default_rng(0)
    numbers = of(np.concatenate([rng.geometric(0.2, 50_000), np.arange(1, 3000)]))
    assert not numbers.exact
    edges = profile.edges([numbers], clip=0.06)
    assert steps(edges) == [1]
    assert edges[0] == 0.5


def test_the_number_of_bins_is_freedman_and_diaconis():
    values = np.linspace(0, 1, 1001) ** 2
    iqr = 0.75**2 - 0.25**2
    wanted = 1 / (2 * iqr * 1001 ** (-1 / 3))  # 10.0
    assert len(profile.edges([of(values)])) - 1 == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("values", [np.arange(1e5) ** 3, np.append(np.zeros(999), 0.12345)])
def test_there_are_no_more_than_sixty_bins(values):
    assert len(profile.edges([of(values)])) <= 62


def test_a_wanted_number_of_bins_is_nearly_kept_and_edges_are_round():
    edges = profile.edges([of([0.13, 9.71, np.pi])], bins=10)
    assert edges.tolist() == list(range(11))
    edges = profile.edges([of([-0.0312, 0.0688])], bins=20)
    assert steps(edges) == [0.005]
    assert edges.tolist() == [round(-0.035 + 0.005 * n, 3) for n in range(22)]


def test_several_distributions_share_bins_that_cover_all():
    one, other = of([1.5, 2.25]), of(np.random.default_rng(0).normal(50, 5, 1000))
    edges = profile.edges([one, other, weighted.EMPTY])
    assert edges[0] <= 1.5
    assert edges[-1] >= other.values[-1]
    assert profile.histogram(one, edges).sum() == 2


def test_clipped_tails_are_counted_outside():
    values = np.concatenate([np.linspace(0, 1, 9_990), np.full(5, -1e9), np.full(5, 1e9)])
    numbers = of(values)
    edges = profile.edges([numbers], clip=0.001)
    assert edges[0] >= -0.2
    assert edges[-1] <= 1.2
    assert profile.outside(numbers, edges) == pytest.approx((5, 5), abs=1)
    assert profile.histogram(numbers, edges).sum() == pytest.approx(9_990, abs=2)


def test_logarithmic_bins_cover_the_positive_values_only():
    numbers = of([-1, 0, 0.5, 3, 100, 2000.5])
    edges = profile.edges([numbers], log=True)
    assert edges[0] <= 0.5
    assert edges[-1] >= 2000.5
    assert np.diff(np.log10(edges)) == pytest.approx(np.log10(edges[1] / edges[0]))
    assert profile.outside(numbers, edges) == (2, 0)
    assert profile.histogram(numbers, edges).sum() == 4
    assert profile.edges([of([-1, 0])], log=True).tolist() == [1, 10]


def test_times_get_round_widths_and_weeks_begin_on_monday():
    start = pd.Timestamp("2026-11-04 10:20", tz="UTC").timestamp()
    hours = profile.edges([of(start + np.arange(1000) * 60)], bins=20, time=True)
    assert steps(hours) == [3600]
    assert hours[0] % 3600 == 0
    weeks = profile.edges([of(start + np.arange(300) * DAY)], bins=50, time=True)
    assert steps(weeks) == [7 * DAY]
    assert pd.Timestamp(weeks[0], unit="s").day_name() == "Monday"
    short = profile.edges([of(start + np.arange(10) / 100)], bins=10, time=True)
    assert steps(short) == pytest.approx([0.01], abs=1e-6)
    long = profile.edges([of(start + np.arange(100) * 364 * DAY)], bins=20, time=True)
    assert steps(long) == [5 * 364 * DAY]


@pytest.mark.parametrize(
    "values",
    [
        [],
        [5],
        [0.1] * 9,
        [1e12],
        [-1.7e308, 1.7e308],
        [1e16, 1e16 + 2],
        [1e9, 1e9 + 1e-6],
        [5e-324, 1e-323],
        [0.0, 5e-324],
        [1e300, 2e300],
    ],
)
@pytest.mark.parametrize("bins", ["auto", 1, 7])
def test_extreme_values_have_ascending_edges_around_them(values, bins):
    edges = profile.edges([of(values)], bins)
    assert np.isfinite(edges).all()
    assert (edges[1:] > edges[:-1]).all()
    assert profile.histogram(of(values), edges).sum() == len(values)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(-1e9, 1e9) | st.integers(-40, 40).map(float), min_size=1, max_size=80),
    st.sampled_from(["auto", 1, 5, 30]),
)
def test_exact_histograms_are_those_of_numpy(values, bins):
    numbers = of(values)
    edges = profile.edges([numbers], bins)
    assert (edges[1:] > edges[:-1]).all()
    assert profile.histogram(numbers, edges).tolist() == np.histogram(values, edges)[0].tolist()
    assert profile.outside(numbers, edges) == (0, 0)


@settings(deadline=None, max_examples=50)
@given(st.floats(-1, 2), st.floats(0.01, 3), st.booleans())
def test_no_row_is_lost_between_bins_and_outside(low, width, heavy):
    rng = np.random.default_rng(0)
    numbers = of(np.append(rng.normal(size=5_000), [0.5] * (900 * heavy)))
    edges = np.linspace(low, low + width, 6)
    below, above = profile.outside(numbers, edges)
    inside = profile.histogram(numbers, edges)
    assert (inside >= 0).all()
    assert below + inside.sum() + above == pytest.approx(numbers.count, abs=1)


@pytest.mark.parametrize("days", [1, 30])
def test_histograms_of_groups_are_near_those_of_the_rows(days):
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.gamma(3, 2, 70_000), np.full(30_000, 2.5)])
    shuffled = np.array_split(rng.permutation(values), days)
    numbers = weighted.merge([weighted.of(part) for part in shuffled])
    edges = profile.edges([numbers], clip=0.001)
    found, true = profile.histogram(numbers, edges), np.histogram(values, edges)[0]
    assert np.abs(found - true).max() < 100  # 0.1 % of the rows, one group
    full = true > 2_000
    assert np.abs(found[full] / true[full] - 1).max() < 0.01
