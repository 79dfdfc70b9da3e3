"""Features over days and beside a reference."""

import math
from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib import profile, summary
from lib.profile import Feature
from lib.store import Day
from lib.window import Window

WINDOW = Window(date(2026, 3, 1), date(2026, 3, 4))
CELLS = ["a", "b", "3", "2026-03-01", "inf", None]
CELLS += ["other", "missing", "“other”", "““other””", "(other)", "(missing)", "“(other)”"]


def feature(*cells: object) -> Feature:
    """Return a feature of cells as they stand in a file, None for a missing one."""
    texts = [None if cell is None else str(cell) for cell in cells]
    return profile.profile(pd.DataFrame({"f": pd.Series(texts, dtype="str")})).features["f"]


def day(number: int, *cells: object, name: str = "f") -> Day:
    texts = [None if cell is None else str(cell) for cell in cells]
    frame = pd.DataFrame({name: pd.Series(texts, dtype="str")})
    return Day(
        day=date(2026, 3, number),
        container="account/modeldata",
        blobs=(),
        rows=len(frame),
        profile=profile.profile(frame),
        problems=pd.DataFrame({"kind": [], "count": []}),
    )


def shares(table: pd.DataFrame) -> dict[tuple[int, str], float]:
    """Return the shares by day of the month and category."""
    assert list(table.columns) == ["day", "category", "share"]
    return {(row.day.day, row.category): row.share for row in table.itertuples()}


# Over days.


def test_quantiles_are_values_of_the_rows():
    found = summary.quantiles(feature(*range(1, 21), None, "text"), "numeric")
    assert found == {"p05": 1, "p25": 5, "p50": 10, "p75": 15, "p95": 19}


def test_what_has_no_numbers_has_no_quantiles():
    assert summary.quantiles(feature("a", None), "numeric") == {}
    assert summary.quantiles(feature(1, 2), "categorical") == {}
    assert summary.quantiles(None, "numeric") == {}


def test_quantiles_of_times_are_in_seconds():
    found = summary.quantiles(feature("1970-01-01T00:00:05", "1970-01-02"), "datetime")
    assert found == {"p05": 5, "p25": 5, "p50": 5, "p75": 86400, "p95": 86400}


def test_every_day_has_its_quantiles_and_days_without_numbers_have_none():
    days = [day(1, *range(1, 21)), day(3, "a", None), day(4, 7, name="g")]
    table = summary.quantiles_per_day(days, WINDOW, "f", "numeric")
    assert list(table.columns) == ["day", "p05", "p25", "p50", "p75", "p95"]
    assert table["day"].tolist() == list(WINDOW)
    assert table.loc[0].tolist() == [date(2026, 3, 1), 1, 5, 10, 15, 19]
    assert table.loc[1:].drop(columns="day").isna().all(axis=None)
    assert (table.dtypes.iloc[1:] == "float64").all()


@pytest.mark.parametrize("days", [[], [day(2, "a")], [day(2, 1, name="g"), day(3)]])
def test_a_window_without_numbers_has_days_without_quantiles(days):
    table = summary.quantiles_per_day(days, WINDOW, "f", "numeric")
    assert table["day"].tolist() == list(WINDOW)
    assert table[["p05", "p25", "p50", "p75", "p95"]].isna().all(axis=None)


def test_the_first_day_may_be_the_one_without_numbers():
    table = summary.quantiles_per_day([day(1, "a"), day(2, 5)], WINDOW, "f", "numeric")
    assert table["p50"].fillna(-1).tolist() == [-1, 5, -1, -1]


def test_the_most_frequent_values_of_all_days_are_shown_on_each():
    days = [
        day(1, "a", "a", "b", "c"),
        day(2, "b", "b", "b", None),
        day(3, "a", name="g"),
        day(4, "c", "a", "d", "e"),
    ]
    assert shares(summary.categories_per_day(days, "f", most=2)) == {
        (1, "a"): 0.5,
        (1, "b"): 0.25,
        (1, "other"): 0.25,
        (2, "b"): 0.75,
        (2, "missing"): 0.25,
        (4, "a"): 0.25,
        (4, "other"): 0.75,
    }


