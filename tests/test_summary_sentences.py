"""What is said of one feature, in each case that there is."""

import pandas as pd
import pytest

from lib import profile, summary
from lib.profile import Feature


def feature(*cells: object) -> Feature:
    """Return a feature of cells as they stand in a file, None for a missing one."""
    texts = [None if cell is None else str(cell) for cell in cells]
    return profile.profile(pd.DataFrame({"f": pd.Series(texts, dtype="str")})).features["f"]


def sentence(now: Feature | None, then: Feature | None, kind: str, name: str = "age") -> str:
    parts = {"current": now, "reference": then}
    return summary.feature_sentence(name, {k: v for k, v in parts.items() if v}, kind)


MANY = feature(*(f"v{n}" for n in range(10_001)))
"""More texts than are listed."""


def test_a_feature_without_a_reference():
    assert sentence(feature(1, 2), None, "numeric") == "`age` is a numeric feature with 2 rows."
    assert sentence(feature("x"), feature(), "identifier") == (
        "`age` is an identifier feature with 1 row."
    )


def test_a_feature_that_only_the_reference_has():
    assert sentence(None, feature(1), "numeric") == (
        "`age` is in the reference only: no row of the window has it."
    )


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ((30,), (40,), "**30**, before 40 (÷1.333)"),
        ((3000,), (40,), "**3,000**, before 40 (×75)"),
        ((44,), (40,), "**44**, before 40"),
        ((50,), (40,), "**50**, before 40 (×1.25)"),
        ((-6,), (-2,), "**-6**, before -2 (×3)"),
        ((-6,), (2,), "**-6**, before 2"),
        ((0,), (2,), "**0**, before 2"),
        ((1e-308,), (1e308,), "**1e-308**, before 1e+308 (÷inf)"),
    ],
)
def test_the_median_of_numbers_and_how_many_times_what_it_was(now, then, said):
    assert sentence(feature(*now), feature(*then), "numeric") == (
        f"**`age`** has a median of {said}; missing 0 %, before 0 %."
    )


def test_numbers_that_are_not_there_have_no_median():
    assert sentence(feature(None, None), feature(5, 5, None, 5), "numeric") == (
        "**`age`** has a median of **–**, before 5; missing 100 %, before 25 %."
    )
    assert sentence(feature(5), feature(None), "numeric") == (
        "**`age`** has a median of **5**, before –; missing 0 %, before 100 %."
    )


def test_the_days_of_times():
    now = feature("2026-03-04T23:59:59.5", "2026-03-02", None, "2026-03-10T12:00:00Z")
    assert sentence(now, feature("2025-12-31"), "datetime") == (
        "**`age`** covers **2 – 10 Mar 2026**, before 31 Dec 2025; missing 25 %, before 0 %."
    )
    assert sentence(feature(None), feature("2025-12-31"), "datetime") == (
        "**`age`** covers **no times**, before 31 Dec 2025; missing 100 %, before 0 %."
    )


def test_numbers_taken_for_times_need_not_be_any():
    now = feature(-1e300, 0, 1e300)
    assert summary.card_line({"current": now}, "datetime") == (
        "datetime · 1 Jan 1 – 31 Dec 9999 · 0 % missing"
    )


def test_new_values_are_named_most_frequent_first():
    then = feature("a", "b", "gone")
    assert sentence(feature("a", "c", "a"), then, "categorical") == (
        "**`age`** has **1 new value**: `c`; missing 0 %, before 0 %."
    )
    assert sentence(feature("a", "c", "d", "d", *"efgh", None), then, "categorical") == (
        "**`age`** has **6 new values**: `d`, `c`, `e` and 3 more; missing 11.1 %, before 0 %."
    )
    assert sentence(feature("a", "b"), then, "categorical") == (
        "**`age`** has no new values; missing 0 %, before 0 %."
    )
    assert sentence(feature("True", "False"), feature("True"), "boolean") == (
        "**`age`** has **1 new value**: `False`; missing 0 %, before 0 %."
    )


def test_a_value_called_as_the_rest_is_called_is_new_too():
    assert "**2 new values**: `missing` and `other`;" in sentence(
        feature("a", "missing", "other", None), feature("a"), "categorical"
    )


