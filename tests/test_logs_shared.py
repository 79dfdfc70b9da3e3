"""Rows that several queries read become one table, and the answers stay the same."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from lib import logs
from lib.errors import QueryError
from lib.logs import Answer, Archive, Span, literal
from lib.logs.archive import archive
from lib.logs.database import Database
from lib.logs.shared import Sharing
from lib.settings import Source
from tests import exported

ROWS = exported.tables()
FIRST, LAST = exported.FIRST.to_pydatetime(), exported.LAST.to_pydatetime()
ALL = Span(FIRST, LAST)
LETS = f"""let since = {literal(FIRST)};
let until = {literal(LAST)};
let Mine = AppRequests
| where TimeGenerated >= since and TimeGenerated < until
| extend Code = ResultCode;
let Failed = Mine
| where Success == false;
"""
COUNT = f"{LETS}Mine | summarize N = sum(ItemCount)"
CODES = f"{LETS}Mine | summarize N = sum(ItemCount) by Code | order by Code asc"
FAILED = f"{LETS}Failed | summarize N = sum(ItemCount) by Code | order by Code asc"
MEDIAN = f"{LETS}Failed | summarize P = percentilew(DurationMs, ItemCount, 50)"


def put(folder: Path, rows: pd.DataFrame) -> None:
    for name, data in exported.diagnostic("AppRequests", rows).items():
        path = folder / "insights-logs-apprequests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Archive]:
    put(tmp_path / "account", ROWS["AppRequests"])
    source = Source("laptop", folder=str(tmp_path / "account"))
    made = archive(logs.containers(source), str(tmp_path / "copy"))
    yield replace(made, fresh_s=0.0)
    made.close()


def tables(store: Archive) -> dict[str, int]:
    """What is kept: the last name of each table's text, and how many rows it has."""
    return {
        re.findall(r"let (\w+) =", meaning.text)[-1]: shared.rows
        for meaning, shared in store.sharing._kept.items()
    }


def in_memory(store: Archive) -> int:
    """How many shared tables DuckDB has."""
    sql = "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'shared'"
    [(count,)] = store.database.connection.cursor().execute(sql).fetchall()
    return int(count)


def check(store: Archive, *queries: str, span: Span = ALL) -> None:
    """Ask together and one by one, and compare."""
    found = store.run_many({str(at): query for at, query in enumerate(queries)}, span)
    for at, query in enumerate(queries):
        answer = found[str(at)]
        assert isinstance(answer, Answer), answer
        pd.testing.assert_frame_equal(answer.frame, store.run(query, span).frame)


def test_what_two_queries_read_is_one_table(store: Archive) -> None:
    check(store, COUNT, CODES)
    assert tables(store) == {"Mine": len(ROWS["AppRequests"])}
    [table] = store.sharing._kept.values()
    check(store, CODES, FAILED)
    assert next(iter(store.sharing._kept.values())) is table
    assert table.readers == 0


def test_one_query_needs_no_table_but_takes_one_that_is_there(store: Archive) -> None:
    check(store, COUNT)
    assert tables(store) == {}
    check(store, COUNT, CODES)
    # Were the table empty, the answer would be too: so it is read.
    [table] = store.sharing._kept.values()
    store.database.connection.cursor().execute(f"DELETE FROM shared.{table.table}")
    [answer] = store.run_many({"one": CODES}, ALL).values()
    assert isinstance(answer, Answer)
    assert len(answer.frame) == 0


def test_rows_made_of_shared_rows_are_shared_too(store: Archive) -> None:
    check(store, COUNT, FAILED, MEDIAN)
    failed = int((~ROWS["AppRequests"]["Success"].astype(bool)).sum())
    assert tables(store) == {"Mine": len(ROWS["AppRequests"]), "Failed": failed}


def test_what_only_shared_rows_are_made_of_is_no_table(store: Archive) -> None:
    check(store, FAILED, MEDIAN)
    assert list(tables(store)) == ["Failed"]


def test_other_values_mean_other_rows(store: Archive) -> None:
    half = literal(FIRST + (LAST - FIRST) / 2)
    later = COUNT.replace(literal(FIRST), half)
    check(store, COUNT, CODES, later)
    found = store.run_many({"all": COUNT, "codes": CODES, "later": later}, ALL)
    counts = {name: a.frame["N"].sum() for name, a in found.items() if isinstance(a, Answer)}
    assert counts["all"] == counts["codes"] > counts["later"] > 0


def test_a_span_that_cuts_rows_counts_and_one_that_does_not_does_not(store: Archive) -> None:
    day = timedelta(days=1)
    check(store, COUNT, CODES)
    check(store, COUNT, CODES, span=Span(FIRST - day, LAST + day))
    assert len(store.sharing._kept) == 1
    check(store, COUNT, CODES, span=Span(FIRST, FIRST + (LAST - FIRST) / 2))
    assert sorted(tables(store).values()) == sorted(set(tables(store).values()))
    assert len(store.sharing._kept) == 2


def test_new_blobs_make_new_tables(tmp_path: Path, store: Archive) -> None:
    check(store, COUNT, CODES)
    later = ROWS["AppRequests"].assign(Name="later")
    put(tmp_path / "account", pd.concat([ROWS["AppRequests"], later]))
    check(store, COUNT, CODES)
    assert tables(store) == {"Mine": 2 * len(ROWS["AppRequests"])}
    assert in_memory(store) == 1


