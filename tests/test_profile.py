import dataclasses
import itertools
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_columns import FORMS

from lib import profile
from lib.profile import Feature, Profile

numbers = st.one_of(
    st.floats(-1e6, 1e6), st.integers(-5, 5).map(float), st.sampled_from([np.nan, np.inf, -np.inf])
)
texts = st.sampled_from(
    ["a", "b", "", "7", "07", "7.0", "-1e3", "inf", "nan", "True", "2026-11-04", "ß 日本", None]
)
frames = st.integers(0, 12).flatmap(
    lambda n: st.builds(
        lambda x, s: pd.DataFrame(
            {"x": pd.Series(x, dtype="float64"), "s": pd.Series(s, dtype="str")}
        ),
        st.lists(numbers, min_size=n, max_size=n),
        st.lists(texts, min_size=n, max_size=n),
    )
)


def plain(part: object) -> object:
    """Return a profile or a part of it as plain values, for comparison."""
    if dataclasses.is_dataclass(part):
        return {f.name: plain(getattr(part, f.name)) for f in dataclasses.fields(part)}
    if isinstance(part, dict):
        return {name: plain(value) for name, value in part.items()}
    found = part.tolist() if hasattr(part, "tolist") else part
    return "nan" if found != found else found


def cells(feature: Feature) -> int:
    return (
        feature.missing
        + feature.infinite
        + feature.numbers.count
        + feature.instants.count
        + feature.texts.count
    )


def only(column: pd.Series | list, dtype: str | None = None) -> Feature:
    return profile.profile(pd.DataFrame({"f": pd.Series(column, dtype=dtype)})).features["f"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("length", [0, 120, 121, 1_000_000])
def test_texts_of_any_length_are_counted_in_every_form_of_column(form, length):
    feature = only(FORMS[form](["ä" * length, None, "b", "ä" * length]))
    assert (feature.rows, feature.missing) == (4, 1)
    kept = "ä" * length if length <= 120 else "ä" * 100 + "… #"
    (first, rows), *_ = feature.texts.items()
    assert (first[: len(kept)], rows, len(first)) == (kept, 2, length if length <= 120 else 119)


def test_numbers_missing_cells_and_infinities_are_told_apart():
    feature = only([1.5, np.nan, np.inf, -np.inf, 1.5, -0.0, 0.0])
    assert (feature.rows, feature.missing, feature.below, feature.above) == (7, 1, 1, 1)
    assert feature.numbers.values.tolist() == [0.0, 1.5]
    assert feature.numbers.counts.tolist() == [2, 2]
    assert feature.numbers.mean == 0.75
    assert feature.numbers.m2 == 2.25  # 4 · 0.75²
    assert feature.shapes.whole == 2


def test_text_cells_are_sorted_by_what_they_hold():
    column = ["1", "1.0", "-2.5e3", "01234", "1_000", ".5", "NA", "inf", "nan", None, "2026-11-04"]
    feature = only(column, "str")
    assert dict(zip(feature.numbers.values, feature.numbers.counts, strict=True)) == {
        -2500.0: 1,
        1.0: 2,
    }
    assert dict(feature.texts.items()) == {"01234": 1, "1_000": 1, ".5": 1, "NA": 1}
    assert (feature.above, feature.missing, feature.instants.count) == (1, 2, 1)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("1970-01-02", 86_400),
        ("1970-01-01 00:01:00", 60),
        ("1970-01-01T00:00:00.25Z", 0.25),
        ("1970-01-01T02:00:00+01:30", 1_800),
    ],
)
def test_a_date_in_a_mixed_column_is_an_instant_in_utc(cell, seconds):
    assert only([cell, "soon"], "str").instants.values.tolist() == [seconds]


@pytest.mark.parametrize("cell", ["2026-13-01", "2026-02-30", "2026-11-04T25:00:00Z", "2026-1-1"])
def test_an_impossible_date_is_text(cell):
    assert list(only([cell], "str").texts.items()) == [(cell, 1)]


