"""Recorded telemetry of real servers and exporters, laid out as an account to be asked."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lib import logs, telemetry
from lib.settings import Source

SAMPLES = Path(__file__).parent / "samples" / "telemetry"
COMPONENT = "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.INSIGHTS/COMPONENTS/C"
DAY = timedelta(days=1)
V1 = "modeldata/0a1b2c3d-1111-2222-3333-444455556666/contoso-ml-rg/contoso-ws"


def account(folder: Path, name: str, service: str = "credit") -> Path:
    """Lay a case out as diagnostic settings do, with a day of collected inputs of the service."""
    for file in sorted((SAMPLES / name).glob("*.jsonl")):
        first = file.read_text("utf-8").splitlines()[0]
        when = datetime.fromisoformat(json.loads(first)["time"])
        hour = f"{when:y=%Y/m=%m/d=%d/h=%H/m=00}/PT1H.json"
        path = folder / f"insights-logs-{file.stem}" / COMPONENT / hour
        path.parent.mkdir(parents=True)
        path.write_bytes(file.read_bytes())
    inputs = folder / V1 / service / "model" / "1" / "inputs" / f"{when:%Y/%m/%d}" / "inputs.csv"
    inputs.parent.mkdir(parents=True)
    inputs.write_text("age,$aml_dc_scoring_timestamp\n63,2026-11-24T00:59:15.213292\n")
    return folder


def ask(folder: Path, names: list[str], scope: Any = telemetry.EVERYTHING) -> dict[str, Any]:
    """Ask an account about the week of the cases; each question's rows by its name."""
    span = logs.Span(datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC))
    containers = logs.containers(Source("here", folder=str(folder)))
    archive = logs.archive(containers, str(folder.parent / "archive"))
    try:
        answers = telemetry.ask(archive, names, scope, span=span)
    finally:
        archive.close()
    assert [a for a in answers.values() if not isinstance(a, logs.Answer)] == []
    return {name: answer.frame for name, answer in answers.items()}
