"""The demo's telemetry: its layout, and that it tells of the same requests and of its stories."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib import blobs, catalog, demo
from lib.demo.stories import (
    BLUE_IS_SLOW,
    BUREAU_TIMES_OUT,
    FRAUD_HIDES_FAILURES,
    TELEMETRY_STORIES,
)
from lib.demo.telemetry import Telemetry
from lib.settings import Source

UNTIL = date(2026, 11, 23)
CREDIT_3, CREDIT_4, CHURN_7, CHURN_8, BLUE, GREEN = demo.DEPLOYMENTS


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> demo.Demo:
    """The last five days, with telemetry."""
    return demo.write(tmp_path_factory.mktemp("told"), UNTIL, days=5, telemetry=True)


def day(offset: int) -> date:
    return UNTIL + timedelta(days=offset)


def told(of: demo.Deployment, offset: int) -> dict[str, list[dict[str, Any]]]:
    """The records of one deployment's day by table, without files."""
    asked = demo.requests(of, day(offset), UNTIL)
    answers = {"score": [0.5] * int(asked["rows"].sum())}
    telemetry = Telemetry()
    telemetry.day(of, day(offset), offset, asked, answers)
    found: dict[str, list[dict[str, Any]]] = {}
    for (table, _, _), lines in telemetry.lines.items():
        found.setdefault(table, []).extend(json.loads(line) for _, line in lines)
    return found


def files(folder: Path, table: str = "*") -> Iterator[Path]:
    return (path for path in folder.glob(f"insights-logs-{table}/**/*") if path.is_file())


def records(folder: Path, table: str) -> list[dict[str, Any]]:
    paths = files(folder, table.lower())
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


# --- layout


def test_files_lie_where_diagnostic_settings_put_them(written: demo.Demo) -> None:
    component = "MICROSOFT.INSIGHTS/COMPONENTS/CONTOSO-ML-INSIGHTS"
    endpoint = (
        "MICROSOFT.MACHINELEARNINGSERVICES/WORKSPACES/CONTOSO-ML/ONLINEENDPOINTS/FRAUD-SCORING"
    )
    shape = (
        rf"insights-logs-(app[a-z]+/resourceId=/SUBSCRIPTIONS/[-0-9A-F]+/RESOURCEGROUPS/"
        rf"CONTOSO-ML-RG/PROVIDERS/{component}"
        rf"|amlonlineendpoint[a-z]+/resourceId=/SUBSCRIPTIONS/[-0-9A-F]+/RESOURCEGROUPS/"
        rf"CONTOSO-ML-RG/PROVIDERS/{endpoint})"
        r"/y=2026/m=11/d=\d\d/h=\d\d/m=00/PT1H\.json"
    )
    names = [path.relative_to(written.folder).as_posix() for path in files(written.folder)]
    assert len(names) > 400
    assert [name for name in names if not re.fullmatch(shape, name)] == []
    assert {name.split("/")[0] for name in names} == set(demo.TELEMETRY_CONTAINERS)


def test_rows_lie_in_the_hour_in_which_they_arrived(written: demo.Demo) -> None:
    for path in files(written.folder, "apprequests"):
        year, month, day_, hour = map(int, re.findall(r"[ymdh]=(\d+)/", f"{path}/")[:4])
        begins = datetime(year, month, day_, hour, tzinfo=UTC)
        times = [
            datetime.fromisoformat(json.loads(line)["time"])
            for line in path.read_text().splitlines()
        ]
        assert times == sorted(times)
        for time in times:
            assert begins <= time + timedelta(seconds=95) < begins + timedelta(hours=1)


def test_the_demo_says_what_it_wrote(written: demo.Demo) -> None:
    paths = [path for path in written.folder.rglob("*") if path.is_file()]
    assert written.files == len(paths) - 1  # the note
    assert written.size_bytes > sum(path.stat().st_size for path in files(written.folder)) > 1e6
    assert set(TELEMETRY_STORIES) - set(written.stories) == {BLUE_IS_SLOW}  # it is longer ago
    assert BUREAU_TIMES_OUT.sentence in written.told()


