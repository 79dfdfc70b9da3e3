"""Whatever a value is, in a query it stays that value and nothing else."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.logs import engine, literal

NASTY = [
    '"; .drop table AppRequests //',
    "' | where true //",
    "\\",
    '\\"',
    "\\u0022 | count",
    "a\nb\r\nc\td\u2028e\u2029f\x85g\x0bh\x0ci",
    "\x00\x07\x1b\x7f",
    "é 😀 \u202e \ufeff \u00ad",
    "${x} {{y}} %s // comment",
    "```\n~~~",
    "h@'x'",
    "",
]


OPEN: list[duckdb.DuckDBPyConnection] = []


@pytest.fixture(scope="module", autouse=True)
def connection() -> Iterator[None]:
    """One for all tests here; a cursor of it has its own names."""
    OPEN.append(duckdb.connect())
    yield
    OPEN.pop().close()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
some = settings(deadline=None, max_examples=15)


def rows(query: str) -> list[dict[str, object]]:
    frame, _ = engine.run(OPEN[0].cursor(), query, 60)
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def echoed(values: Sequence[object]) -> list[object]:
    """What a query that only prints literals gives back."""
    lets = "".join(f"let given{at} = {literal(each)};\n" for at, each in enumerate(values))
    listed = ", ".join(f"found{at} = given{at}" for at in range(len(values)))
    [row] = rows(f"{lets}print {listed}")
    return list(row.values())


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Many values for one query, because most of the time goes into reading it."""
    return st.lists(values, min_size=1, max_size=12)


def test_nasty_texts_come_back_as_they_are() -> None:
    assert echoed(NASTY) == NASTY


@some
@given(several(TEXTS))
def test_any_text_comes_back_as_it_is(values: list[str]) -> None:
    assert echoed(values) == values


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_a_text_is_one_token_on_one_line(value: str) -> None:
    """A literal ends at its quote: no other quote, line break or lone backslash is in it."""
    text = literal(value)
    assert text[0] == text[-1] == '"'
    assert text.isprintable()
    inside = text[1:-1]
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")
    # JSON's rules for a text are those of KQL's for what is in here.
    assert json.loads(text) == re.sub("[\ud800-\udfff]", "?", value)


@some
@given(several(TEXTS))
def test_a_text_compares_with_itself_only(values: list[str]) -> None:
    among = ", ".join(literal(text) for value in values for text in (value, value + "x"))
    wanted = values[0]
    query = f"datatable(t: string) [{among}] | where t == {literal(wanted)} | count"
    [row] = rows(query)
    assert row["Count"] == values.count(wanted) + [f"{each}x" for each in values].count(wanted)


@some
@given(several(st.integers(-(2**63), 2**63 - 1)))
def test_any_long_comes_back_as_it_is(values: list[int]) -> None:
    assert echoed(values) == values


@some
@given(several(st.floats(allow_nan=False)))
def test_any_real_comes_back_as_it_is(values: list[float]) -> None:
    assert echoed(values) == values


def test_what_is_no_number_is_written_too() -> None:
    assert literal(float("nan")) == "real(nan)"


def test_truth_comes_back_as_it_is() -> None:
    assert echoed([True, False]) == [True, False]


ZONES = [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=8))]
TIMES = st.datetimes(datetime(1678, 1, 1), datetime(2261, 1, 1), timezones=st.sampled_from(ZONES))


@some
@given(several(TIMES))
def test_any_time_comes_back_in_utc(values: list[datetime]) -> None:
    assert echoed(values) == values


def test_an_early_year_keeps_its_zeros() -> None:
    assert literal(datetime(1, 2, 3, tzinfo=UTC)) == "datetime(0001-02-03T00:00:00.000000Z)"


@some
@given(several(st.timedeltas(timedelta(days=-10_000), timedelta(days=10_000))))
def test_any_timespan_comes_back_as_it_is(values: list[timedelta]) -> None:
    assert echoed(values) == values


@some
@given(st.lists(TEXTS, max_size=8))
def test_a_list_finds_its_members_and_nothing_else(values: list[str]) -> None:
    among = ", ".join(map(literal, [*values, "none of them"]))
    query = f"let given = {literal(values)}; datatable(t: string) [{among}] | where t in (given)"
    [row] = rows(f"{query} | count")
    assert row["Count"] == len(values) + ("none of them" in values)


def test_a_list_of_numbers_is_an_array() -> None:
    assert literal([1, 2.5]) == "dynamic([1, 2.5])"


def test_what_kql_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        literal(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="64 bits"):
        literal(2**63)
