import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import drift, profile
from lib.drift import Thresholds, measures

MAX = np.finfo(np.float64).max
few = settings(deadline=None, max_examples=50)


def stable(rows, seed):
    """Return rows of a source that never changes, whose columns are hard to judge."""
    random = np.random.default_rng(seed)
    day = pd.Timestamp("2026-11-02", tz="UTC") + pd.Timedelta(days=7 * seed)
    ids = random.integers(0, 2**62, rows)
    return pd.DataFrame(
        {
            **{f"normal_{n}": random.normal(n, 1 + n, rows) for n in range(6)},
            "income": random.lognormal(8, 1.5, rows),
            "cauchy": random.standard_cauchy(rows),
            "age": random.integers(18, 90, rows),
            "children": random.poisson(2, rows),
            "overdraft": np.where(random.random(rows) < 0.7, 0, random.exponential(5, rows)),
            "price": random.choice([9.99, 19.99, 49.99], rows, p=[0.6, 0.3, 0.1]),
            "merchant": [f"m{n}" for n in random.zipf(1.3, rows) % 100_000],
            "channel": random.choice(["app", "branch", "web", "phone"], rows),
            "flag": random.random(rows) < 0.02,
            "request": [f"{n:016x}" for n in ids],
            "customer_id": random.integers(0, 50_000, rows),
            "asked_at": day + pd.to_timedelta(random.integers(0, 7 * 86_400, rows), unit="s"),
            "score": np.where(random.random(rows) < 0.5, np.nan, random.normal(size=rows)),
            "state": np.where(random.random(rows) < 0.995, "ok", "bad"),
        }
    )


def changed(rows, seed):
    """Return such rows in which five things went wrong."""
    frame, random = stable(rows, seed), np.random.default_rng(seed + 1)
    frame["income"] *= 100
    frame.loc[random.random(rows) < 0.2, "normal_2"] = np.nan
    frame.loc[random.random(rows) < 0.12, "channel"] = "partner"
    frame["normal_0"] += 0.5
    frame["normal_1"] = (frame["normal_1"] - 1) * 1.5**0.5 + 1
    return frame


WRONG = ["income", "normal_2", "channel", "normal_0", "normal_1"]


def compared(before, now, **options):
    """Return the row of a feature with these columns."""
    sides = (pd.DataFrame({"f": column}) for column in (before, now))
    table = drift.compare(*sides, **options)
    assert len(table) == 1
    return table.iloc[0]


def texts(*cells):
    return pd.Series(cells, dtype="str")


# False alarms and misses.


@pytest.mark.parametrize(
    ("before", "now", "seeds"),
    [(1_000, 1_000, 6), (10_000, 10_000, 3), (100_000, 100_000, 1), (20_000, 500, 6)],
)
def test_what_has_not_changed_does_not_drift(before, now, seeds):
    for seed in range(seeds):
        table = drift.compare(stable(before, 2 * seed), stable(now, 2 * seed + 1))
        assert len(table) == 20
        assert table["verdict"].isin(["stable", "watch"]).all(), table
        assert (table["signals"] == "").all(), table


@pytest.mark.parametrize(("before", "now"), [(1_000, 1_000), (5_000, 2_000), (100_000, 50_000)])
def test_what_has_changed_drifts_and_nothing_else(before, now):
    table = drift.compare(stable(before, 11), changed(now, 12)).set_index("feature")
    verdicts = table["verdict"]
    assert verdicts[WRONG[:-1]].isin(drift.DRIFTED).all()
    # Whether a spread is wider by half, 1,000 rows do not always tell.
    assert verdicts["normal_1"] in (*drift.DRIFTED, "watch") or now < 2_000
    assert not verdicts.drop(WRONG).isin(drift.DRIFTED).any()
    assert table["moved"]["channel"] == "partner"
    assert table["moved"]["normal_2"] == "(missing)"
    assert table["signals"]["normal_2"] == "missing"
    assert table["signals"]["channel"] == "new categories"
    assert table["new_categories"]["channel"] == 1


