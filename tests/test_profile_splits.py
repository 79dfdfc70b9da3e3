import numpy as np
import pandas as pd
import pytest

from lib import profile


def rows(found: dict[str, profile.Profile]) -> dict[str, int]:
    return {name: part.rows for name, part in found.items()}


def text_frame(column: list) -> pd.DataFrame:
    return pd.DataFrame({"by": pd.Series(column, dtype="str"), "x": np.arange(float(len(column)))})


def test_rows_are_divided_by_the_most_frequent_values():
    frame = text_frame(["a", "b", "a", "c", "d", None, "a", "b"])
    found = profile.split(frame, "by", 2)
    assert rows(found) == {"a": 3, "b": 2, "other": 2, "missing": 1}
    assert found["a"].features["x"].numbers.values.tolist() == [0, 2, 6]
    assert list(found["other"].features["by"].texts.items()) == [("c", 1), ("d", 1)]


def test_few_numbers_are_divided_by_value_and_in_order():
    frame = pd.DataFrame({"by": [10, 2, 2, 10, 10, 3]})
    assert rows(profile.split(frame, "by")) == {"2": 2, "3": 1, "10": 3}


def test_texts_among_few_numbers_are_no_group():
    frame = text_frame([*["1", "2"] * 10, "many", "inf"])
    assert rows(profile.split(frame, "by")) == {"1": 10, "2": 10, "other": 2}


def test_many_numbers_are_divided_near_their_quartiles():
    frame = pd.DataFrame({"by": [*np.arange(0, 100, 0.5), np.nan, np.inf, -np.inf]})
    assert rows(profile.split(frame, "by")) == {
        "< 24": 49,
        "24 – 50": 52,
        "50 – 74": 48,
        "≥ 74": 53,
        "missing": 1,
    }


def test_a_number_that_most_rows_have_stands_against_the_others():
    frame = pd.DataFrame({"by": [0.0] * 90 + [float(n) for n in range(1, 11)]})
    assert rows(profile.split(frame, "by")) == {"< 1": 90, "≥ 1": 10}


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e9, 1e20, 4e307])
def test_ranges_of_any_size_cover_all_rows_evenly(scale):
    frame = pd.DataFrame({"by": np.random.default_rng(0).normal(size=2_000) * scale})
    found = rows(profile.split(frame, "by"))
    assert sum(found.values()) == 2_000
    assert len(found) == 4
    assert max(found.values()) < 600


def test_days_divided_by_the_same_groups_merge():
    days = [pd.DataFrame({"by": np.arange(n) * 1.0}) for n in (100, 7, 400)]
    whole = profile.merge(profile.profile(day) for day in days)
    names = profile.groups(whole.features["by"])
    assert names == ("< 60", "60 – 150", "150 – 270", "≥ 270")
    parts = [profile.split(day, "by", names) for day in days]
    assert rows(parts[1]) == {"< 60": 7}
    merged = {name: profile.merge(p[name] for p in parts if name in p).rows for name in names}
    assert merged == {"< 60": 60 + 7 + 60, "60 – 150": 40 + 90, "150 – 270": 120, "≥ 270": 130}


def test_a_group_is_found_however_its_value_is_written():
    frame = text_frame(["1", "1.0", "1e0", "2026-11-04", "2026-11-04T00:00:00Z", "x", "nan"])
    found = profile.split(frame, "by", ("1", "2026-11-04 00:00:00", "none of these"))
    assert rows(found) == {"1": 3, "2026-11-04 00:00:00": 2, "other": 1, "missing": 1}


def test_texts_that_look_like_ranges_are_texts():
    frame = text_frame(["< 5", "5 – 12", "5 – 12", "≥ 12"])
    assert rows(profile.split(frame, "by")) == {"5 – 12": 2, "< 5": 1, "≥ 12": 1}


def test_booleans_and_times_divide_too():
    frame = pd.DataFrame(
        {
            "flag": [True, False, True],
            "day": pd.to_datetime(["2026-11-04", None, "2026-11-04"], utc=True),
        }
    )
    assert rows(profile.split(frame, "flag")) == {"True": 2, "False": 1}
    assert rows(profile.split(frame, "day")) == {"2026-11-04 00:00:00": 2, "missing": 1}


def test_groups_called_other_and_missing_stay_apart_from_the_rest():
    frame = text_frame(["other", "other", "missing", "missing", "a", None])
    assert rows(profile.split(frame, "by", ("other", "missing"))) == {
        "other": 2,
        "missing": 2,
        "other (rest)": 1,
        "missing (rest)": 1,
    }


def test_a_day_without_the_column_is_missing_all_of_it():
    assert rows(profile.split(pd.DataFrame({"x": [1, 2]}), "by")) == {"missing": 2}
    assert profile.split(pd.DataFrame(), "by") == {}
    assert profile.split(text_frame([]), "by") == {}


def test_the_first_of_two_columns_of_a_name_divides():
    frame = pd.DataFrame([["a", "x"], ["b", "x"]], columns=["by", "by"])
    assert rows(profile.split(frame, "by")) == {"a": 1, "b": 1}


def test_the_readers_kind_decides_how_rows_are_divided():
    feature = profile.profile(pd.DataFrame({"by": np.arange(100)})).features["by"]
    assert len(profile.groups(feature)) == 4
    assert profile.groups(feature, 2, "categorical") == ("0", "1")