def test_values_called_as_the_rest_is_called_are_in_quotation_marks():
    cells = ["other", "other", "missing", "missing", "“other”", "“other”", "(other)", None]
    assert shares(summary.categories_per_day([day(1, *cells)], "f", most=3)) == {
        (1, "“other”"): 0.25,
        (1, "“missing”"): 0.25,
        (1, "““other””"): 0.25,
        (1, "other"): 0.125,
        (1, "missing"): 0.125,
    }


@pytest.mark.parametrize("days", [[], [day(1)], [day(1, "a", name="g")]])
def test_days_without_the_feature_have_no_categories(days):
    assert shares(summary.categories_per_day(days, "f")) == {}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=12), min_size=1, max_size=4),
    st.integers(1, 6),
)
def test_the_shares_of_every_day_add_up_to_1(cells, most):
    days = [day(n, *some) for n, some in enumerate(cells, 1)]
    table = summary.categories_per_day(days, "f", most)
    assert not table.duplicated(["day", "category"]).any()
    assert table["category"].nunique() <= most + 2
    assert table.groupby("day")["share"].sum().to_numpy() == pytest.approx(np.ones(len(days)))


def test_the_missing_share_of_every_day():
    days = [day(1, "a", None, None, None), day(2, "a"), day(3, None, name="g")]
    table = summary.missing_per_day(days, WINDOW, "f")
    assert list(table.columns) == ["day", "share"]
    assert table["day"].tolist() == list(WINDOW)
    assert table["share"].fillna(-1).tolist() == [0.75, 0, -1, -1]


@pytest.mark.parametrize("days", [[], [day(1)]])
def test_days_without_rows_have_no_missing_share(days):
    table = summary.missing_per_day(days, WINDOW, "f")
    assert table["day"].tolist() == list(WINDOW)
    assert table["share"].isna().all()


# Side by side.


def side_by_side(most: int, **parts: Feature) -> dict[str, list[float]]:
    """Return the rows of each label, in the order of the parts."""
    labels, counts = summary.side_by_side(parts, most)
    assert list(counts) == list(parts)
    assert all(len(numbers) == len(labels) for numbers in counts.values())
    return dict(zip(labels, np.transpose(list(counts.values())).tolist(), strict=True))


def test_equal_distributions_side_by_side():
    same = feature("a", "b", "b")
    assert side_by_side(10, now=same, then=same) == {"b": [2, 2], "a": [1, 1]}


def test_different_distributions_side_by_side():
    found = side_by_side(10, now=feature("a", "b", "b"), then=feature("c"))
    assert found == {"c": [0, 1], "b": [2, 0], "a": [1, 0]}
    assert list(found) == ["c", "b", "a"]  # by the largest share in any


def test_the_rest_and_missing_cells_come_last():
    now = feature("a", "a", "a", "b", "b", "d", None)
    then = feature("a", "c", "c", "c", "b")
    found = side_by_side(2, now=now, then=then)
    assert found == {"c": [0, 3], "a": [3, 1], "(other)": [3, 1], "(missing)": [1, 0]}
    assert list(found) == ["c", "a", "(other)", "(missing)"]


def test_only_one_distribution():
    assert side_by_side(1, current=feature(2, 2, 1.5)) == {"2": [2], "(other)": [1]}


def test_distributions_without_rows_have_no_labels():
    assert side_by_side(5, now=feature(), then=feature()) == {}
    assert side_by_side(5, now=feature(), then=feature("a")) == {"a": [0, 1]}
    assert summary.side_by_side({}, 5) == ([], {})