def test_days_that_were_merged_are_judged_as_the_whole():
    parts = [profile.profile(stable(3_000, seed)) for seed in range(14)]
    before, now = profile.merge(parts[:7]), profile.merge(parts[7:])
    table = drift.compare(before, now)
    assert (table["verdict"] == "stable").all()
    assert (table["p"] > 0.0001).all()


# The numbers of a row.


def test_the_columns_are_those_that_are_promised():
    table = drift.compare(stable(200, 1), stable(200, 2))
    assert list(table) == [
        *("feature", "kind", "verdict", "js", "w1_sd", "psi", "ks", "linf", "hellinger"),
        *("js_debiased", "n_reference", "n_current", "bins", "p", "q"),
        *("missing_reference", "missing_current", "new_categories", "signals", "moved"),
    ]
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == drift.COLUMNS


def test_a_row_can_be_checked_by_hand():
    row = compared(texts(*["a"] * 150, *["b"] * 50), texts(*["a"] * 100, *["b"] * 200, None))
    before, now = np.array([150.0, 50, 0]), np.array([100.0, 200, 1])
    pooled = measures.pooled(before, now, ordered=False)[:2]
    assert row["bins"] == 2  # one missing cell expects too few rows
    assert row["js"] == pytest.approx(measures.js_distance(*pooled))
    assert row["js_debiased"] ** 2 == pytest.approx(
        row["js"] ** 2 - (1 / 200 + 1 / 301) / (8 * np.log(2))
    )
    assert row["psi"] == measures.psi(*pooled)
    assert row["hellinger"] == measures.hellinger(*pooled)
    assert row["p"] == row["q"] == measures.chi2(*pooled)[2]
    assert (row["linf"], row["moved"]) == (pytest.approx(0.75 - 100 / 301), "a")
    assert (row["n_reference"], row["n_current"]) == (200, 301)
    assert (row["missing_reference"], row["missing_current"]) == (0, 1 / 301)
    assert np.isnan([row["w1_sd"], row["ks"]]).all()


def test_numeric_features_tell_how_far_they_moved():
    values = np.random.default_rng(1).normal(10, 2, 1_000)
    row = compared(values, values + 1)
    assert row["w1_sd"] == pytest.approx(1 / values.std(ddof=1))
    assert 0.1 < row["ks"] < 0.3


def test_q_is_p_corrected_for_the_features_that_were_judged():
    random = np.random.default_rng(5)
    before = pd.DataFrame(random.integers(0, 3, (300, 8))).add_prefix("f")
    now = pd.DataFrame(random.integers(0, 3, (300, 8))).add_prefix("f")
    now["f9"] = 1
    table = drift.compare(before, now)
    assert table["q"].tolist() == pytest.approx(
        measures.benjamini_hochberg(table["p"].to_numpy()).tolist(), nan_ok=True
    )
    assert np.isnan(table["q"].iloc[-1])


# The verdict.


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.5, "stable"), (0.54, "stable"), (0.6, "watch"), (0.7, "drift"), (0.9, "strong")],
)
def test_the_verdict_grows_with_the_distance(share, verdict):
    before = texts(*["a"] * 5_000, *["b"] * 5_000)
    rows = round(10_000 * share)
    assert compared(before, texts(*["a"] * rows, *["b"] * (10_000 - rows)))["verdict"] == verdict


def test_a_large_difference_that_may_be_chance_is_stable():
    row = compared(texts(*["a"] * 60, *["b"] * 60), texts(*["a"] * 70, *["b"] * 50))
    assert row["js_debiased"] > 0.02
    lax = Thresholds(watch=0.01, drift=0.02, strong=0.9)
    row = compared(texts(*["a"] * 60, *["b"] * 60), texts(*["a"] * 70, *["b"] * 50), thresholds=lax)
    assert (row["verdict"], row["p"] > 0.01) == ("stable", True)


def test_a_difference_that_is_certain_but_small_is_stable():
    row = compared(np.zeros(1_000_000), np.repeat([0, 1], [999_000, 1_000]))
    assert row["q"] < 1e-9
    assert row["verdict"] == "stable"


