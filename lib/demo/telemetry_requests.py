"""What inference servers of three generations tell Application Insights of their requests.

* 0.4 (Application Insights SDK), credit-risk-svc: right, and sampled.
* 1.3.0 (OpenCensus), churn-svc: no name, ResultCode "0", Success true; one operation id per
  process; the role is the process; exceptions name the container only.
* 1.5.1 (OpenTelemetry), fraud-scoring: the same, but a name, and 0 ms; the time is the end.

The truth of the latter two stands in Properties.
"""

import json
from collections.abc import Iterator
from datetime import date
from hashlib import md5
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pandas as pd

from lib.demo import stories, telemetry_failures
from lib.demo.telemetry_failures import Failure
from lib.demo.traffic import WORKSPACE, Columns, Deployment, stream

_KEPT_ONE_IN = 4  # credit-risk-svc's SDK
_TIMEOUT_MS = 2_000.0
_SERVERS = {"credit-risk-svc": "0.4", "churn-svc": "1.3", "fraud-scoring": "1.5"}
_SDK = {
    "0.4": "py3:0.11.10",
    "1.3": "py3.9.19:oc0.11.4:ext1.1.13",
    "1.5": "py3.10.14:otel1.31.1:ext1.0.0b36",
}
# Median and spread of the model's own time, and of the call it makes, if it makes one.
_MODEL_MS = {"credit-risk-svc": (38, 0.45), "churn-svc": (120, 0.5), "fraud-scoring": (55, 0.5)}
_CALL_MS = {"credit-risk-svc": (60, 0.4), "fraud-scoring": (18, 0.6)}
_CALLED = {
    "credit-risk-svc": ("GET /v2/score", "bureau.contoso.example", "/v2/score"),
    "fraud-scoring": ("POST /lookup", "features.contoso.example", "/lookup"),
}

Rows = dict[str, Any]
"""Column -> a value per row, or one that stands in all of them; `time` is a Series."""


def tables(deployment: Deployment, day: date, facts: pd.DataFrame) -> Iterator[tuple[str, Rows]]:
    """Yield the tables of one deployment's day and their rows."""
    server = _SERVERS[deployment.service]
    if server == "0.4":
        chance = stream("sampling", deployment, day).random(len(facts))
        facts = facts[chance < 1 / _KEPT_ONE_IN]
    if facts.empty:
        return
    host = "aml-" + facts["instance"].str[:10] + "-" + facts["replica"].astype("str")
    facts = facts.assign(host=host)
    requests = _requests(deployment, day, server, facts)
    common = _common(deployment, server)
    yield "AppRequests", requests | common
    yield "AppRequests", _swagger(requests, server) | common
    if deployment.service in _CALLED:
        yield "AppDependencies", _dependencies(deployment, server, facts) | common
    if not facts["answered"].all():
        failed = facts[~facts["answered"]]
        yield "AppExceptions", telemetry_failures.exceptions(server, failed) | common
    if facts["timed_out"].any():
        yield "AppTraces", _traces(facts[facts["timed_out"]]) | common


def facts(
    deployment: Deployment, day: date, offset: int, asked: pd.DataFrame, answers: Columns
) -> pd.DataFrame:
    """Return the requests, and what became of each, whoever tells of it in which way.

    Columns beside those of the requests: ms, call_ms (in the call that it made, 0 without one),
    timed_out (that call), failure (a Failure, or None) and response.
    """
    rng = stream("telemetry", deployment, day)
    n = len(asked)
    hour = asked["time"].dt.hour.to_numpy()
    median, spread = _MODEL_MS[deployment.service]
    model_ms = rng.lognormal(np.log(median), spread, n) * (0.9 + 0.1 * asked["rows"].to_numpy())
    slow = stories.BLUE_IS_SLOW
    if (deployment.service, deployment.version) == (slow.service, slow.version):
        model_ms *= 4.0 if slow.covers(offset) else 1.0
    call_ms = np.zeros(n)
    if deployment.service in _CALL_MS:
        median, spread = _CALL_MS[deployment.service]
        call_ms = rng.lognormal(np.log(median), spread, n)
    late = stories.BUREAU_TIMES_OUT
    timed_out = np.zeros(n, dtype=bool)
    if deployment.service == late.service and late.covers(offset):
        timed_out = (hour >= 10) & (hour < 14) & (rng.random(n) < 1 / 3)
        call_ms[timed_out] = _TIMEOUT_MS + rng.exponential(4, timed_out.sum())
    # A script that raises does so before the model is asked.
    model_ms[~asked["answered"].to_numpy()] *= 0.2
    failures = telemetry_failures.causes(deployment, offset, asked)
    return asked.assign(
        ms=(model_ms + call_ms).round(3),
        call_ms=call_ms.round(3),
        timed_out=timed_out,
        failure=np.fromiter(failures, dtype=object),
        response=_responses(asked, answers, failures),
    )


def _responses(asked: pd.DataFrame, answers: Columns, failures: list[Failure | None]) -> list[str]:
    """Return what each caller was answered: the predictions of its rows, or the error."""
    ends = pairwise(accumulate(asked["rows"].tolist(), initial=0))
    return [
        failure[1]
        if failure
        else json.dumps({name: values[start:end] for name, values in answers.items()})
        for (start, end), failure in zip(ends, failures, strict=True)
    ]


