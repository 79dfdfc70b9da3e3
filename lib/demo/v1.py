"""Writes a day as azureml-monitoring 0.1.0a21 does: CSV files in the container modeldata."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.demo import stories
from lib.demo.credit import ABSENT
from lib.demo.traffic import RESOURCE_GROUP, SUBSCRIPTION, WORKSPACE, Columns, Deployment

CONTAINER = "modeldata"

_WORKSPACE = f"{SUBSCRIPTION}/{RESOURCE_GROUP}/{WORKSPACE}".lower()
_MINUTES_A_DAY = 1_440
_SECONDS_A_BLOCK = 300
_NO_REQUEST_ID = "00000000-0000-0000-0000-000000000000"
_TELEMETRY = (
    "workspaceId, serviceId, modelId, computeName, computeType, computeLocation\n, , , , , \n"
)


def write_day(
    folder: Path,
    deployment: Deployment,
    day: date,
    offset: int,
    calls: pd.DataFrame,
    inputs: Columns,
    outputs: Columns,
) -> None:
    """Write the inputs and the predictions of one day below `folder`/modeldata.

    Rows that were collected as lists end with CR LF, those of a DataFrame with LF; headers
    always end with CR LF, because the collector writes them itself.
    """
    order = _append_order(calls)
    tail = _metadata(deployment, calls)
    answered = order[calls["answered"].to_numpy()[order]]
    line_end = "\r\n" if deployment.collects == "lists" else "\n"
    narrow = stories.CREDIT_NARROW_HEADER
    concerned = (deployment.service, deployment.version) == (narrow.service, narrow.version)
    header = outputs if concerned and narrow.covers(offset) else None

    path = _folder(folder, deployment, "inputs", day)
    text = _csv(inputs | tail, order, line_end)
    _write(path / "inputs.csv", text)
    _write(path / "aml_telemetry.csv", _TELEMETRY)
    text = _csv(outputs | tail, answered, line_end, header)
    _write(_folder(folder, deployment, "predictions", day) / "predictions.csv", text)


def write_labels(folder: Path, deployment: Deployment, day: date, labels: Columns) -> None:
    """Write the labels that were filed under one day; without any, a header alone."""
    count = len(next(iter(labels.values())))
    text = _csv(labels, np.arange(count), "\r\n")
    _write(_folder(folder, deployment, "labels", day) / "labels.csv", text)


def _folder(folder: Path, deployment: Deployment, designation: str, day: date) -> Path:
    version = Path(deployment.service, deployment.model, deployment.version)
    return folder / CONTAINER / _WORKSPACE / version / designation / f"{day:%Y/%m/%d}"


def _append_order(calls: pd.DataFrame) -> np.ndarray:
    """Return the rows in blob order: each replica appends a block of rows every 300 seconds.

    Times therefore ascend per replica only.
    """
    replica = calls["replica"].to_numpy()
    seconds = (calls["time"] - calls["time"].dt.floor("D")).dt.total_seconds().to_numpy()
    started = 131 * replica  # the replicas' clocks run apart
    block = np.ceil((seconds - started) / _SECONDS_A_BLOCK) * _SECONDS_A_BLOCK + started
    return np.lexsort((replica, block))


def _metadata(deployment: Deployment, calls: pd.DataFrame) -> Columns:
    """Return the eight columns that the collector adds to the right of the features."""
    n = len(calls)
    # Inference servers from azureml-inference-server-http 0.7.2 on no longer tell the collector
    # the request's id. churn-svc runs on such a one, credit-risk-svc on an older one.
    known = deployment.service == "credit-risk-svc"
    return {
        "$aml_dc_correlation_id": calls["correlation_id"].tolist(),
        "$aml_dc_scoring_timestamp": [t.isoformat() for t in calls["time"].dt.tz_localize(None)],
        "$aml_dc_boundary": [_MINUTES_A_DAY] * n,
        "$aml_workspace": [_WORKSPACE] * n,
        "$aml_service_name": [deployment.service] * n,
        "$aml_model_name": [deployment.model] * n,
        "$aml_model_version": [deployment.version] * n,
        "$aml_request_id": calls["request_id"].tolist() if known else [_NO_REQUEST_ID] * n,
    }


def _csv(columns: Columns, order: np.ndarray, line_end: str, header: Columns | None = None) -> str:
    """Return a header and the rows in the given order, without the cells that are absent.

    The header is what the first row knew, unless another one is given.
    """
    rows = list(zip(*columns.values(), strict=True))
    chosen: list[tuple[Any, ...]] = [rows[i] for i in order.tolist()]
    first = chosen[0] if chosen else tuple(columns)
    names = [name for name, cell in zip(columns, first, strict=True) if cell is not ABSENT]
    if any(ABSENT in row for row in chosen):
        chosen = [tuple(cell for cell in row if cell is not ABSENT) for row in chosen]
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(names if header is None else header)
    csv.writer(text, lineterminator=line_end).writerows(chosen)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
