"""Exported telemetry: which blobs are read, what becomes of their lines, and how often."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lib import logs
from lib.blobs import Blob, Container
from lib.errors import NotFound, QueryError, Unreachable
from lib.logs import Archive, Span
from lib.logs.archive import archive
from lib.settings import Root, Source, Telemetry
from tests import exported

Upload = Callable[[Source, str, Mapping[str, bytes]], None]

ROWS = exported.tables()
REQUESTS = ROWS["AppRequests"]
ALL = Span(exported.FIRST.to_pydatetime(), exported.LAST.to_pydatetime())
DAY = Span(ALL.first, (exported.FIRST + pd.Timedelta("1D")).to_pydatetime())
HOUR = "resourceId=/X/y=2026/m=11/d=19/h=05/m=00/PT1H.json"
COUNT = "AppRequests | summarize Rows = count(), Items = sum(ItemCount)"


class Watched:
    """A container that remembers what was asked of it."""

    def __init__(self, inner: Container) -> None:
        self.inner = inner
        self.label = inner.label
        self.listed: list[str] = []
        self.read_ranges: list[tuple[str, int, int | None]] = []

    def folders(self, prefix: str) -> list[str]:
        return self.inner.folders(prefix)

    def blobs(self, prefix: str) -> Iterator[Blob]:
        self.listed.append(prefix)
        return self.inner.blobs(prefix)

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        self.read_ranges.append((name, start, end))
        return self.inner.read(name, start, end)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "account").mkdir()
    return Source("laptop", folder=str(tmp_path / "account"))


@pytest.fixture
def put(source: Source, upload: Upload) -> Callable[..., None]:
    """Puts files into a container, by default that of requests of a diagnostic setting."""

    def put_files(files: Mapping[str, bytes], container: str = "insights-logs-apprequests") -> None:
        upload(source, container, files)

    return put_files


@pytest.fixture
def opened(source: Source, tmp_path: Path) -> Iterator[Callable[..., Archive]]:
    """Opens the archive of the folder; listings are never taken for true a second time."""
    found: list[Archive] = []

    def open_archive(folder: str = "copy", **options: Any) -> Archive:
        made = archive(logs.containers(source), str(tmp_path / folder))
        found.append(replace(made, **{"fresh_s": 0.0, **options}))
        return found[-1]

    yield open_archive
    for each in found:
        each.close()


def watched(made: Archive, container: str) -> tuple[Archive, Watched]:
    """The same archive with one of its containers watched."""
    seen = [
        (Watched(inner), prefix) for inner, prefix in made.containers if container in inner.label
    ]
    return replace(made, containers=seen, fresh_s=0.0), seen[0][0]


def line(second: int = 0, **columns: object) -> bytes:
    said = {"time": f"2026-11-19T05:00:{second:02}.0000000Z", "Id": str(second), **columns}
    return json.dumps(said).encode() + b"\n"


def rows(made: Archive, query: str = "AppRequests", span: Span = ALL) -> pd.DataFrame:
    return made.run(query, span).frame


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare the columns of `expected`, in order of time and id."""
    keys = [key for key in ("TimeGenerated", "Id", "OperationId") if key in expected]
    found = found[expected.columns].sort_values(keys, ignore_index=True)
    expected = expected.sort_values(keys, ignore_index=True)
    for column in expected:
        if column in exported.DYNAMIC:
            assert found[column].map(json.loads).tolist() == expected[column].tolist(), column
        else:
            assert found[column].tolist() == expected[column].tolist(), column


# The three layouts.


@pytest.mark.parametrize("table", ROWS)
def test_a_diagnostic_setting_s_blobs_are_the_rows_that_were_exported(
    put: Callable[..., None], opened: Callable[..., Archive], table: str
) -> None:
    put(exported.diagnostic(table, ROWS[table]), f"insights-logs-{table.lower()}")
    found = rows(opened(), table)
    same(found, ROWS[table])
    assert set(found["_ResourceId"]) == {exported.RESOURCE.lower()}  # as a workspace has it
    assert set(found["Type"]) == {table}


@pytest.mark.parametrize("table", ["AppRequests", "AppExceptions", "AppDependencies"])
def test_a_data_export_rule_s_blobs_are_the_rows_that_were_exported(
    put: Callable[..., None], opened: Callable[..., Archive], table: str
) -> None:
    put(exported.export(table, ROWS[table]), f"am-{table.lower()}")
    same(rows(opened(), table), ROWS[table])