def test_a_number_too_large_for_float64_is_infinite():
    feature = only(["1e400", "-1e999999", "x"], "str")
    assert (feature.above, feature.below, feature.numbers.count) == (1, 1, 0)


def test_booleans_are_texts():
    assert list(only([True, False, True]).texts.items()) == [("True", 2), ("False", 1)]
    assert list(only([True, True]).texts.items()) == [("True", 2)]
    with_missing = only([True, None, False], "boolean")
    assert (with_missing.missing, with_missing.shapes.truths) == (1, 2)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_datetimes_are_seconds_in_utc_whatever_their_unit_and_zone(unit, zone):
    column = pd.Series(["1970-01-01T01:00", None], dtype=f"datetime64[{unit}]")
    if zone:
        column = column.dt.tz_localize("UTC").dt.tz_convert(zone)
    feature = only(column)
    assert feature.instants.values.tolist() == [3600]
    assert feature.missing == 1


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "Int64", "Float64"])
def test_any_number_dtype_is_numbers(dtype):
    assert only([3, 1, 3], dtype).numbers.values.tolist() == [1, 3]


def test_a_wide_range_of_integers_is_the_same_as_a_narrow_one():
    wide = only([2**62, -(2**62), 5, 5])
    assert wide.numbers.values.tolist() == [-(2.0**62), 5, 2.0**62]
    assert wide.numbers.counts.tolist() == [1, 2, 1]
    assert only([-3, 4, 4]).numbers.counts.tolist() == [1, 2]


def test_integers_beyond_2_to_the_53_may_become_one_value():
    feature = only([2**53, 2**53 + 1])
    assert feature.numbers.values.tolist() == [2.0**53]
    assert feature.numbers.counts.tolist() == [2]


def test_any_object_is_taken_as_the_text_it_would_be():
    column = [None, pd.NA, pd.NaT, float("nan"), np.datetime64("NaT", "s"), 1, 1.0, np.float32(0.5)]
    column += [True, Decimal("1.50"), date(1970, 1, 2), datetime(1970, 1, 1, 1, tzinfo=UTC)]
    column += ["x", b"\xff", [1, 2], {"a": 1}, "half \ud800 pair", timedelta(days=1)]
    feature = only(pd.Series(column, dtype=object))
    assert feature.missing == 5
    assert feature.numbers.values.tolist() == [0.5, 1.0, 1.5]
    assert feature.instants.values.tolist() == [3600, 86_400]
    assert dict(feature.texts.items()) == dict.fromkeys(
        ["True", "x", "b'\\xff'", "[1, 2]", "{'a': 1}", "half ? pair", "1 day, 0:00:00"], 1
    )


def test_columns_of_any_other_kind_do_not_fail_the_frame():
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["a", None]),
            "complex": [1j, 2j],
            "delta": pd.to_timedelta(["1D", None]),
            "period": pd.PeriodIndex(["2026-01", "2026-02"], freq="M"),
            "interval": pd.interval_range(0, 2),
            "python strings": pd.Series(["a", None], dtype=pd.StringDtype("python", np.nan)),
            "nothing": [None, None],
            7: [1, 2],
        }
    )
    found = profile.profile(frame)
    assert [feature.rows for feature in found.features.values()] == [2] * 8
    assert [cells(feature) for feature in found.features.values()] == [2] * 8
    assert list(found.features)[-1] == "7"


def test_columns_of_the_same_name_are_numbered():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a (2)"])
    features = profile.profile(frame).features
    assert list(features) == ["a", "a (2)", "a (2) (2)"]
    assert [feature.numbers.mean for feature in features.values()] == [1, 2, 3]


def test_the_columns_that_describe_a_row_are_left_out():
    frame = pd.DataFrame({"b": [1], "correlation_id": ["x"], "a": [1], "scored_at": [1]})
    assert list(profile.profile(frame).features) == ["b", "a"]
    assert list(profile.profile(frame, skip=("a",)).features) == [
        "b",
        "correlation_id",
        "scored_at",
    ]


