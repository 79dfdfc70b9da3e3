"""How fast exported telemetry is loaded and asked, and what asking Azure Monitor costs beside HTTP.

    python tests/bench/bench_logs.py [requests]

Makes a week of 1,000,000 requests (or as many as told) as a data export rule writes them.
Azure Monitor is a server on this machine, which answers the same bytes every time.
"""

import http.client
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from lib import logs
from lib.logs import Span
from lib.settings import Source, Telemetry
from tests.loopback import WORKSPACE, Fault, loopback, table

FIRST = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = Span(FIRST, FIRST + timedelta(days=7))
RATE = "AppRequests | summarize N = sum(ItemCount) by bin(TimeGenerated, 1h)"
PERCENTILES = "AppRequests | summarize " + ", ".join(
    f"P{each} = percentilew(DurationMs, ItemCount, {each})" for each in (50, 90, 95, 99)
)
QUERIES = {
    "count": "AppRequests | count",
    "requests per hour": RATE,
    "4 percentiles per hour": f"{PERCENTILES} by bin(TimeGenerated, 1h)",
    "4 percentiles of all": PERCENTILES,
    "failures by code, from Properties": "AppRequests | summarize sum(ItemCount) by "
    'tostring(Properties["resultCode"])',
}


def write(folder: Path, requests: int) -> int:
    """Write the blobs, one per hour. Returns their size in bytes."""
    random = np.random.default_rng(1)
    size, hours = 0, 7 * 24
    for hour in range(hours):
        begins = FIRST + timedelta(hours=hour)
        count = requests * (hour + 1) // hours - requests * hour // hours
        seconds = np.sort(random.random(count) * 3600)
        durations = random.lognormal(5, 0.8, count)
        lines = [
            json.dumps(
                {
                    "TimeGenerated": f"{begins:%Y-%m-%dT%H}:{int(at // 60):02}:{at % 60:010.7f}Z",
                    "_ResourceId": "/subscriptions/0a1b/resourcegroups/contoso/x",
                    "Type": "AppRequests",
                    "AppRoleName": "credit",
                    "AppRoleInstance": f"credit-{number % 3}",
                    "ClientIP": "0.0.0.0",
                    "Id": f"{hour:04x}{number:012x}",
                    "OperationId": f"{hour:08x}{number:024x}",
                    "Name": "POST /score",
                    "Url": "https://contoso/score",
                    "Success": number % 40 != 0,
                    "ResultCode": "500" if number % 40 == 0 else "200",
                    "DurationMs": round(float(durations[number]), 4),
                    "ItemCount": 1 + number % 3,
                    "Properties": {"Request Id": f"r{number}", "resultCode": "200"},
                }
            )
            for number, at in enumerate(seconds)
        ]
        name = f"WorkspaceResourceId=/x/{begins:y=%Y/m=%m/d=%d/h=%H}/m=00/PT05M.json"
        path = folder / "am-apprequests" / name
        path.parent.mkdir(parents=True)
        size += path.write_text("\n".join(lines) + "\n")
    return size


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
def elsewhere(body: object, latency_s: float) -> Iterator[str]:
    """A server in a process of its own, which always gives this answer."""

    def serve(told: Connection) -> None:
        with loopback(latency_s=latency_s) as server:
            server.faults = [Fault(200, body, times=10**9)]
            told.send(server.url)
            told.recv()

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,))
    process.start()
    yield here.recv()
    here.send("enough")
    process.join()


def main() -> None:
    """Load, ask, ask over HTTP."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as scratch:
        size = write(Path(scratch) / "account", requests)
        before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        source = Source("bench", folder=f"{scratch}/account")
        store = logs.archive(logs.containers(source), f"{scratch}/copy")
        began, cpu = time.perf_counter(), time.process_time()
        store.load("AppRequests", WEEK)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        after_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"loading {requests:,} requests, {size / 1e6:.0f} MB: {took:.1f} s")
        print(f"  {requests / took:,.0f} rows/s, {requests / cpu:,.0f} rows/s of processor time")
        print(f"  peak memory {before_mb:.0f} MB before, {after_mb:.0f} MB after")
        for name, query in QUERIES.items():
            print(f"{name:36}{median_ms(lambda q=query: store.run(q, WEEK), 3):10,.0f} ms")
        hours = store.run(RATE, WEEK).frame
        many = store.run("AppRequests | take 50000 | project TimeGenerated, Id, DurationMs", WEEK)
        store.close()
    for frame, latency_s, times in ((hours, 0.0, 100), (hours, 0.3, 10), (many.frame, 0.0, 10)):
        with elsewhere({"tables": [table(frame)]}, latency_s) as url:
            bare, azure = over_http(url, times)
        print(
            f"{len(frame):,} rows after {latency_s * 1000:.0f} ms: {bare:.1f} ms by HTTP alone, "
            f"{azure:.1f} ms as a frame"
        )
    with elsewhere({"tables": [table(hours)]}, 0.3) as url:
        asked = logs.azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=url))
        asked.run_many({str(at): RATE for at in range(4)}, WEEK)
        for count in (4, 8):
            began = time.perf_counter()
            answers = asked.run_many({str(at): RATE for at in range(count)}, WEEK)
            wall = (time.perf_counter() - began) * 1000
            slowest = max(each.duration_ms for each in answers.values())  # type: ignore[union-attr]
            print(f"{count} queries of 300 ms: {wall:.0f} ms, the slowest {slowest:.0f} ms")


if __name__ == "__main__":
    main()
