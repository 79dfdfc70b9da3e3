"""Writes a day as the data collector of a v2 endpoint does: CloudEvents, a file per hour."""

from collections import defaultdict
from datetime import date
from itertools import accumulate, pairwise
from pathlib import Path

import pandas as pd

from lib.demo import stories
from lib.demo.traffic import (
    RESOURCE_GROUP,
    SUBSCRIPTION,
    WORKSPACE,
    Columns,
    Deployment,
    stream,
    uuids,
)

CONTAINER = "azureml-blobstore-5b0e7d1c-9c3f-4e52-8a6d-2f41d7c0b9e8"

# What follows `data` is a map, whose order differs from line to line.
_TAILS = (
    '"contentrange":"{range}","correlationid":"{id}","xrequestid":"{id}","modelversion":"default",'
    '"collectdatatype":"pandas.core.frame.DataFrame","agent":"azureml-ai-monitoring/1.0.0"}}',
    '"modelversion":"default","collectdatatype":"pandas.core.frame.DataFrame",'
    '"agent":"azureml-ai-monitoring/1.0.0","contentrange":"{range}","correlationid":"{id}",'
    '"xrequestid":"{id}"}}',
    '"agent":"azureml-ai-monitoring/1.0.0","xrequestid":"{id}","contentrange":"{range}",'
    '"collectdatatype":"pandas.core.frame.DataFrame","modelversion":"default",'
    '"correlationid":"{id}"}}',
)


def write_day(
    folder: Path,
    deployment: Deployment,
    day: date,
    offset: int,
    requests: pd.DataFrame,
    inputs: Columns,
    outputs: Columns,
) -> None:
    """Write model_inputs and model_outputs of one day below `folder`/azureml-blobstore-….

    One line per request, in the file of its hour and instance. Requests that failed have no
    line in model_outputs.
    """
    version = Path("modelDataCollector", deployment.service, deployment.version)
    for collection, columns in (("model_inputs", inputs), ("model_outputs", outputs)):
        lines = _lines(deployment, day, collection, requests, columns)
        files: dict[tuple[int, str], list[str]] = defaultdict(list)
        hours, instances = requests["time"].dt.hour.tolist(), requests["instance"].tolist()
        answered = requests["answered"].tolist()
        for hour, instance, was_answered, line in zip(
            hours, instances, answered, lines, strict=True
        ):
            if was_answered or collection == "model_inputs":
                files[hour, instance].append(line + "\n")
        if deployment.version == "green" and collection == "model_inputs":
            _spoil(files, offset)
        for (hour, instance), of_file in files.items():
            parent = folder / CONTAINER / version / collection / f"{day:%Y/%m/%d}" / f"{hour:02d}"
            parent.mkdir(parents=True, exist_ok=True)
            (parent / f"{instance}.jsonl").write_bytes("".join(of_file).encode())


def _lines(
    deployment: Deployment, day: date, collection: str, requests: pd.DataFrame, columns: Columns
) -> list[str]:
    """Return one event per request, without a line end."""
    head = (
        f'"source":"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}'
        "/providers/Microsoft.MachineLearningServices/workspaces/"
        f"{WORKSPACE}/onlineEndpoints/{deployment.service}/deployments/{deployment.version}"
        f'","type":"azureml.inference.{collection}","datacontenttype":"application/json"'
    )
    # The collector serialises with DataFrame.to_json: 10 decimals, \/ and \uXXXX come from it.
    # Columns of objects keep each value's own type, as the frame of each request would.
    rows = pd.DataFrame(columns, dtype=object).to_json(orient="records", lines=True).splitlines()
    ends = accumulate(requests["rows"].tolist(), initial=0)
    times = requests["time"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist()
    ids = uuids(stream(collection, deployment, day), len(requests))
    correlation_ids = requests["correlation_id"].tolist()
    lines = []
    for k, (start, end) in enumerate(pairwise(ends)):
        data = f"[{','.join(rows[start:end])}]"
        content_range = f"bytes 0-{len(data) - 1}/{len(data)}"
        tail = _TAILS[k % len(_TAILS)].format(range=content_range, id=correlation_ids[k])
        lines.append(
            f'{{"specversion":"1.0","id":"{ids[k]}",{head},"time":"{times[k]}","data":{data},{tail}'
        )
    return lines


def _spoil(files: dict[tuple[int, str], list[str]], offset: int) -> None:
    """Break three lines on the day of the story, each in a way that was seen in real files.

    A comma too many in the day's first line, a line that stops half-way in the middle of the
    day, and a last line that was still being written when its container was killed.
    """
    if not stories.GREEN_TEARS.covers(offset):
        return
    of_day = sorted(files)
    first, middle, last = (files[of_day[k]] for k in (0, len(of_day) // 2, -1))
    first[0] = first[0].replace("}\n", ",}\n")
    middle[0] = middle[0][: len(middle[0]) // 2] + "\n"
    last[-1] = last[-1][: len(last[-1]) * 2 // 3]
