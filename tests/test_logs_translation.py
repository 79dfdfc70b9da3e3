"""What is worded anew in duckdb-kql's SQL still means the same."""

import json
import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.logs import engine, literal, translation


def answer(query: str) -> list[object]:
    """The first column of an answer."""
    connection = duckdb.connect()
    try:
        frame, _ = engine.run(connection, query, 60)
    finally:
        connection.close()
    return frame.iloc[:, 0].tolist()


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("00:00:00.251", 251.0),
        ("00:00:01", 1000.0),
        ("01:02:03.5", 3_723_500.0),
        ("00:00:00.000001", 0.001),
        ("23:59:59.999999", 86_399_999.999),
        ("00:00:00.2512349", 251.234),
        ("1.00:00:01", 86_401_000.0),
        ("12.01:00:00.1234567", 1_040_400_123.456),
        # What the quick way leaves to the other.
        ("0:00:01", 1000.0),
        (" 00:00:01 ", 1000.0),
        ("-00:00:01", -1000.0),
        ("00:00:00.2510000", 251.0),
        ("00:01", 60_000.0),
        # What is none.
        ("00:00:01 junk", None),
        ("00:00:01.5x", None),
        ("00:61:00", None),
        ("", None),
        ("soon", None),
    ],
)
def test_a_text_is_the_timespan_that_it_says(text: str, ms: float | None) -> None:
    [found] = answer(f"datatable(v: string) [{literal(text)}] | project totimespan(v) / 1ms")
    assert found == pytest.approx(math.nan if ms is None else ms, nan_ok=True)


@settings(deadline=None, max_examples=50)
@given(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=20)
    | st.lists(st.integers(0, 9), max_size=3)
    | st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)),
    st.sampled_from(["x", "Service Name", "a.b"]),
)
def test_a_property_is_the_text_that_two_steps_give(value: object, key: str) -> None:
    query = f"AppRequests | project tostring(Properties[{literal(key)}]), Properties.other"
    sql, _ = translation.to_sql(query, {})
    path = f"""'$."{key}"'"""
    connection = duckdb.connect()
    try:
        connection.execute('CREATE TABLE "AppRequests" ("Properties" JSON)')
        row = json.dumps({key: value, "other": 7, "z": 1})
        connection.execute('INSERT INTO "AppRequests" VALUES (?)', [row])
        [found] = connection.execute(sql).fetchall()
        [in_two_steps] = connection.execute(
            f"SELECT coalesce(json_extract(Properties, {path}) ->> '$', '') FROM AppRequests"
        ).fetchall()
    finally:
        connection.close()
    assert found == (*in_two_steps, "7")


def test_several_properties_are_read_in_one_pass() -> None:
    keys = ("name", "Request Id", "name")
    listed = ", ".join(f"P{at} = tostring(Properties[{literal(k)}])" for at, k in enumerate(keys))
    sql, _ = translation.to_sql(f"AppRequests | project {listed}", {})
    both = """json_extract_string("Properties", ['$.name', '$."Request Id"'])"""
    assert [sql.count(f"{both}[{at}]") for at in (1, 2)] == [2, 1]
    assert "->>" not in sql


def test_a_text_in_a_query_that_looks_like_sql_stays_as_it_is() -> None:
    text = """json_extract("Properties", '$.x') ->> '$'"""
    assert answer(f"print {literal(text)}") == [text]