def test_a_classic_export_s_blobs_are_the_rows_that_were_exported(
    put: Callable[..., None], source: Source, tmp_path: Path
) -> None:
    for table in exported.CLASSIC_FOLDERS:
        put(exported.continuous(table, ROWS[table]), "exports")
    with_root = Source("laptop", folder=source.folder, roots=(Root("exports"),))
    made = archive(logs.containers(with_root), str(tmp_path / "copy"))
    found = rows(made, "AppRequests")
    found["DurationMs"] = found["DurationMs"].round(3)
    same(found, REQUESTS)
    assert len(found) == len(REQUESTS)
    same(rows(made, "AppExceptions"), ROWS["AppExceptions"].drop(columns="Details"))
    stacks = rows(made, "AppExceptions | project Stack = tostring(Details[0].rawStack)")
    expected = [each[0]["rawStack"] for each in ROWS["AppExceptions"]["Details"]]
    assert sorted(stacks["Stack"]) == sorted(expected)
    made.close()


@pytest.mark.parametrize(
    ("folder", "table", "element", "value"),
    [
        ("Rdd", "AppDependencies", "remoteDependency", {"commandName": "q", "resultCode": "0"}),
        ("RemoteDependency", "AppDependencies", "remoteDependency", {"name": "GET"}),
        ("Messages", "AppTraces", "message", {"raw": "hello", "severityLevel": "Warning"}),
        ("Event", "AppEvents", "event", {"name": "clicked", "count": 4}),
        ("Metrics", "AppMetrics", "metric", {"name": "cpu", "value": 0.5, "count": 1.0}),
        ("PageViews", "AppPageViews", "view", {"name": "home", "url": "https://contoso"}),
        ("Availability", "AppAvailabilityResults", "availability", {"testName": "up"}),
    ],
)
def test_every_kind_of_a_classic_export_has_its_table(
    put: Callable[..., None],
    source: Source,
    tmp_path: Path,
    folder: str,
    table: str,
    element: str,
    value: dict[str, object],
) -> None:
    context = {
        "data": {"eventTime": "2026-11-19T05:00:00.5Z"},
        "operation": {"id": "op"},
        "custom": {"dimensions": [{"a": "1"}, {}, {"b": "x,y"}]},
    }
    name = f"app_0a1b/{folder}/2026-11-19/05/x.blob"
    put({name: exported.lines([{element: [value], "context": context}])}, "exports")
    with_root = Source("laptop", folder=source.folder, roots=(Root("exports", "app_0a1b/"),))
    made = archive(logs.containers(with_root), str(tmp_path / "copy"))
    [found] = rows(made, table).to_dict("records")
    made.close()
    assert found["TimeGenerated"] == pd.Timestamp("2026-11-19T05:00:00.5Z")
    assert found["OperationId"] == "op"
    assert json.loads(found["Properties"]) == {"a": "1", "b": "x,y"}
    columns = {"commandName": "Data", "raw": "Message", "value": "Sum", "testName": "Name"}
    for key, told in value.items():
        column = columns.get(key) or {"count": "ItemCount"}.get(key, key[0].upper() + key[1:])
        assert found[column] == {"Warning": 2}.get(str(told), told)


def test_all_columns_are_there_with_the_types_of_a_workspace(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line()})
    dtypes = rows(opened()).dtypes.astype(str)
    assert len(dtypes) == 43
    assert dtypes["TimeGenerated"] == "datetime64[us, UTC]"
    assert dtypes["ItemCount"] == "int64"
    assert dtypes["DurationMs"] == "float64"
    assert dtypes["Success"] == "boolean"  # the one row has none
    assert dtypes["Properties"] == "str"


def test_a_table_that_was_never_exported_is_empty(opened: Callable[..., Archive]) -> None:
    assert rows(opened(), "AppTraces").empty


# Which blobs are read.


