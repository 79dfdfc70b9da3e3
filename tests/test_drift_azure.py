import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib import drift, profile

few = settings(deadline=None, max_examples=40)
BASE, PRODUCTION = [1, 2, 2, 3, 3, 3, 4, 4, 5, 9], [2, 3, 3, 4, 4, 5, 5, 6, 9, 12, 12]


def compared(before, now, **options):
    """Return the row of the feature f as Azure ML sees it."""
    sides = [
        side if isinstance(side, (pd.DataFrame, profile.Profile)) else pd.DataFrame({"f": side})
        for side in (before, now)
    ]
    table = drift.compare(*sides, mode="azure-ml", **options).set_index("feature")
    return table.loc["f"]


def floats(values):
    return pd.Series(values, dtype="float64")


def letters(**rows):
    return pd.Series([value for value, times in rows.items() for _ in range(times)], dtype="str")


def test_numbers_are_those_of_azure():
    """Computed with the formulas of azureml-assets, numpy and scipy."""
    row = compared(floats(BASE), floats(PRODUCTION))
    assert (row["kind"], row["verdict"], row["bins"]) == ("numeric", "drift", 5)
    assert row["js"] == pytest.approx(0.4290562025501947, abs=1e-12)
    assert row["w1_sd"] == pytest.approx(1.0396108445295458, abs=1e-12)
    assert row["psi"] == pytest.approx(0.3046600705679696, abs=1e-12)
    assert row["p"] == pytest.approx(0.43451388652627043, abs=1e-12)
    assert np.isnan(row["q"])


def test_categories_are_those_of_azure():
    row = compared(letters(a=6, b=3, c=1), letters(a=3, b=5, d=4))
    assert (row["kind"], row["verdict"], row["bins"]) == ("categorical", "drift", 4)
    assert row["js"] == pytest.approx(0.5264079285089042, abs=1e-12)
    assert row["psi"] == pytest.approx(0.6197950125360152, abs=1e-12)
    assert row["p"] == 0
    assert np.isnan([row["w1_sd"], row["ks"]]).all()


def test_the_columns_stay_the_same():
    sides = pd.DataFrame({"f": BASE}), pd.DataFrame({"g": BASE})
    table = drift.compare(*sides, mode="azure-ml")
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == drift.COLUMNS
    assert (table["verdict"] == "not comparable").all()


numbers = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=60)


@few
@given(numbers, numbers)
def test_numbers_are_what_its_formulas_give(before, now):
    a, b = np.array(before), np.array(now)
    row = compared(floats(a), floats(b))
    sd = max(a.std(ddof=1), 0.001)
    assert row["w1_sd"] == pytest.approx(stats.wasserstein_distance(a, b) / sd, abs=1e-9)
    bins = int(np.ceil(np.log2(min(len(a), len(b))) + 1))
    ends = min(a.min(), b.min()), max(a.max(), b.max())
    if ends[0] < ends[1]:
        p, q = (np.histogram(side, bins, ends)[0] + 1 for side in (a, b))
        p, q = p / p.sum(), q / q.sum()
        assert row["bins"] == bins
        assert row["psi"] == pytest.approx(((q - p) * np.log(q / p)).sum(), abs=1e-9)


@few
@given(st.lists(st.integers(1, 50), min_size=2, max_size=8), st.data())
def test_the_chi_square_test_is_of_one_sample(before, data):
    now = data.draw(st.lists(st.integers(0, 50), min_size=len(before), max_size=len(before)))
    if not sum(now):
        return
    names = [f"v{n}" for n in range(len(before))]
    row = compared(
        letters(**dict(zip(names, before, strict=True))),
        letters(**dict(zip(names, now, strict=True))),
    )
    expected = np.array(before) / sum(before) * sum(now)
    assert row["p"] == pytest.approx(stats.chisquare(now, expected).pvalue, abs=1e-9)


# Its rules.


def test_rows_with_a_missing_cell_are_left_out_whole():
    before = pd.DataFrame({"f": floats(BASE), "g": [1.0] * 5 + [None] * 5})
    row = compared(before, pd.DataFrame({"f": floats(PRODUCTION), "g": 1.0}))
    assert (row["n_reference"], row["n_current"]) == (5, 11)
    assert row["w1_sd"] == compared(floats(BASE[:5]), floats(PRODUCTION))["w1_sd"]


