"""How fast exported telemetry is loaded and asked, and what asking Azure Monitor costs beside HTTP.

    python tests/bench/bench_logs.py [requests]

Makes two weeks of 500,000 requests each (or as many as told; of five million the files take
5 GB) as a data export rule writes them, one in 200 with an exception. Pages ask about the second
week, and compare it with the first. Azure Monitor is a server in another process, which answers
the same bytes every time.
"""

import http.client
import json
import logging
import math
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from lib import logs, telemetry
from lib.errors import DriftlineError
from lib.logs import Logs, Span
from lib.logs.answer import IN_FLIGHT
from lib.settings import Source, Telemetry
from tests.loopback import WORKSPACE, Fault, loopback, table

FIRST = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = Span(FIRST, FIRST + timedelta(days=7))
BEFORE = Span(FIRST - timedelta(days=7), FIRST)
BOTH = Span(BEFORE.first, WEEK.last)
HOURS = 7 * 24
LATENCY_S = 0.3
RATE = "AppRequests | summarize N = sum(ItemCount) by bin(TimeGenerated, 1h)"
PERCENTILES = "AppRequests | summarize " + ", ".join(
    f"P{each} = percentilew(DurationMs, ItemCount, {each})" for each in (50, 90, 95, 99)
)
QUERIES = {
    "count": "AppRequests | count",
    "requests per hour": RATE,
    "4 percentiles per hour": f"{PERCENTILES} by bin(TimeGenerated, 1h)",
    "4 percentiles of all": PERCENTILES,
    "the same, sampled at several rates": PERCENTILES.replace(
        "ItemCount", 'iff(AppRoleInstance == "credit-1", 4, 1)'
    ),
    "failures by code, from Properties": "AppRequests | summarize sum(ItemCount) by "
    'tostring(Properties["resultCode"])',
}
STACK = (
    'Traceback (most recent call last):\n  File "/var/azureml-app/score.py", line 41, in run\n'
    "    return model.predict(frame[COLUMNS])\nKeyError: 'merchant_risk'\n"
)


def pages() -> dict[str, list[tuple[Sequence[str], Span]]]:
    """What each page asks when it is opened, and about when; each list at once."""
    # Without the app running, Streamlit says of each cache that it is one in memory.
    logging.disable(logging.WARNING)
    from lib.ui import failures, objective, raised, requests

    return {
        "Overview": [(["overview"], WEEK), (["overview"], BEFORE)],
        "Requests": [(requests.asked_at_once(), WEEK)],
        "Failures": [([*failures.ASKED, *raised.ASKED], WEEK), (objective.ASKED, WEEK)],
    }


def write(folder: Path, count: int) -> int:
    """Write the blobs, one per table and hour. Returns their size in bytes."""
    random = np.random.default_rng(1)
    size = 0
    for hour in range(2 * HOURS):
        begins = BEFORE.first + timedelta(hours=hour)
        here = count * (hour + 1) // HOURS - count * hour // HOURS
        seconds = np.sort(random.random(here) * 3600).tolist()
        durations = random.lognormal(5, 0.8, here).round(4).tolist()
        rows = [
            _request(begins, hour, number, at, ms)
            for number, (at, ms) in enumerate(zip(seconds, durations, strict=True))
        ]
        errors = [_exception(row) for row in rows[::200]]
        for name, lines in (("am-apprequests", rows), ("am-appexceptions", errors)):
            blob = f"WorkspaceResourceId=/x/{begins:y=%Y/m=%m/d=%d/h=%H}/m=00/PT05M.json"
            path = folder / name / blob
            path.parent.mkdir(parents=True)
            size += path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    return size


def _request(begins: datetime, hour: int, number: int, at: float, ms: float) -> dict[str, object]:
    """A row as the inference server writes it: what happened stands in Properties."""
    ok = number % 200 != 0
    return {
        "TimeGenerated": f"{begins:%Y-%m-%dT%H}:{int(at // 60):02}:{at % 60:010.7f}Z",
        "_ResourceId": "/subscriptions/0a1b/resourcegroups/contoso/x",
        "Type": "AppRequests",
        "AppRoleName": "credit",
        "AppRoleInstance": f"credit-{number % 3}",
        "Id": f"{hour:04x}{number:012x}",
        "OperationId": f"{hour:08x}{number:024x}",
        "Name": "/score",
        "Success": True,
        "ResultCode": "0",
        "DurationMs": ms,
        "ItemCount": 1,
        "Properties": {
            "Request Id": f"{hour}-{number}",
            "Container Id": f"c{number % 3}",
            "Service Name": "credit",
            "resultCode": "200" if ok else "500",
            "success": str(ok),
            "duration": f"00:00:{ms / 1000:06.3f}",
        },
    }


def _exception(request: dict[str, object]) -> dict[str, object]:
    """What the scoring script raised in a request."""
    same = ("TimeGenerated", "_ResourceId", "AppRoleName", "AppRoleInstance", "ItemCount")
    told = {key: request["Properties"][key] for key in ("Request Id", "Container Id")}  # type: ignore[index]
    return {key: request[key] for key in same} | {
        "Type": "AppExceptions",
        "ExceptionType": "UserScriptException",
        "OuterMessage": "Caught an unhandled exception from the user script",
        "Details": json.dumps([{"message": "Caught", "rawStack": STACK}]),
        "Properties": told,
    }