def test_only_the_asked_days_and_those_of_late_rows_are_listed_and_read(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put(exported.diagnostic("AppRequests", REQUESTS))
    made, seen = watched(opened(), "insights-logs-apprequests")
    first = exported.FIRST.to_pydatetime()
    morning = Span(first, first.replace(hour=6))
    assert len(rows(made, span=morning)) == (REQUESTS["TimeGenerated"] < morning.last).sum()
    days = [prefix.partition("/y=2026")[2] for prefix in seen.listed]
    # An hour earlier, for clients whose clock is wrong, and two days later.
    assert days == ["/m=11/d=18/", "/m=11/d=19/", "/m=11/d=20/", "/m=11/d=21/"]
    # 48 hours after six o'clock; what arrived later cannot be older than that.
    assert len(seen.read_ranges) == 48 + 6


def test_data_export_is_placed_by_its_own_time_so_no_later_day_is_listed(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put(exported.export("AppRequests", REQUESTS), "am-apprequests")
    made, seen = watched(opened(), "am-apprequests")
    rows(made, span=DAY)
    assert [prefix.partition("/y=2026")[2] for prefix in seen.listed] == ["/m=11/d=19/"]
    assert len(seen.read_ranges) == 24


def test_many_days_of_a_month_are_listed_at_once(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put(exported.export("AppRequests", REQUESTS), "am-apprequests")
    made, seen = watched(opened(), "am-apprequests")
    rows(made, span=Span(ALL.first.replace(day=5), ALL.last.replace(month=12, day=2)))
    listed = [prefix.partition("/y=2026")[2] for prefix in seen.listed]
    assert listed == ["/m=11/", "/m=12/d=01/"]


def test_rows_that_arrived_late_are_found_under_their_own_time(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put(exported.diagnostic("AppRequests", REQUESTS, late="30h"))
    expected = (REQUESTS["TimeGenerated"] < DAY.last).sum()
    assert len(rows(opened(), span=DAY)) == expected


def test_rows_that_are_later_than_their_blob_are_found_too(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1, time="2026-11-19T06:30:00Z")})
    six = ALL.first.replace(hour=6)
    assert len(rows(opened(), span=Span(six, six.replace(hour=7)))) == 1


def test_a_span_has_its_first_moment_and_not_its_last(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1) + line(2) + line(3)})
    first = ALL.first.replace(hour=5)
    found = rows(opened(), span=Span(first.replace(second=1), first.replace(second=3)))
    assert found["Id"].tolist() == ["1", "2"]


def test_a_blob_is_read_once_in_all_processes(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put(exported.diagnostic("AppRequests", REQUESTS))
    first = opened()
    rows(first)
    first.close()
    made, seen = watched(opened(), "insights-logs-apprequests")
    assert len(rows(made)) == len(REQUESTS)
    assert seen.read_ranges == []


def test_a_listing_is_taken_for_true_for_a_while(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1)})
    made = opened(fresh_s=3600.0)
    assert len(rows(made)) == 1
    put({HOUR: line(1) + line(2)})
    assert len(rows(made)) == 1


def test_what_is_to_be_loaded_is_known_before_and_while_it_is_loaded(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    hours = {HOUR.replace("h=05", f"h={hour:02}"): line(hour) * 20 for hour in range(5, 9)}
    put(hours)
    size = sum(map(len, hours.values()))
    made = opened(batch_bytes=len(line(5)) * 20)
    assert made.unread("AppRequests", ALL) == size
    assert made.unread("AppTraces", ALL) == 0
    assert list(made.loading("AppRequests", ALL)) == [len(data) for data in hours.values()]
    assert made.unread("AppRequests", ALL) == 0
    assert list(made.loading("AppRequests", ALL)) == []
    put({HOUR: hours[HOUR] + line(9)})
    assert made.unread("AppRequests", ALL) == len(line(9))
    put({HOUR: line(9)})
    assert made.unread("AppRequests", ALL) == len(line(9))


def test_loading_that_is_given_up_keeps_what_it_has_and_lets_others_go_on(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR.replace("h=05", f"h={hour:02}"): line(hour) for hour in range(5, 9)})
    made = opened(batch_bytes=1)
    loading = made.loading("AppRequests", ALL)
    next(loading)
    loading.close()
    assert made.database.counts(["AppRequests"])["blobs"] == 1
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(rows, made).result(timeout=60)
    assert len(found) == 4


# Blobs that change.