@pytest.mark.parametrize("kind", ["text", "identifier", "empty"])
def test_other_kinds_are_counted(kind):
    assert sentence(feature("a", "b", "b"), feature("c"), kind) == (
        "**`age`** has **2 different values**, before 1; missing 0 %, before 0 %."
    )


def test_no_value_is_called_new_where_not_all_are_known():
    assert sentence(feature("new"), MANY, "categorical") == (
        "**`age`** has **1 different value**, before ≈ 10,001; missing 0 %, before 0 %."
    )


def test_names_and_values_are_no_markdown():
    said = sentence(feature("**x**", "$`$", ":red[y]"), feature("a"), "categorical", name="a`_b_")
    assert said.startswith(
        "**`` a`_b_ ``** has **3 new values**: `` $`$ ``, `**x**` and `:red[y]`;"
    )


@pytest.mark.parametrize(
    ("cells", "kind", "line"),
    [
        ((1, 2, 2000, 3000), "numeric", "numeric · median 2 · 0 % missing"),
        ((None, None), "numeric", "numeric · median – · 100 % missing"),
        (("2026-03-02", None), "datetime", "datetime · 2 Mar 2026 · 50 % missing"),
        (("?",), "datetime", "datetime · no times · 0 % missing"),
        (("a", "b", "b"), "categorical", "categorical · 2 values · 0 % missing"),
        (("True",), "boolean", "boolean · 1 value · 0 % missing"),
        ((None,), "empty", "empty · 0 values · 100 % missing"),
        ((), "empty", "empty · 0 values · 0 % missing"),
    ],
)
def test_a_card_says_what_matters_most(cells, kind, line):
    assert summary.card_line({"current": feature(*cells)}, kind) == line


def test_a_card_of_what_is_estimated_or_gone():
    assert summary.card_line({"current": MANY}, "identifier") == (
        "identifier · ≈ 10,001 values · 0 % missing"
    )
    assert summary.card_line({"reference": MANY}, "identifier") == "only in the reference"


def test_key_numbers_of_numbers_with_those_before():
    parts = {
        "current": feature(*range(1, 20), None),
        "reference": feature(*range(101, 1101), "n/a"),
    }
    assert summary.key_numbers(parts, "numeric") == [
        ("Rows", "20", "before: 1,001", "Rows that have this column."),
        ("Missing", "5 %", "before: 0 %", "Cells without a value."),
        ("Distinct", "19", "before: 1,001", "Different values."),
        ("5 %", "1", "before: 150", "5 % of the values are at or below this."),
        ("Median", "10", "before: 600", "Half of the values are at or below this."),
        ("95 %", "19", "before: 1,050", "95 % of the values are at or below this."),
        ("Type errors", "0", "before: 1", "Cells that are not numeric."),
    ]


def test_key_numbers_of_values_without_a_reference():
    assert summary.key_numbers({"current": feature("a", None)}, "categorical") == [
        ("Rows", "2", None, "Rows that have this column."),
        ("Missing", "50 %", None, "Cells without a value."),
        ("Distinct", "1", None, "Different values."),
    ]


def test_key_numbers_of_what_only_the_reference_has():
    assert summary.key_numbers({"reference": feature(5, "n/a")}, "numeric") == [
        ("Rows", "–", "before: 2", "Rows that have this column."),
        ("Missing", "–", "before: 0 %", "Cells without a value."),
        ("Distinct", "–", "before: 2", "Different values."),
        ("5 %", "–", "before: 5", "5 % of the values are at or below this."),
        ("Median", "–", "before: 5", "Half of the values are at or below this."),
        ("95 %", "–", "before: 5", "95 % of the values are at or below this."),
        ("Type errors", "–", "before: 1", "Cells that are not numeric."),
    ]


def test_numbers_that_are_not_there_have_no_key_numbers():
    found = summary.key_numbers({"current": feature(None), "reference": feature(7)}, "numeric")
    assert [(label, value, before) for label, value, before, _ in found][3:] == [
        ("5 %", "–", "before: 7"),
        ("Median", "–", "before: 7"),
        ("95 %", "–", "before: 7"),
    ]
