import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import profile
from lib.drift import bins, count, shared_kind
from lib.drift.bins import MOST_CATEGORIES, below

RANDOM = np.random.default_rng(7)
MAX = np.finfo(np.float64).max

few = settings(deadline=None, max_examples=50)
numbers = st.lists(st.floats(allow_nan=False, width=32) | st.integers(-5, 5), min_size=1)
cells = st.lists(st.sampled_from(["a", "b", "C", "True", "1", "2.5", "2026-01-01", None]))


def feature(column, dtype=None, name="f"):
    return profile.profile(pd.DataFrame({name: pd.Series(column, dtype=dtype)})).features[name]


def counted(reference, current, kind="numeric", **options):
    """Return the bins, and the rows of both sides by their labels."""
    found = bins(reference, current, kind, **options)
    sides = [
        dict(zip(found.labels, count(found, side), strict=True)) for side in (reference, current)
    ]
    return found, *sides


# Numbers.


def test_few_values_get_a_bin_each_with_edges_midway():
    found, before, now = counted(feature([1, 1, 2, 5]), feature([2, 9]))
    assert found.labels == ("1", "2", "5", "9", "(other kind)", "(missing)")
    assert found.edges.tolist() == [1.5, 3.5, 7.0]
    assert list(before.values()) == [2, 1, 1, 0, 0, 0]
    assert list(now.values()) == [0, 1, 0, 1, 0, 0]


def test_a_constant_that_becomes_another_one_moves_to_another_bin():
    _, before, now = counted(feature([5.0] * 3), feature([5.0001] * 3))
    assert list(before.values()) == [3, 0, 0, 0]
    assert list(now.values()) == [0, 3, 0, 0]


def test_a_price_that_changes_slightly_moves_to_another_bin():
    _, before, now = counted(feature([9.99, 49.99]), feature([10.99, 49.99]))
    assert before["9.99"] == now["10.99"] == 1
    assert before["10.99"] == now["9.99"] == 0


def test_many_values_get_twenty_bins_of_equal_rows_of_the_reference():
    reference = feature(RANDOM.lognormal(size=1_000))
    found, before, _ = counted(reference, reference)
    assert len(found.edges) == 19
    assert list(before.values()) == [50] * 20 + [0, 0]
    values = reference.numbers.values
    assert found.edges.tolist() == pytest.approx((values[49:-1:50] + values[50::50]) / 2)


def test_the_number_of_bins_can_be_chosen():
    reference = feature(RANDOM.normal(size=1_000))
    assert len(bins(reference, reference, "numeric", most=10).edges) == 9


def test_a_value_with_many_rows_has_a_bin_for_itself():
    column = np.concatenate([np.zeros(700), RANDOM.uniform(1, 2, 300), RANDOM.uniform(-2, -1, 300)])
    found, before, _ = counted(feature(column), feature(column))
    assert max(before.values()) == 700
    assert len(found.edges) == len(set(found.edges))


def test_values_between_the_few_of_the_reference_show():
    found, before, now = counted(feature([0, 1] * 500), feature(RANDOM.uniform(size=1_000)))
    shares = np.array([list(before.values()), list(now.values())]) / 1_000
    assert np.abs(np.diff(shares, axis=0)).sum() / 2 > 0.8
    assert len(found.edges) < 20


def test_infinities_go_to_the_outer_bins():
    _, before, now = counted(feature([0.0, 1.0]), feature([-np.inf, 0.0, np.inf, np.inf]))
    assert list(before.values()) == [1, 1, 0, 0]
    assert list(now.values()) == [2, 2, 0, 0]


def test_numbers_only_on_one_side_have_bins():
    _, before, now = counted(feature(["a", "b"], "str"), feature([1.0, 2.0]))
    assert before == {"1": 0, "2": 0, "(other kind)": 2, "(missing)": 0}
    assert now == {"1": 1, "2": 1, "(other kind)": 0, "(missing)": 0}


def test_infinities_alone_are_any_number():
    _, before, now = counted(feature([np.inf, np.nan]), feature([-np.inf]))
    assert before == {"any number": 1, "(other kind)": 0, "(missing)": 1}
    assert now == {"any number": 1, "(other kind)": 0, "(missing)": 0}


def test_the_largest_and_the_smallest_floats_have_edges_between_them():
    column = [-MAX, -1e-323, 0.0, 5e-324, MAX]
    found, before, _ = counted(feature(column), feature(column))
    assert list(before.values()) == [1, 1, 1, 1, 1, 0, 0]
    assert np.isfinite(found.edges).all()


def test_cells_of_another_kind_and_missing_ones_have_bins_of_their_own():
    column = pd.Series(["1", "2", "n/a", None, "2026-01-01"], dtype="str")
    _, before, _ = counted(feature([1.0, 2.0]), feature(column))
    assert before == {"1": 1, "2": 1, "(other kind)": 0, "(missing)": 0}
    _, before, _ = counted(feature(column), feature([1.0]))
    assert before == {"1": 1, "2": 1, "(other kind)": 2, "(missing)": 1}


def test_labels_tell_bins_apart():
    column = 1_000_000 + np.arange(200) / 1_000
    labels = bins(feature(column), feature(column), "numeric").labels
    assert len(set(labels)) == len(labels)
    assert labels[0].startswith("below 1,000,000.0")
    assert labels[19].endswith(" and above")


@few
@given(numbers, numbers)
def test_counts_are_those_of_numpy(before, now):
    reference, current = feature(before, "float64"), feature(now, "float64")
    found = bins(reference, current, "numeric")
    for side, column in ((reference, before), (current, now)):
        places = np.searchsorted(found.edges, np.array(column, np.float64), side="right")
        expected = np.bincount(places, minlength=len(found.edges) + 1)
        assert count(found, side)[:-2].tolist() == expected.tolist()