def test_texts_beyond_those_that_are_listed_are_in_the_rest():
    many = feature(*(f"v{n}" for n in range(10_001)), "v7")
    labels, counts = summary.side_by_side({"now": many, "then": feature("v7", "x")}, 2)
    assert labels == ["v7", "x", "(other)"]
    assert counts["now"].tolist() == [2, 0, 10_000]
    assert counts["then"].tolist() == [1, 1, 0]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(st.sampled_from(CELLS), max_size=12), min_size=1, max_size=3), st.data())
def test_the_counts_of_every_distribution_are_all_its_rows(cells, data):
    most = data.draw(st.integers(1, 8))
    parts = {f"part {n}": feature(*some) for n, some in enumerate(cells)}
    labels, counts = summary.side_by_side(parts, most)
    assert len(set(labels)) == len(labels)
    for some, numbers in zip(cells, counts.values(), strict=True):
        found = Counter(dict(zip(labels, numbers, strict=True)))
        assert sum(found.values()) == len(some)
        assert found["(missing)"] == some.count(None)
        for plain in {"a", "b", "3"} & set(labels):
            assert found[plain] == some.count(plain)


# Statistics.


def profiles(**columns: list) -> profile.Profile:
    return profile.profile(pd.DataFrame({n: pd.Series(c, dtype="str") for n, c in columns.items()}))


def test_statistics_without_a_reference_are_those_of_the_profile():
    current = profiles(x=["1", "2"], y=["a", None])
    for reference in (None, profile.Profile()):
        table = summary.statistics(current, reference, {"x": "categorical"})
        pd.testing.assert_frame_equal(table, profile.table(current, {"x": "categorical"}))


def test_statistics_have_the_reference_beside():
    current = profiles(x=["1", "2", "3"], y=["a", "a", None], new=["1", "1", "1"])
    reference = profiles(x=["5", None, "7", "9"], y=["b", None, None, None], gone=["1"] * 4)
    table = summary.statistics(current, reference, {}).set_index("feature")
    assert table.index.tolist() == ["x", "y", "new"]
    assert table.loc["x", ["median", "reference_median"]].tolist() == [2, 7]
    assert table["reference_missing_share"].fillna(-1).tolist() == [0.25, 0.75, -1]
    assert table["reference_median"].fillna(-1).tolist() == [7, -1, -1]


def test_the_kind_in_the_statistics_follows_from_both_together():
    current = profiles(x=["1", "2", "3", "n/a"])  # alone it would be categorical
    reference = profiles(x=["4"] * 40)
    table = summary.statistics(current, reference, {}).iloc[0]
    assert (table["kind"], table["median"], table["reference_median"]) == ("numeric", 2, 4)
    table = summary.statistics(current, reference, {"x": "categorical"}).iloc[0]
    assert table["kind"] == "categorical"
    assert math.isnan(table["reference_median"])


# Change.


@pytest.mark.parametrize(
    ("kind", "cells", "other"),
    [
        ("numeric", [1, 2, 2, None], [10, 11]),
        ("datetime", ["2026-03-01", "2026-03-02"], ["2026-04-01"]),
        ("categorical", ["a", "b", None], ["c", 1]),
        ("boolean", ["True", "True"], ["False"]),
        ("text", ["one two three four"], ["five six seven eight"]),
        ("identifier", ["a1", "a2"], ["a3"]),
    ],
)
def test_no_change_is_0_and_nothing_in_common_is_1(kind, cells, other):
    twice = feature(*cells, *cells)
    assert summary.change(feature(*cells), twice, kind) == 0
    present = [cell for cell in cells if cell is not None]
    assert summary.change(feature(*present), feature(*other), kind) == 1


NUMBERS = st.lists(
    st.one_of(st.integers(-5, 5), st.floats(-1e300, 1e300), st.sampled_from([np.inf, -np.inf])),
    min_size=2,  # scipy has no p-value for a single number on either side
    max_size=30,
)


