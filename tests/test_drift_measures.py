import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.spatial import distance

from lib.drift import measures
from lib.profile import weighted

few = settings(deadline=None, max_examples=50)
RANDOM = np.random.default_rng(3)
MAX = np.finfo(np.float64).max

counts = st.integers(2, 30).flatmap(
    lambda n: st.tuples(
        *[
            arrays(np.float64, n, elements=st.integers(0, 500).map(float)).filter(np.any)
            for _ in range(2)
        ]
    )
)
numbers = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=1, max_size=200)


def listed(values):
    return weighted.of(np.array(values, dtype=np.float64))


# Against scipy.


@few
@given(counts)
def test_js_distance_is_scipys(sides):
    expected = distance.jensenshannon(*sides, base=2)
    assert measures.js_distance(*sides) == pytest.approx(expected, abs=1e-7)
    assert measures.js_distance(*sides) ** 2 == pytest.approx(expected**2, abs=1e-9)


@few
@given(counts)
def test_chi2_is_scipys(sides):
    filled = sum(sides) > 0
    statistic, freedom, p = measures.chi2(*sides)
    expected = stats.chi2_contingency([side[filled] for side in sides], correction=False)
    assert statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert freedom == expected.dof
    assert p == pytest.approx(expected.pvalue, abs=1e-9)


@few
@given(counts)
def test_hellinger_is_its_definition(sides):
    p, q = (side / side.sum() for side in sides)
    expected = np.sqrt(max(0.0, 1 - np.sqrt(p * q).sum()))
    assert measures.hellinger(*sides) == pytest.approx(expected, abs=1e-7)


@few
@given(numbers, numbers)
def test_ks_is_scipys(before, now):
    before, now = before * 2, now * 2  # its p, which is not asked for, needs more than one row
    expected = stats.ks_2samp(before, now, method="asymp").statistic
    assert measures.ks(listed(before), listed(now)) == pytest.approx(expected, abs=1e-9)


@few
@given(numbers, numbers)
def test_w1_is_scipys(before, now):
    a, b = listed(before), listed(now)
    expected = stats.wasserstein_distance(a.values, b.values, a.counts, b.counts)
    assert measures.w1(a, b) == pytest.approx(expected, abs=1e-9, rel=1e-9)
    assert expected == pytest.approx(stats.wasserstein_distance(before, now), abs=1e-6, rel=1e-9)


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_benjamini_hochberg_is_scipys(p):
    found = measures.benjamini_hochberg(np.array(p))
    assert found == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_an_unknown_p_stays_unknown_and_is_not_counted():
    found = measures.benjamini_hochberg(np.array([np.nan, 0.01, 0.02, np.nan]))
    assert found.tolist() == pytest.approx([np.nan, 0.02, 0.02, np.nan], nan_ok=True)
    assert measures.benjamini_hochberg(np.array([])).tolist() == []


# By hand.


def test_measures_of_two_bins():
    before, now = np.array([50.0, 50.0]), np.array([75.0, 25.0])
    assert measures.linf(before, now) == (0.25, 0)
    # (0.755 − 0.5) ln(0.755/0.5) + …, with p = 50.5/101 and q = 75.5/101, 25.5/101
    q = np.array([75.5, 25.5]) / 101
    assert measures.psi(before, now) == pytest.approx(((q - 0.5) * np.log(q / 0.5)).sum())
    assert measures.chi2(before, now)[0] == pytest.approx(2 * 12.5**2 / 62.5 + 2 * 12.5**2 / 37.5)


def test_sides_without_a_common_bin_are_as_far_apart_as_can_be():
    before, now = np.array([10.0, 0.0]), np.array([0.0, 20.0])
    assert measures.js_distance(before, now) == pytest.approx(1)
    assert measures.hellinger(before, now) == pytest.approx(1)
    assert measures.linf(before, now) == (1, 1)
    assert np.isfinite(measures.psi(before, now))


@few
@given(counts)
def test_equal_shares_are_no_distance(sides):
    side = sides[0]
    for measure in (measures.js_distance, measures.hellinger, measures.js_debiased):
        assert measure(side, 3 * side) == pytest.approx(0, abs=1e-7)
    assert measures.chi2(side, 3 * side)[2] == pytest.approx(1)
    assert measures.psi(side, side) == 0


@few
@given(counts)
def test_contributions_add_up_to_the_square_of_the_distance(sides):
    parts = measures.contributions(*sides)
    assert (parts >= 0).all()
    assert parts.sum() == pytest.approx(measures.js_distance(*sides) ** 2, abs=1e-12)


@few
@given(counts)
def test_bins_without_rows_change_nothing(sides):
    longer = [np.append(side, [0.0, 0.0]) for side in sides]
    for measure in (measures.js_distance, measures.js_debiased, measures.psi, measures.hellinger):
        assert measure(*longer) == pytest.approx(measure(*sides), abs=1e-12)
    assert measures.chi2(*longer) == pytest.approx(measures.chi2(*sides))


def test_many_vectors_at_once_give_the_same_as_each():
    before, now = RANDOM.integers(0, 50, (2, 6, 8)).astype(np.float64)
    for measure in (measures.js_distance, measures.js_debiased, measures.psi, measures.hellinger):
        each = [measure(*sides) for sides in zip(before, now, strict=True)]
        assert measure(before, now).tolist() == pytest.approx(each)
    for at, many in enumerate(measures.chi2(before, now)):
        each = [measures.chi2(*sides)[at] for sides in zip(before, now, strict=True)]
        assert many.tolist() == pytest.approx(each)


