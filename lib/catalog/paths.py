"""The path grammar: what a blob's name says about the data in it.

Four layouts, all with the date in UTC and padded with zeros:

* v1-workbench, azureml.datacollector 0.1.0a13:
  `<sub>/<group>/<account>/<service>/<id>-<model>-<version>/<identifier>/YYYY/MM/DD/data.csv`
* v1, azureml-monitoring 0.1.0a14 to a21:
  `<sub>/<group>/<workspace>/<service>/<model>/<version>/<identifier>/YYYY/MM/DD[/HH]/<file>.csv`
* v2, the data collector of online endpoints:
  `modelDataCollector/<endpoint>/<deployment>/<collection>/YYYY[/MM[/DD[/HH[/mm]]]]/<file>.jsonl`
* either kind below a path of the user's own, which may have any depth.

Names are therefore read from the right, and what the path does not say stays "".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SPANS = ("year", "month", "day", "hour", "minute")
"""The stretches of time that one file may hold; the place in this tuple is the path's depth."""

COLLECTOR = "modelDataCollector"
"""The folder below which v2 puts its data, unless told otherwise."""

# The file that azureml-monitoring puts beside every day of inputs describes the computer.
TELEMETRY = "aml_telemetry.csv"

# The greedy prefix makes the year the last segment that can be one.
_NAME = re.compile(
    r"(?P<prefix>(?:[^/]+/)+)"
    r"(?P<date>20\d\d(?:/\d\d){0,4})/"
    r"(?P<file>[^/]+\.(?P<extension>csv|jsonl))",
    re.ASCII,
)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ID_MODEL_VERSION = re.compile(r".+-.+-.+", re.DOTALL)


@dataclass(frozen=True, order=True)
class Collection:
    """One identifier of one version of a model: the folder above the years.

    `prefix` begins the name of each of its blobs and ends with "/". `generation` is "v1",
    "v1-workbench" or "v2". In v2 the endpoint is the service, the deployment the version,
    and `model` is "".
    """

    container: str
    prefix: str
    generation: str
    workspace: str
    service: str
    model: str
    version: str
    identifier: str


@dataclass(frozen=True, order=True)
class CollectedBlob:
    """What the name of one file of collected data says.

    The file holds what was collected from `start` (UTC) for one `span` (one of `SPANS`).
    """

    collection: Collection
    start: datetime
    span: str
    file: str

    @property
    def end(self) -> datetime:
        """The first moment that the file no longer covers."""
        if self.span == "year":
            return self.start.replace(year=self.start.year + 1)
        if self.span == "month":
            return (self.start + timedelta(days=31)).replace(day=1)
        return self.start + timedelta(**{f"{self.span}s": 1})

    @property
    def name(self) -> str:
        """The blob's name, exactly as it was parsed."""
        depth = SPANS.index(self.span) + 1
        date = "/".join(self.start.strftime("%Y/%m/%d/%H/%M").split("/")[:depth])
        return f"{self.collection.prefix}{date}/{self.file}"


def parse(name: str, container: str = "", workspace: str = "") -> CollectedBlob | None:
    """Return what a blob's name says, or None when the blob is no file of collected data.

    `container` and `workspace` go into the collection: no name holds its container, and a v2
    name holds no workspace either (without `workspace`, the container stands for it). Takes
    any text and never raises.
    """
    found = _NAME.fullmatch(name)
    if found is None or found["file"] == TELEMETRY:
        return None
    parts = found["date"].split("/")
    span = SPANS[len(parts) - 1]
    start = _start([int(part) for part in parts])
    jsonl = found["extension"] == "jsonl"
    if start is None or not (jsonl or span in ("day", "hour")):
        return None
    collection = named(found["prefix"], jsonl, container, workspace)
    return CollectedBlob(collection, start, span, found["file"])


def named(prefix: str, jsonl: bool, container: str, workspace: str) -> Collection:
    """Return the collection whose files lie below a prefix, JSON lines (v2) or CSV (v1)."""
    segments = prefix.removesuffix("/").split("/")
    if jsonl:
        *_, endpoint, deployment, identifier = ["", "", *_below_collector(segments)]
        owner = workspace or container
        return Collection(container, prefix, "v2", owner, endpoint, "", deployment, identifier)
    if _is_workbench(segments):
        _, _, owner, service, model_and_version, identifier = segments
        # The id stays with the model's name: an id may hold dashes too, so nothing tells where
        # it ends, and two models of one name must not become one.
        model, _, version = model_and_version.rpartition("-")
        generation = "v1-workbench"
    else:
        *_, owner, service, model, version, identifier = ["", "", "", "", *segments]
        generation = "v1"
    return Collection(container, prefix, generation, owner, service, model, version, identifier)


def by_layout(prefix: str, container: str, workspace: str) -> Collection | None:
    """Return the collection above a folder of years if its path follows a default layout.

    A path of the user's own does not tell whether it holds v1 or v2: it gives None.
    """
    segments = prefix.removesuffix("/").split("/")
    if COLLECTOR in segments and len(_below_collector(segments)) == 3:
        return named(prefix, True, container, workspace)
    # Without a workspace, as on Kubernetes, v1 writes default/default/default in its place.
    owned = segments[0] == "default" or _GUID.fullmatch(segments[0])
    if owned and (len(segments) == 7 or _is_workbench(segments)):
        return named(prefix, False, container, workspace)
    return None


def _start(parts: list[int]) -> datetime | None:
    """Return the moment that year, month, … name, or None when the calendar has no such one."""
    year, month, day, hour, minute = parts + [0, 1, 1, 0, 0][len(parts) :]
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _below_collector(segments: list[str]) -> list[str]:
    """Return the segments after the last folder `modelDataCollector`, or all of them.

    Years right below that folder leave no name but its own.
    """
    if COLLECTOR not in segments:
        return segments
    return segments[len(segments) - segments[::-1].index(COLLECTOR) :] or [COLLECTOR]


def _is_workbench(segments: list[str]) -> bool:
    """Say whether the segments are those of v1-workbench: six, the fifth with two dashes."""
    return len(segments) == 6 and bool(_ID_MODEL_VERSION.fullmatch(segments[4]))
