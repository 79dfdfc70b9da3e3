import numpy as np
import pandas as pd
import pytest

from lib import profile
from lib.profile import tables


def feature(column, dtype: str | None = None) -> profile.Feature:
    return profile.profile(pd.DataFrame({"f": pd.Series(column, dtype=dtype)})).features["f"]


def rows(table: pd.DataFrame) -> list[tuple]:
    return list(table.itertuples(index=False, name=None))


def test_top_lists_the_most_frequent_then_what_is_left():
    table = profile.top(feature(["a", "b", "b", "c", None], "str"), most=2)
    assert list(table.columns) == ["value", "count", "share", "special"]
    assert rows(table) == [
        ("b", 2, 0.4, False),
        ("a", 1, 0.2, False),
        ("other", 1, 0.2, True),
        ("missing", 1, 0.2, True),
    ]


def test_top_tells_a_value_called_other_from_the_others():
    table = profile.top(feature(["other", "other", "b"], "str"), most=1)
    assert rows(table[["value", "special"]]) == [("other", False), ("other", True)]


def test_top_shows_numbers_as_short_as_they_can_be():
    column = ["3.0", "3.5", "1e20", "-0.1", "inf", "-inf", "2026-11-04", "x"]
    assert sorted(profile.top(feature(column, "str"))["value"]) == sorted(
        ["3", "3.5", "1e+20", "-0.1", "inf", "-inf", "2026-11-04 00:00:00", "x"]
    )


def test_top_of_many_numbers_lists_only_those_that_stand_out():
    values = np.concatenate([np.arange(5_000) + 0.5, np.zeros(4_000)])
    table = profile.top(feature(values))
    assert rows(table) == [("0", 4_000, 4 / 9, False), ("other", 5_000, 5 / 9, True)]


def test_top_of_no_rows_is_an_empty_table():
    table = profile.top(feature([], "str"))
    assert rows(table) == []
    assert [str(dtype) for dtype in table.dtypes] == ["str", "int64", "float64", "bool"]


@pytest.mark.parametrize(
    "column",
    [[1, 2, 2], [1.5, np.nan, np.inf], ["a", "7", None, "2026-11-04"], [True], list(range(3000))],
)
@pytest.mark.parametrize("most", [1, 2, 20])
def test_top_counts_every_row(column, most):
    assert profile.top(feature(column), most)["count"].sum() == len(column)


def test_the_table_says_what_pandas_says():
    rng = np.random.default_rng(0)
    values = pd.Series(rng.lognormal(size=500).round(2))
    found = profile.table(profile.profile(pd.DataFrame({"x": values}))).iloc[0]
    assert found["mean"] == pytest.approx(values.mean())
    assert found["sd"] == pytest.approx(values.std())
    shares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    names = ["min", "p01", "p05", "p25", "median", "p75", "p95", "p99", "max"]
    assert found[names].tolist() == np.quantile(values, shares, method="inverted_cdf").tolist()
    most = values.value_counts()
    assert float(found["top_value"]) in most.index[most == most.max()]
    assert found["top_share"] == most.max() / 500


def test_the_table_has_a_row_per_feature_and_the_same_types_always():
    frame = pd.DataFrame(
        {
            "x": pd.Series(["1", "3", "-inf", None], dtype="str"),
            "when": pd.to_datetime(["2026-11-04T00:00", "2026-11-06T12:00", None, None], utc=True),
            "colour": pd.Series(["red", "red", "blue", None], dtype="str"),
            "nothing": [np.nan] * 4,
        }
    )
    table = profile.table(profile.profile(frame))
    assert table["feature"].tolist() == ["x", "when", "colour", "nothing"]
    assert table["kind"].tolist() == ["numeric", "datetime", "categorical", "empty"]
    assert table["missing_share"].tolist() == [0.25, 0.5, 0.25, 1.0]
    assert table["infinite"].tolist() == [1, 0, 0, 0]
    assert table["distinct"].tolist() == [3, 2, 2, 0]
    assert table["mean"].tolist()[0] == 2
    assert table["mean"].isna().tolist() == [False, True, True, True]
    assert table["first"].tolist()[1] == pd.Timestamp("2026-11-04", tz="UTC")
    assert table["last"].tolist()[1] == pd.Timestamp("2026-11-06 12:00", tz="UTC")
    assert table["first"].isna().tolist() == [True, False, True, True]
    assert table["top_value"].tolist()[2:] == ["red", ""]
    for other in (table[:0], profile.table(profile.Profile())):
        assert other.dtypes.equals(table.dtypes)


def test_the_readers_kinds_change_the_table():
    frame = pd.DataFrame({"x": [1.7e12, 1.7e12 + 1000], "s": pd.Series(["1", "b"], dtype="str")})
    table = profile.table(profile.profile(frame), {"x": "datetime", "s": "numeric", "gone": "text"})
    assert table["kind"].tolist() == ["datetime", "numeric"]
    assert table["last"][0] == pd.Timestamp(1.7e9 + 1, unit="s", tz="UTC")
    assert table["type_errors"].tolist() == [0, 1]


def test_infinite_numbers_alone_have_no_quantiles():
    found = profile.table(profile.profile(pd.DataFrame({"x": [np.inf, np.inf]}))).iloc[0]
    assert (found["kind"], found["infinite"], found["top_value"]) == ("numeric", 2, "inf")
    assert np.isnan(found["median"])


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (1e15, "1000000000000000.0")]
)
def test_numbers_as_text(value, text):
    assert tables.number_text(value) == text
    assert float(text) == value
