"""Readers of telemetry: three layouts of exported files, and answers of Log Analytics."""

import json
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from lib import logs, telemetry
from lib.errors import DriftlineError
from lib.logs import Answer, Span, azure_monitor
from lib.settings import Telemetry
from tests import exported
from tests.fuzz import mutations
from tests.fuzz.memory import Memory
from tests.fuzz.target import Target
from tests.loopback import WORKSPACE, table

SPAN = Span(exported.FIRST.to_pydatetime(), exported.LAST.to_pydatetime())
WRITERS = {
    "insights-logs-apprequests": (exported.diagnostic, "AppRequests"),
    "insights-logs-appexceptions": (exported.diagnostic, "AppExceptions"),
    "insights-logs-appdependencies": (exported.diagnostic, "AppDependencies"),
    "insights-logs-amlonlineendpointtrafficlog": (
        exported.diagnostic,
        "AmlOnlineEndpointTrafficLog",
    ),
    "am-apprequests": (exported.export, "AppRequests"),
    "am-appexceptions": (exported.export, "AppExceptions"),
    "exports": (exported.continuous, "AppRequests"),
    "exported-exceptions": (exported.continuous, "AppExceptions"),
}
"""Container -> who writes it, and the rows of which table."""

NAMED = ("rows", "duplicates", "overlapped", "broken", "unusable", "misplaced", "half")
"""What becomes of a line: one of these."""


@cache
def _files(container: str) -> dict[str, bytes]:
    write, name = WRITERS[container]
    rows = _tables()[name].head(60)
    return dict(list(write(name, rows).items())[:4])


@cache
def _tables() -> dict[str, Any]:
    return exported.tables(400)


def make_export(random: Random) -> bytes:
    """Up to three blobs of one container, with values or bytes changed."""
    container = random.choice(list(WRITERS))
    files = _files(container)
    chosen = random.sample(list(files), random.randrange(1, min(4, len(files) + 1)))
    others = list(files.values())
    told = {name: mutations.lines(random, files[name], others).hex() for name in chosen}
    return json.dumps({"container": container, "files": told}).encode()


def check_export(case: bytes) -> None:
    """Every line is a row, or counted among what was left out or counted once."""
    told = json.loads(case)
    files = {name: bytes.fromhex(data) for name, data in told["files"].items()}
    name = WRITERS[told["container"]][1]
    container = Memory(files, f"memory/{told['container']}")
    with tempfile.TemporaryDirectory() as folder:
        archive = logs.archive([(container, "")], folder)
        try:
            answer = archive.run(f"{name} | summarize Rows = count()", SPAN)
            counted = {key: int(answer.statistics.get(key, 0)) for key in NAMED}
            lines = sum(bool(line.strip()) for data in files.values() for line in data.split(b"\n"))
            assert sum(counted.values()) == lines, (counted, lines)
            assert int(answer.frame["Rows"].iloc[0]) <= counted["rows"]
            if len(case) % 8 == 0:
                _assert_answered(telemetry.ask(archive, QUESTIONS, span=SPAN))
        finally:
            archive.close()


QUESTIONS = (
    *("overview", "totals", "over_time", "operations", "exceptions", "dependencies"),
    *("endpoint_failures", "latency_heatmap", "burn_rate", "freshness"),
)
"""Questions whose answers have columns of every type."""


def _assert_answered(answers: dict[str, Answer | DriftlineError]) -> None:
    for name, answer in answers.items():
        assert isinstance(answer, Answer), (name, answer)


# Answers of Log Analytics.


@dataclass
class _Client:
    """Answers as the client library does, with the same bytes whatever is asked."""

    body: bytes

    def query_workspace(self, _: str, __: str, **options: Any) -> object:
        return options["cls"](None, iter([self.body]), None)


@cache
def _answers() -> dict[str, dict[str, Any]]:
    """Question -> the body of a right answer."""
    files = {f"insights-logs-{n.lower()}": exported.diagnostic(n, r) for n, r in _tables().items()}
    with tempfile.TemporaryDirectory() as folder:
        containers = [(Memory(f, f"memory/{c}"), "") for c, f in files.items()]
        archive = logs.archive(containers, folder)
        answers = telemetry.ask(archive, QUESTIONS, span=SPAN)
        archive.close()
    return {
        name: {"tables": [_first_rows(table(answer.frame))], "statistics": {"query": {}}}
        for name, answer in answers.items()
        if isinstance(answer, Answer)
    }


def _first_rows(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"rows": told["rows"][:20]}


def make_answer(random: Random) -> bytes:
    """The body of an answer to one question, with values or bytes changed."""
    name = random.choice(list(_answers()))
    body = mutations.of_json(random, _answers()[name])
    if random.random() < 0.1 and isinstance(body, dict):
        body |= {"error": mutations.of_json(random, {"code": "PartialError", "details": [{}]})}
    text = json.dumps(body).encode()
    if random.random() < 0.2:
        text = mutations.of_bytes(random, text, [text])
    return name.encode() + b"\n" + text


def check_answer(case: bytes) -> None:
    """It is an answer with the columns that the question declares, or a named error."""
    name, _, body = case.partition(b"\n")
    question = name.decode()
    settings = Telemetry(workspace_id=WORKSPACE, endpoint="http://127.0.0.1:9")
    store = replace(_monitor(settings), client=_Client(body))
    [found] = telemetry.ask(store, [question], span=SPAN).values()
    if isinstance(found, DriftlineError):
        assert found.message
        assert found.next_step
        return
    declared = telemetry.QUESTIONS[question].columns
    assert list(found.frame) == list(declared)
    told = json.loads(body.decode("utf-8", "replace"))["tables"]
    assert len(found.frame) in {
        len(each["rows"])
        for each in told
        if isinstance(each, dict) and isinstance(each.get("rows"), list)
    }
    assert found.asked_at - datetime.now(UTC) < timedelta(minutes=1)


@cache
def _monitor(settings: Telemetry) -> Any:
    return replace(azure_monitor(settings), sleep=lambda _: None)


TARGETS = {
    "export": Target(make_export, check_export, 20, 8),
    "answers": Target(make_answer, check_answer, 10, 100),
}