def median_ms(run: Callable[[], object], times: int) -> float:
    """The median of so many runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def over_http(url: str, times: int) -> tuple[float, float]:
    """Medians of asking with the bare standard library, and with `azure_monitor`."""
    bare = http.client.HTTPConnection(url.removeprefix("http://"))
    azure = logs.azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=url))
    text = json.dumps({"query": RATE, "timespan": "2026-11-16T00:00:00Z/2026-11-23T00:00:00Z"})

    def ask() -> object:
        path = f"/v1/workspaces/{WORKSPACE}/query"
        bare.request("POST", path, text, {"Content-Type": "application/json"})
        return json.loads(bare.getresponse().read())

    ask()
    azure.run(RATE, WEEK)
    return median_ms(ask, times), median_ms(lambda: azure.run(RATE, WEEK), times)


@contextmanager
def elsewhere(body: object, latency_s: float) -> Iterator[tuple[str, Callable[[], int]]]:
    """A server in a process of its own, which always gives this answer.

    Yields its address, and a function that ends it and returns how many it was asked at once.
    """

    def serve(told: Connection) -> None:
        with loopback(latency_s=latency_s) as server:
            server.faults = [Fault(200, body, times=10**9)]
            told.send(server.url)
            told.recv()
            told.send(server.most_at_once)

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,))
    process.start()

    def end() -> int:
        here.send("enough")
        return int(here.recv())

    yield here.recv(), end
    process.terminate()
    process.join()


def ask_pages(store: Logs) -> None:
    """Print how long each page's questions take, one list after the other.

    Each time is five minutes earlier than the last, so that no rows are there already.
    """
    for name, lists in pages().items():
        took: list[float] = []
        answers: dict[str, logs.Answer | DriftlineError] = {}
        for times in range(4):
            back = timedelta(minutes=5) * times
            began = time.perf_counter()
            for questions, span in lists:
                answers |= telemetry.ask(
                    store, questions, span=Span(span.first - back, span.last - back)
                )
            took.append((time.perf_counter() - began) * 1e3)
        failed = [each for each in answers.values() if isinstance(each, DriftlineError)]
        assert not failed, failed[0]
        what = f"page {name}, {sum(len(questions) for questions, _ in lists)} questions"
        print(f"{what:36}{statistics.median(took[1:]):10,.0f} ms, {took[0]:,.0f} the first time")


def load(store: logs.Archive, count: int, size: int) -> None:
    """Load both weeks, and print how long that takes and in how much memory."""
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.perf_counter(), time.process_time()
    for name in ("AppRequests", "AppExceptions"):
        store.load(name, BOTH)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"loading {count:,} requests, {size / 1e6:,.0f} MB: {took:.1f} s")
    print(f"  {count / took:,.0f} rows/s, {count / cpu:,.0f} rows/s of processor time")
    after_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {before_mb:,.0f} MB before, {after_mb:,.0f} MB after")


def ask_azure(body: object) -> None:
    """Print how long pages take where a query takes 300 ms, and how many run at once."""
    one = telemetry.fill("freshness")
    whole = {f"{count} queries": [str(at) for at in range(count)] for count in (1, 4)}
    whole |= {f"page {name}": list(lists[0][0]) for name, lists in pages().items()}
    for name, asked in whole.items():
        with elsewhere(body, LATENCY_S) as (url, end):
            azure = logs.azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=url))
            azure.run_many({str(at): one for at in range(IN_FLIGHT)}, WEEK)  # opens connections
            began = time.perf_counter()
            if name.startswith("page"):
                answers = telemetry.ask(azure, asked, span=WEEK)
            else:
                answers = azure.run_many(dict.fromkeys(asked, one), WEEK)
            wall = (time.perf_counter() - began) * 1000
            at_once = end()
        slowest = max(
            each.duration_ms for each in answers.values() if isinstance(each, logs.Answer)
        )
        rounds = math.ceil(len(asked) / IN_FLIGHT)
        print(
            f"{name}: {len(asked)} of 300 ms in {rounds} x {IN_FLIGHT}: {wall:.0f} ms, "
            f"{wall / LATENCY_S / 1000 / rounds:.2f} of the slowest per round ({slowest:.0f} ms "
            f"with waiting), {at_once} at once"
        )


def main() -> None:
    """Load, ask, ask over HTTP."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    with tempfile.TemporaryDirectory() as scratch:
        size = write(Path(scratch) / "account", count)
        source = Source("bench", folder=f"{scratch}/account")
        store = logs.archive(logs.containers(source), f"{scratch}/copy")
        load(store, 2 * count, size)
        [copy] = Path(scratch, "copy").glob("*.duckdb")
        print(f"  the copy has {copy.stat().st_size / 1e6:,.0f} MB")
        for name, query in QUERIES.items():
            try:
                print(f"{name:36}{median_ms(partial(store.run, query, WEEK), 3):10,.0f} ms")
            except DriftlineError as error:
                # Weights that differ are sorted in memory, which millions of rows do not fit in.
                print(f"{name:36}   {error.message}")
        ask_pages(store)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  peak memory of all that: {peak_mb:,.0f} MB")
        hours = store.run(RATE, WEEK).frame
        many = store.run("AppRequests | take 50000 | project TimeGenerated, Id, DurationMs", WEEK)
        store.close()
    for frame, latency_s, times in ((hours, 0.0, 100), (hours, 0.3, 10), (many.frame, 0.0, 10)):
        with elsewhere({"tables": [table(frame)]}, latency_s) as (url, _):
            bare, azure = over_http(url, times)
        print(
            f"{len(frame):,} rows after {latency_s * 1000:.0f} ms: {bare:.1f} ms by HTTP alone, "
            f"{azure:.1f} ms as a frame, {azure / bare:.2f} x"
        )
    ask_azure({"tables": [table(hours)]})


if __name__ == "__main__":
    main()
