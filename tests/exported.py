"""Made-up telemetry of one service, as frames and as the files that Azure exports.

Three days of requests with their dependencies, exceptions and traces, and the traffic of an
online endpoint; always the same.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib import logs
from lib.logs import Archive
from lib.settings import Root, Source

FIRST = pd.Timestamp("2026-11-19T00:00:00Z")
LAST = FIRST + pd.Timedelta("3D")
RESOURCE = (
    "/SUBSCRIPTIONS/0A1B/RESOURCEGROUPS/CONTOSO/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/CONTOSO-AI"
)
DYNAMIC = ("Properties", "Details")
CLASSIC_FOLDERS = {"AppRequests": "Requests", "AppExceptions": "Exceptions"}


def tables(requests: int = 3_000) -> dict[str, pd.DataFrame]:
    """Each table's rows in order of time."""
    random = np.random.default_rng(20)
    span_ms = int((LAST - FIRST) / pd.Timedelta("1ms"))
    offsets = np.sort(random.choice(span_ms, requests, replace=False))
    at = np.arange(requests)
    items = random.choice([1, 1, 4], requests)
    role = random.choice(["credit", "churn"], requests, p=[0.7, 0.3])
    code = random.choice(["200", "500", "429"], requests, p=[0.93, 0.05, 0.02])
    took = np.round(random.lognormal(5, 0.8, requests), 3)
    frame = pd.DataFrame(
        {
            "TimeGenerated": FIRST + pd.to_timedelta(offsets, unit="ms"),
            "Id": [f"r{each:06}" for each in at],
            "Name": np.where(at % 17 == 0, "", "POST /score"),
            "Url": "https://contoso/score",
            "Success": code == "200",
            "ResultCode": code,
            "DurationMs": took,
            "ItemCount": items,
            "OperationId": [f"op{each:06}" for each in at],
            "AppRoleName": role,
            "AppRoleInstance": [f"{each}-{number % 3}" for number, each in enumerate(role)],
            "Properties": [
                {"Request Id": f"r{each:06}", "Service Name": name, "duration": clock}
                for each, name, clock in zip(at, role, map(_clock, took), strict=True)
            ],
        }
    )
    failed = frame[frame["ResultCode"] == "500"]
    kinds = np.array(["ValueError", "KeyError", "TimeoutError"])
    kind = kinds[np.arange(len(failed)) % 3]
    exceptions = failed[
        ["TimeGenerated", "ItemCount", "OperationId", "AppRoleName", "AppRoleInstance"]
    ].assign(
        ExceptionType=kind,
        ProblemId=[
            f"{each} at run{'#2' if late and each == 'KeyError' else ''}"
            for each, late in zip(
                kind, failed["TimeGenerated"] > FIRST + pd.Timedelta("2D"), strict=True
            )
        ],
        OuterMessage=[f"bad {each}" for each in failed["Id"]],
        SeverityLevel=3,
        Details=[[{"type": each, "rawStack": f"Traceback\n {each}"}] for each in kind],
    )
    some = np.sort(random.choice(requests, requests // 2, replace=False))
    dependencies = pd.DataFrame(
        {
            "TimeGenerated": frame["TimeGenerated"][some] + pd.Timedelta("5ms"),
            "Target": random.choice(["feature-store", "sql-1"], len(some)),
            "DependencyType": "HTTP",
            "Success": random.random(len(some)) > 0.03,
            "DurationMs": np.round(random.lognormal(3, 0.7, len(some)), 3),
            "ItemCount": items[some],
            "OperationId": frame["OperationId"][some],
            "AppRoleName": role[some],
        }
    )
    return {
        "AppRequests": frame,
        "AppExceptions": exceptions.reset_index(drop=True),
        "AppDependencies": dependencies.reset_index(drop=True),
        "AmlOnlineEndpointTrafficLog": _traffic(frame[at % 3 == 0]),
    }


def _traffic(requests: pd.DataFrame) -> pd.DataFrame:
    code = requests["ResultCode"].astype("int64")
    model = pd.array(np.where(code == 500, 500, 200), dtype="Int64")
    model[(code == 429).to_numpy()] = pd.NA
    return pd.DataFrame(
        {
            "TimeGenerated": requests["TimeGenerated"],
            "EndpointName": "credit",
            "DeploymentName": np.where(np.arange(len(requests)) % 5 == 0, "green", "blue"),
            "ResponseCode": code,
            "ModelStatusCode": model,
            "TotalDurationMs": requests["DurationMs"].astype("int64") + 25,
            "XRequestId": requests["Id"],
        }
    ).reset_index(drop=True)


def _clock(duration_ms: float) -> str:
    seconds = duration_ms / 1000
    return f"00:{int(seconds // 60):02}:{seconds % 60:06.3f}"


def records(rows: pd.DataFrame, **names: str) -> Iterator[dict[str, Any]]:
    """Rows as objects that have what is not null, times with seven digits."""
    for row in rows.rename(columns=names).to_dict("records"):
        yield {
            str(key): f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
            if isinstance(value, pd.Timestamp)
            else value
            for key, value in row.items()
            if isinstance(value, list | dict) or not pd.isna(value)
        }


def lines(objects: Any) -> bytes:
    """Objects as lines of JSON."""
    return "".join(f"{json.dumps(each)}\n" for each in objects).encode()


def diagnostic(table: str, rows: pd.DataFrame, late: str = "0h") -> dict[str, bytes]:
    """The blobs of a diagnostic setting by name, placed by arrival, so much `late`."""
    hours = (rows["TimeGenerated"] + pd.Timedelta(late)).dt.floor("h")
    found = {}
    for hour, part in rows.groupby(hours):
        objects = records(part, TimeGenerated="time")
        name = f"resourceId={RESOURCE}/{hour:y=%Y/m=%m/d=%d/h=%H}/m=00/PT1H.json"
        if table.startswith("Aml"):
            objects = (_common_schema(each, table) for each in objects)
        else:
            objects = ({**each, "resourceId": RESOURCE, "Type": table} for each in objects)
        found[name] = lines(objects)
    return found


def _common_schema(record: dict[str, Any], category: str) -> dict[str, Any]:
    """A record whose columns lie in `properties`, as other services' categories have it."""
    inside = {key[0].lower() + key[1:]: value for key, value in record.items() if key != "time"}
    return {
        "time": record["time"],
        "resourceId": RESOURCE,
        "category": category,
        "properties": inside,
    }


def export(table: str, rows: pd.DataFrame) -> dict[str, bytes]:
    """The blobs of a data export rule by name; each hour's first five minutes take it all."""
    return {
        "WorkspaceResourceId=/subscriptions/0a1b/resourcegroups/contoso/providers/microsoft."
        f"operationalinsights/workspaces/contoso/{hour:y=%Y/m=%m/d=%d/h=%H}/m=00/PT05M.json": lines(
            {**each, "_ResourceId": RESOURCE.lower(), "Type": table} for each in records(part)
        )
        for hour, part in rows.groupby(rows["TimeGenerated"].dt.floor("h"))
    }


def continuous(table: str, rows: pd.DataFrame) -> dict[str, bytes]:
    """The blobs of a classic continuous export by name, a minute late."""
    delivered = (rows["TimeGenerated"] + pd.Timedelta("1min")).dt.floor("h")
    classic = _classic_request if table == "AppRequests" else _classic_exception
    app = f"contoso-ai_0a1b/{CLASSIC_FOLDERS[table]}"
    return {
        f"{app}/{hour:%Y-%m-%d/%H}/x_{hour:%Y%m%d_%H%M%S}.blob": lines(map(classic, records(part)))
        for hour, part in rows.groupby(delivered)
    }


def _classic_request(row: dict[str, Any]) -> dict[str, Any]:
    element = {
        "id": row["Id"],
        "name": row["Name"],
        "count": row["ItemCount"],
        "responseCode": int(row["ResultCode"]),
        "success": row["Success"],
        "url": row["Url"],
        "durationMetric": {"value": row["DurationMs"] * 10_000, "count": 1.0},
    }
    return {"request": [element], **_context(row)}


def _classic_exception(row: dict[str, Any]) -> dict[str, Any]:
    element = {
        "exceptionType": row["ExceptionType"],
        "problemId": row["ProblemId"],
        "outerExceptionMessage": row["OuterMessage"],
        "severityLevel": "Error",
        "count": row["ItemCount"],
        "stack": row["Details"][0]["rawStack"],
    }
    return {"basicException": [element], **_context(row)}


def _context(row: dict[str, Any]) -> dict[str, Any]:
    dimensions = [{key: value} for key, value in row.get("Properties", {}).items()]
    return {
        "internal": {"data": {"id": "x", "documentVersion": "1.61"}},
        "context": {
            "data": {"eventTime": row["TimeGenerated"], "samplingRate": 100.0},
            "device": {"roleName": row["AppRoleName"], "roleInstance": row["AppRoleInstance"]},
            "operation": {"id": row["OperationId"]},
            "custom": {"dimensions": dimensions, "metrics": []},
        },
    }


def write(folder: Path, container: str, files: Mapping[str, bytes]) -> None:
    """Write blobs into a container of an account that is a folder."""
    for name, data in files.items():
        path = folder / container / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@contextmanager
def archive_of(folder: Path, copy: Path, *roots: str) -> Iterator[Archive]:
    """The archive of such an account, of the containers `roots` or those Azure names."""
    source = Source("laptop", folder=str(folder), roots=tuple(map(Root, roots)))
    made = logs.archive(logs.containers(source), str(copy))
    try:
        yield replace(made, fresh_s=0.0)  # what was listed is looked at again each time
    finally:
        made.close()