@settings(deadline=None, max_examples=100)
@given(NUMBERS, NUMBERS)
def test_the_change_of_numbers_is_the_statistic_of_kolmogorov_and_smirnov(now, then):
    one, other = (
        profile.profile(pd.DataFrame({"f": np.array(side, dtype=float)})).features["f"]
        for side in (now, then)
    )
    expected = stats.ks_2samp(now, then, method="asymp").statistic
    assert summary.change(one, other, "numeric") == pytest.approx(expected, abs=1e-12)
    assert summary.change(other, one, "numeric") == pytest.approx(expected, abs=1e-12)


def test_the_change_of_times_is_that_of_their_seconds():
    now, then = ["2026-03-01", "2026-03-02", "2026-03-05"], ["2026-03-02", "2026-03-03"]
    # At or below 1 March: 1/3 and 0; 2 March: 2/3 and 1/2; 3 March: 2/3 and 1.
    assert summary.change(feature(*now), feature(*then), "datetime") == pytest.approx(1 / 3)


def test_the_change_of_values_is_half_the_sum_of_the_differences():
    now, then = feature("a", "a", "b", "c"), feature("a", "b", "b", "b", "d")
    # a: 1/2 and 1/5; b: 1/4 and 3/5; c: 1/4 and 0; d: 0 and 1/5.
    expected = (0.3 + 0.35 + 0.25 + 0.2) / 2
    assert summary.change(now, then, "categorical") == pytest.approx(expected, abs=1e-15)


def test_missing_cells_count_as_a_value_of_their_own():
    now, then = feature("a", "a", None, None), feature("a", "b", "b", None)
    # a: 1/2 and 1/4; b: 0 and 1/2; missing: 1/2 and 1/4.
    assert summary.change(now, then, "categorical") == pytest.approx(0.5)


def test_more_missing_numbers_are_a_change_even_if_the_others_are_the_same():
    now, then = feature(1, 2, None, None, None, None, None, None), feature(1, 2, 1, 2)
    assert summary.change(now, then, "numeric") == 0.75
    assert summary.change(feature(None, None), feature(1, None), "numeric") == 0.5


def test_cells_of_another_kind_are_a_change_too():
    assert summary.change(feature(1, 2, "n/a", "n/a"), feature(1, 2), "numeric") == 0.5
    assert summary.change(feature("n/a"), feature(1), "numeric") == 1
    assert summary.change(feature("2026-03-01", "?"), feature("2026-03-01"), "datetime") == 0.5


def test_numbers_that_became_infinite_are_a_change():
    assert summary.change(feature("inf", "inf"), feature(1, 2), "numeric") == 1
    assert summary.change(feature("-inf", 1), feature(1, 1), "numeric") == 0.5
    assert summary.change(feature("inf"), feature("inf"), "numeric") == 0


def test_change_without_rows_is_not_a_number():
    assert math.isnan(summary.change(feature(), feature(1), "numeric"))
    assert math.isnan(summary.change(feature("a"), feature(), "categorical"))


def test_all_that_is_listed_is_compared_however_much_it_is():
    now, then = (
        feature(*(f"{side}{n}" for n in range(10_000)), *range(start, start + 1_000))
        for side, start in (("a", 0), ("b", 5_000))
    )
    assert summary.change(now, then, "categorical") == 1


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(CELLS), min_size=1, max_size=15),
    st.lists(st.sampled_from(CELLS), min_size=1, max_size=15),
    st.sampled_from(["numeric", "datetime", "categorical"]),
)
def test_change_lies_between_0_and_1_and_has_no_direction(now, then, kind):
    one, other = feature(*now), feature(*then)
    found = summary.change(one, other, kind)
    assert 0 <= found <= 1 + 1e-12
    assert summary.change(other, one, kind) == pytest.approx(found, abs=1e-12)
    assert summary.change(one, one, kind) == 0
