"""What a managed online endpoint logs: traffic, the containers' console and events, counters."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from lib.demo import stories
from lib.demo.telemetry_requests import Rows, role
from lib.demo.traffic import WORKSPACE, Deployment, stream, uuids

_COUNTERS_EVERY = "30min"
_MEMORY = 7.0 * 2**30

Event = tuple[float, str, str]
"""The hour of the day, the event's name and its message."""


def tables(
    deployment: Deployment, day: date, offset: int, facts: pd.DataFrame
) -> Iterator[tuple[str, Rows]]:
    """Yield the tables of one deployment's day and their rows."""
    rng = stream("endpoint", deployment, day)
    story = stories.BLUE_IS_SLOW
    slow = deployment.version == story.version and story.covers(offset)
    yield "AmlOnlineEndpointTrafficLog", _traffic(deployment, facts, rng)
    if slow:
        yield "AmlOnlineEndpointTrafficLog", _turned_away(deployment, facts, rng)
    if not facts["answered"].all():
        yield "AmlOnlineEndpointConsoleLog", _console(deployment, facts[~facts["answered"]])
    if events := _events(deployment, day, offset, slow, rng):
        yield "AmlOnlineEndpointEventLog", _dated(deployment, day, events)
    yield from (("AppPerformanceCounters", rows) for rows in _counters(deployment, day, slow, rng))


def _traffic(deployment: Deployment, facts: pd.DataFrame, rng: np.random.Generator) -> Rows:
    """Return a row per request: an error of the model reaches the caller as 424."""
    n = len(facts)
    ok = facts["answered"].to_numpy()
    sending = rng.integers(1, 8, n)
    answered = (sending + facts["ms"]).round().astype("int64").to_numpy() + rng.integers(1, 5, n)
    return {
        "time": facts["time"] - pd.to_timedelta(sending, unit="ms"),
        "method": "POST",
        "path": "/score",
        "protocol": "HTTP/1.1",
        "endpointName": deployment.service,
        "deploymentName": deployment.version,
        "responseCode": np.where(ok, 200, 424),
        "responseCodeReason": np.where(ok, "OK", "Failed Dependency"),
        "modelStatusCode": np.where(ok, 200, 500),
        "modelStatusReason": np.where(ok, "OK", "INTERNAL SERVER ERROR"),
        "requestPayloadSize": 420 * facts["rows"].to_numpy() + rng.integers(0, 60, n),
        "responsePayloadSize": 60 * facts["rows"].to_numpy(),
        "requestDurationMs": sending,
        "responseDurationMs": answered,
        "totalDurationMs": answered + 1,
        "requestThrottlingDelayMs": 0,
        "responseThrottlingDelayMs": 0,
        "authType": "Key",
        "azureMLWorkspaceName": WORKSPACE,
        "location": "westeurope",
        "userAgent": "python-requests/2.32.5",
        "xRequestId": facts["request_id"],
        "xMSClientRequestId": "",
    }


def _turned_away(deployment: Deployment, facts: pd.DataFrame, rng: np.random.Generator) -> Rows:
    """Return requests that came when too many were waiting: they never reached the model."""
    busy = facts[facts["time"].dt.hour.between(9, 17).to_numpy() & (rng.random(len(facts)) < 0.08)]
    return _traffic(deployment, busy, rng) | {
        "time": busy["time"] + pd.Timedelta(milliseconds=40),
        "responseCode": 429,
        "responseCodeReason": "Too many pending requests",
        "modelStatusCode": None,
        "modelStatusReason": "",
        "requestDurationMs": 1,
        "responseDurationMs": 3,
        "totalDurationMs": 3,
        "responsePayloadSize": 0,
        "xRequestId": uuids(rng, len(busy)),
    }


def _console(deployment: Deployment, failed: pd.DataFrame) -> Rows:
    """Return what the scoring script printed of requests that failed."""
    columns = (failed[name].tolist() for name in ("request_id", "response"))
    return {
        "time": failed["time"] + pd.Timedelta(milliseconds=30),
        "deploymentName": deployment.version,
        "instanceId": failed["instance"],
        "containerName": "inference-server",
        "message": [f"request_id={key} failed: {text}" for key, text in zip(*columns, strict=True)],
    }


def _events(
    deployment: Deployment, day: date, offset: int, slow: bool, rng: np.random.Generator
) -> list[Event]:
    """Return what happened to the container: it moves once a week, and fails when it is slow."""
    events: list[Event] = []
    starts = (("Pulled", "image is present"), ("Created", "created"), ("Started", "started"))
    if day.toordinal() % 7 == 0 or offset == stories.GREEN_GOES_LIVE.first_day:
        hour = 8.4 if deployment.version == "green" else 2.0
        events += [
            (hour + step / 60, name, f"Container inference-server: {text}")
            for step, (name, text) in enumerate(starts)
        ]
    if slow:
        probe = "Readiness probe failed: context deadline exceeded while awaiting headers"
        events += [(hour, "Unhealthy", probe) for hour in rng.uniform(8, 20, 12)]
        if offset == stories.BLUE_IS_SLOW.last_day:
            events.append((23.6, "Killing", "Container inference-server failed its probe"))
            events.append((23.7, "BackOff", "Back-off restarting failed container"))
            events += [(23.8, name, f"Container inference-server: {text}") for name, text in starts]
    return events


def _dated(deployment: Deployment, day: date, events: list[Event]) -> Rows:
    hours, names, texts = zip(*events, strict=True)
    return {
        "time": pd.Series(pd.Timestamp(day) + pd.to_timedelta(hours, unit="h").round("s")),
        "deploymentName": deployment.version,
        "instanceId": f"aml-{deployment.version}-0",
        "name": names,
        "message": texts,
    }


def _counters(
    deployment: Deployment, day: date, slow: bool, rng: np.random.Generator
) -> Iterator[Rows]:
    """Yield processor and memory; memory runs out while the deployment is slow."""
    times = pd.Series(pd.date_range(day, periods=48, freq=_COUNTERS_EVERY))
    hour = times.dt.hour.to_numpy()
    load = 8 + 30 * np.exp(-(((hour - 13.5) / 4.2) ** 2)) + rng.normal(0, 2, 48)
    free = np.full(48, 0.55) + rng.normal(0, 0.01, 48)
    if slow:
        load, free = np.minimum(load * 2.4, 98.0), free * 0.12
    for values, category, name, instance in (
        (load.round(2), "Processor", "% Processor Time", "_Total"),
        ((free * _MEMORY).round(), "Memory", "Available Bytes", ""),
    ):
        yield {
            "time": times,
            "Name": name,
            "Category": category,
            "Counter": name,
            "Instance": instance,
            "Value": values,
            "AppRoleName": role(deployment),
            "AppRoleInstance": f"aml-{deployment.version}-0",
        }
