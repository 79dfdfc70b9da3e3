"""Each day beside the reference."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import drift, profile
from lib.drift import Bins, Grid, Thresholds, measures

MONDAY = date(2026, 3, 2)
COLUMNS = [
    *("feature", "kind", "day", "part", "n", "js", "js_debiased", "p", "q"),
    *("verdict", "limit", "beyond", "missing"),
]

quick = settings(deadline=None, max_examples=60)
counts = st.lists(
    st.lists(st.one_of(st.integers(0, 9), st.integers(0, 400)), min_size=7, max_size=7),
    min_size=2,
    max_size=6,
)


def grid(counts, reference, kind="categorical", feature="x"):
    """A grid of consecutive days, so many of them of the reference; the last bin is missing."""
    counts = np.array(counts, dtype=float)
    is_reference = np.arange(len(counts)) < reference
    bins = Bins(kind, tuple("abcdefghijklmnopqrstuvwxyz"[: counts.shape[1]]))
    days = tuple(MONDAY + timedelta(days=n) for n in range(len(counts)))
    base = counts[is_reference].sum(axis=0)
    return Grid(feature, kind, bins, days, is_reference, counts, base)


def expected(before, now, ordered):
    before, now, _ = measures.pooled(before, now, ordered)
    return (
        float(measures.js_distance(before, now)),
        float(measures.js_debiased(before, now)),
        float(measures.chi2(before, now)[2]),
    )


@quick
@given(counts, st.sampled_from(["numeric", "categorical"]))
def test_days_are_measured_as_one_pair_is(counts, kind):
    one = grid(counts, 1, kind)
    found = drift.series([one])
    for at, row in enumerate(found.itertuples()):
        base = one.base - one.counts[0] if at == 0 else one.base
        told = (row.js, row.js_debiased, row.p)
        if base.sum() and one.counts[at].sum():
            assert told == pytest.approx(expected(base, one.counts[at], kind == "numeric"))
        else:
            assert np.isnan(told).all()


@quick
@given(counts)
def test_a_day_of_the_reference_is_compared_with_the_others(counts):
    one = grid(counts, len(counts))
    found = drift.series([one])
    for at in range(len(counts)):
        rest = one.counts.sum(axis=0) - one.counts[at]
        if rest.sum() and one.counts[at].sum():
            told = found.loc[at, ["js", "js_debiased", "p"]].tolist()
            assert told == pytest.approx(expected(rest, one.counts[at], False))


def test_a_day_of_the_window_is_what_compare_says_of_it():
    random = np.random.default_rng(5)
    frames = [
        pd.DataFrame(
            {
                "amount": random.lognormal(sigma=1 + 0.4 * (n > 4), size=250),
                "card": random.choice(
                    ["visa", "amex", *"abcdefgh"], 250, p=[0.6, 0.3, *[0.0125] * 8]
                ),
            }
        )
        for n in range(8)
    ]
    days = {MONDAY + timedelta(days=n): profile.profile(one) for n, one in enumerate(frames)}
    reference = dict(list(days.items())[:4])
    for day in list(days)[4:]:
        # With the day as the whole window the bins are the same in both.
        found = drift.series(drift.grids(reference, {day: days[day]}))
        whole = drift.compare(profile.merge(reference.values()), days[day]).set_index("feature")
        now = found[found["part"] == "current"].set_index("feature")
        for name in ("amount", "card"):
            for column in ("js", "js_debiased", "p", "q"):
                assert now.loc[name, column] == pytest.approx(whole.loc[name, column]), column
            assert now.loc[name, "verdict"] == whole.loc[name, "verdict"]


def test_the_columns_say_what_was_counted():
    found = drift.series([grid([[50, 40, 10], [40, 40, 20], [80, 20, 0]], 2)])
    assert found.columns.tolist() == COLUMNS
    assert found["day"].tolist() == [MONDAY + timedelta(days=n) for n in range(3)]
    assert found["part"].tolist() == ["reference", "reference", "current"]
    assert found["n"].tolist() == [100, 100, 100]
    assert found["missing"].tolist() == [0.1, 0.2, 0.0]
    assert found["n"].dtype == np.int64
    assert found["beyond"].dtype == bool


def test_no_feature_gives_no_row():
    found = drift.series([])
    assert found.columns.tolist() == COLUMNS
    assert found.empty


def test_q_is_corrected_for_all_days_of_the_window_that_have_rows_enough():
    random = np.random.default_rng(6)
    shares = [0.5, 0.3, 0.15, 0.05]
    several = [
        grid(random.multinomial([300] * 9 + [40], shares), 4, feature=name) for name in "abc"
    ]
    found = drift.series(several)
    judged = (found["part"] == "current") & (found["n"] >= 100)
    assert judged.sum() == 15
    q = measures.benjamini_hochberg(found.loc[judged, "p"].to_numpy())
    assert found.loc[judged, "q"].to_numpy() == pytest.approx(q)
    assert found.loc[~judged, "q"].isna().all()


def test_verdicts_follow_size_and_significance():
    stable = [[5_000, 5_000, 0]] * 4
    days = [[5_000, 5_000, 0], [5_700, 4_300, 0], [6_700, 3_300, 0], [9_000, 1_000, 0], [60, 20, 0]]
    found = drift.series([grid(stable + days, 4)])
    assert found["verdict"].tolist()[:4] == [""] * 4
    now = found[4:]
    assert now["verdict"].tolist() == ["stable", "watch", "drift", "strong", "not enough data"]
    strict = drift.series([grid(stable + days, 4)], Thresholds(q=1e-300))
    assert strict["verdict"].tolist()[5] == "stable"
    assert drift.series([grid(stable + days, 4)], Thresholds(fewest=50))["verdict"].iloc[-1] in (
        drift.DRIFTED
    )


def test_a_day_or_a_reference_without_rows_is_not_comparable():
    empty_day = drift.series([grid([[500, 500, 0], [500, 500, 0], [0, 0, 0]], 2)])
    assert empty_day["verdict"].tolist() == ["", "", "not comparable"]
    assert empty_day["n"].tolist() == [1_000, 1_000, 0]
    assert empty_day.loc[2, ["js", "js_debiased", "p", "q", "missing"]].isna().all()
    no_base = replace(grid([[500, 500, 0]] * 3, 2), base=np.zeros(3))
    assert drift.series([no_base])["verdict"].tolist() == ["", "", "not comparable"]
    assert drift.series([no_base])["js"].isna().all()


def test_a_single_reference_day_has_nothing_to_be_compared_with():
    found = drift.series([grid([[500, 500, 0], [500, 500, 0]], 1)])
    assert np.isnan(found.loc[0, "js"])
    assert found.loc[1, "js"] == 0


def test_a_reference_without_days_is_the_base_of_all():
    file = replace(grid([[300, 100, 0]] * 2, 0), base=np.array([6_000.0, 4_000.0, 0.0]))
    found = drift.series([file])
    assert found["part"].tolist() == ["current"] * 2
    js, _, p = expected(file.base, file.counts[0], False)
    assert found["js"].tolist() == pytest.approx([js, js])
    assert found["p"].tolist() == pytest.approx([p, p])
    assert found["limit"].isna().all()


def test_the_limit_is_three_deviations_above_the_mean_of_fourteen_days():
    random = np.random.default_rng(7)
    shares = random.dirichlet([200, 200, 100], 20)
    rows = np.array([random.multinomial(2_000, share) for share in shares])
    found = drift.series([grid(rows, 14)])
    js = found["js_debiased"][:14]
    limit = js.mean() + 3 * np.sqrt(((js - js.mean()) ** 2).sum() / 13)
    assert found["limit"].to_numpy() == pytest.approx(np.full(20, limit))
    assert (found["beyond"] == (found["js_debiased"] > limit)).all()
    assert drift.series([grid(rows, 13)])["limit"].isna().all()
    assert not drift.series([grid(rows, 13)])["beyond"].any()


def test_days_with_few_rows_neither_make_the_limit_nor_are_beyond_it():
    rows = [[1_000, 1_000, 0]] * 13 + [[30, 10, 0]] + [[1_000, 1_000, 0], [90, 0, 0]]
    found = drift.series([grid(rows, 14)])
    assert found["limit"].isna().all()
    more = drift.series([grid([[1_000, 1_000, 0], *rows], 15)])
    assert more["limit"].notna().all()
    assert not more["beyond"].any()


def test_a_day_can_be_beyond_its_limit():
    rows = [[1_000 + 5 * (n % 3), 1_000, 0] for n in range(14)] + [[1_250, 1_000, 0]]
    found = drift.series([grid(rows, 14)])
    assert found["beyond"].tolist() == [False] * 14 + [True]


def weekly_grid():
    week = [[800, 200, 0]] * 5 + [[300, 700, 0]] * 2
    return grid(week * 4, 21)


def test_a_weekend_is_like_other_weekends():
    plain, matched = drift.series([weekly_grid()]), drift.series([weekly_grid()], weekdays=True)
    now = plain["part"] == "current"
    assert plain.loc[now, "verdict"].tolist()[-2:] == ["strong", "strong"]
    assert set(matched.loc[now, "verdict"]) == {"stable"}
    assert matched["js"].max() == pytest.approx(0, abs=1e-7)


def test_the_features_that_follow_the_week_can_be_named():
    one = weekly_grid()
    other = replace(one, feature="other")
    found = drift.series([one, other], weekdays=[one.feature]).set_index("feature")
    assert found.loc[one.feature, "js"].max() == pytest.approx(0, abs=1e-7)
    assert found.loc["other", "js"].max() > 0.2


def test_without_that_weekday_in_the_reference_there_is_nothing_to_compare():
    days = grid([[500, 500, 0]] * 8, 3)
    found = drift.series([days], weekdays=True)
    # Monday to Wednesday are the reference, each the only day of its kind.
    assert found["js"].isna().tolist() == [True] * 7 + [False]
    assert found["verdict"].tolist()[3:] == ["not comparable"] * 4 + ["stable"]


def test_features_of_several_kinds_stand_in_one_table():
    random = np.random.default_rng(8)
    frame = pd.DataFrame(
        {"amount": random.normal(size=400), "card": ["a", "b"] * 200, "none": None}
    )
    days = {MONDAY + timedelta(days=n): profile.profile(frame) for n in range(4)}
    reference, current = dict(list(days.items())[:3]), dict(list(days.items())[3:])
    found = drift.series(drift.grids(reference, current))
    assert found["feature"].tolist() == ["amount"] * 4 + ["card"] * 4 + ["none"] * 4
    assert found["kind"].unique().tolist() == ["numeric", "categorical", "empty"]
    assert set(found.loc[found["part"] == "current", "verdict"]) == {"stable"}
    assert found.loc[found["feature"] == "none", "missing"].tolist() == [1.0] * 4
