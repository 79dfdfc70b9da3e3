import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib import drift, profile
from lib.drift import Thresholds, chance

few = settings(deadline=None, max_examples=50)
RANDOM = np.random.default_rng(13)
GUIDS = [f"{n:08x}-1111-2222-3333-444444444444" for n in range(3_000)]


def signals(before, now, kinds=None, **options):
    """Return what is said of a feature, by code."""
    frames = [
        side if isinstance(side, pd.DataFrame) else pd.DataFrame({"f": pd.Series(side)})
        for side in (before, now)
    ]
    sides = [profile.profile(frame) for frame in frames]
    found = drift.signals(*sides, kinds or {}, Thresholds(), **options)
    return {signal.code: signal for signal in found}


def texts(**rows):
    """Return a column with so many rows of each value; `none` are missing."""
    cells = [value for value, times in rows.items() for _ in range(times)]
    return pd.Series([None if cell == "none" else cell for cell in cells], dtype="str")


def some(share, rows=2_000, value=np.nan):
    """Return numbers of which a share is something else."""
    column = np.arange(rows) % 97.0
    column[: round(share * rows)] = value
    return column


def test_every_code_has_its_meaning():
    assert all(code and meaning for code, meaning in drift.CODES.items())


def test_a_column_that_stays_as_it_is_says_nothing():
    assert signals(some(0.1), some(0.1)) == {}


# Missing cells.


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        (0.0, 0.20, True),
        (0.20, 0.0, True),
        (0.0, 0.006, True),
        (0.0, 0.004, False),
        (0.3, 0.31, False),
        (0.02, 0.05, True),
    ],
)
def test_more_or_fewer_missing_cells(before, now, is_told):
    found = signals(some(before, 20_000), some(now, 20_000))
    assert ("missing" in found) == is_told
    if is_told:
        assert (found["missing"].before, found["missing"].now) == (before, now)


def test_missing_cells_that_may_be_chance_are_not_told():
    assert "missing" not in signals(some(0.10, 200), some(0.13, 200))


def test_a_sentence_names_the_column_and_both_shares():
    found = signals(pd.DataFrame({"a *b*": some(0.0)}), pd.DataFrame({"a *b*": some(0.2)}))
    assert found["missing"].text == '"a *b*" is missing in 20 % of the rows, before in 0 %.'


def test_a_column_that_goes_missing_altogether_is_only_missing():
    assert list(signals(some(0.0), some(1.0))) == ["missing"]
    assert list(signals(some(1.0), some(0.0))) == ["missing"]


# Categories.


def test_a_new_category():
    found = signals(texts(app=600, web=400), texts(app=500, web=380, partner=100, fax=20))
    signal = found["new categories"]
    assert (signal.before, signal.now) == (0, 0.12)
    assert '12 % of its cells: "partner" (100 rows), "fax" (20 rows).' in signal.text


def test_a_long_tail_always_has_new_values():
    before, now = (RANDOM.zipf(1.5, 5_000).astype(str) + "x" for _ in range(2))
    assert len(set(now) - set(before)) > 100
    assert signals(before, now) == {}


def test_a_new_category_beside_a_long_tail():
    before, now = (pd.Series(RANDOM.zipf(1.5, 5_000).astype(str) + "x") for _ in range(2))
    now[:600] = "new"
    assert '"new" (600 rows)' in signals(before, now)["new categories"].text


def test_a_rare_value_that_the_reference_happens_to_lack_is_not_told():
    assert signals(texts(ok=1_000), texts(ok=999, bad=1)) == {}


def test_values_that_do_not_come_any_more():
    found = signals(texts(app=600, web=390, fax=10), texts(app=1_000, web=5))
    assert list(found) == []
    found = signals(texts(app=600, web=300, fax=100), texts(app=1_000, web=500))
    assert list(found) == ["vanished categories"]
    assert (found["vanished categories"].before, found["vanished categories"].now) == (0.1, 0)
    assert '"fax" (100 rows)' in found["vanished categories"].text


def test_truth_values_written_otherwise_are_not_new():
    assert signals(texts(true=500, false=500), RANDOM.random(1_000) < 0.5) == {}


def test_long_values_are_cut_off():
    found = signals(texts(ok=1_000), texts(**{"ok": 500, "x" * 100: 500}))
    assert len(found["new categories"].text) < 200


# Numbers.


def test_numbers_beyond_the_reference():
    before = np.append(RANDOM.uniform(0, 1, 998), [0.0, 1.0])
    now = np.concatenate([RANDOM.uniform(0, 1, 900), np.full(60, -3.0), np.full(40, 9.0)])
    signal = signals(before, now)["out of range"]
    assert (signal.before, signal.now) == (0, 0.1)
    assert "10 % of its cells" in signal.text


def test_infinities_are_beyond_unless_the_reference_has_them():
    assert "out of range" in signals(some(0.0), some(0.05, value=np.inf))
    assert "out of range" in signals(some(0.05, value=np.inf), some(0.05, value=-np.inf))
    assert "out of range" not in signals(some(0.05, value=np.inf), some(0.05, value=np.inf))


@pytest.mark.parametrize(("n", "m"), [(1_000, 1_000), (200, 20_000), (20_000, 200)])
def test_records_of_heavy_tails_are_no_news(n, m):
    for _ in range(20):
        before, now = RANDOM.standard_cauchy(n), RANDOM.standard_cauchy(m)
        assert "out of range" not in signals(before, now)


