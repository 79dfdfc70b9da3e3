"""A small account: a service of each generation, eight days, and the telemetry of both.

The window is the last four days, the four before are what it is compared with. Always the same.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

TODAY = date(2026, 11, 20)
FIRST = date(2026, 11, 17)
LAST = TODAY
DAYS = 4
BEFORE = FIRST - timedelta(DAYS)

V1_ROWS = 60  # of inputs a day, in one file
V2_ROWS = 25  # an hour, in one file each
V2_HOURS = (9, 10)
REQUESTS = 40  # a day, of which
FAILED = 2

V1 = "modeldata"
V2 = "azureml-blobstore-contoso"
OWNER = "0a1b2c3d-1111-2222-3333-444455556666/contoso-rg/contoso-ws"
CREDIT = {
    "workspace": "contoso-ws",
    "service": "credit-svc",
    "model": "credit_risk",
    "version": "3",
}
FRAUD = {"workspace": "contoso-ws", "service": "fraud-ep", "version": "blue"}
WINDOW = {"window": "Chosen days", "dates": [FIRST.isoformat(), LAST.isoformat()]}
TAIL = (
    "$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,"
    "$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id"
)


def days() -> list[date]:
    """Every day with data."""
    return [BEFORE + timedelta(n) for n in range(2 * DAYS)]


def collected() -> dict[str, dict[str, bytes]]:
    """Container -> name -> what the collectors wrote."""
    v1: dict[str, bytes] = {}
    v2: dict[str, bytes] = {}
    for day in days():
        for what in ("inputs", "predictions"):
            v1[v1_name(what, day)] = _csv(what, day)
        for hour in V2_HOURS:
            for what in ("model_inputs", "model_outputs"):
                v2[v2_name(what, day, hour)] = _events(what, day, hour)
    return {V1: v1, V2: v2}


def v1_name(what: str, day: date) -> str:
    """The one blob of a day of v1."""
    return f"{OWNER}/credit-svc/credit_risk/3/{what}/{day:%Y/%m/%d}/{what}.csv"


def v2_name(what: str, day: date, hour: int) -> str:
    """The blob of an hour of v2."""
    return f"modelDataCollector/fraud-ep/blue/{what}/{day:%Y/%m/%d}/{hour:02}/part000000.jsonl"


def _csv(what: str, day: date) -> bytes:
    random = Random(f"{what}{day}")
    lines = [("age,income,region," if what == "inputs" else "score,") + TAIL]
    for n in range(V1_ROWS):
        moment = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(minutes=10 * n)
        # Incomes are told in another currency from the window's first day on.
        income = round(random.lognormvariate(10, 0.3) * (9 if day >= FIRST else 1), 2)
        cells = [random.randint(18, 80), income, random.choice(["north", "south", "öst"])]
        if what == "predictions":
            cells = [round(random.random(), 4)]
        lines.append(
            f"{','.join(map(str, cells))},c-{day:%d}-{n},{moment:%Y-%m-%dT%H:%M:%S.%f},1440,"
            f"{OWNER},credit-svc,credit_risk,3,"
        )
    return "".join(f"{line}\r\n" for line in lines).encode()


def _events(what: str, day: date, hour: int) -> bytes:
    random = Random(f"{what}{day}{hour}")
    lines = []
    for n in range(V2_ROWS):
        moment = datetime(day.year, day.month, day.day, hour, n * 2, tzinfo=UTC)
        row: dict[str, Any] = {"amount": round(random.lognormvariate(3, 1), 2)}
        row |= {"channel": random.choice(["web", "app", "shop"])}
        if what == "model_outputs":
            row = {"fraud": round(random.random(), 4)}
        lines.append(
            {
                "specversion": "1.0",
                "id": f"{what}-{day:%d}-{hour}-{n}",
                "source": "/subscriptions/x/onlineEndpoints/fraud-ep/deployments/blue",
                "type": f"azureml.inference.{what}",
                "datacontenttype": "application/json",
                "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                "data": [row],
                "correlationid": f"f-{day:%d}-{hour}-{n}",
                "xrequestid": f"f-{day:%d}-{hour}-{n}",
            }
        )
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def telemetry() -> dict[str, dict[str, bytes]]:
    """Container -> name -> lines of a diagnostic setting, of right rows (server 0.4)."""
    found: dict[str, dict[str, bytes]] = {}
    for table, hour, rows in _telemetry():
        name = f"resourceId=/X/{hour:y=%Y/m=%m/d=%d/h=%H}/m=00/PT1H.json"
        lines = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
        found.setdefault(f"insights-logs-{table.lower()}", {})[name] = lines
    return found


def _telemetry() -> Iterator[tuple[str, datetime, list[dict[str, Any]]]]:
    for day in days():
        for table, make in (("AppRequests", _request), ("AppExceptions", _exception)):
            hour = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
            rows = []
            for role in ("credit-svc", "fraud-ep-blue"):
                numbers = range(REQUESTS if table == "AppRequests" else FAILED)
                rows += [make(role, hour + timedelta(minutes=n), n) for n in numbers]
            yield table, hour, rows


def _request(role: str, moment: datetime, n: int) -> dict[str, Any]:
    ok = n >= FAILED
    return _row("AppRequests", role, moment, n) | {
        "Id": f"{role}-{moment:%d}-{n}",
        "Name": "/score",
        "Url": f"http://{role}/score",
        "Success": ok,
        "ResultCode": "200" if ok else "500",
        "DurationMs": 100.0 + n,
        "Properties": {"Container Id": f"{role}-1", "Response Value": "[0]"},
    }


def _exception(role: str, moment: datetime, n: int) -> dict[str, Any]:
    raised = "KeyError: 'income'"
    return _row("AppExceptions", role, moment, n) | {
        "ExceptionType": "KeyError",
        "ProblemId": "KeyError at run",
        "OuterMessage": raised,
        "SeverityLevel": 3,
        "Details": [{"type": "KeyError", "message": raised, "rawStack": f"Traceback\n{raised}"}],
        "Properties": {"Container Id": f"{role}-1", "Request Id": f"{role}-{moment:%d}-{n}"},
    }


def _row(table: str, role: str, moment: datetime, n: int) -> dict[str, Any]:
    return {
        "time": f"{moment:%Y-%m-%dT%H:%M:%S.0000000Z}",
        "resourceId": "/X",
        "Type": table,
        "ItemCount": 1,
        "OperationId": f"op-{role}-{moment:%d}-{n}",
        "AppRoleName": role,
        "AppRoleInstance": f"{role}-1",
        "SDKVersion": "py3:0.11.10",
        "ClientIP": "0.0.0.0",
    }
