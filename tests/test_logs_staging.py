"""Lines that are odd: each costs itself or a part of itself, and is counted by kind."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import telemetry
from lib.errors import Unreachable
from lib.logs import Answer, Span, staging
from tests import exported

SAMPLES = Path(__file__).parent / "samples" / "telemetry"
EVER = Span(exported.FIRST.to_pydatetime().replace(year=2010), exported.LAST.to_pydatetime())
HOUR = "resourceId=/X/y=2026/m=11/d=19/h=05/m=00/PT1H.json"
FIVE = "WorkspaceResourceId=/x/y=2026/m=11/d=19/h=05/m=00/PT05M.json"
CLASSIC = "app_0a1b/Requests/2026-11-19/05/x.blob"
AT = "2026-11-19T05:00:00Z"
PLACES = {
    "diagnostic": ("insights-logs-apprequests", HOUR),
    "export": ("am-apprequests", FIVE),
    "classic": ("exports", CLASSIC),
}
UNREAD = ("duplicates", "overlapped", "broken", "unusable", "misplaced")

Loads = Callable[..., Answer]


@pytest.fixture
def loads(tmp_path: Path) -> Iterator[Loads]:
    """Loads one blob of a layout, and answers with all its rows."""

    def load(layout: str, data: bytes, table: str = "AppRequests", name: str = "") -> Answer:
        container, usual = PLACES[layout]
        container = container.replace("apprequests", table.lower())
        folder = Path(tmp_path, f"account-{len(list(tmp_path.iterdir()))}")
        exported.write(folder, container, {name or usual: data})
        roots = ("exports",) if layout == "classic" else ()
        with exported.archive_of(folder, folder / "copy", *roots) as made:
            return made.run(table, EVER)

    return load


def line(**columns: object) -> bytes:
    return json.dumps({"time": AT, **columns}).encode() + b"\n"


def classic(*dimensions: object, **more: object) -> bytes:
    context = {"data": {"eventTime": AT}, "custom": {"dimensions": list(dimensions)}}
    said = {"request": [{"id": "1", "count": 1}], "context": context}
    return json.dumps(said | more).encode() + b"\n"


def counted(answer: Answer) -> dict[str, int]:
    """What was counted, without what is nothing."""
    return {key: value for key, value in answer.statistics.items() if value and key != "blobs"}


# Cases with their right values.


def test_odd_dimensions_of_a_classic_export_cost_themselves(loads: Loads) -> None:
    data = (SAMPLES / "classic_odd_lines.blob").read_bytes()
    answer = loads("classic", data, name="contoso-ai_0/Requests/2026-11-18/10/a.blob")
    assert answer.frame["Id"].tolist() == ["1", "2", "3", "4", "5", "6"]
    assert answer.frame["Properties"].map(json.loads).tolist() == [
        {"Workspace Name": "contoso-ws"},
        {},
        {},
        {},
        {"a": 1},
        {},
    ]
    assert set(answer.frame["AppRoleName"]) == {"credit"}
    assert counted(answer) == {"rows": 6, "odd": 5}


def test_traffic_whose_properties_are_text_is_unwrapped(loads: Loads) -> None:
    data = (SAMPLES / "traffic_properties_as_text.json").read_bytes()
    name = HOUR.replace("h=05", "h=10")
    found = loads("diagnostic", data, "AmlOnlineEndpointTrafficLog", name).frame
    assert set(found["EndpointName"]) == {"credit"}
    assert set(found["DeploymentName"]) == {"blue"}
    assert found["ResponseCode"].tolist() == [424] * 5
    assert found["ModelStatusCode"].tolist() == [500] * 5
    assert found["XRequestId"].tolist() == ["x0", "x1", "x2", "x3", "x4"]


def test_failures_of_that_traffic_are_the_model_s(tmp_path: Path) -> None:
    name = HOUR.replace("h=05", "h=10")
    data = (SAMPLES / "traffic_properties_as_text.json").read_bytes()
    exported.write(tmp_path, "insights-logs-amlonlineendpointtrafficlog", {name: data})
    with exported.archive_of(tmp_path, tmp_path / "copy") as made:
        day = Span(EVER.last.replace(day=19), EVER.last.replace(day=20))
        answer = telemetry.ask(made, ["endpoint_failures"], span=day)["endpoint_failures"]
    assert isinstance(answer, Answer)
    columns = ["endpoint", "deployment", "origin", "code", "model_code", "failed"]
    expected = [["credit", "blue", "model", 424, 500, 5]]
    assert answer.frame[columns].to_numpy().tolist() == expected


def test_traffic_whose_properties_are_no_object_keeps_what_lies_beside_them(loads: Loads) -> None:
    data = line(properties="gone", EndpointName="credit") + line(properties=[1], ResponseCode=200)
    answer = loads("diagnostic", data, "AmlOnlineEndpointTrafficLog")
    assert answer.frame["EndpointName"].tolist() == ["credit", ""]
    assert answer.frame["ResponseCode"].tolist() == [pd.NA, 200]
    assert counted(answer) == {"rows": 2, "odd": 2}


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ({"a": "1", "b": "2"}, {"a": "1", "b": "2"}),  # one object and no list
        ([{"a": "1", "b": "2"}, {}, {"c": 3}], {"a": "1", "b": "2", "c": 3}),
        ([], {}),
        (None, {}),
    ],
)
def test_dimensions_in_another_form_are_read_too(
    loads: Loads, dimensions: object, expected: object
) -> None:
    context = {"data": {"eventTime": AT}, "custom": {"dimensions": dimensions}}
    answer = loads("classic", classic(context=context))
    assert answer.frame["Properties"].map(json.loads).tolist() == [expected]
    assert counted(answer) == {"rows": 1}


@pytest.mark.parametrize("request_", [None, [], {}, [5], [None], "GET"])
def test_a_classic_line_without_its_element_is_unusable(loads: Loads, request_: object) -> None:
    answer = loads("classic", classic(request=request_) + classic())
    assert counted(answer) == {"rows": 1, "unusable": 1}


def test_of_a_classic_line_with_several_elements_the_first_counts(loads: Loads) -> None:
    answer = loads("classic", classic(request=[{"id": "a"}, {"id": "b"}]))
    assert answer.frame["Id"].tolist() == ["a"]
    assert counted(answer) == {"rows": 1, "odd": 1}


def test_performance_counters_of_a_classic_export_have_name_and_value(loads: Loads) -> None:
    told: list[dict[str, Any]] = [
        {"categoryName": "Process", "instanceName": "w3wp", "% Processor Time": {"value": 12.5}},
        {"categoryName": "Memory", "counterName": "Available Bytes", "value": 1e9},
        {"available_bytes": 7},
    ]
    context = {"data": {"eventTime": AT}, "device": {"roleName": "credit"}}
    data = exported.lines({"performanceCounter": [each], "context": context} for each in told)
    name = CLASSIC.replace("Requests", "PerformanceCounters")
    answer = loads("classic", data, "AppPerformanceCounters", name)
    columns = ["AppRoleName", "Category", "Counter", "Instance", "Name", "Value"]
    assert answer.frame[columns].to_numpy().tolist() == [
        ["credit", "Process", "% Processor Time", "w3wp", "% Processor Time", 12.5],
        ["credit", "Memory", "Available Bytes", "", "Available Bytes", 1e9],
        ["credit", "", "available_bytes", "", "available_bytes", 7.0],
    ]
    assert counted(answer) == {"rows": 3}


def test_a_metric_that_lies_among_the_custom_metrics_is_read(loads: Loads) -> None:
    metrics = [{"rows scored": {"value": 3.0, "count": 2.0, "sum": 6.0, "min": 1, "max": 5}}]
    context = {"data": {"eventTime": AT}, "custom": {"metrics": metrics}}
    data = exported.lines([{"metric": [], "context": context}])
    answer = loads("classic", data, "AppMetrics", CLASSIC.replace("Requests", "Metrics"))
    columns = ["Name", "Sum", "Min", "Max", "ItemCount"]
    assert answer.frame[columns].to_numpy().tolist() == [["rows scored", 6.0, 1.0, 5.0, 2]]


def test_a_value_of_another_type_makes_the_row_odd(loads: Loads) -> None:
    data = line(Id="a", DurationMs="fast") + line(Id="b", Properties=[1]) + line(Id="c")
    data += line(Id="d", Success="maybe") + line(Id="e", ItemCount=1e30) + line(Id="f", Url=["x"])
    answer = loads("diagnostic", data)
    assert counted(answer) == {"rows": 6, "odd": 4}
    assert np.isnan(answer.frame["DurationMs"]).all()


def test_numbers_that_are_none_do_not_spoil_a_sum(loads: Loads) -> None:
    data = b"".join(
        line(Id=str(at), DurationMs=value)
        for at, value in enumerate(["NaN", "Infinity", float("nan"), float("inf"), 5.0])
    )
    answer = loads("diagnostic", data)
    assert answer.frame["DurationMs"].sum() == 5.0
    assert counted(answer) == {"rows": 5, "odd": 4}


@pytest.mark.parametrize("time", ["infinity", "-infinity", "294000-01-01", "0001-01-01", 17, [AT]])
def test_a_time_that_no_row_can_have_makes_none(loads: Loads, time: object) -> None:
    answer = loads("diagnostic", line(time=time) + line(Id="good"))
    assert answer.frame["Id"].tolist() == ["good"]
    assert counted(answer) == {"rows": 1, "unusable": 1}


def test_a_byte_order_mark_is_no_part_of_the_first_line(loads: Loads) -> None:
    assert counted(loads("diagnostic", b"\xef\xbb\xbf" + line())) == {"rows": 1}


# Rows whose time cannot be that of their blob.


@pytest.mark.parametrize(
    ("layout", "time", "is_row"),
    [
        ("diagnostic", "2026-11-17T05:00:00Z", True),  # 48 hours late
        ("diagnostic", "2026-11-17T04:59:59Z", False),
        ("diagnostic", "2026-11-20T05:59:59Z", True),  # a clock that is a day ahead
        ("diagnostic", "2026-11-20T06:00:00Z", False),
        ("classic", "2026-11-17T05:00:00Z", True),
        ("classic", "2026-11-10T05:00:00Z", False),
        ("export", "2026-11-19T05:59:59Z", True),
        ("export", "2026-11-19T06:00:00Z", False),
    ],
)
def test_what_is_found_does_not_hang_on_what_was_asked_before(
    tmp_path: Path, layout: str, time: str, is_row: bool
) -> None:
    container, name = PLACES[layout]
    stray = line(time=time, TimeGenerated=time, Id="stray")
    if layout == "classic":
        stray = classic(context={"data": {"eventTime": time}})
    exported.write(tmp_path / "account", container, {name: stray})
    day = pd.Timestamp(time).floor("D").to_pydatetime()
    own = Span(day, (pd.Timestamp(day) + pd.Timedelta("1D")).to_pydatetime())
    roots = ("exports",) if layout == "classic" else ()
    found = []
    for before in ([], [EVER]):
        with exported.archive_of(tmp_path / "account", tmp_path / str(before), *roots) as made:
            for span in before:
                made.run("AppRequests", span)
            found.append(len(made.run("AppRequests", own).frame))
            statistics = made.run("AppRequests", EVER).statistics
    assert found == [int(is_row)] * 2
    assert statistics["misplaced"] == int(not is_row)


# What nobody foresaw.


def test_only_the_lines_that_the_database_refuses_are_left_out(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = staging.records.select

    def spoilt(table: str, layout: Any) -> str:
        return usual(table, layout).replace(
            'coalesce(r."Id", \'\') AS "Id"',
            'CASE WHEN r."Id" LIKE \'bad%\' THEN error(\'no such thing\') ELSE r."Id" END AS "Id"',
        )

    monkeypatch.setattr(staging.records, "select", spoilt)
    data = b"".join(line(Id=f"{'bad' if at % 7 == 3 else 'good'}-{at}") for at in range(50))
    answer = loads("diagnostic", data)
    assert counted(answer) == {"rows": 43, "unusable": 7}
    assert answer.frame["Id"].str.startswith("good").all()


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (duckdb.IOException("No space left on device"), "disk has room"),
        (duckdb.OutOfMemoryException("too much"), "memory"),
        (duckdb.FatalException("invalidated"), "Restart the app"),
    ],
)
def test_what_is_no_line_s_fault_is_said_and_costs_no_line(
    loads: Loads, monkeypatch: pytest.MonkeyPatch, error: duckdb.Error, word: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(staging, "_fill", refuse)
    with pytest.raises(Unreachable, match=str(error)) as caught:
        loads("diagnostic", line())
    assert word in caught.value.next_step


# Any value at any place.

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["", AT, "null", "{}", '{"a":1}', '"', "\\", "\u0000", "1e999", "NaN"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
BASES: dict[str, dict[str, Any]] = {
    "diagnostic": {
        "time": AT,
        "Id": "1",
        "Name": "POST",
        "Success": True,
        "DurationMs": 1.5,
        "ItemCount": 2,
        "Properties": {"a": "1"},
        "Measurements": {"b": 1},
        "resourceId": "/X",
        "ResultCode": "200",
    },
    "export": {
        "TimeGenerated": AT,
        "Id": "1",
        "Name": "POST",
        "Success": True,
        "DurationMs": 1.5,
        "ItemCount": 2,
        "Properties": '{"a": "1"}',
        "_ResourceId": "/x",
        "_BilledSize": 3,
    },
    "classic": {
        "request": [
            {
                "id": "1",
                "name": "POST",
                "count": 1,
                "responseCode": 200,
                "success": True,
                "durationMetric": {"value": 1e4},
                "urlData": {"host": "x"},
            }
        ],
        "context": {
            "data": {"eventTime": AT},
            "device": {"roleName": "credit"},
            "operation": {"id": "op"},
            "custom": {"dimensions": [{"a": "1"}], "metrics": []},
        },
    },
}


def paths(value: object) -> Iterator[tuple[Any, ...]]:
    """Every place inside of a value, and the value itself."""
    yield ()
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in inside:
        yield from ((key, *rest) for rest in paths(each))


def put(value: Any, path: tuple[Any, ...], new: object) -> object:
    """The value with another one at a place."""
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = put(value[path[0]], path[1:], new)
    return copied


@st.composite
def blobs(draw: st.DrawFn, layout: str) -> bytes:
    base = BASES[layout]
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        said: Any = base
        for _ in range(draw(st.integers(0, 2))):
            said = put(said, draw(st.sampled_from(list(paths(said)))), draw(JSON))
        text = json.dumps(said, ensure_ascii=draw(st.booleans()))
        if draw(st.integers(0, 5)) == 0:
            text = text[: draw(st.integers(0, len(text)))]
        lines.append(text.encode(errors="surrogatepass") + draw(st.sampled_from([b"\n", b"\r\n"])))
    return b"".join(lines)


@pytest.mark.parametrize("layout", PLACES)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_value_at_any_place_costs_no_other_line(
    loads: Loads, layout: str, data: st.DataObject
) -> None:
    blob = data.draw(blobs(layout))
    whole = sum(bool(each.strip()) for each in blob.decode(errors="replace").split("\n"))
    statistics = loads(layout, blob).statistics
    assert (
        statistics["rows"] + sum(statistics[kind] for kind in UNREAD) + statistics["half"] == whole
    )
