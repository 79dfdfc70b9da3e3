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