@pytest.mark.parametrize(("before", "now"), [(99, 1_000), (1_000, 99), (1, 1)])
def test_few_rows_are_not_enough(before, now):
    row = compared(np.zeros(before), np.ones(now))
    assert row["verdict"] == "not enough data"
    assert np.isnan(row["q"])
    assert row["signals"] == ""


def test_a_hundred_rows_are_enough():
    assert compared(np.zeros(100), np.ones(100))["verdict"] == "strong"


def test_a_feature_of_one_side_is_not_comparable():
    table = drift.compare(
        pd.DataFrame({"both": [1.0] * 200, "gone": 1.0}),
        pd.DataFrame({"both": [1.0] * 200, "new": "x"}),
    ).set_index("feature")
    assert table["verdict"].to_dict() == {
        "both": "stable",
        "gone": "not comparable",
        "new": "not comparable",
    }
    assert table["signals"].to_dict() == {"both": "", "gone": "column gone", "new": "new column"}
    assert table.loc["gone", ["n_reference", "n_current", "bins"]].tolist() == [200, 0, 0]
    assert table.loc["new", ["js", "linf", "p", "q", "missing_reference"]].isna().all()
    assert table.loc["new", "moved"] == ""


def test_rows_come_in_the_order_of_urgency():
    random = np.random.default_rng(2)
    before, now = (
        pd.DataFrame({name: random.random(2_000) < 0.5 for name in "abcd"}) for _ in range(2)
    )
    now["d"], now["b"] = random.random(2_000) < 0.99, random.random(2_000) < 0.68
    now["Unnamed: 0"], now["zip"], before["2"] = 1, 2, 3
    table = drift.compare(before, now)
    assert table["verdict"].map(drift.VERDICTS.index).is_monotonic_increasing
    assert table["feature"][:2].tolist() == ["d", "b"]
    assert table["feature"][-3:].tolist() == ["zip", "2", "Unnamed: 0"]


def test_the_order_does_not_depend_on_that_of_the_columns():
    before, now = stable(500, 1), changed(500, 2)
    table = drift.compare(before, now)
    turned = drift.compare(before[before.columns[::-1]], now[now.columns[::-1]])
    pd.testing.assert_frame_equal(table, turned)


def test_profiles_and_frames_give_the_same():
    before, now = stable(500, 1), changed(500, 2)
    table = drift.compare(profile.profile(before), profile.profile(now))
    pd.testing.assert_frame_equal(table, drift.compare(before, now))


def test_the_readers_kinds_come_first():
    before, now = np.arange(200.0), np.arange(200.0) + 1_000
    assert compared(before, now)["verdict"] == "strong"
    row = compared(before, now, kinds={"f": "identifier"})
    assert (row["kind"], row["verdict"]) == ("identifier", "stable")
    with pytest.raises(ValueError, match="no kind"):
        compared(before, now, kinds={"f": "number"})


# Whatever a column holds.


INSTANTS = pd.date_range("2026-11-01", periods=200, tz="UTC")
HOLDS = {
    "numbers": np.arange(200.0),
    "a constant": np.full(200, 7.0),
    "nothing": np.full(200, np.nan),
    "nulls": texts(*[None] * 200),
    "infinities": np.repeat([np.inf, -np.inf], 100),
    "one infinity": np.append(np.arange(199.0), np.inf),
    "the largest numbers": np.linspace(-1, 1, 200) * MAX,
    "the smallest numbers": np.arange(200) * 5e-324,
    "texts": texts(*["red", "blue"] * 100),
    "other texts": texts(*["green", "pink"] * 100),
    "truths": pd.Series([True, False] * 100),
    "written truths": texts(*["true", "FALSE"] * 100),
    "instants": INSTANTS,
    "guids": texts(*[f"{n:08x}-1111-2222-3333-444444444444" for n in range(200)]),
    "sentences": texts(*[f"the parcel number {n} came late" for n in range(200)]),
    "all sorts": texts(*["1", "x", None, "2026-01-01", "inf"] * 40),
    "numbers and errors": texts(*[str(n) for n in range(190)], *["n/a"] * 10),
    "odd names": texts(*["(missing)", "(other)", "", " ", "\n", "<b>"] * 34),
    "one row": np.ones(1),
    "no rows": np.empty(0),
}