def test_a_side_without_rows_has_no_measure():
    before, now = np.zeros(3), np.array([1.0, 2.0, 0.0])
    for sides in ((before, now), (now, before), (before, before)):
        assert np.isnan(measures.js_distance(*sides))
        assert np.isnan(measures.js_debiased(*sides))
        assert np.isnan(measures.psi(*sides))
        assert np.isnan(measures.hellinger(*sides))
        assert np.isnan(measures.linf(*sides)[0])
        assert np.isnan(measures.chi2(*sides)[2])


def test_one_bin_cannot_differ():
    assert measures.chi2(np.array([5.0, 0]), np.array([9.0, 0])) == (0, 0, 1)


# Chance.


def test_the_debiased_distance_takes_away_what_chance_adds():
    """Of the same source the divergence has the mean (B−1)(1/n + 1/m) / (8 ln 2)."""
    shares = RANDOM.dirichlet(np.full(20, 5.0))
    before = RANDOM.multinomial(2_000, shares, 2_000).astype(np.float64)
    now = RANDOM.multinomial(1_000, shares, 2_000).astype(np.float64)
    divergence = measures.contributions(before, now).sum(axis=1)
    assert divergence.mean() == pytest.approx(19 * 0.0015 / (8 * np.log(2)), rel=0.02)
    assert np.mean(measures.js_debiased(before, now) < 0.08) > 0.99


def test_the_debiased_distance_keeps_what_is_there():
    before = np.full(20, 50_000.0)
    now = np.linspace(30_000, 70_000, 20)
    assert measures.js_debiased(before, now) == pytest.approx(
        measures.js_distance(before, now), abs=1e-4
    )


# Pooling.


def test_neighbours_that_expect_too_little_are_joined():
    before = np.array([2.0, 2.0, 2.0, 50.0, 1.0])
    now = np.array([2.0, 2.0, 2.0, 50.0, 3.0])
    pooled = measures.pooled(before, now, ordered=True)
    assert pooled[2].tolist() == [0, 0, 0, 1, 1]
    assert pooled[0].tolist() == [6, 51]
    assert pooled[1].tolist() == [6, 53]


def test_the_rarest_are_joined_whatever_their_place():
    before = np.array([3.0, 60.0, 2.0, 40.0, 0.0])
    now = np.array([3.0, 60.0, 4.0, 40.0, 0.0])
    pooled = measures.pooled(before, now, ordered=False)
    assert pooled[2].tolist() == [2, 0, 2, 1, 2]
    assert pooled[0].tolist() == [60, 40, 5]


def test_rare_bins_take_the_next_rarest_along_until_they_expect_enough():
    before = np.array([1.0, 60.0, 6.0])
    pooled = measures.pooled(before, before, ordered=False)
    assert pooled[2].tolist() == [1, 0, 1]


@few
@given(counts, st.booleans())
def test_pooled_bins_expect_enough_and_lose_no_rows(sides, ordered):
    before, now, places = measures.pooled(*sides, ordered=ordered)
    assert before.sum() == sides[0].sum()
    assert now.sum() == sides[1].sum()
    assert np.bincount(places, sides[0]).tolist() == before.tolist()
    if len(before) > 1:
        smaller = min(before.sum(), now.sum())
        expected = (before + now) * smaller / (before + now).sum()
        assert expected.min() >= measures.EXPECTED - 1e-9
    if ordered:
        assert (np.diff(places) >= 0).all()


def test_without_rows_one_bin_is_left():
    before, now, places = measures.pooled(np.zeros(4), np.array([9.0, 9, 9, 9]), ordered=True)
    assert before.tolist() == [0]
    assert now.tolist() == [36]
    assert places.tolist() == [0, 0, 0, 0]


# Numbers.


def test_a_shift_is_told_in_standard_deviations_of_the_reference():
    values = RANDOM.normal(10, 4, 1_000)
    a, b = listed(values), listed(values + 2)
    assert measures.w1(a, b) == pytest.approx(2)
    assert measures.w1_sd(a, b) == pytest.approx(2 / values.std(ddof=1))


def test_a_constant_has_no_standard_deviation():
    assert np.isnan(measures.w1_sd(listed([3, 3]), listed([4])))
    assert np.isnan(measures.w1_sd(listed([3]), listed([4])))
    assert measures.w1(listed([3, 3]), listed([4])) == 1


def test_without_numbers_there_is_no_distance():
    for measure in (measures.ks, measures.w1, measures.w1_sd):
        assert np.isnan(measure(weighted.EMPTY, listed([1])))
        assert np.isnan(measure(listed([1]), weighted.EMPTY))


def test_the_largest_numbers_do_not_overflow():
    a, b = listed([-MAX, 0, MAX]), listed([MAX])
    assert measures.ks(a, b) == pytest.approx(2 / 3)
    assert measures.w1(a, b) == pytest.approx(MAX)
    assert measures.w1_sd(a, b) == pytest.approx(1)
    assert measures.w1(listed([-MAX]), b) == np.inf


def test_groups_of_many_numbers_measure_nearly_what_the_rows_do():
    before, now = RANDOM.lognormal(0, 1, 50_000), RANDOM.lognormal(0.1, 1.1, 50_000)
    a, b = listed(before), listed(now)
    assert measures.ks(a, b) == pytest.approx(stats.ks_2samp(before, now).statistic, abs=0.001)
    expected = stats.wasserstein_distance(before, now)
    assert measures.w1(a, b) == pytest.approx(expected, abs=0.002)
