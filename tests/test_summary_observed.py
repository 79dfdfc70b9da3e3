"""What telemetry adds to the table of versions, and which service fails more than before."""

import pandas as pd
import pytest

from lib import summary
from lib.summary import Names

NAMES = (
    Names("a", ("a",), ("a-2",)),
    Names("a", ("a",), ("a-1",)),
    Names("b", ("b",), ("b-1",)),
)


def table(*versions: tuple[str, str]) -> pd.DataFrame:
    rows = [
        {"workspace": "ws", "service": service, "version": version, "drifted": "", "rows": 1}
        for service, version in versions
    ]
    return pd.DataFrame(rows)


def told(**services: tuple[int, int] | tuple[int, int, float, int]) -> pd.DataFrame:
    """An answer to `overview`: requests, failed, p95 and exceptions by name (`a_1` for a-1)."""
    rows = [
        {
            "service": name.replace("_", "-"),
            "requests": numbers[0],
            "failed": numbers[1],
            "p95_ms": numbers[2] if len(numbers) > 2 else 10.0,
            "exceptions": numbers[3] if len(numbers) > 2 else 0,
        }
        for name, numbers in services.items()
    ]
    return pd.DataFrame(rows, columns=["service", "requests", "failed", "p95_ms", "exceptions"])


AB = table(("a", "2"), ("a", "1"), ("b", "1"))


def test_a_version_with_a_name_of_its_own_has_its_own_numbers() -> None:
    found = summary.with_telemetry(AB, NAMES, told(a_2=(200, 3, 50.0, 4), a_1=(100, 1, 9.5, 1)), 2)
    assert found["requests_per_day"].tolist()[:2] == [100.0, 50.0]
    assert found["p95_ms"].tolist()[:2] == [50.0, 9.5]
    assert found["failed_pct"].tolist()[:2] == [1.5, 1.0]
    assert found["exceptions"].tolist()[:2] == [4, 1]
    assert found.loc[2, list(summary.OBSERVED)].isna().all()


def test_the_columns_follow_what_drifted_and_all_others_stay() -> None:
    found = summary.with_telemetry(AB, NAMES, told(a=(1, 0)), 1)
    before, after = ["workspace", "service", "version", "drifted"], ["rows"]
    assert list(found) == [*before, *summary.OBSERVED, *after]
    pd.testing.assert_frame_equal(found[before + after], AB)


def test_what_names_no_version_stands_at_the_first_of_the_service() -> None:
    found = summary.with_telemetry(AB, NAMES, told(a=(10, 1), b=(20, 0)), 1)
    assert found["requests_per_day"].fillna(-1).tolist() == [10.0, -1.0, 20.0]


def test_several_names_of_a_version_are_added_up_and_the_slowest_stands() -> None:
    found = summary.with_telemetry(AB, NAMES, told(a=(30, 1, 5.0, 2), a_2=(10, 1, 80.0, 3)), 1)
    assert found.loc[0, list(summary.OBSERVED)].tolist() == [40.0, 80.0, 5.0, 5]


def test_the_name_of_a_service_goes_before_that_of_another_ones_version() -> None:
    names = (Names("a", ("a",), ("a-1",)), Names("a-1", ("a-1",), ("a-1-7",)))
    assert summary.explained(names, ["a-1", "a", "a-1-7", "other"]) == {
        "a-1": 1,
        "a": 0,
        "a-1-7": 1,
    }


def test_names_of_nobody_are_listed_with_their_numbers() -> None:
    found = summary.unexplained(NAMES, told(a=(5, 0), gunicorn=(8, 2, 3.5, 1)), 4)
    assert found.to_dict("records") == [
        {
            "name": "gunicorn",
            "requests_per_day": 2.0,
            "p95_ms": 3.5,
            "failed_pct": 25.0,
            "exceptions": 1,
        }
    ]
    assert summary.unexplained(NAMES, told(a=(5, 0)), 4).empty


def test_a_version_that_is_not_in_the_table_explains_its_name_all_the_same() -> None:
    answer = told(b_1=(7, 0))
    found = summary.with_telemetry(AB.iloc[:2], NAMES, answer, 1)
    assert found["requests_per_day"].isna().all()
    assert len(found) == 2
    assert summary.unexplained(NAMES, answer, 1).empty


def test_an_answer_without_rows_leaves_the_columns_empty() -> None:
    found = summary.with_telemetry(AB, NAMES, told(), 1)
    assert found[list(summary.OBSERVED)].isna().all(axis=None)
    assert summary.unexplained(NAMES, told(), 1).empty
    assert summary.failing(NAMES, told(), told()) == ""


def test_the_service_that_fails_more_is_named_with_what_was_before() -> None:
    now = told(a_2=(500, 20), a_1=(500, 10), b=(1000, 2))
    assert summary.failing(NAMES, now, told(a=(1000, 4), b=(1000, 2))) == (
        "`a` **fails more** than before: 3 % of requests, was 0.4 %."
    )


def test_of_several_the_worst_is_named_and_the_rest_counted() -> None:
    now, before = told(a=(1000, 100), b=(1000, 300)), told(a=(1000, 1), b=(1000, 1))
    assert summary.failing(NAMES, now, before).startswith("`b` **fails more** than before: 30 % of")
    assert summary.failing(NAMES, now, before).endswith(", was 0.1 %; so does 1 more.")


@pytest.mark.parametrize(
    ("now", "before", "why"),
    [
        ((10_000, 140), (10_000, 100), "less than twice as much"),
        ((1_000_000, 4_000), (1_000_000, 10), "less than half a percentage point"),
        ((20, 2), (20, 0), "chance: 1.45 standard errors"),
        ((1000, 0), (1000, 0), "nothing fails"),
        ((1000, 0), (1000, 900), "fewer"),
    ],
)
def test_what_is_not_clearly_more_is_not_said(now, before, why) -> None:
    assert summary.failing(NAMES, told(a=now), told(a=before)) == "", why


def test_three_standard_errors_are_enough() -> None:
    # 15 of 1,000 against 1 of 1,000: 0.014 / sqrt(0.008 · 0.992 · 2 / 1000) = 3.51.
    assert summary.failing(NAMES, told(a=(1000, 15)), told(a=(1000, 1)))
    # 8 against 1: 0.007 / sqrt(0.0045 · 0.9955 · 2 / 1000) = 2.34.
    assert not summary.failing(NAMES, told(a=(1000, 8)), told(a=(1000, 1)))


def test_a_service_without_requests_before_is_not_compared() -> None:
    assert summary.failing(NAMES, told(a=(1000, 500)), told(b=(1000, 0))) == ""


def test_a_name_in_the_sentence_is_no_markdown() -> None:
    odd = (Names("**x**", ("x",), ()),)
    assert summary.failing(odd, told(x=(99, 50)), told(x=(99, 1))).startswith("`**x**` **fails")