def test_without_telemetry_there_is_none_and_the_rest_is_the_same(
    written: demo.Demo, tmp_path: Path
) -> None:
    plain = demo.write(tmp_path, UNTIL, days=5)
    assert list(files(plain.folder)) == []
    assert not set(TELEMETRY_STORIES) & set(plain.stories)
    for container in demo.CONTAINERS:
        for path in (plain.folder / container).rglob("*.*"):
            if path.is_file():
                beside = written.folder / path.relative_to(plain.folder)
                assert path.read_bytes() == beside.read_bytes()


def test_the_command_line_writes_telemetry_when_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lib.demo", str(tmp_path), "--days", "1", "--telemetry"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert FRAUD_HIDES_FAILURES.sentence in told
    assert list(files(tmp_path, "apprequests"))


def test_telemetry_of_an_earlier_demo_is_removed(tmp_path: Path) -> None:
    demo.write(tmp_path, UNTIL, days=1, telemetry=True)
    demo.write(tmp_path, UNTIL, days=1)
    assert list(files(tmp_path)) == []


def test_the_catalog_takes_no_telemetry_for_collected_data(written: demo.Demo) -> None:
    for path in files(written.folder):
        container, *parts = path.relative_to(written.folder).parts
        assert catalog.parse("/".join(parts), container, "") is None
    source = Source("demo", folder=str(written.folder))
    assert set(demo.CONTAINERS) <= set(blobs.containers(source))


def test_the_same_day_always_gives_the_same_rows() -> None:
    assert told(BLUE, -4) == told(BLUE, -4)


# --- the same requests


@pytest.mark.parametrize("of", [CHURN_7, CHURN_8, BLUE, GREEN], ids=lambda of: of.version)
def test_each_request_has_its_row(of: demo.Deployment) -> None:
    asked = demo.requests(of, day(-1), UNTIL)
    rows = [row for row in told(of, -1)["AppRequests"] if "swagger" not in row["Url"]]
    by_id = {row["Properties"]["Request Id"]: row for row in rows}
    assert set(by_id) == set(asked["request_id"])
    for request, answered in zip(asked["request_id"], asked["answered"], strict=True):
        row = by_id[request]
        assert row["Properties"]["success"] == str(answered)
        assert row["Properties"]["resultCode"] == ("200" if answered else "500")
        assert (row["Success"], row["ResultCode"], row["ItemCount"]) == (True, "0", 1)


def test_the_generations_are_wrong_in_their_own_ways() -> None:
    old, middle, new = (told(of, -1)["AppRequests"][0] for of in (CREDIT_4, CHURN_7, BLUE))
    assert old["Name"] == new["Name"] == "/score"
    assert "Name" not in middle  # empty columns are not exported
    assert old["DurationMs"] > 0 < middle["DurationMs"]
    assert new["DurationMs"] == 0
    assert [row["AppRoleName"] for row in (old, middle, new)] == [
        "credit-risk-svc",
        "gunicorn",
        "fraud-scoring-blue",
    ]
    assert len({row["OperationId"] for row in told(CHURN_7, -1)["AppRequests"]}) == 1
    ended = datetime.fromisoformat(new["time"]).replace(tzinfo=None)
    began = datetime.fromisoformat(new["Properties"]["start_time"])
    clock = pd.Timedelta(new["Properties"]["duration"]).to_pytimedelta()
    assert abs((ended - began) - clock) < timedelta(milliseconds=1)


def test_sampled_rows_stand_for_about_as_many_as_were_asked() -> None:
    asked = demo.requests(CREDIT_4, day(-1), UNTIL)
    rows = [row for row in told(CREDIT_4, -1)["AppRequests"] if "swagger" not in row["Url"]]
    assert {row["ItemCount"] for row in rows} == {4}
    assert 4 * len(rows) == pytest.approx(len(asked), rel=0.2)
    answered = asked.set_index("request_id")["answered"]
    assert all(row["Success"] == answered[row["Id"]] for row in rows)