def test_cells_of_another_kind():
    before = pd.Series([str(n % 50) for n in range(1_000)], dtype="str")
    now = before.copy()
    now[:50] = "n/a"
    signal = signals(before, now)["type errors"]
    assert (signal.before, signal.now) == (0, 0.05)
    assert signal.text == '"f" is numeric, but 5 % of its cells are not, before 0 %.'
    assert "type errors" not in signals(now, before)


# Columns and kinds.


def test_new_columns_and_those_that_are_gone():
    before = pd.DataFrame({"a": some(0.0), "b": 1})
    now = pd.DataFrame({"a": some(0.0), "c": 1})
    found = signals(before, now)
    assert {code: signal.feature for code, signal in found.items()} == {
        "column gone": "b",
        "new column": "c",
    }


def test_beside_nothing_no_column_is_new():
    assert signals(pd.DataFrame(), pd.DataFrame({"a": some(0.0)})) == {}


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (some(0.0), texts(a=100, b=100), "was numeric and is categorical."),
        (texts(true=300, false=300), some(0.0), "was boolean and is numeric."),
        (GUIDS[:200], some(0.0), "was identifier and is numeric."),
    ],
)
def test_another_kind_is_told(before, now, text):
    signal = signals(before, now)["kind changed"]
    assert signal.text == f'"f" {text}'
    assert math.isnan(signal.before)


def test_a_kind_that_the_reader_chose_does_not_change():
    found = signals(some(0.0), texts(a=100, b=100), kinds={"f": "categorical"})
    assert "kind changed" not in found


def test_the_kind_of_few_cells_is_not_told():
    assert "kind changed" not in signals(some(0.0, 99), texts(a=100, b=100))


def test_a_column_that_becomes_constant():
    signal = signals(some(0.0), np.full(500, 3.0))["constant"]
    assert signal.before == pytest.approx(21 / 2_000)
    assert 'only one value, "3"' in signal.text
    assert "constant" not in signals(np.full(500, 3.0), np.full(500, 3.0))
    assert "constant" not in signals(texts(ok=499, bad=1), texts(ok=500))
    assert "constant" in signals(texts(ok=480, bad=20), texts(ok=500))


def test_identifiers_that_repeat_more_often():
    found = signals(GUIDS[:2_000], GUIDS[:500] * 4)
    assert list(found) == ["cardinality"]
    assert (found["cardinality"].before, found["cardinality"].now) == (1, 0.25)
    assert signals(GUIDS[:2_000], GUIDS[1_000:]) == {}


@pytest.mark.parametrize(("n", "m"), [(2_000, 2_000), (500, 2_500), (2_500, 500)])
def test_identifiers_repeat_as_often_as_their_rows_let_expect(n, m):
    before, now = (RANDOM.choice(GUIDS[:800], rows) for rows in (n, m))
    assert signals(before, now) == {}
    weights = 1 / np.arange(1, 3_001)
    before, now = (RANDOM.choice(GUIDS, rows, p=weights / weights.sum()) for rows in (n, m))
    assert signals(before, now) == {}


# Rows per day.


@pytest.mark.parametrize(
    ("days", "rate"), [((10, 10), None), ((10, 5), 400), ((10, 8), None), ((5, 10), 200)]
)
def test_rows_per_day(days, rate):
    found = signals(some(0.0), some(0.0), days=days)
    assert [signal.now for signal in found.values()] == ([] if rate is None else [rate])


def test_rows_per_day_need_days():
    assert signals(some(0.0), some(0.0, 300)) == {}
    assert signals(some(0.0), some(0.0, 300), days=(0, 3)) == {}
    signal = signals(some(0.0), some(0.0, 300), days=(10, 10))["row volume"]
    assert (signal.feature, signal.before, signal.now) == ("", 200, 30)
    assert signal.text == "There are 30 rows per day, 85 % fewer than the 200 of the reference."


def test_few_rows_say_nothing_of_their_cells():
    assert signals(some(0.0, 99), some(1.0, 99)) == {}


# Chance.


@few
@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 300), st.integers(1, 300))
def test_p_of_two_shares_is_scipys(k, j, more, others):
    n, m = k + more, j + others
    if not k + j:
        assert chance.of_shares(k, n, j, m) == 1
        return
    expected = stats.chi2_contingency([[k, n - k], [j, m - j]], correction=True).pvalue
    # scipy corrects by no more than the difference, which can only matter near p = 1.
    assert chance.of_shares(k, n, j, m) == pytest.approx(expected, abs=1e-9)


def test_the_chance_that_all_rows_are_on_one_side_is_hypergeometric():
    exact = stats.hypergeom.pmf(5, 3_000, 1_000, 5)
    assert chance.of_one_side(5, 1_000, 2_000) == pytest.approx(exact, rel=0.02)


def test_unseen_values_are_judged_as_good_and_turing_expect():
    """Of tails of many shapes, no more than the level is taken for new."""
    wrong = 0
    for _ in range(400):
        shares = RANDOM.dirichlet(np.full(500, RANDOM.choice([0.1, 1.0])))
        before, now = RANDOM.multinomial(1_000, shares), RANDOM.multinomial(1_000, shares)
        new = int(now[before == 0].sum())
        once, twice = int((before == 1).sum()), int((before == 2).sum())
        wrong += chance.of_unseen(new, 1_000, once, twice, 1_000, 0.01) <= 0.01
    assert wrong <= 4


def test_how_many_different_values_to_expect():
    assert chance.different(100, 100, 50) == (50, 50)
    few, many = chance.different(100, 10_000, 1_000)
    assert few == 10
    assert many == pytest.approx(100, rel=0.01)
