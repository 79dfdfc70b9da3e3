import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import profile

GUIDS = [f"{n:08x}-1111-2222-3333-444444444444" for n in range(20)]
HASHES = [f"{n:032x}" for n in range(0xA0, 0xB0)]
SENTENCE = "the parcel came two days late and was open"


def feature(column, name: str = "f", dtype: str | None = None) -> profile.Feature:
    series = pd.Series(column, dtype=dtype)
    return profile.profile(pd.DataFrame({name: series})).features[name]


def texts(column: list, name: str = "f") -> profile.Feature:
    return feature(column, name, "str")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([], "empty"),
        ([None, np.nan], "empty"),
        ([1.5, np.nan], "numeric"),
        ([np.inf, -np.inf], "numeric"),
        ([0, 1, 1], "numeric"),
        ([True, False], "boolean"),
        (["true", "false", None], "boolean"),
        (["True"] * 9 + ["unknown"], "boolean"),
        (["True"] * 8 + ["no", "yes"], "categorical"),
        (["2026-11-04", "2026-11-05T10:00:00Z"], "datetime"),
        (["1"] * 9 + ["many"], "numeric"),
        (["1"] * 8 + ["many", "few"], "categorical"),
        (["red", "dark red", None], "categorical"),
        (GUIDS, "identifier"),
        ([f"{{{GUIDS[0]}}}"], "identifier"),
        (HASHES, "identifier"),
        ([*GUIDS[:18], "none", "none"], "identifier"),
        ([*GUIDS[:8], "none", "none"], "categorical"),
        (["x" * 41], "text"),
        (["x" * 40], "categorical"),
        ([SENTENCE, "fine"], "text"),
        ([SENTENCE, "fine", "good"], "categorical"),
        (["01234", "12345", "99999"], "categorical"),
        (["1"] * 199 + ["007"], "numeric"),
    ],
)
def test_kinds(column, kind):
    assert profile.kind(feature(column)) == kind


def test_datetimes_are_datetimes():
    assert profile.kind(feature(pd.to_datetime(["2026-11-04", None], utc=True))) == "datetime"


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "ID",
        "customer_id",
        "customerId",
        "CustomerID",
        "id_customer",
        "PULocationID",
        "row-guid",
        "order.key",
        "customerid",
        "ORDERKEY",
        "uuid",
    ],
)
def test_whole_numbers_whose_name_says_so_are_no_quantities(name):
    assert profile.kind(feature(range(10), name)) == "categorical"
    assert profile.kind(feature(range(1025), name)) == "identifier"
    assert profile.kind(feature(np.arange(2000) / 2, name)) == "numeric"


@pytest.mark.parametrize("name", ["paid", "grid", "valid", "humidity", "idle", "monkey", "", "1"])
def test_whole_numbers_of_another_name_are_numeric(name):
    assert profile.kind(feature(range(1025), name)) == "numeric"


def test_texts_are_identifiers_past_ten_thousand_or_sooner_if_the_name_says_so():
    codes = [f"C{n}" for n in range(10_001)]
    assert profile.kind(texts(codes[:10_000])) == "categorical"
    assert profile.kind(texts(codes)) == "identifier"
    assert profile.kind(texts(codes[:1_000], "case_id")) == "categorical"
    assert profile.kind(texts(codes[:1_001], "case_id")) == "identifier"


def test_postal_codes_are_categories_then_identifiers_never_numbers():
    codes = [f"{n:05d}" for n in range(0, 100_000, 100)]
    assert profile.kind(texts(codes)) == "categorical"
    assert profile.kind(texts([f"{n:05d}" for n in range(0, 100_000, 20)])) == "identifier"


def test_free_text_stays_text_however_much_there_is():
    assert profile.kind(texts([f"{SENTENCE} {n}" for n in range(10_001)])) == "text"


def test_the_readers_word_counts():
    assert profile.kind(feature([1, 2, 3]), "categorical") == "categorical"
    with pytest.raises(ValueError, match="'number' is no kind of feature; kinds are numeric"):
        profile.kind(feature([1]), "number")


cell = st.sampled_from(
    ["a", "b c d e", "7", "07", "7.5", "True", "false", "inf", "2026-11-04", None, SENTENCE, *GUIDS]
)
column = st.lists(cell, max_size=30)
names = st.sampled_from(["f", "case_id", "key"])


@settings(deadline=None, max_examples=100)
@given(column, names, st.integers(2, 7))
def test_the_same_rows_several_times_have_the_same_kind(rows, name, times):
    assert profile.kind(texts(rows * times, name)) == profile.kind(texts(rows, name))


@settings(deadline=None, max_examples=50)
@given(st.lists(column, min_size=3, max_size=3), names)
def test_the_order_of_days_does_not_change_the_kind(days, name):
    profiles = [
        profile.profile(pd.DataFrame({name: pd.Series(rows, dtype="str")})) for rows in days
    ]
    at_once = profile.kind(texts([row for rows in days for row in rows], name))
    for order in itertools.permutations(profiles):
        assert profile.kind(profile.merge(order).features[name]) == at_once


@pytest.mark.parametrize("name", ["f", "f_id"])
def test_full_lists_do_not_change_kind_with_volume(name):
    frame = pd.DataFrame({name: np.arange(3_000)})
    once = profile.profile(frame)
    assert profile.kind(profile.merge([once] * 5).features[name]) == profile.kind(
        once.features[name]
    )


def test_type_errors_are_what_the_kind_does_not_allow():
    mixed = texts(["1", "2", "inf", "many", "True", "2026-11-04", None])
    assert [profile.type_errors(mixed, kind) for kind in profile.KINDS] == [
        {"numeric": 3, "datetime": 4, "boolean": 5, "empty": 6}.get(kind, 0)
        for kind in profile.KINDS
    ]


def test_distinct_counts_values_of_every_type():
    assert profile.distinct(texts(["1", "1.0", "inf", "a", "a", "2026-11-04", None])) == (4, True)
    assert profile.distinct(feature(range(5_000))) == (5_000, False)


def test_only_numbers_and_times_are_measured_by_numbers():
    mixed = texts(["1", "2", "a"])
    assert profile.numbers_of(mixed, "numeric").values.tolist() == [1, 2]
    for kind in ("categorical", "boolean", "text", "identifier", "empty"):
        assert profile.numbers_of(mixed, kind).count == 0


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_numbers_can_be_read_as_time_since_1970(unit):
    seconds = np.array([1.7e9, 1.7e9 + 5, 1.8e9])
    found = profile.numbers_of(feature(seconds * unit), "datetime")
    assert found.values == pytest.approx(seconds)
    assert found.mean == pytest.approx(seconds.mean())
    assert found.sd == pytest.approx(seconds.std(ddof=1))
    assert profile.type_errors(feature(seconds * unit), "datetime") == 0


def test_times_in_several_units_are_put_in_order():
    found = profile.numbers_of(feature([1.7e12, 1.8e9, 1.7e9]), "datetime")
    assert found.values.tolist() == [1.7e9, 1.8e9]
    assert found.counts.tolist() == [2, 1]
    assert found.distinct == 3


def test_what_a_datetime_holds_most_of_is_its_time():
    both = texts(["2026-11-04", "2026-11-05", "1700000000000"])
    assert profile.numbers_of(both, "datetime").count == 2
    assert profile.type_errors(both, "datetime") == 1