@pytest.mark.parametrize("before", HOLDS)
@pytest.mark.parametrize("now", HOLDS)
def test_any_two_columns_give_a_row(before, now):
    row = compared(pd.Series(HOLDS[before]), pd.Series(HOLDS[now]))
    assert row["verdict"] in drift.VERDICTS
    assert (row["n_reference"], row["n_current"]) == (len(HOLDS[before]), len(HOLDS[now]))
    if row["verdict"] == "not comparable":
        assert np.isnan(row["js_debiased"])
    else:
        assert 0 <= row["js_debiased"] <= row["js"] + 1e-9 <= 1 + 2e-9
        assert 0 <= row["p"] <= 1
    if before == now and "row" not in before:
        assert (row["verdict"], row["js"], row["signals"]) == ("stable", 0, "")


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ("numbers", "nothing", "strong"),
        ("nothing", "numbers", "strong"),
        ("numbers", "texts", "strong"),
        ("texts", "numbers", "strong"),
        ("texts", "other texts", "strong"),
        ("numbers", "infinities", "strong"),
        ("numbers", "instants", "strong"),
        ("a constant", "numbers", "strong"),
        ("truths", "written truths", "stable"),
        ("guids", "nothing", "strong"),
        ("guids", "texts", "stable"),
        ("instants", "numbers", "not comparable"),
        ("sentences", "numbers", "not comparable"),
        ("sentences", "instants", "not comparable"),
        ("numbers", "one row", "not enough data"),
        ("numbers", "no rows", "not comparable"),
        ("no rows", "no rows", "not comparable"),
    ],
)
def test_what_is_said_of_odd_pairs(before, now, verdict):
    assert compared(pd.Series(HOLDS[before]), pd.Series(HOLDS[now]))["verdict"] == verdict


def test_one_bad_feature_leaves_the_others_as_they_are():
    before, now = stable(500, 1), changed(500, 2)
    alone = drift.compare(before[["income"]], now[["income"]]).iloc[0]
    before["bad"], now["bad"] = MAX, np.where(np.arange(500) % 2, np.inf, np.nan)
    with_bad = drift.compare(before[["bad", "income"]], now[["bad", "income"]])
    assert with_bad["verdict"].tolist() == ["strong", "strong"]
    measured = with_bad.set_index("feature").loc["income", ["js", "w1_sd", "psi", "p"]]
    assert measured.tolist() == alone[["js", "w1_sd", "psi", "p"]].tolist()


def test_no_features_give_no_rows():
    for side in (profile.Profile(), pd.DataFrame(), pd.DataFrame(index=range(5))):
        table = drift.compare(side, side)
        assert len(table) == 0
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == drift.COLUMNS


def test_columns_with_the_same_name_are_kept_apart():
    frame = pd.DataFrame(np.ones((200, 2)), columns=["x", "x"])
    for mode in ("driftline", "azure-ml"):
        assert drift.compare(frame, frame, mode=mode)["feature"].tolist() == ["x", "x (2)"]


cells = st.one_of(
    st.none(), st.floats(), st.integers(-(10**20), 10**20), st.booleans(), st.text(max_size=5)
)


@few
@given(st.lists(cells, max_size=30), st.lists(cells, max_size=30), st.integers(1, 10))
def test_any_cells_give_a_row(before, now, times):
    sides = (pd.Series(cells * times, dtype="object") for cells in (before, now))
    row = compared(*sides, thresholds=Thresholds(fewest=2))
    assert row["verdict"] in drift.VERDICTS
    assert not row["js"] > 1 + 1e-9


# Thresholds.


@pytest.mark.parametrize(
    "wrong",
    [
        {"watch": 0.2},
        {"watch": 0.0},
        {"drift": 0.3},
        {"strong": 1.0},
        {"strong": float("nan")},
        {"q": 0.0},
        {"q": 1.0},
        {"fewest": 0},
    ],
)
def test_thresholds_have_to_make_sense(wrong):
    with pytest.raises(ValueError, match=r"must|between"):
        Thresholds(**wrong)
