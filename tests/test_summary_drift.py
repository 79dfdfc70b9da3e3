"""What is said of drift."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lib import drift, errors, profile, summary
from lib.drift import Change, Weekly

RANDOM = np.random.default_rng(7)
ROWS = 2_000


def two_sides(**columns):
    """Return the profiles of a reference and a current frame from pairs of columns."""
    return tuple(
        profile.profile(pd.DataFrame({name: pair[at] for name, pair in columns.items()}))
        for at in (0, 1)
    )


def compared(**columns):
    """Return the table of a comparison and each feature's parts."""
    reference, current = two_sides(**columns)
    parts = {
        name: {"reference": reference.features[name], "current": current.features[name]}
        for name in columns
    }
    return drift.compare(reference, current), parts


@pytest.fixture(scope="module")
def amounts():
    usual = RANDOM.normal(12, 2, ROWS)
    steady = RANDOM.normal(0, 1, (2, ROWS))
    return compared(amount=(usual, usual * 100), steady=(steady[0], steady[1]))


def test_the_headline_counts_names_and_says_what_moved(amounts):
    table, parts = amounts
    change = Change("amount", date(2026, 11, 4), date(2026, 11, 4), date(2026, 11, 4), None, 1.0)
    said = summary.drift_headline(table, {"amount": change}, parts, "`inputs`")
    assert said.startswith(
        "**1 of 2 features of `inputs` drifted** since 4 Nov 2026; "
        "`amount` most: median 11.88 → 1,188"
    )
    assert said.endswith("(×100).")


def test_without_drift_the_headline_says_so():
    same = RANDOM.normal(0, 1, (2, ROWS))
    table, parts = compared(steady=(same[0], same[1]))
    said = summary.drift_headline(table, {}, parts, "`inputs`")
    assert said == "**No feature of `inputs` drifted**, of 1 compared."


def test_too_few_rows_are_no_verdict_in_the_headline_either():
    table, parts = compared(few=(np.arange(5.0), np.arange(5.0) + 100))
    said = summary.drift_headline(table, {}, parts, "`inputs`")
    assert said == "**No verdict on any feature of `inputs`**: 1 not enough data."


def test_a_name_cannot_break_out_of_the_sentence():
    usual = RANDOM.normal(12, 2, ROWS)
    table, parts = compared(**{"a`b**<b>": (usual, usual * 100)})
    assert "`` a`b**<b> `` most" in summary.drift_headline(table, {}, parts, "`inputs`")


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (["card"] * 1_000, ["card"] * 880 + ["voice"] * 120, "`voice` 0 % → 12 %"),
        (["a"] * 980 + [None] * 20, ["a"] * 650 + [None] * 350, "missing 2 % → 35 %"),
    ],
    ids=["a new value", "missing"],
)
def test_what_moved_is_the_bin_that_changed_most(before, now, said):
    table, parts = compared(channel=(before, now))
    moved = summary.what_moved(table.iloc[0], parts["channel"])
    assert moved == said or moved == "`card` 100 % → 88 %"


def test_what_moved_names_the_spread_where_the_median_stayed():
    usual = np.arange(-500, 500) / 100
    table, parts = compared(a=(usual, usual * 3))
    assert summary.what_moved(table.iloc[0], parts["a"]).startswith("middle 90 % spans 9 → 27")


def test_the_share_of_drifted_features_is_weighted_by_importance(amounts):
    table, _ = amounts
    assert summary.drifted_share(table) == 0.5
    assert summary.drifted_share(table, {"amount": 3.0, "steady": 1.0}) == 0.75
    assert summary.drifted_share(table, {"steady": 2.0}) == 0.0
    assert np.isnan(summary.drifted_share(table, {"unknown": 1.0}))


def test_the_verdict_sentence_says_since_when_and_how_sure(amounts):
    table, parts = amounts
    change = Change("amount", date(2026, 11, 4), date(2026, 11, 3), date(2026, 11, 5), None, 1.0)
    said = summary.verdict_sentence(table.iloc[0], parts["amount"], change, None)
    assert said.startswith("`amount` has **drifted strongly** (median")
    assert said.endswith(
        "It changed on **4 Nov 2026** (between 3 Nov 2026 and 5 Nov 2026) and has stayed so."
    )


def test_the_verdict_sentence_says_when_it_came_back_and_that_weeks_repeat(amounts):
    table, parts = amounts
    back = Change(
        "amount", date(2026, 11, 4), date(2026, 11, 4), date(2026, 11, 4), date(2026, 11, 9), 1.0
    )
    said = summary.verdict_sentence(
        table.iloc[0], parts["amount"], back, Weekly("amount", 0.1, (5, 6))
    )
    assert "It changed on **4 Nov 2026** and was as before again after 8 Nov 2026." in said
    assert said.endswith(
        "It follows the week: weekends differ from the other days, so each day is compared with "
        "the same weekday where the reference has two weeks."
    )


def test_columns_on_one_side_only_are_named():
    assert summary.mismatch(["a", "b"], ["a", "b"]) == ""
    assert summary.mismatch(["a", "b"], ["a", "c"]) == (
        "Columns are matched by name: only the reference has `b` and only the window has `c`."
    )


def test_importances_are_read_by_the_names_of_their_columns():
    data = b"rank,importance,feature\n1,0.7,amount\n2,x,age\n3,0.1,steady\n"
    assert summary.importances(data, "i.csv") == {"amount": 0.7, "steady": 0.1}
    assert summary.importances(b"name,weight\namount,2\n", "i.csv") == {"amount": 2.0}


@pytest.mark.parametrize("data", [b"feature\namount\n", b"feature,importance\namount,much\n"])
def test_importances_that_are_none_are_explained(data):
    with pytest.raises(errors.NotReadable):
        summary.importances(data, "i.csv")