def test_responses_are_what_was_predicted(written: demo.Demo) -> None:
    container = next(written.folder.glob("azureml-blobstore-*"))
    outputs = {}
    for path in container.rglob("model_outputs/**/*.jsonl"):
        for line in path.read_text().splitlines():
            event = json.loads(line)
            outputs[event["correlationid"]] = event["data"]
    compared = 0
    for row in records(written.folder, "AppRequests"):
        request = row["Properties"].get("Request Id") if row["Properties"] else None
        if request in outputs:
            response = json.loads(row["Properties"]["Response Value"])
            expected = [each["is_fraud"] for each in outputs[request]]
            assert response["is_fraud"] == expected
            compared += 1
    assert compared == len(outputs) > 300


def test_the_front_end_saw_the_same_requests(written: demo.Demo) -> None:
    seen = {
        row["properties"]["xRequestId"]: row["properties"]
        for row in records(written.folder, "AmlOnlineEndpointTrafficLog")
    }
    for of in (BLUE, GREEN):
        for offset in range(-4, 1):
            for row in demo.requests(of, day(offset), UNTIL).itertuples():
                of_row = seen.pop(row.request_id)
                assert of_row["deploymentName"] == of.version
                assert of_row["responseCode"] == (200 if row.answered else 424)
                assert of_row["modelStatusCode"] == (200 if row.answered else 500)
    assert seen == {}


# --- stories


def test_blue_is_slow_and_turns_callers_away() -> None:
    def median_ms(rows: list[dict[str, Any]]) -> float:
        return float(pd.Series([row["properties"]["totalDurationMs"] for row in rows]).median())

    slow, usual = told(BLUE, -12), told(BLUE, -15)
    traffic = "AmlOnlineEndpointTrafficLog"
    assert median_ms(slow[traffic]) > 2 * median_ms(usual[traffic])
    codes = [row["properties"]["responseCode"] for row in slow[traffic]]
    assert codes.count(429) >= 3
    assert 429 not in [row["properties"]["responseCode"] for row in usual[traffic]]
    events = [row["properties"]["name"] for row in slow["AmlOnlineEndpointEventLog"]]
    assert events.count("Unhealthy") == 12
    restarts = {row["properties"]["name"] for row in told(BLUE, -11)["AmlOnlineEndpointEventLog"]}
    assert {"Killing", "BackOff", "Started"} <= restarts


def test_the_bureau_times_out_and_the_answers_are_late() -> None:
    rows = told(CREDIT_4, -3)
    late = [row for row in rows["AppDependencies"] if not row["Success"]]
    assert {row["time"][11:13] for row in late} == {"10", "11", "12", "13"}
    assert min(row["DurationMs"] for row in late) >= 2_000
    slow = [row for row in rows["AppRequests"] if row["DurationMs"] > 2_000]
    assert len(slow) == len(late) == len(rows["AppTraces"])
    assert sum(row["Success"] for row in slow) > 0.95 * len(slow) > 10
    assert all(row["Success"] for row in told(CREDIT_4, -2)["AppDependencies"])


def test_green_raises_a_key_error_only_on_the_day_of_its_failures() -> None:
    def stacks(offset: int) -> list[str]:
        rows = told(GREEN, offset).get("AppExceptions", [])
        return [json.loads(row["Details"])[0]["rawStack"] for row in rows]

    missing = [stack for stack in stacks(-4) if "KeyError: 'merchant_risk'" in stack]
    asked = demo.requests(GREEN, day(-4), UNTIL)
    in_burst = asked["time"].dt.hour.between(9, 14) & ~asked["answered"]
    assert len(missing) == in_burst.sum() > 5
    for offset in (-6, -5, -3, -2, -1, 0):
        assert not [stack for stack in stacks(offset) if "KeyError" in stack]


def test_exceptions_of_the_newest_server_name_their_request_in_a_python_repr() -> None:
    [first, *_] = told(GREEN, -4)["AppExceptions"]
    assert first["ExceptionType"].endswith("UserScriptException")
    assert re.fullmatch(
        r"\{'Container Id': '\w+', 'Request Id': '[-0-9a-f]{36}'\}",
        first["Properties"]["custom_dimensions"],
    )
