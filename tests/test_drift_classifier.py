"""Whether all features together tell two windows apart."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.drift import tell_apart
from lib.drift.classifier import delong

scores = st.lists(st.integers(-5, 5), min_size=2, max_size=30)


def rows(seed, n=600, together=0.0, shift=0.0):
    """Two features that go `together` (their correlation), one that is shifted, and a category."""
    random = np.random.default_rng(seed)
    x, y, z = random.normal(size=(3, n))
    return pd.DataFrame(
        {
            "x": x,
            "y": together * x + math.sqrt(1 - together**2) * y,
            "z": z + shift,
            "card": random.choice(["visa", "amex", None], n),
            "is_new": random.random(n) < 0.3,
        }
    )


def test_windows_that_are_alike_cannot_be_told_apart():
    sides = [(rows(seed, 400), rows(100 + seed, 400)) for seed in range(12)]
    told = [tell_apart(*side, folds=3, seed=seed) for seed, side in enumerate(sides)]
    assert sum(one.low > 0.5 for one in told) <= 1
    assert all(one.low < one.auc < one.high for one in told)
    assert np.mean([one.auc for one in told]) == pytest.approx(0.5, abs=0.02)
    assert "cannot be told apart" in told[0].verdict


def test_a_change_of_what_goes_together_is_found_and_named():
    found = tell_apart(rows(1), rows(2, together=0.9))
    assert found.low > 0.6
    assert set(found.features["feature"][:2]) == {"x", "y"}
    assert found.features["importance"][1] > 5 * abs(found.features["importance"][2])
    assert "can" in found.verdict
    assert "cannot" not in found.verdict


def test_a_shift_is_found_and_named():
    found = tell_apart(rows(1), rows(2, shift=1.0))
    # Of two normals that are d apart the best classifier has the AUC Φ(d / √2).
    assert 0.68 < found.auc < 0.78
    assert found.features["feature"][0] == "z"
    assert found.features["importance"].is_monotonic_decreasing
    assert found.rows == (600, 600)


def test_missing_cells_tell_apart():
    current = rows(2)
    current.loc[current.index % 2 == 0, "x"] = np.nan
    found = tell_apart(rows(1), current)
    assert found.auc > 0.7
    assert found.features["feature"][0] == "x"


def test_categories_tell_apart_and_their_order_does_not_matter():
    reference, current = rows(1), rows(2)
    reference["card"] = np.random.default_rng(1).choice(["a", "c", "e"], 600)
    current["card"] = np.random.default_rng(2).choice(["b", "c", "d"], 600)
    found = tell_apart(reference, current)
    assert found.auc > 0.8
    assert found.features["feature"][0] == "card"


def test_windows_without_anything_in_common_are_told_apart_always():
    found = tell_apart(rows(1), rows(2, shift=100.0))
    assert found.auc > 0.999
    assert 0.99 < found.low <= found.auc <= found.high <= 1.0
    assert "easily" in found.verdict


def test_scores_that_do_not_overlap_have_an_interval_too():
    auc, low, high = delong(np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0]))
    assert (auc, high) == (1.0, 1.0)
    assert low == pytest.approx(1 - 0.5 / 6)


def test_times_identifiers_and_columns_of_one_side_are_left_out_and_named():
    reference, current = rows(1), rows(2)
    for at, side in enumerate((reference, current)):
        side["when"] = pd.Timestamp(f"2026-0{at + 1}-01", tz="UTC")
        side["customer_id"] = [f"{at}{n:031x}" for n in range(600)]
        side["scored_at"] = at
    reference["old"] = 1.0
    current["new"] = 2.0
    found = tell_apart(reference, current)
    assert set(found.left_out) == {"when", "customer_id", "old", "new"}
    assert set(found.features["feature"]) == {"x", "y", "z", "card", "is_new"}
    assert found.low < 0.5


def test_a_readers_kind_counts():
    found = tell_apart(rows(1), rows(2), kinds={"x": "identifier"}, folds=2)
    assert found.left_out == ("x",)
    with pytest.raises(ValueError, match="no kind"):
        tell_apart(rows(1), rows(2), kinds={"x": "colour"})


def test_too_few_rows_are_not_judged():
    found = tell_apart(rows(1, 99), rows(2))
    assert np.isnan([found.auc, found.low, found.high]).all()
    assert found.rows == (99, 600)
    assert found.features.columns.tolist() == ["feature", "importance"]
    assert found.features.empty
    assert "rows" in found.verdict


def test_without_a_column_to_learn_from_nothing_is_judged():
    found = tell_apart(rows(1)[["x"]], rows(2)[["y"]])
    assert math.isnan(found.auc)
    assert found.left_out == ("x", "y")
    assert "no column" in found.verdict
    assert math.isnan(tell_apart(pd.DataFrame(), pd.DataFrame()).auc)


def test_many_rows_are_drawn_from():
    found = tell_apart(rows(1, 3_000), rows(2, 500), sample=800, folds=2)
    assert found.rows == (800, 500)


def test_the_answer_is_the_same_each_time():
    reference, current = rows(1, 1_500), rows(2, 1_500, together=0.5)
    one, other = (tell_apart(reference, current, sample=400, folds=3, seed=7) for _ in range(2))
    assert (one.auc, one.low, one.high) == (other.auc, other.low, other.high)
    assert one.features.equals(other.features)


def test_progress_is_told():
    told = []
    tell_apart(rows(1, 200), rows(2, 200), folds=3, progress=told.append)
    assert told == sorted(told)
    assert len(told) == 3 * 5
    assert told[-1] == 1.0


def test_odd_cells_do_no_harm():
    reference, current = rows(1, 300), rows(2, 300)
    for side in (reference, current):
        side["x"] = side["x"].astype(object)
        side.loc[:5, "x"] = "unknown"
        side["z"] = np.where(side["z"] > 2, np.inf, side["z"] * 1e300)
        side["nested"] = [[1, 2], {"a": 1}, None] * 100
        side["empty"] = None
        side[7] = 1.0
    reference.insert(0, "y", reference.pop("y"))
    found = tell_apart(reference, current, folds=2)
    assert 0.3 < found.auc < 0.7
    assert {"x", "y", "z", "7"} <= set(found.features["feature"])
    assert "empty" in found.left_out


def test_columns_of_the_same_name_are_all_used():
    twice = [pd.concat([side, side[["x"]] ** 2], axis=1) for side in (rows(1), rows(2))]
    found = tell_apart(*twice, folds=2)
    assert {"x", "x (2)"} <= set(found.features["feature"])


@settings(deadline=None, max_examples=100)
@given(scores, scores)
def test_delong_is_the_definition(negative, positive):
    negative, positive = np.array(negative, float), np.array(positive, float)
    auc, low, high = delong(negative, positive)
    above = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
    assert auc == pytest.approx(above.mean())
    assert 0 <= low <= auc <= high <= 1
    variance = above.mean(axis=1).var(ddof=1) / len(positive)
    variance += above.mean(axis=0).var(ddof=1) / len(negative)
    if 0 < auc < 1:
        reach = 1.959963985 * math.sqrt(variance) / (auc * (1 - auc))
        logit = math.log(auc / (1 - auc))
        assert low == pytest.approx(1 / (1 + math.exp(reach - logit)))
        assert high == pytest.approx(1 / (1 + math.exp(-reach - logit)))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        _, low, high = delong(random.normal(size=80), random.normal(loc=1.0, size=60))
        held += low <= 0.7602499 <= high  # Φ(1 / √2)
    assert 0.92 <= held / 400 <= 0.98
