"""A Log Analytics server on this machine, answered by any telemetry store of `lib.logs`.

    with loopback(archive) as server:
        logs = azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=server.url))

It checks nothing that Azure would, so every workspace and any token will do. `server.faults`
holds what to answer instead, first come first served; `server.asked` what was asked. Without a
store it answers that there are no rows.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pandas as pd

from lib import telemetry
from lib.errors import QueryError
from lib.logs import Logs, Span

WORKSPACE = "11111111-2222-3333-4444-555555555555"
COMPONENT = (
    "/subscriptions/0a1b/resourceGroups/contoso/providers/microsoft.insights/components/contoso-ai"
)
EVER = Span(datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def error(code: str, message: str, inner: Mapping[str, object] | None = None) -> dict[str, Any]:
    """The body of an error, as the service nests it."""
    told: dict[str, Any] = {"code": code, "message": message, "correlationId": str(uuid.uuid4())}
    if inner:
        told["innererror"] = inner
    return {"error": told}


@dataclass
class Fault:
    """An answer to give instead, so many `times`, to queries that hold the text `when`."""

    status: int = 200
    body: object = None  # None: the store's; text: as it is, with the type of HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    when: str = ""
    partial: Mapping[str, Any] | None = None  # an error beside the store's rows
    wait_s: float = 0.0
    breaks_after: int | None = None  # bytes of the body until the connection ends


@dataclass
class Asked:
    """One request, as it came in."""

    path: str
    query: str
    timespan: str
    headers: Mapping[str, str]

    @property
    def span(self) -> Span:
        """The span that was asked for; the client sends the last moment inside of it."""
        first, _, last = self.timespan.partition("/")
        return Span(
            datetime.fromisoformat(first),
            datetime.fromisoformat(last) + timedelta(microseconds=1),
        )


@dataclass
class Loopback:
    """A running server."""

    url: str
    logs: Logs | None = None
    latency_s: float = 0.0
    rows_of: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame  # what is sent of rows
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0
    _running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> tuple[int, Mapping[str, str], object, int | None]:
        """Status, headers and body for a request, and how much of the body is sent."""
        with self._lock:
            self.asked.append(asked)
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
            fault = self._next_fault(asked.query)
        try:
            threading.Event().wait(self.latency_s + fault.wait_s)
            if fault.body is not None:
                return fault.status, fault.headers, fault.body, fault.breaks_after
            return *self._rows(asked, fault.partial), fault.breaks_after
        finally:
            with self._lock:
                self._running -= 1

    def _next_fault(self, query: str) -> Fault:
        for fault in self.faults:
            if fault.times and fault.when in query:
                fault.times -= 1
                return fault
        return Fault()

    def _rows(
        self, asked: Asked, partial: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], object]:
        if self.logs is None:
            columns = telemetry.result_columns(asked.query)
            listed = [{"name": name, "type": kind} for name, kind in columns.items()]
            return 200, {}, {"tables": [{"name": "PrimaryResult", "columns": listed, "rows": []}]}
        try:
            found = self.logs.run(asked.query, asked.span)
        except QueryError as problem:
            inner = {"code": "SemanticError", "message": problem.message}
            return 400, {}, error("BadArgumentError", "The request had invalid properties", inner)
        body: dict[str, Any] = {"tables": [table(self.rows_of(found.frame))]}
        if "include-statistics=true" in asked.headers.get("Prefer", ""):
            body["statistics"] = {"query": {"executionTime": found.duration_ms / 1000}}
        if partial:
            body["error"] = partial
        return 200, {}, body


_TYPES = {"datetime64[us, UTC]": "datetime", "timedelta64[us]": "timespan", "float64": "real"}
_TYPES |= {"int64": "long", "Int64": "long", "bool": "bool", "boolean": "bool", "str": "string"}


def table(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame as the service writes it; columns of JSON count as text, unless they have nulls."""
    kinds = [_TYPES[str(dtype)] for dtype in frame.dtypes]
    # A text is never null.
    kinds = [
        "dynamic" if kind == "string" and frame.iloc[:, at].isna().any() else kind
        for at, kind in enumerate(kinds)
    ]
    cells = [
        [_cell(value, kind) for value in frame.iloc[:, at].astype(object)]
        for at, kind in enumerate(kinds)
    ]
    return {
        "name": "PrimaryResult",
        "columns": [
            {"name": name, "type": kind} for name, kind in zip(frame.columns, kinds, strict=True)
        ],
        "rows": list(map(list, zip(*cells, strict=True))),
    }


def _cell(value: Any, kind: str) -> object:
    if kind == "real" and value != value:
        return "NaN"
    if pd.isna(value):
        return None
    if kind == "datetime":
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
    if kind == "timespan":
        clock = value.components
        text = f"{clock.days}.{clock.hours:02}:{clock.minutes:02}:{clock.seconds:02}"
        return f"{text}.{clock.milliseconds:03}{clock.microseconds:03}0"
    return value


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the body waits for the headers' receipt, 40 ms
    server: "_Server"

    def log_message(self, *_: object) -> None:
        """Tests are silent."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = json.loads(self.rfile.read(length) or b"{}")
        asked = Asked(
            self.path, told.get("query", ""), told.get("timespan") or "", dict(self.headers)
        )
        status, headers, body, sent = self.server.loopback.answer(asked)
        if sent == 0:
            self.close_connection = True
            return
        is_page = isinstance(body, str)
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if is_page else "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(data[:sent])
            self.close_connection = self.close_connection or sent is not None
        except OSError:
            self.close_connection = True  # the client had no patience


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    loopback: Loopback


@contextmanager
def loopback(logs: Logs | None = None, latency_s: float = 0.0) -> Iterator[Loopback]:
    """A server that runs while the block does."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.loopback = Loopback(f"http://127.0.0.1:{server.server_port}", logs, latency_s)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.loopback
        finally:
            server.shutdown()
            thread.join()
