"""Made-up collected data with planted stories, in the real layouts.

`write` fills a local folder that looks like a storage account: `modeldata` with the CSV files
of two v1 services, `azureml-blobstore-…` with the JSON lines of a v2 endpoint, and if asked for
`insights-logs-…` with their telemetry. The app reads them by the same code as Azure's. The same
past dates always give the same bytes.

Beside the planted `STORIES` nothing happens: days differ a little and weekends are quiet.
"""

import os
import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lib.demo import churn, credit, fraud, traffic, v1, v2
from lib.demo.stories import STORIES, TELEMETRY_STORIES, Story
from lib.demo.telemetry import CONTAINERS as TELEMETRY_CONTAINERS
from lib.demo.telemetry import Telemetry
from lib.demo.traffic import DEPLOYMENTS, WORKSPACE, Deployment, requests
from lib.errors import DriftlineError

__all__ = [
    "CONTAINERS",
    "DEPLOYMENTS",
    "STORIES",
    "TELEMETRY_CONTAINERS",
    "TELEMETRY_STORIES",
    "WORKSPACE",
    "Demo",
    "Deployment",
    "Story",
    "requests",
    "write",
]

CONTAINERS = (v1.CONTAINER, v2.CONTAINER)
"""The sub-folders that `write` fills with collected data."""

_ROWS = {
    "credit-risk-svc": credit.rows,
    "churn-svc": churn.rows,
    "fraud-scoring": fraud.rows,
}
_NOTE = "driftline-demo.txt"
_NOTE_TITLE = "Made-up data, written by python -m lib.demo."


@dataclass(frozen=True)
class Demo:
    """What was written: whole days from `first` to `until`; `rows` counts what was scored."""

    folder: Path
    first: date
    until: date
    files: int
    size_bytes: int
    rows: int
    stories: tuple[Story, ...]

    def told(self) -> str:
        """Return the stories in words, a line each, with their dates."""
        return "".join(f"{_line(story, self.until)}\n" for story in self.stories)


def write(
    folder: Path,
    until: date,
    days: int = 45,
    telemetry: bool = False,
    ends: datetime | None = None,
) -> Demo:
    """Write `days` days of data that end with `until` into `folder`, and say what is in them.

    Nothing in them is later than `ends` (UTC), which is now unless given: of today there is as
    much as there can be. With `telemetry`, that of the same requests is written beside them,
    ends at the same moment, and has stories too.
    A demo that lies in the folder already is replaced. Anything else of the same name is left
    alone: then, and if the folder cannot be written, a DriftlineError is raised.
    """
    if days < 1:
        raise DriftlineError("A demo of no days has no data.", "Ask for one day or more.")
    first = until - timedelta(days=days - 1)
    told = STORIES + TELEMETRY_STORIES if telemetry else STORIES
    planted = tuple(s for s in told if s.dates(until)[1] >= first)
    ends = ends or datetime.now(UTC)
    observed = Telemetry(ends) if telemetry else None
    try:
        _make_room(folder)
        rows = sum(
            _write_day(folder, deployment, first + timedelta(days=day), until, ends, observed)
            for deployment in DEPLOYMENTS
            for day in range(days)
        )
        exported = observed.write(folder) if observed else []
    except OSError as error:
        raise DriftlineError(
            f"The demo could not be written into {folder}: {error.strerror}.",
            "Choose a folder that can be written to.",
        ) from error
    files = [path for name in CONTAINERS for path in (folder / name).rglob("*") if path.is_file()]
    for path in files:
        _date(path)
    files += exported
    size = sum(path.stat().st_size for path in files)
    demo = Demo(folder, first, until, len(files), size, rows, planted)
    (folder / _NOTE).write_text(f"{_NOTE_TITLE}\n\n{demo.told()}", encoding="utf-8", newline="\n")
    return demo


def _date(path: Path) -> None:
    """Let a file have changed last when its day or hour ended, or now if that is yet to come."""
    dated = re.search(r"(20\d\d)/(\d\d)/(\d\d)(?:/(\d\d))?$", path.parent.as_posix())
    assert dated, path
    year, month, day, hour = (int(part) for part in dated.groups(default="0"))
    begun = datetime(year, month, day, hour, tzinfo=UTC)
    span = timedelta(hours=1) if dated[4] else timedelta(days=1)
    changed = min((begun + span).timestamp(), time.time())
    os.utime(path, (changed, changed))


def _make_room(folder: Path) -> None:
    """Empty the containers of an earlier demo, and claim the folder before the first file.

    Claiming it first lets a demo that was interrupted be replaced as well.
    """
    note = folder / _NOTE
    ours = note.is_file() and note.read_text("utf-8", "replace").startswith(_NOTE_TITLE)
    for container in (folder / name for name in CONTAINERS + TELEMETRY_CONTAINERS):
        if container.exists() and not ours:
            raise DriftlineError(
                f"{container} exists and was not written by the demo.", "Choose another folder."
            )
        if container.exists():
            shutil.rmtree(container)
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{_NOTE_TITLE}\n", encoding="utf-8", newline="\n")
    for name in CONTAINERS:
        (folder / name).mkdir()


def _write_day(
    folder: Path,
    deployment: Deployment,
    day: date,
    until: date,
    ends: datetime,
    observed: Telemetry | None,
) -> int:
    """Write one deployment's day; return how many rows it scored, 0 if it was not up."""
    asked = requests(deployment, day, until)
    asked = asked[asked["time"] < ends]
    if asked.empty:
        return 0
    offset = (day - until).days
    calls = traffic.rows(asked)
    rng = traffic.stream("features", deployment, day)
    inputs, outputs = _ROWS[deployment.service](calls, deployment.version, offset, rng)
    if observed:
        observed.day(deployment, day, offset, asked, outputs)
    if deployment.generation == "v2":
        v2.write_day(folder, deployment, day, offset, asked, inputs, outputs)
        return len(calls)
    v1.write_day(folder, deployment, day, offset, calls, inputs, outputs)
    if deployment.service == "churn-svc":
        v1.write_labels(folder, deployment, day, churn.labels(calls, outputs, offset, rng))
    return len(calls)


def _line(story: Story, until: date) -> str:
    first, last = story.dates(until)
    when = f"{first}" if first == last else f"{first} to {last}"
    where = " ".join(part for part in (story.service, story.version, story.feature) if part)
    return f"{when}  {where} ({story.kind}): {story.sentence}"