def test_a_sparse_column_empties_everything():
    before = pd.DataFrame({"f": floats(BASE), "g": floats([np.nan] * 10)})
    row = compared(before, pd.DataFrame({"f": floats(BASE), "g": 1.0}))
    assert (row["verdict"], row["n_reference"]) == ("not comparable", 0)


def test_whole_numbers_turn_into_categories_with_more_rows():
    few, many = np.tile(np.arange(20), 20), np.tile(np.arange(20), 21)
    assert compared(few, few)["kind"] == "numeric"
    assert compared(many, many)["kind"] == "categorical"
    assert compared(many * 1.0, many * 1.0)["kind"] == "numeric"
    assert compared(many, many, kinds={"f": "numeric"})["kind"] == "numeric"
    assert compared(few, few, kinds={"f": "boolean"})["kind"] == "categorical"


def test_another_type_is_not_compared():
    assert compared(floats(BASE), pd.Series(BASE))["verdict"] == "not comparable"
    assert compared(floats(BASE), letters(a=9))["verdict"] == "not comparable"
    truths = pd.Series([True, False])
    assert compared(truths, truths)["verdict"] == "stable"
    assert compared(truths, letters(a=9))["verdict"] == "not comparable"


def test_a_constant_has_one_bin_and_the_least_spread():
    row = compared(floats([5, 5, 5]), floats([5, 5]))
    assert (row["bins"], row["js"], row["w1_sd"], row["psi"]) == (1, 0, 0, 0)
    assert row["verdict"] == "stable"
    assert compared(floats([5, 5]), floats([6, 6]))["w1_sd"] == pytest.approx(1 / 0.001)


def test_from_ten_thousand_rows_there_is_no_kolmogorov_smirnov_test():
    values = np.arange(10_000.0)
    assert compared(values[1:], values[1:])["p"] == 1
    assert np.isnan(compared(values, values[1:])["p"])


def test_small_shifts_are_stable():
    values = np.random.default_rng(2).normal(size=4_000)
    assert compared(values, values + 0.09)["verdict"] == "stable"
    assert compared(values, values + 0.11)["verdict"] == "drift"


@pytest.mark.parametrize("value", [np.inf, np.finfo(np.float64).max])
def test_numbers_without_a_range_are_not_compared(value):
    row = compared(floats([-value, 1.0, value]), floats([1.0, 2.0]))
    assert row["verdict"] == "not comparable"


# Profiles.


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (floats(BASE), floats(PRODUCTION)),
        (pd.Series(BASE), pd.Series(PRODUCTION)),
        (letters(a=6, b=3, c=1), letters(a=3, b=5, d=4)),
        (pd.Series([True, False, True]), pd.Series([True])),
        (np.tile(np.arange(20), 30), np.tile(np.arange(10, 25), 30)),
    ],
)
def test_profiles_of_complete_rows_give_the_same(before, now):
    frames = pd.DataFrame({"f": before}), pd.DataFrame({"f": now})
    of_frames, of_profiles = compared(*frames), compared(*map(profile.profile, frames))
    figures = ["kind", "verdict", "n_reference", "n_current", "bins"]
    measured = ["js", "w1_sd", "psi", "ks", "p"]
    if pd.Series(before).dtype.kind != "f":
        assert of_profiles[figures].tolist() == of_frames[figures].tolist()
    assert of_profiles[measured].tolist() == pytest.approx(
        of_frames[measured].tolist(), nan_ok=True
    )


def test_profiles_of_many_numbers_give_nearly_the_same():
    random = np.random.default_rng(4)
    frames = [pd.DataFrame({"f": random.normal(n / 5, 1, 30_000)}) for n in range(2)]
    of_frames, of_profiles = compared(*frames), compared(*map(profile.profile, frames))
    assert of_profiles["w1_sd"] == pytest.approx(of_frames["w1_sd"], abs=0.001)
    assert of_profiles["js"] == pytest.approx(of_frames["js"], abs=0.001)
