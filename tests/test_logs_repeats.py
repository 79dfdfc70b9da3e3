"""Lines that come twice: what is an event of its own, what was exported again, in each layout."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from lib.logs import Answer, Archive, Span
from tests import exported

ALL = Span(exported.FIRST.to_pydatetime(), exported.LAST.to_pydatetime())
HOUR = "resourceId=/X/y=2026/m=11/d=19/h=05/m=00/PT1H.json"
NEXT_HOUR = HOUR.replace("h=05", "h=06")
FIVE = "WorkspaceResourceId=/x/y=2026/m=11/d=19/h=05/m=00/PT05M.json"
FIVE_MORE = FIVE.replace("PT05M", "PT05M_1")
CLASSIC = "app_0a1b/Requests/2026-11-19/05/x.blob"
DIAGNOSTIC, EXPORT = "insights-logs-apprequests", "am-apprequests"
REQUESTS = exported.tables(600)["AppRequests"]

Put = Callable[[str, Mapping[str, bytes]], None]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    return lambda container, files: exported.write(tmp_path / "account", container, files)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Archive]:
    (tmp_path / "account").mkdir()
    with exported.archive_of(tmp_path / "account", tmp_path / "copy") as opened:
        yield opened


def line(second: int = 0, **columns: object) -> bytes:
    at = f"2026-11-19T05:00:{second:02}.0000000Z"
    return json.dumps({"time": at, "Id": str(second), **columns}).encode() + b"\n"


def exports(second: int = 0, **columns: object) -> bytes:
    return line(second, **columns).replace(b'"time"', b'"TimeGenerated"')


def asked(made: Archive) -> Answer:
    return made.run("AppRequests | order by TimeGenerated asc", ALL)


def ids(made: Archive) -> list[str]:
    found: list[str] = asked(made).frame["Id"].tolist()
    return found


def counts(made: Archive) -> tuple[int, int, int]:
    told = asked(made).statistics
    return told["rows"], told["duplicates"], told["overlapped"]


# Diagnostic settings.


def test_equal_lines_of_one_blob_are_events_of_their_own(put: Put, made: Archive) -> None:
    put(DIAGNOSTIC, {HOUR: line(1) * 5 + line(2)})
    assert ids(made) == ["1"] * 5 + ["2"]
    assert counts(made) == (6, 0, 0)


def test_equal_lines_that_are_read_piece_by_piece_are_counted_alike(
    put: Put, made: Archive
) -> None:
    for times in (2, 3, 5):
        put(DIAGNOSTIC, {HOUR: line(1) * times})
        assert ids(made) == ["1"] * times
    assert counts(made) == (5, 0, 0)


def test_a_blob_that_is_replaced_by_itself_counts_once(put: Put, made: Archive) -> None:
    put(DIAGNOSTIC, {HOUR: line(1) * 3})
    assert counts(made) == (3, 0, 0)
    put(DIAGNOSTIC, {HOUR: line(2) + line(1) * 3})
    assert counts(made) == (4, 0, 0)


def test_a_line_that_the_next_hour_has_again_counts_once(put: Put, made: Archive) -> None:
    put(DIAGNOSTIC, {HOUR: line(1) * 2 + line(2), NEXT_HOUR: line(2) + line(1) * 3 + line(4)})
    assert ids(made) == ["1", "1", "1", "2", "4"]
    assert counts(made) == (5, 3, 0)
    put(DIAGNOSTIC, {HOUR: line(1) * 2 + line(2) + line(1) * 2})
    assert ids(made) == ["1", "1", "1", "1", "2", "4"]
    assert counts(made) == (6, 4, 0)


def test_how_a_line_ends_is_no_difference(put: Put, made: Archive) -> None:
    put(DIAGNOSTIC, {HOUR: line(1) + line(2)})
    put(DIAGNOSTIC, {NEXT_HOUR: line(1).replace(b"\n", b"\r\n") + line(2).replace(b"\n", b" \r\n")})
    assert counts(made) == (2, 2, 0)


# The layouts that repeat.


def test_a_data_export_that_tried_again_counts_once(put: Put, made: Archive) -> None:
    put(EXPORT, {FIVE: exports(1) + exports(2) + exports(1), FIVE_MORE: exports(2) + exports(3)})
    assert ids(made) == ["1", "2", "3"]
    assert counts(made) == (3, 2, 0)
    put(EXPORT, {FIVE: exports(1) + exports(2) + exports(1) + exports(3)})
    assert counts(made) == (3, 3, 0)


def test_a_blob_of_both_line_ends_is_freed_of_what_repeats(put: Put, made: Archive) -> None:
    put(EXPORT, {FIVE: exports(1) + exports(1).replace(b"\n", b"\r\n") + exports(2).rstrip()})
    assert ids(made) == ["1", "2"]
    assert counts(made) == (2, 1, 0)


def test_the_same_line_of_continuous_export_counts_once(tmp_path: Path) -> None:
    some = exported.continuous("AppRequests", REQUESTS.head(20))
    again = {name.replace("/x_", "/y_"): data for name, data in some.items()}
    exported.write(tmp_path / "account", "exports", {**some, **again})
    with exported.archive_of(tmp_path / "account", tmp_path / "copy", "exports") as made:
        assert counts(made) == (20, 20, 0)


# Two layouts that hold the same.


@pytest.mark.parametrize("first", [DIAGNOSTIC, EXPORT])
@pytest.mark.parametrize(
    "table", ["AppRequests", "AppExceptions", "AppDependencies", "AmlOnlineEndpointTrafficLog"]
)
def test_what_both_layouts_hold_counts_once(
    put: Put, made: Archive, first: str, table: str
) -> None:
    rows = exported.tables(600)[table]
    layouts = {DIAGNOSTIC: exported.diagnostic(table, rows), EXPORT: exported.export(table, rows)}
    for container in (first, *layouts.keys() - {first}):
        put(container.replace("apprequests", table.lower()), layouts[container])
        assert len(made.run(table, ALL).frame) == len(rows)
    told = made.run(table, ALL).statistics
    assert (told["rows"], told["overlapped"], told["duplicates"]) == (len(rows), len(rows), 0)


def test_each_layout_adds_what_the_other_lacks(put: Put, made: Archive) -> None:
    put(DIAGNOSTIC, exported.diagnostic("AppRequests", REQUESTS.head(400)))
    put(EXPORT, exported.export("AppRequests", REQUESTS.tail(400)))
    assert sorted(ids(made)) == sorted(REQUESTS["Id"])
    assert counts(made) == (600, 0, 200)


def test_of_equal_events_as_many_count_as_the_layout_with_most_has(put: Put, made: Archive) -> None:
    put(EXPORT, {FIVE: exports(1, Url="a") + exports(1, Url="b")})
    assert counts(made) == (2, 0, 0)
    put(DIAGNOSTIC, {HOUR: line(1) * 3})
    assert counts(made) == (3, 0, 2)


# Blobs that go away.


def test_what_another_blob_has_too_is_read_again_from_there(
    put: Put, made: Archive, tmp_path: Path
) -> None:
    put(DIAGNOSTIC, {HOUR: line(1) * 2 + line(2), NEXT_HOUR: line(1) + line(2) + line(3)})
    put(EXPORT, {FIVE: exports(2) + exports(3)})
    assert ids(made) == ["1", "1", "2", "3"]
    (tmp_path / "account" / DIAGNOSTIC / HOUR).unlink()
    assert ids(made) == ["1", "2", "3"]
    assert counts(made) == (3, 0, 2)
    (tmp_path / "account" / DIAGNOSTIC / NEXT_HOUR).unlink()
    assert ids(made) == ["2", "3"]
    assert counts(made) == (2, 0, 0)


def test_what_a_replaced_blob_had_is_read_again_from_the_others(put: Put, made: Archive) -> None:
    put(DIAGNOSTIC, {HOUR: line(1) + line(2), NEXT_HOUR: line(1) + line(2)})
    assert counts(made) == (2, 2, 0)
    put(DIAGNOSTIC, {HOUR: line(8) + line(9), NEXT_HOUR: line(1) + line(2) + line(3)})
    assert ids(made) == ["1", "2", "3", "8", "9"]
    assert counts(made) == (5, 0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_what_comes_and_goes_ends_alike(tmp_path: Path, seed: int) -> None:
    """The copy that saw each state is the copy that saw the last alone."""
    draw = random.Random(seed)
    account = tmp_path / "account"
    account.mkdir()
    names = [(DIAGNOSTIC, HOUR), (DIAGNOSTIC, NEXT_HOUR), (EXPORT, FIVE), (EXPORT, FIVE_MORE)]
    with exported.archive_of(account, tmp_path / "copy") as made:
        for _ in range(12):
            container, name = draw.choice(names)
            path = account / container / name
            make = line if container == DIAGNOSTIC else exports
            more = b"".join(make(draw.randrange(4)) for _ in range(draw.randrange(4)))
            if draw.random() < 0.25 and path.exists():
                path.unlink()
            elif draw.random() < 0.6 and path.exists():
                path.write_bytes(path.read_bytes() + more)
            else:
                exported.write(account, container, {name: more})
            if draw.random() < 0.7:
                made.run("AppRequests", ALL)
        found = asked(made)
    with exported.archive_of(account, tmp_path / "another") as anew:
        expected = asked(anew)
    assert found.frame["Id"].tolist() == expected.frame["Id"].tolist()
    assert found.statistics["rows"] == expected.statistics["rows"]