@few
@given(numbers, numbers)
def test_every_bin_of_numbers_has_a_label(before, now):
    found = bins(feature(before, "float64"), feature(now, "float64"), "numeric")
    assert len(found.labels) == len(found.edges) + 3
    assert (np.diff(found.edges) > 0).all()


def test_rows_of_groups_are_counted_nearly_as_the_rows_themselves():
    column = np.concatenate([RANDOM.lognormal(3, 2, 150_000), np.full(30_000, 12.0)])
    other = feature(RANDOM.lognormal(3, 2, 200_000))
    found = bins(other, feature(column), "numeric")
    rows = count(found, feature(column))
    exact = np.bincount(np.searchsorted(found.edges, column, side="right"))
    assert rows.sum() == pytest.approx(len(column))
    assert np.abs(rows[:-2] - exact).max() < 0.0005 * len(column)


def test_rows_below_the_ends_are_none_and_all():
    numbers = feature(RANDOM.normal(size=5_000)).numbers
    ends = numbers.values[[0, -1]]
    edges = np.array([-np.inf, ends[0], np.nextafter(ends[1], np.inf), np.inf])
    assert below(numbers, edges).tolist() == [0, 0, 5_000, 5_000]


# Categories and the rest.


def test_categories_are_those_that_expect_five_rows_on_the_larger_side():
    reference = feature(["a"] * 90 + ["b"] * 9 + ["c"] * 3, "str")
    current = feature(["a"] * 90 + ["new"] * 12 + [None] * 3, "str")
    found, before, now = counted(reference, current, "categorical")
    assert found.values == ("a", "new")
    assert before == {"a": 90, "new": 0, "(other)": 12, "(missing)": 0}
    assert now == {"a": 90, "new": 12, "(other)": 0, "(missing)": 3}


def test_a_hundred_categories_are_listed():
    column = [f"v{n}" for n in range(300) for _ in range(20 + n)]
    found, before, _ = counted(feature(column, "str"), feature(column, "str"), "categorical")
    assert len(found.values) == MOST_CATEGORIES
    assert found.values[0] == "v299"
    assert before["(other)"] == sum(20 + n for n in range(200))


def test_numbers_and_instants_can_be_categories():
    column = ["1", "2.5", "2026-01-01", "x", "-inf"] * 6
    found = bins(feature(column, "str"), feature(column, "str"), "categorical")
    assert set(found.values) == {"1", "2.5", "2026-01-01 00:00:00", "x", "-inf"}
    assert count(found, feature(column, "str")).tolist() == [6] * 5 + [0, 0]


@few
@given(cells, cells)
def test_the_choice_of_categories_does_not_depend_on_the_side(before, now):
    sides = feature(before * 7, "str"), feature(now * 7, "str")
    assert bins(*sides, "categorical").values == bins(*sides[::-1], "categorical").values


def test_truth_values_are_the_same_however_they_are_written():
    found, before, now = counted(
        feature([True, False, True]), feature(["TRUE", "false", "yes", None], "str"), "boolean"
    )
    assert found.values == ("False", "True")
    assert before == {"False": 1, "True": 2, "(other)": 0, "(missing)": 0}
    assert now == {"False": 1, "True": 1, "(other)": 1, "(missing)": 1}


@pytest.mark.parametrize("kind", ["datetime", "identifier", "text", "empty"])
def test_other_kinds_are_only_present_or_missing(kind):
    column = feature(["x", "y", None], "str")
    found, before, _ = counted(column, column, kind)
    assert found.kind == kind
    assert before == {"present": 2, "(missing)": 1}


@few
@given(cells, cells, st.sampled_from(profile.KINDS))
def test_counts_add_up_to_the_rows_whatever_the_kind(before, now, kind):
    reference, current = feature(before, "str"), feature(now, "str")
    found = bins(reference, current, kind)
    for side in (reference, current):
        assert count(found, side).sum() == side.rows
        assert len(count(found, side)) == len(found.labels)


def test_a_side_without_the_feature_has_no_rows():
    found = bins(feature([1, 2]), feature([1, 2]), "numeric")
    assert count(found, None).tolist() == [0, 0, 0, 0]


# The kind of both sides.


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        ("numeric", "categorical", "numeric"),
        ("categorical", "numeric", "categorical"),
        ("empty", "numeric", "numeric"),
        ("numeric", "empty", "numeric"),
        ("empty", "empty", "empty"),
        ("categorical", "identifier", "identifier"),
        ("identifier", "categorical", "identifier"),
        ("datetime", "numeric", "datetime"),
        ("numeric", None, "numeric"),
        (None, "datetime", "datetime"),
        (None, None, "empty"),
    ],
)
def test_both_sides_are_measured_by_one_kind(before, now, kind):
    columns = {
        "numeric": [1.0, 2.5],
        "categorical": ["a", "b"],
        "empty": [None, None],
        "identifier": [f"{n:08x}-1111-2222-3333-444444444444" for n in range(3)],
        "datetime": ["2026-01-01"],
        None: None,
    }
    sides = [columns[side] and feature(columns[side], "str") for side in (before, now)]
    assert shared_kind(*sides) == kind


def test_the_readers_own_kind_comes_first():
    assert shared_kind(feature([1]), feature([2]), "categorical") == "categorical"
    with pytest.raises(ValueError, match="no kind"):
        shared_kind(feature([1]), None, "numerical")