def test_frames_without_rows_or_columns_have_a_profile():
    assert profile.profile(pd.DataFrame()).rows == 0
    assert profile.profile(pd.DataFrame(index=range(3))).rows == 3
    empty = pd.DataFrame({"i": [1], "f": [1.0], "s": ["a"], "o": [[1]]})[:0]
    assert [feature.rows for feature in profile.profile(empty).features.values()] == [0] * 4


def test_a_frame_is_not_changed():
    frame = pd.DataFrame({"x": [3.0, 1.0, np.nan], "s": ["b", "a", None], "i": [3, 1, 2]})
    before = frame.copy(deep=True)
    profile.profile(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_nothing_merged_is_a_profile_without_rows():
    assert (profile.merge([]).rows, profile.merge([]).features) == (0, {})


def test_the_rows_of_a_day_without_a_feature_are_not_missing_cells_of_it():
    old = profile.profile(pd.DataFrame({"a": [1.0, np.nan]}))
    new = profile.profile(pd.DataFrame({"b": ["x"] * 3, "a": [1.0] * 3}))
    whole = profile.merge([old, new])
    assert whole.rows == 5
    assert list(whole.features) == ["a", "b"]
    assert [whole.features[name].rows for name in "ab"] == [5, 3]
    assert [whole.features[name].missing for name in "ab"] == [1, 0]


def test_days_of_different_types_merge():
    days = [pd.Series([1, 2]), pd.Series(["2", "many"], dtype="str"), pd.Series([True, False])]
    whole = profile.merge(profile.profile(pd.DataFrame({"f": day})) for day in days)
    feature = whole.features["f"]
    assert dict(zip(feature.numbers.values, feature.numbers.counts, strict=True)) == {1: 1, 2: 2}
    assert dict(feature.texts.items()) == {"many": 1, "True": 1, "False": 1}


@settings(deadline=None, max_examples=100)
@given(frames, frames)
def test_merged_exact_profiles_are_the_profile_of_all_rows(one, other):
    merged = profile.merge([profile.profile(one), profile.profile(other)])
    at_once = profile.profile(pd.concat([one, other], ignore_index=True))
    assert plain(merged) == plain(at_once)


@settings(deadline=None, max_examples=50)
@given(st.lists(frames, min_size=2, max_size=4))
def test_neither_order_nor_grouping_of_a_merge_matters(parts):
    profiles = [profile.profile(part) for part in parts]
    whole = plain(profile.merge(profiles))
    assert plain(profile.merge(reversed(profiles))) == whole
    stepwise = Profile()
    for part in profiles:
        stepwise = profile.merge([stepwise, part])
    assert plain(stepwise) == whole


@settings(deadline=None, max_examples=100)
@given(frames)
def test_every_cell_is_counted_once(frame):
    for feature in profile.profile(frame).features.values():
        assert cells(feature) == feature.rows == len(frame)


def test_order_does_not_matter_and_no_cell_is_lost_when_lists_are_full():
    rng = np.random.default_rng(3)
    parts = [
        profile.profile(
            pd.DataFrame(
                {
                    "x": rng.lognormal(size=n).round(3),
                    "s": pd.Series(rng.integers(0, 30_000, n)).map("row {}".format).astype("str"),
                }
            )
        )
        for n in (40_000, 500, 20_000)
    ]
    wholes = [plain(profile.merge(order)) for order in itertools.permutations(parts)]
    assert all(whole == wholes[0] for whole in wholes)
    whole = profile.merge(parts)
    assert [cells(feature) for feature in whole.features.values()] == [60_500, 60_500]
    assert not whole.features["x"].numbers.exact
    assert not whole.features["s"].texts.exact


def test_a_profile_survives_pickling():
    found = profile.profile(pd.DataFrame({"x": np.arange(3000.0), "s": ["a"] * 3000}))
    assert plain(pickle.loads(pickle.dumps(found))) == plain(found)