def test_a_table_is_not_dropped_under_a_reader(store: Archive) -> None:
    store.load("AppRequests", ALL)
    small = replace(store.sharing, most_rows=0)
    with small.among([COUNT, CODES], ALL) as [asked, _]:
        with small.among([FAILED, MEDIAN, CODES], ALL) as others:
            assert len(small._kept) == 2
            assert others[2].tables["Mine"] is asked.tables["Mine"]
            assert in_memory(store) == 2
        assert list(small._kept.values()) == [asked.tables["Mine"]]
        assert in_memory(store) == 1


def test_the_latest_stays_however_large_it_is(store: Archive) -> None:
    store.load("AppRequests", ALL)
    small = replace(store.sharing, most_rows=0)
    with small.among([COUNT, CODES], ALL) as [asked, _]:
        pass
    assert list(small._kept.values()) == [asked.tables["Mine"]]
    with small.among([FAILED, MEDIAN], ALL):
        pass
    assert [len(shared.columns) for shared in small._kept.values()] == [len(asked.columns["Mine"])]
    assert asked.tables["Mine"] not in small._kept.values()


def test_the_longest_unused_goes_first(store: Archive) -> None:
    store.load("AppRequests", ALL)
    small = replace(store.sharing, most_rows=len(ROWS["AppRequests"]))
    for queries in ([COUNT, CODES], [FAILED, MEDIAN], [COUNT, CODES]):
        with small.among(queries, ALL):
            pass
    assert [shared.columns[-1] for shared in small._kept.values()] == ["Code"]
    assert len(small._kept) == 1


def test_many_threads_share(store: Archive) -> None:
    store.load("AppRequests", ALL)
    small = replace(store.sharing, most_rows=0)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            check(replace(store, sharing=small), COUNT, CODES, FAILED, MEDIAN)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert in_memory(store) == len(small._kept) == 1
    assert all(shared.readers == 0 for shared in small._kept.values())


def test_a_complaint_names_the_place_in_the_query_that_was_asked(store: Archive) -> None:
    wrong = f"{LETS}Mine\n| where Codee == '500'"
    found = store.run_many({"a": COUNT, "b": CODES, "c": wrong, "d": wrong + " "}, ALL)
    assert isinstance(found["c"], QueryError)
    assert "Codee" in str(found["c"])
    assert (found["c"].line, found["c"].column) == (9, 9)
    assert isinstance(found["a"], Answer)


def test_rows_that_cannot_be_made_are_each_query_s_own_complaint(store: Archive) -> None:
    broken = [query.replace("Code = ResultCode", "Code = Nothing") for query in (COUNT, CODES)]
    found = store.run_many({"a": broken[0], "b": broken[1], "c": COUNT}, ALL)
    assert isinstance(found["a"], QueryError)
    assert isinstance(found["b"], QueryError)
    assert "Nothing" in str(found["a"])
    assert isinstance(found["c"], Answer)
    assert in_memory(store) == 0


def test_rows_that_take_too_long_are_tried_once(
    store: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def keep(_: object, sql: str, values: object) -> None:
        tried.append(sql)
        raise duckdb.InterruptException("Interrupted!")

    monkeypatch.setattr(Database, "keep", lambda _, *given: keep(*given))
    check(store, COUNT, CODES, FAILED, MEDIAN)
    assert len(tried) == 1
    assert store.sharing._kept == {}


def test_a_query_cannot_write_to_the_shared_tables(store: Archive) -> None:
    check(store, COUNT, CODES)
    [table] = store.sharing._kept.values()
    # Only what the query may name is there under its name.
    found = store.run_many({"a": f"['shared.{table.table}'] | count"}, ALL)
    assert isinstance(found["a"], QueryError)


def test_tables_that_do_not_fit_in_memory_go_to_disk(tmp_path: Path) -> None:
    """Nothing but what DuckDB may do itself: its files lie beside the copy."""
    put(tmp_path / "account", ROWS["AppRequests"])
    source = Source("laptop", folder=str(tmp_path / "account"))
    store = archive(logs.containers(source), str(tmp_path / "copy"), memory_mb=64)
    try:
        cursor = store.database.connection.cursor()
        sql = "SELECT range AS a, hash(range) AS b, hash(range + 1) AS c FROM range({})"
        table, _, rows = store.database.keep(cursor, sql.format(8_000_000), {})
        assert rows == 8_000_000
        [(used, spilt)] = cursor.execute(
            "SELECT sum(memory_usage_bytes), sum(temporary_storage_bytes) FROM duckdb_memory()"
        ).fetchall()
        assert used < 64 * 2**20
        assert spilt > 64 * 2**20
        [(last,)] = cursor.execute(f"SELECT max(a) FROM shared.{table}").fetchall()
        assert last == 7_999_999
        store.database.drop(table)
        with pytest.raises(duckdb.Error):
            cursor.execute(f"SELECT max(a) FROM shared.{table}")
    finally:
        store.close()


def test_sharing_begins_with_nothing(store: Archive) -> None:
    assert Sharing(store.database)._kept == {}
    assert in_memory(store) == 0
