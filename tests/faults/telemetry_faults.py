"""What can go wrong between the app and Log Analytics: a table, an entry for each fault."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.faults import proxy
from tests.faults.proxy import Act

Costs = Literal["nothing", "question", "some rows", "telemetry"]
"""What a fault takes: no number; the answers to some questions; rows of every answer; or all."""

EXCEPTIONS = "ProblemId"
"""What the questions about exceptions have in their text, and those about requests have not."""


@dataclass(frozen=True)
class Fault:
    """One fault: what becomes of answers, what that costs, and what must be said of it.

    It meets so many `times` the questions with a `text`; `says` and `next_step` are patterns.
    """

    name: str
    act: Act
    says: str = ""
    next_step: str = ""
    costs: Costs = "telemetry"
    text: str = ""
    times: int = 1_000_000
    impatient: bool = False  # the client waits for half a second
    gone: bool = False  # nobody listens at all
    holds: bool = False  # nobody is asked until the time that the service named is over


def once(name: str, act: Act) -> Fault:
    """A fault that passes while it is tried again: nobody notices."""
    return Fault(f"{name} once", act, costs="nothing", times=1)


def _each_table(how: Callable[[dict[str, Any]], object]) -> Act:
    """The answer with its tables changed."""

    def change(body: bytes) -> bytes:
        told = json.loads(body)
        for table in told["tables"]:
            how(table)
        return json.dumps(told).encode()

    return proxy.changed(change)


def _as_texts(table: dict[str, Any]) -> None:
    table["columns"] = [{"name": each["name"], "type": "string"} for each in table["columns"]]
    table["rows"] = [[None if c is None else str(c) for c in row] for row in table["rows"]]


def _fewer_columns(table: dict[str, Any]) -> None:
    table["columns"] = table["columns"][:1]
    table["rows"] = [row[:1] for row in table["rows"]]


def _shorter_rows(table: dict[str, Any]) -> None:
    table["rows"] = [row[:-1] for row in table["rows"]]


def _partial(body: bytes) -> bytes:
    """Half of the rows, and the error that says so."""
    told = json.loads(body)
    for table in told["tables"]:
        table["rows"] = table["rows"][: len(table["rows"]) // 2]
    engine = {"code": "EngineError", "message": "Memory budget was exceeded."}
    told["error"] = {"code": "PartialError", "message": "There were errors.", "details": [engine]}
    return json.dumps(told).encode()


_error_in_200 = proxy.body(b'{"error":{"code":"GeneralError","message":"The cluster is away."}}')
_no_columns = proxy.body(b'{"tables": [{"columns": [1], "rows": 2}]}')
_throttled = proxy.logs_error(429, "ThrottledError")
_throttled_3600 = proxy.logs_error(429, "ThrottledError", Retry_After="3600")
_throttled_0 = proxy.logs_error(429, "ThrottledError", Retry_After="0")
_refused = proxy.logs_error(400, "BadArgumentError", "Failed to resolve scalar 'x'")

NOBODYS = "proxy|firewall|gateway|not an answer|no answer"
BROKE = "could not be reached|broke|no answer"

TABLE = [
    # What the service says of itself.
    Fault("400", _refused, "Failed to resolve", "query"),
    Fault("401", proxy.logs_error(401, "AuthorizationRequiredError"), "sign-in", "az login"),
    Fault("403", proxy.logs_error(403, "InsufficientAccessError"), "not allowed", "role Log An"),
    Fault("403 by a proxy", proxy.page(403), NOBODYS),
    Fault("404", proxy.logs_error(404, "WorkspaceNotFoundError"), "no workspace", "workspace_id"),
    Fault("413", proxy.logs_error(413, "ResponseSizeError"), "too large", "shorter window"),
    Fault("429", _throttled, "fewer queries", "minute"),
    Fault("429 with a time", _throttled_0, "fewer queries", "minute"),
    Fault("429 for an hour", _throttled_3600, "fewer", holds=True),
    Fault("500", proxy.logs_error(500, "InternalServerError"), "error of its own", "again"),
    Fault("502", proxy.page(502), NOBODYS),
    Fault("503", proxy.logs_error(503, "ServiceUnavailable"), "fewer queries|busy", "again"),
    Fault("504", proxy.logs_error(504, "GatewayTimeout"), "in time|too long", "shorter window"),
    # The way there.
    Fault("refused", proxy.reset(), "refused", "network", gone=True),
    Fault("reset", proxy.reset(), BROKE, "network"),
    Fault("cut", proxy.cut(), BROKE),
    Fault("longer than said", proxy.longer(), BROKE),
    Fault("late", proxy.late(3), "in time|too long", "shorter window", impatient=True),
    Fault("stalled", proxy.stalled(3), "in time|too long", impatient=True),
    # Answers that are nobody's.
    Fault("page", proxy.page(), NOBODYS),
    Fault("nothing", proxy.empty(), NOBODYS),
    Fault("half", proxy.halved(), NOBODYS),
    Fault("null", proxy.body(b"null"), NOBODYS),
    Fault("list", proxy.body(b"[]"), NOBODYS),
    Fault("text", proxy.body(b'"ok"'), NOBODYS),
    Fault("something else", proxy.body(b'{"value": []}'), NOBODYS),
    Fault("no tables", proxy.body(b'{"tables": []}'), NOBODYS),
    Fault("odd tables", proxy.body(b'{"tables": [7]}'), NOBODYS),
    Fault("odd columns", _no_columns, NOBODYS),
    Fault("all texts", _each_table(_as_texts), costs="nothing"),
    Fault("fewer columns", _each_table(_fewer_columns), NOBODYS),
    Fault("shorter rows", _each_table(_shorter_rows), NOBODYS),
    Fault("error in 200", _error_in_200, f"The cluster is away|{NOBODYS}"),
    # Not all of it.
    Fault("partial", proxy.changed(_partial), "Memory budget was exceeded", costs="some rows"),
    Fault("question", _refused, "Failed to resolve", costs="question", text=EXCEPTIONS),
    Fault("page for one", proxy.page(), NOBODYS, costs="question", text=EXCEPTIONS),
    # What passes.
    once("429", _throttled_0),
    once("503", proxy.logs_error(503, "ServiceUnavailable")),
    once("reset", proxy.reset()),
    once("cut", proxy.cut()),
]