def test_of_a_blob_that_has_grown_the_new_bytes_are_read(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    before = b"".join(line(second) for second in range(10, 30))
    put({HOUR: before})
    made, seen = watched(opened(), "insights-logs-apprequests")
    rows(made)
    seen.read_ranges.clear()
    put({HOUR: before + line(30)})
    assert len(rows(made)) == 21
    # The last bytes that were loaded are compared, to tell an append from a replacement.
    assert seen.read_ranges == [(HOUR, len(before) - 512, len(before) + len(line(30)))]


def test_a_half_written_last_line_is_left_for_the_next_time_and_counted(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1) + line(2)[:-20]})
    made = opened()
    answer = made.run("AppRequests", ALL)
    assert answer.frame["Id"].tolist() == ["1"]
    assert (answer.statistics["half"], answer.statistics["broken"]) == (1, 0)
    put({HOUR: line(1) + line(2) + line(3)})
    answer = made.run("AppRequests", ALL)
    assert answer.frame["Id"].tolist() == ["1", "2", "3"]
    assert (answer.statistics["half"], answer.statistics["broken"]) == (0, 0)


def test_a_last_line_without_a_line_break_is_a_line(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: (line(1) + line(2)).rstrip()})
    made = opened()
    assert rows(made)["Id"].tolist() == ["1", "2"]
    put({HOUR: line(1) + line(2) + line(3)})
    assert rows(made)["Id"].tolist() == ["1", "2", "3"]


@pytest.mark.parametrize("times", [1, 5])
def test_a_blob_that_was_replaced_is_read_anew(
    put: Callable[..., None], opened: Callable[..., Archive], times: int
) -> None:
    put({HOUR: line(1) * 2 + line(2)})
    made = opened()
    assert rows(made)["Id"].tolist() == ["1", "1", "2"]
    put({HOUR: b"".join(line(second + 30) for second in range(times))})
    answer = made.run("AppRequests", ALL)
    assert answer.frame["Id"].tolist() == [str(second + 30) for second in range(times)]
    assert (answer.statistics["rows"], answer.statistics["duplicates"]) == (times, 0)


def test_a_blob_that_was_deleted_takes_its_rows_along(
    put: Callable[..., None], opened: Callable[..., Archive], source: Source
) -> None:
    other = HOUR.replace("h=05", "h=06")
    put({HOUR: line(1), other: line(2)})
    made = opened()
    assert len(rows(made)) == 2
    Path(source.folder, "insights-logs-apprequests", *HOUR.split("/")).unlink()
    answer = made.run("AppRequests", ALL)
    assert answer.frame["Id"].tolist() == ["2"]
    assert answer.statistics["blobs"] == 1


def test_a_blob_that_is_gone_when_it_is_read_is_no_obstacle(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    class Vanishing(Watched):
        def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
            if "h=05" in name:
                raise NotFound("Gone.", "Reload.")
            return super().read(name, start, end)

    put({HOUR: line(1), HOUR.replace("h=05", "h=06"): line(2)})
    made = opened()
    seen = [(Vanishing(inner), "") for inner, _ in made.containers if "apprequests" in inner.label]
    assert rows(replace(made, containers=seen, fresh_s=0.0))["Id"].tolist() == ["2"]


@pytest.mark.parametrize("batch_bytes", [900, 5_000, 50_000])
def test_large_blobs_are_read_piece_by_piece(
    put: Callable[..., None], opened: Callable[..., Archive], batch_bytes: int
) -> None:
    some = REQUESTS.head(40)
    put(exported.diagnostic("AppRequests", some))
    made = opened(batch_bytes=batch_bytes)
    same(rows(made), some)
    assert made.run(COUNT, ALL).statistics["rows"] == 40


# Lines.


def test_lines_that_are_no_rows_are_counted_and_the_others_kept(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    broken = [
        b"not json\n",
        b"[1, 2]\n",
        b"null\n",
        b'{"time": "2026-11-19T05:00:00Z", "Id": "cut\n',
        b'{"Id": "without a time"}\n',
        b'{"time": "yesterday"}\n',
        b'{"time": "2026-11-19T05:00:00Z", "Id": "raw \x00 nul"}\n',
    ]
    blank = [b"\n", b"  \r\n"]
    put({HOUR: line(1) + b"".join(broken) + b"".join(blank) + line(2)})
    answer = opened().run("AppRequests", ALL)
    assert answer.frame["Id"].tolist() == ["1", "2"]
    assert answer.statistics["broken"] == 5
    assert answer.statistics["unusable"] == 2  # those without a time


def test_a_blob_of_broken_lines_only_is_counted_too(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: b"x\ny\n"})
    made = opened()
    assert made.run("AppRequests", ALL).statistics["broken"] == 2
    assert made.run("AppRequests", ALL).statistics["broken"] == 2


def test_values_of_another_type_become_null_or_text(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    odd: dict[str, object] = {
        "Id": 7,
        "Name": {"nested": True},
        "ResultCode": 200,
        "Success": "True",
        "DurationMs": "fast",
        "ItemCount": "3",
        "Properties": '{"k": "v"}',
        "Url": None,
    }
    put({HOUR: line(**odd)})
    [found] = rows(opened()).to_dict("records")
    assert (found["Id"], found["Name"], found["ResultCode"]) == ("7", '{"nested":true}', "200")
    assert found["Success"] is True
    assert np.isnan(found["DurationMs"])
    assert found["ItemCount"] == 3
    assert json.loads(found["Properties"]) == {"k": "v"}
    assert found["Url"] == ""


def test_a_row_without_a_count_stands_for_itself(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1) + line(2, ItemCount=5)})
    assert rows(opened(), COUNT)["Items"].tolist() == [6]


