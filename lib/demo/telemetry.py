"""Telemetry of the same requests, as the diagnostic settings of Application Insights export it.

A container per table, a file of JSON lines per hour, placed by the time of arrival.
https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.demo import telemetry_endpoint, telemetry_requests
from lib.demo.telemetry_requests import Rows
from lib.demo.traffic import RESOURCE_GROUP, SUBSCRIPTION, WORKSPACE, Columns, Deployment

TABLES = (
    "AppRequests",
    "AppDependencies",
    "AppExceptions",
    "AppTraces",
    "AppPerformanceCounters",
    "AmlOnlineEndpointTrafficLog",
    "AmlOnlineEndpointConsoleLog",
    "AmlOnlineEndpointEventLog",
)
CONTAINERS = tuple(f"insights-logs-{table.lower()}" for table in TABLES)
"""The sub-folders that telemetry is written to."""

_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers"
_COMPONENT = f"{_GROUP}/microsoft.insights/components/{WORKSPACE}-insights".upper()
_WORKSPACE = f"{_GROUP}/Microsoft.MachineLearningServices/workspaces/{WORKSPACE}".upper()
_SOME_RESOURCE = "9d2f4c6a-7b1e-4f0d-8a35-6c9e2b4d7f10"
_INGESTED_AFTER = np.timedelta64(95, "s")
_HOUR_S = 3_600
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Telemetry:
    """The lines so far: by table, resource and hour of arrival, when each arrived and what it is.

    Hours and seconds count from 1970. What is later than `ends` (UTC) is left out.
    """

    ends: datetime = _NEVER
    lines: dict[tuple[str, str, int], list[tuple[int, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def day(
        self, deployment: Deployment, day: date, offset: int, asked: pd.DataFrame, answers: Columns
    ) -> None:
        """Add what the telemetry of one deployment's day holds.

        `asked` are its requests and `answers` what was predicted, row by row.
        """
        facts = telemetry_requests.facts(deployment, day, offset, asked, answers)
        for table, rows in telemetry_requests.tables(deployment, day, facts):
            self._add(table, rows)
        if deployment.generation == "v2":
            for table, rows in telemetry_endpoint.tables(deployment, day, offset, facts):
                self._add(table, rows, deployment.service)

    def write(self, folder: Path) -> list[Path]:
        """Write all lines below `folder`, and return the files."""
        written = []
        for (table, resource, hour), lines in sorted(self.lines.items()):
            arrived = pd.Timestamp(hour * _HOUR_S, unit="s")
            path = folder / f"insights-logs-{table.lower()}" / f"resourceId={resource}"
            path = path / f"{arrived:y=%Y/m=%m/d=%d/h=%H/m=00}" / "PT1H.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes("".join(f"{line}\n" for _, line in sorted(lines)).encode())
            changed = min((hour + 1) * _HOUR_S, time.time())
            os.utime(path, (changed, changed))
            written.append(path)
        return written

    def _add(self, table: str, rows: Rows, endpoint: str = "") -> None:
        """Add rows as they are exported: without empty columns, `time` in front.

        The tables of an endpoint come in Azure's common schema, with their columns below
        `properties`; those of a component have the columns of a workspace.
        """
        common = table.startswith("Aml")
        whose = f"{_WORKSPACE}/ONLINEENDPOINTS/{endpoint.upper()}" if common else _COMPONENT
        names = {"category": table} if common else {"Type": table, "ResourceGUID": _SOME_RESOURCE}
        head = json.dumps({"resourceId": whose, **names})[1:-1]
        for arrived, at, row in _each(rows):
            if at >= self.ends.strftime("%Y-%m-%dT%H:%M:%S"):
                continue
            body = json.dumps(row, ensure_ascii=False)
            rest = f'"properties":{body}' if common else f'"_BilledSize":{len(body)},{body[1:-1]}'
            line = f'{{"time":"{at}",{head},{rest}}}'
            self.lines[table, whose, arrived // _HOUR_S].append((arrived, line))


def _each(rows: Rows) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield, per row, the second of its arrival, its time as text, and what is not empty in it."""
    times = rows["time"].dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    texts = np.datetime_as_string(times).tolist()
    arrived = (times + _INGESTED_AFTER).astype("datetime64[s]").astype("int64").tolist()
    names = [name for name in rows if name != "time"]
    columns = [_column(rows[name], len(times)) for name in names]
    for second, text, *cells in zip(arrived, texts, *columns, strict=True):
        told = zip(names, cells, strict=True)
        yield second, f"{text}0Z", {name: cell for name, cell in told if cell not in ("", None)}


def _column(values: Any, length: int) -> list[Any]:
    """Return a column as Python's own values; a single one stands in every row."""
    if isinstance(values, str | int | float) or values is None:
        return [values] * length
    return list(values.tolist() if hasattr(values, "tolist") else values)
