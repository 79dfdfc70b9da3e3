"""Single rows as Azure writes them, and what the questions make of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib import logs, telemetry
from lib.settings import Source

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPAN = logs.Span(NOON - timedelta(hours=6), NOON + timedelta(hours=6))
COMPONENT = "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/C"
WRAPPED = (
    "\nThe above exception was the direct cause of the following exception:\n\n"
    "Traceback (most recent call last):\n"
    '  File "/server/user_script.py", line 139, in invoke_run\n'
    "    raise UserScriptException(ex) from ex\n"
    "server.UserScriptException: Caught an unhandled exception\n"
)


def ask(folder: Path, name: str, tables: dict[str, list[dict[str, Any]]], **values: Any) -> Any:
    """Export the rows, and ask one question of them."""
    for table, rows in tables.items():
        for row in rows:
            when = datetime.fromisoformat(row["time"])
            parts = f"{when:y=%Y/m=%m/d=%d/h=%H/m=00}"
            path = folder / "account" / f"insights-logs-{table.lower()}" / COMPONENT / parts
            path.mkdir(parents=True, exist_ok=True)
            with (path / "PT1H.json").open("a") as file:
                file.write(json.dumps({"Type": table, **row}) + "\n")
    (folder / "archive").mkdir()
    containers = logs.containers(Source("here", folder=str(folder / "account")))
    archive = logs.archive(containers, str(folder / "archive"))
    span = values.pop("span", SPAN)
    answer = telemetry.ask(archive, [name], span=span, **values)[name]
    assert isinstance(answer, logs.Answer), answer
    return answer.frame


def request(moment: datetime = NOON, **columns: Any) -> dict[str, Any]:
    return {
        "time": moment.isoformat(),
        "Id": "1",
        "Name": "/score",
        "AppRoleName": "svc",
        "Success": True,
        "ResultCode": "200",
        "DurationMs": 10.0,
        "ItemCount": 1,
        **columns,
    }


def raised(stack: str, **columns: Any) -> dict[str, Any]:
    return {
        "time": NOON.isoformat(),
        "AppRoleName": "svc",
        "ExceptionType": "server.UserScriptException",
        "ProblemId": "server.UserScriptException at invoke_run",
        "OuterMessage": "Caught an unhandled exception",
        "Details": json.dumps([{"rawStack": stack}]),
        "ItemCount": 1,
        **columns,
    }


# --- requests


def test_rows_of_other_producers_stay_as_they_are(tmp_path: Path) -> None:
    rows = [
        request(Name="POST /score", Success=False, ResultCode="503", DurationMs=7.5),
        request(Name="GET /", Properties={"http_method": "GET"}),
        request(Name="POST /score", Properties=None, ItemCount=10),
    ]
    found = ask(tmp_path, "operations", {"AppRequests": rows}).set_index("operation")
    assert found["requests"].to_dict() == {"POST /score": 11, "GET /": 1}
    assert found["failed"].to_dict() == {"POST /score": 1, "GET /": 0}


@pytest.mark.parametrize("success", ["False", "false", False])
@pytest.mark.parametrize("name", ["", "/score"])
def test_a_failure_is_one_however_it_is_written(
    tmp_path: Path, success: str | bool, name: str
) -> None:
    told = {"name": "/score", "resultCode": "502", "success": success, "duration": "00:01:02.500"}
    told |= {"Container Id": "c", "Request Id": "r"}
    row = request(Name=name, ResultCode="0", DurationMs=0.0, Properties=told)
    found = ask(tmp_path, "requests_behind", {"AppRequests": [row]}).iloc[0]
    assert (found["operation"], found["code"], found["ok"]) == ("/score", "502", False)
    assert found["duration_ms"] == 62_500


def test_a_duration_that_is_missing_is_missing_and_the_request_counts(tmp_path: Path) -> None:
    rows = [request(DurationMs=None), request(DurationMs=40.0)]
    found = ask(tmp_path, "overview", {"AppRequests": rows}).iloc[0]
    assert (found["requests"], found["p95_ms"]) == (2, 40)


@pytest.mark.parametrize(
    "told",
    [
        {"success": "False", "resultCode": "500", "duration": "251"},
        {"success": "False", "resultCode": "OK", "duration": "00:00:09", "Request Id": "r"},
        {"success": "0", "resultCode": "500", "duration": "00:00:09", "Container Id": "c"},
        {"success": "0", "duration": "soon", "Container Id": "c", "Request Id": "r"},
        {"success": "0", "duration": "251", "Container Id": "c", "Request Id": "r"},
        {},
        None,
    ],
)
def test_properties_of_other_producers_change_nothing(
    tmp_path: Path, told: dict[str, str] | None
) -> None:
    found = ask(tmp_path, "requests_behind", {"AppRequests": [request(Properties=told)]}).iloc[0]
    assert (found["code"], found["ok"], found["duration_ms"]) == ("200", True, 10)


@pytest.mark.parametrize(
    ("columns", "ok"),
    [
        ({"Success": True, "ResultCode": "502"}, False),
        ({"Success": True, "ResultCode": "404"}, True),
        ({"Success": False, "ResultCode": "200"}, False),
        ({"Success": None, "ResultCode": "404"}, False),
        ({"Success": None, "ResultCode": "302"}, True),
        ({"Success": None, "ResultCode": "14"}, False),
        ({"Success": True, "ResultCode": "0", "Properties": {"http.status_code": "503"}}, False),
        ({"Success": None, "ResultCode": "2", "Properties": {"rpc.status_code": "0"}}, False),
        ({"Success": None, "Properties": {"http.response.status_code": 404}, "ResultCode": ""}, 0),
    ],
)
def test_what_failed_is_told_by_success_and_code(
    tmp_path: Path, columns: dict[str, Any], ok: bool
) -> None:
    found = ask(tmp_path, "requests_behind", {"AppRequests": [request(**columns)]}).iloc[0]
    assert found["ok"] == ok


def test_an_outcome_that_nobody_recorded_is_counted_as_unknown(tmp_path: Path) -> None:
    rows = [request(Success=None, ResultCode=code) for code in ("", "OK", "200")]
    found = ask(tmp_path, "disagreement", {"AppRequests": rows}).iloc[0]
    assert (found["requests"], found["failed"], found["unknown"]) == (3, 0, 2)


MISSING = [
    request(DurationMs=None),
    request(DurationMs=None, Success=False),
    request(DurationMs=None, Name="/other"),
    request(DurationMs=100.0, ItemCount=3),
    request(DurationMs=700.0),
]


@pytest.mark.parametrize("name", ["totals", "latency"])
def test_missing_durations_count_as_requests_but_not_as_zero(tmp_path: Path, name: str) -> None:
    found = ask(tmp_path, name, {"AppRequests": MISSING}).iloc[0]
    assert (found["requests"], found["timed"], found["mean_ms"]) == (7, 4, 250)
    assert (found["p50_ms"], found["p95_ms"]) == (100, 700)


def test_operations_agree_with_totals_on_missing_durations(tmp_path: Path) -> None:
    found = ask(tmp_path, "operations", {"AppRequests": MISSING}).set_index("operation")
    columns = ["requests", "timed", "mean_ms", "total_s"]
    assert found.loc["/score", columns].tolist() == [6, 4, 250, 1]
    assert found.loc["/other", ["requests", "timed"]].tolist() == [1, 0]
    assert found.loc["/other", ["mean_ms", "p95_ms"]].isna().all()


def test_nobody_is_frustrated_by_a_duration_that_is_not_known(tmp_path: Path) -> None:
    found = ask(tmp_path, "apdex", {"AppRequests": MISSING}, target_ms=500.0)
    found = found.set_index("operation")
    columns = ["requests", "satisfied", "tolerating", "frustrated", "untimed", "apdex"]
    assert found.loc["/score", columns].tolist() == [6, 3, 1, 1, 1, 0.7]
    assert pd.isna(found.loc["/other", "apdex"])


def test_equal_ones_of_the_ten_that_fail_most_come_newest_first(tmp_path: Path) -> None:
    rows = [
        request(NOON + timedelta(minutes=number % 3), Name=f"/{number:02}", Success=False)
        for number in range(12)
    ]
    found = ask(tmp_path, "failing_operations", {"AppRequests": rows})
    newest_first = [2, 5, 8, 11, 1, 4, 7, 10, 0, 3]
    assert found["operation"].tolist() == [f"/{number:02}" for number in newest_first]


def test_percentiles_weigh_rows_by_what_they_stand_for(tmp_path: Path) -> None:
    rows = [request(DurationMs=100.0, ItemCount=94), request(DurationMs=900.0, ItemCount=6)]
    found = ask(tmp_path, "latency", {"AppRequests": rows}).iloc[0]
    assert (found["p50_ms"], found["p90_ms"], found["p95_ms"]) == (100, 100, 900)
    assert found["mean_ms"] == pytest.approx(0.94 * 100 + 0.06 * 900)


def test_a_week_ago_is_the_same_hour_seven_days_before(tmp_path: Path) -> None:
    before = NOON - timedelta(days=7)
    rows = [
        request(NOON, ItemCount=3),
        request(before, ItemCount=2, DurationMs=20.0),
        request(before + timedelta(hours=2), ItemCount=50),
        request(NOON - timedelta(hours=7), ItemCount=9),
    ]
    found = ask(tmp_path, "week_over_week", {"AppRequests": rows}, grain=timedelta(hours=1))
    assert found["moment"].tolist() == [pd.Timestamp(NOON), pd.Timestamp(NOON) + 2 * HOUR]
    silent = found.iloc[1]
    assert (silent["requests"], silent["requests_before"], silent["change_pct"]) == (0, 50, -100)
    row = found.iloc[0]
    assert (row["requests"], row["requests_before"], row["change_pct"]) == (3, 2, 50)
    assert (row["p95_ms"], row["p95_before_ms"]) == (10, 20)


def test_before_is_the_same_hours_of_the_days_before(tmp_path: Path) -> None:
    midnight = NOON - timedelta(hours=12)
    today = logs.Span(midnight, NOON + timedelta(hours=1, minutes=5))
    day = timedelta(days=1)
    rows = [
        request(NOON + HOUR, ItemCount=1),
        request(NOON + HOUR - day, ItemCount=10),
        request(NOON + 2 * HOUR - day, ItemCount=100),
        request(NOON - 2 * day, ItemCount=1000),
    ]
    tables = {"AppRequests": rows}
    found = ask(tmp_path / "a", "totals", tables, span=today).set_index("period")
    assert found["requests"].to_dict() == {"now": 1, "before": 10}
    series = ask(tmp_path / "b", "over_time", tables, span=today, grain=HOUR)
    assert series["requests"].tolist() == [10, 1]


def test_the_last_minutes_burn_fastest(tmp_path: Path) -> None:
    last = SPAN.last
    rows = [
        request(last - timedelta(minutes=4), Success=False, ItemCount=1),
        request(last - timedelta(minutes=4), ItemCount=9),
        request(last - timedelta(minutes=40), ItemCount=90),
        request(last - timedelta(days=2), ItemCount=900),
        request(last - timedelta(days=4), Success=False, ItemCount=900),
    ]
    found = ask(tmp_path, "burn_rate", {"AppRequests": rows}, goal=0.99).set_index("window")
    burn = {window / timedelta(minutes=1): value for window, value in found["burn"].items()}
    assert burn == pytest.approx({5: 10, 30: 10, 60: 1, 360: 1, 1440: 1, 4320: 0.1})


# --- exceptions


def test_an_error_of_several_lines_is_known_by_its_first(tmp_path: Path) -> None:
    stack = (
        "An error occurred\nTraceback (most recent call last):\n"
        '  File "/site-packages/pandas/core.py", line 1, in get\n'
        "    raise KeyError(key)\n"
        '  File "/var/azureml-app/pre.py", line 7, in <lambda>\n'
        "    f(x)\n    ~^^^\n"
        "pandas.errors.MergeError: no common columns:\n  left: a\n  right: b\n" + WRAPPED
    )
    found = ask(tmp_path, "exceptions", {"AppExceptions": [raised(stack)]}).iloc[0]
    assert found["error"] == "pandas.errors.MergeError"
    assert found["problem"] == "MergeError in <lambda>"
    assert found["message"] == "no common columns:"
    assert found["place"] == "/var/azureml-app/pre.py"


def test_an_error_without_a_message_has_none(tmp_path: Path) -> None:
    stack = (
        'Traceback (most recent call last):\n  File "score.py", line 3, in run\n'
        "    assert x\nAssertionError\n" + WRAPPED
    )
    found = ask(tmp_path, "exceptions", {"AppExceptions": [raised(stack)]}).iloc[0]
    assert (found["problem"], found["message"]) == ("AssertionError in run", "")


@pytest.mark.parametrize("stack", ["", "at Program.Main() in Program.cs:line 3"])
def test_an_exception_without_a_traceback_keeps_its_own_name(tmp_path: Path, stack: str) -> None:
    row = raised(stack, ExceptionType="System.Timeout", ProblemId="System.Timeout at Main")
    found = ask(tmp_path, "exceptions", {"AppExceptions": [row]}).iloc[0]
    assert (found["error"], found["problem"]) == ("System.Timeout", "System.Timeout at Main")
    assert found["message"] == "Caught an unhandled exception"


def test_ids_are_read_from_json_and_from_a_python_repr(tmp_path: Path) -> None:
    told = {"Client Request Id": "mine", "Request Id": "r1", "Container Id": "c"}
    rows = [
        raised("", Properties=told, ProblemId="a"),
        raised(
            "", Properties={"custom_dimensions": str(told | {"Request Id": "r2"})}, ProblemId="b"
        ),
    ]
    found = ask(tmp_path, "exceptions", {"AppExceptions": rows})
    assert dict(zip(found["problem"], found["request_id"], strict=True)) == {"a": "r1", "b": "r2"}


def test_an_exception_that_names_no_service_is_its_containers(tmp_path: Path) -> None:
    def served(service: str, container: str) -> dict[str, Any]:
        told = {"Service Name": service, "Container Id": container}
        return request(AppRoleName="gunicorn", Properties=told)

    def failed(container: str, operation: str = "") -> dict[str, Any]:
        told = {"Container Id": container}
        return raised("", AppRoleName="gunicorn", Properties=told, OperationId=operation)

    tables = {
        "AppRequests": [served("one", "c1"), served("two", "c2")],
        "AppExceptions": [failed("c1"), failed("c2"), failed("c2", "2"), failed("c3")],
    }
    scope = telemetry.Filter().scope("two")
    found = ask(tmp_path, "exceptions", tables, scope=scope)
    assert found[["service", "exceptions"]].values.tolist() == [["two", 2]]


def test_rows_keep_their_own_role_whatever_their_container(tmp_path: Path) -> None:
    told = {"Container Id": "Unknown", "Request Id": "r"}
    server = told | {"duration": "00:00:00.010", "success": "True", "resultCode": "200"}
    tables = {
        "AppRequests": [
            request(AppRoleName="one", Properties=server),
            request(AppRoleName="two", Properties=server | {"Request Id": "r2"}),
        ],
        "AppExceptions": [
            raised(
                "", AppRoleName="two", Properties=told | {"Request Id": "r9"}, OperationId=str(n)
            )
            for n in range(50)
        ],
    }
    found = ask(tmp_path, "overview", tables).set_index("service")
    assert found["exceptions"].to_dict() == {"one": 0, "two": 50}


def process(service: str, request_id: str, container: str = "Unknown") -> dict[str, Any]:
    """A request of a server from 0.5 to 1.4, whose role is its process."""
    told = {"Service Name": service, "Container Id": container, "Request Id": request_id}
    told |= {"name": "/score", "resultCode": "500", "success": "False", "duration": "00:00:00.01"}
    return request(AppRoleName="gunicorn", Name="", ResultCode="0", Properties=told)


def test_an_unknown_container_joins_nothing_but_the_request_does(tmp_path: Path) -> None:
    told = {"Container Id": "Unknown"}
    tables = {
        "AppRequests": [process("one", "r1"), process("two", "r2"), process("two", "r2")],
        "AppExceptions": [
            raised("", AppRoleName="gunicorn", Properties=told | {"Request Id": "r1"}),
            raised("", AppRoleName="gunicorn", Properties=told | {"Request Id": "r2"}),
            raised("", AppRoleName="gunicorn", Properties=told | {"Request Id": "r3"}),
        ],
    }
    found = ask(tmp_path, "exceptions", tables)
    assert sorted(found["service"]) == ["gunicorn", "one", "two"]


def test_a_container_of_two_services_is_neithers(tmp_path: Path) -> None:
    told = {"Container Id": "c"}
    tables = {
        "AppRequests": [process("one", "r1", "c"), process("two", "r2", "c")],
        "AppExceptions": [raised("", AppRoleName="", Properties=told)],
    }
    assert ask(tmp_path, "exceptions", tables)["service"].tolist() == [""]


def test_rows_that_lack_a_role_are_of_their_containers_service(tmp_path: Path) -> None:
    told = {"Container Id": "c"}
    rows = [process("one", "r1", "c"), process("one", "r2", "c") | {"AppRoleName": ""}]
    tables = {
        "AppRequests": rows,
        "AppExceptions": [raised("", AppRoleName="", Properties=told)],
        "AppDependencies": [
            {"time": NOON.isoformat(), "Target": "t", "Success": True, "DurationMs": 5.0}
            | {"ItemCount": 2, "Properties": told}
        ],
    }
    scope = telemetry.Filter().scope("one")
    assert ask(tmp_path / "a", "exceptions", tables, scope=scope)["service"].tolist() == ["one"]
    calls = ask(tmp_path / "b", "dependencies", tables, scope=scope)
    assert calls[["service", "calls", "by_site"]].values.tolist() == [["one", 2, 2]]


def test_calls_of_an_instance_of_two_services_stay_without_one(tmp_path: Path) -> None:
    rows = [process("one", "r1", "c"), process("two", "r2", "d")]
    rows = [row | {"AppRoleInstance": "node"} for row in rows]
    call = {"time": NOON.isoformat(), "AppRoleName": "gunicorn", "AppRoleInstance": "node"}
    call |= {"Target": "t", "Success": True, "DurationMs": 5.0, "ItemCount": 1}
    tables = {"AppRequests": rows, "AppDependencies": [call]}
    found = ask(tmp_path, "dependencies", tables)
    assert found[["service", "by_site"]].values.tolist() == [["gunicorn", 0]]


def test_requests_with_one_id_are_each_explained_once(tmp_path: Path) -> None:
    told = {"Container Id": "c", "Request Id": "r"}
    rows = [process("one", "r", "c"), process("one", "r", "c") | {"Id": "2"}]
    errors = [raised("", Properties=told, ProblemId=name, ItemCount=1) for name in ("a", "b")]
    tables = {"AppRequests": rows, "AppExceptions": errors}
    assert ask(tmp_path, "failures_explained", tables)["failed"].tolist() == [2]


def test_one_error_of_two_generations_is_one_problem(tmp_path: Path) -> None:
    stack = (
        'Traceback (most recent call last):\n  File "/var/azureml-app/score.py", line 3, in run\n'
        "    raise StoreError(key)\nstore.StoreError: no\n" + WRAPPED
    )
    frames = [
        {"method": "get", "fileName": "/opt/lib/python3.8/json/decoder.py", "line": 1},
        {"method": "run", "fileName": "/var/azureml-app/score.py", "line": 3},
    ]
    older = raised("", ExceptionType="StoreError", ProblemId="StoreError at get")
    older["Details"] = [{"type": "StoreError", "parsedStack": frames}]
    found = ask(tmp_path, "exceptions", {"AppExceptions": [raised(stack), older]})
    assert found[["problem", "exceptions"]].values.tolist() == [["StoreError in run", 2]]


def test_the_place_is_the_scripts_also_where_a_library_raises(tmp_path: Path) -> None:
    library = "/opt/conda/lib/python3.11/site-packages/pandas/core/frame.py"
    stack = (
        'Traceback (most recent call last):\n  File "/var/azureml-app/a.py", line 1, in f\n'
        "    x\nKeyError: 'k'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "/var/azureml-app/b.py", line 2, in g\n'
        f'    y\n    ^^^\n  File "{library}", line 9, in __getitem__\n    raise z\n'
        "pandas.errors.IndexingError: too many\nindexers\n" + WRAPPED
    )
    [row] = ask(tmp_path, "exceptions", {"AppExceptions": [raised(stack)]}).to_dict("records")
    assert (row["problem"], row["place"]) == ("IndexingError in g", "/var/azureml-app/b.py")
    assert (row["message"], row["origin"]) == ("too many", "script")


# --- sampling


def test_rows_that_were_sampled_and_do_not_say_so_are_counted(tmp_path: Path) -> None:
    rows = [
        request(Properties={"microsoft.sample_rate": "20.0"}),
        request(Properties={"microsoft.sample_rate": "100"}),
        request(ItemCount=5, Properties={"microsoft.sample_rate": "20"}),
    ]
    found = ask(tmp_path, "sampling", {"AppRequests": rows}).set_index("table_name")
    assert found.loc["AppRequests", ["rows", "items", "untold"]].tolist() == [3, 7, 1]


# --- untrusted text


def test_names_that_look_like_kql_are_only_names(tmp_path: Path) -> None:
    name = "\"]); AppTraces | take 1 // ' \\ \n ü😀"
    tables = {"AppRequests": [request(AppRoleName=name), request()]}
    scope = telemetry.Scope(roles=(name,))
    found = ask(tmp_path, "overview", tables, scope=scope)
    assert found["service"].tolist() == [name]