def _requests(deployment: Deployment, day: date, server: str, facts: pd.DataFrame) -> Rows:
    ids = facts["request_id"].tolist()
    operations = [_hash(request) for request in ids]
    process = _hash(f"{deployment.service}/{deployment.version}/{day.toordinal() // 7}")
    ok = facts["answered"]
    right = server == "0.4"
    return {
        "time": _ended(facts) if server == "1.5" else facts["time"],
        "Id": [operation[16:] for operation in operations] if server == "1.5" else ids,
        "Name": "" if server == "1.3" else "/score",
        "Success": ok if right else True,
        "ResultCode": ok.map({True: "200", False: "500"}) if right else "0",
        "DurationMs": 0.0 if server == "1.5" else facts["ms"],
        "ItemCount": _items(server),
        "OperationId": process if server == "1.3" else operations,
        "Url": f"http://{deployment.service}.contoso.example/score",
        "Properties": _properties(deployment, server, facts),
        "AppRoleInstance": facts["host"],
    }


def _swagger(requests: Rows, server: str) -> Rows:
    """Return a request of another tool, which asks what the service takes."""
    row: Rows = {
        name: values if isinstance(values, str | int | float) else list(values)[:1]
        for name, values in requests.items()
    }
    told = {} if server == "0.4" else dict(row["Properties"][0])
    if told:
        told |= {"name": "/swagger.json", "resultCode": "200", "success": "True"}
        told |= {"duration": "00:00:00.003", "http_method": "GET", "Response Value": ""}
        told["Request Id"] = _hash(told["Request Id"])
    return row | {
        "time": requests["time"].iloc[:1] + pd.Timedelta(seconds=1),
        "Id": [_hash(row["Id"][0])],
        "Name": row["Name"].replace("/score", "/swagger.json"),
        "Url": row["Url"].replace("/score", "/swagger.json"),
        "Success": True,
        "ResultCode": "200" if server == "0.4" else "0",
        "DurationMs": 0.0 if server == "1.5" else 3.2,
        "Properties": [told],
    }


def _properties(deployment: Deployment, server: str, facts: pd.DataFrame) -> list[dict[str, Any]]:
    columns = ("instance", "request_id", "response", "answered", "ms")
    rows = zip(*(facts[name].tolist() for name in columns), strict=True)
    if server == "0.4":
        return [
            {"Container Id": instance, "Response Value": response}
            for instance, _, response, _, _ in rows
        ]
    service = role(deployment) if server == "1.5" else deployment.service
    began = facts["time"].dt.strftime("%Y-%m-%d %H:%M:%S.%f").tolist()
    return [
        {
            "Container Id": instance,
            "Request Id": request,
            "Client Request Id": "",
            "Response Value": response,
            "name": "/score",
            "url": f"http://{deployment.service}.contoso.example/score",
            "start_time": start,
            "duration": _clock(ms),
            "resultCode": "200" if ok else "500",
            "success": str(ok),
            "http_method": "POST",
            "Workspace Name": WORKSPACE,
            "Service Name": service,
        }
        for (instance, request, response, ok, ms), start in zip(rows, began, strict=True)
    ]


def _dependencies(deployment: Deployment, server: str, facts: pd.DataFrame) -> Rows:
    name, target, path = _CALLED[deployment.service]
    ids = facts["request_id"].tolist()
    return {
        "time": facts["time"] + pd.Timedelta(milliseconds=1),
        "Id": [_hash(f"{request}/call")[:16] for request in ids],
        "Name": name,
        "Target": target,
        "DependencyType": "HTTP",
        "Data": f"https://{target}{path}",
        "Success": ~facts["timed_out"],
        "ResultCode": facts["timed_out"].map({True: "0", False: "200"}),
        "DurationMs": facts["call_ms"],
        "ItemCount": _items(server),
        "OperationId": [_hash(request) for request in ids],
        "AppRoleInstance": facts["host"],
    }


def _traces(late: pd.DataFrame) -> Rows:
    """Return what the scoring script printed: a line per call that timed out."""
    return {
        "time": _ended(late),
        "Message": "bureau.contoso.example timed out after 2.0 s, last known score is used",
        "SeverityLevel": 2,
        "ItemCount": _KEPT_ONE_IN,
        "OperationId": [_hash(request) for request in late["request_id"]],
        "Properties": telemetry_failures.ids(late),
        "AppRoleInstance": late["host"],
    }


def role(deployment: Deployment) -> str:
    """Return the name that a v2 deployment's server is told to go by (SERVICE_NAME)."""
    return f"{deployment.service}-{deployment.version}"


def _common(deployment: Deployment, server: str) -> Rows:
    roles = {"0.4": deployment.service, "1.3": "gunicorn", "1.5": role(deployment)}
    return {"AppRoleName": roles[server], "SDKVersion": _SDK[server], "ClientIP": "0.0.0.0"}


def _items(server: str) -> int:
    return _KEPT_ONE_IN if server == "0.4" else 1


def _ended(facts: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    return facts["time"] + pd.to_timedelta(facts["ms"], unit="ms")


def _clock(ms: float) -> str:
    """Return a duration as .NET writes it: `00:00:00.251`."""
    whole = round(ms)
    return f"00:{whole // 60_000:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