def test_times_keep_their_microseconds_and_their_offset_counts(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1, time="2026-11-19T07:00:00.1234567+02:00")})
    [found] = rows(opened())["TimeGenerated"]
    assert found == pd.Timestamp("2026-11-19T05:00:00.123456Z")


def test_what_a_line_says_stays_text(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    texts = ["'; DROP TABLE stored.blobs; --", 'a"b\\c', "é😀\u2028", "\u0000", "<script>"]
    put({HOUR: b"".join(line(second, Name=text) for second, text in enumerate(texts))})
    found = rows(opened(), "AppRequests | order by TimeGenerated asc | project Name")
    assert found["Name"].tolist() == texts


def test_bytes_that_are_not_utf8_spoil_one_character(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1, Name="caf?").replace(b"?", b"\xe9") + line(2)})
    found = rows(opened(), "AppRequests | order by TimeGenerated asc")
    assert found["Name"].tolist() == ["caf\ufffd", ""]


# The copy.


def test_another_process_gets_a_copy_of_its_own(
    put: Callable[..., None], opened: Callable[..., Archive], source: Source, tmp_path: Path
) -> None:
    put({HOUR: line(1)})
    made = opened()
    code = (
        "import sys; from lib import logs; from lib.settings import Source; "
        "print(logs.archive(logs.containers(Source('x', folder=sys.argv[1])), sys.argv[2])"
        ".database.path)"
    )
    command = [sys.executable, "-c", code, source.folder, str(tmp_path / "copy")]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == made.database.path.replace("-0.duckdb", "-1.duckdb")


def test_a_file_that_is_no_database_is_made_anew(
    put: Callable[..., None], opened: Callable[..., Archive]
) -> None:
    put({HOUR: line(1)})
    made = opened()
    path = Path(made.database.path)
    made.close()
    path.write_bytes(b"no database" * 1000)
    assert len(rows(opened())) == 1


def test_a_folder_that_cannot_be_made_says_so(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match="cannot be opened"):
        archive(logs.containers(source), str(tmp_path / "file" / "copy"))


def test_a_query_reads_no_file_and_writes_nothing(
    put: Callable[..., None], opened: Callable[..., Archive], tmp_path: Path
) -> None:
    put({HOUR: line(1)})
    made = opened()
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    for query in (
        f"['{tmp_path}/secret.csv'] | count",
        f"externaldata(a: string) ['{tmp_path}/secret.csv'] | count",
        ".set-or-replace AppRequests <| AppTraces",
        ".drop table AppRequests",
        f".create database x ('{tmp_path}/x.duckdb')",
    ):
        with pytest.raises(QueryError):
            made.run(query, ALL)
    assert len(rows(made)) == 1


def test_an_account_in_azure_is_read_as_a_folder_is(
    azurite_source: Source, upload: Upload, tmp_path: Path
) -> None:
    upload(
        azurite_source,
        "insights-logs-apprequests",
        exported.diagnostic("AppRequests", REQUESTS.head(300)),
    )
    settings = Telemetry(archive=azurite_source)
    made = logs.open(settings, str(tmp_path / "copy"))
    assert made.label == "azurite"
    same(made.run("AppRequests", ALL).frame, REQUESTS.head(300))
    assert "AccountKey" not in repr(made)
