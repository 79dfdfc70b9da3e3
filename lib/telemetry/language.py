"""Checks KQL by Microsoft's own language service, which knows the tables and their columns.

The service is a script (npm @kusto/language-service-next 12.4.1, in lib/kql/language-service)
that runs in V8 within this process. It is made for Azure Data Explorer: a function that Log
Analytics refuses may pass.
"""

from __future__ import annotations

import atexit
import json
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from py_mini_racer import MiniRacer

from lib.telemetry.questions import FOLDER

_SCRIPTS = ("bridge.min.js", "Kusto.Language.Bridge.min.js")

_CHECK = """
var language = Kusto.Language, symbols = language.Symbols;
function table([name, columns]) {
    const listed = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`);
    return new symbols.TableSymbol.$ctor7(name, `(${listed.join(", ")})`, null);
}
var tables = Object.entries(SCHEMA).map(table);
var database = new symbols.DatabaseSymbol.ctor("LogAnalytics", tables);
var cluster = new symbols.ClusterSymbol.ctor("cluster", [database]);
var known = language.GlobalState.Default.WithCluster(cluster).WithDatabase(database);
function list(items, of) {
    return Array.from({length: items ? items.Count : 0}, (_, i) => of(items.getItem(i)));
}
function check(text) {
    const code = language.KustoCode.ParseAndAnalyze(text, known), result = code.ResultType;
    return JSON.stringify({
        found: list(code.GetDiagnostics(), d => [d.Severity, d.Start, d.Code, d.Message]),
        columns: list(result && result.Columns, c => [c.Name, c.Type.Name]),
    });
}
"""


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a query, and where: lines and columns count from 1."""

    line: int
    column: int
    code: str
    message: str


def check(text: str) -> list[Complaint]:
    """Return what is wrong with a query, in order of place; a right one has no complaints."""
    answer = _service().ask(text)
    units = text.encode("utf-16-le")  # JavaScript counts in these
    complaints = []
    for severity, start, code, message in answer["found"]:
        if severity == "Error":
            before = units[: 2 * start].decode("utf-16-le", "replace")
            line = before.count("\n") + 1
            column = len(before) - (before.rfind("\n") + 1) + 1
            complaints.append(Complaint(line, column, code, message))
    return sorted(complaints, key=lambda complaint: (complaint.line, complaint.column))


def result_columns(text: str) -> dict[str, str]:
    """Return the columns that a query answers with, and their types."""
    return dict(_service().ask(text)["columns"])


class _Service:
    """The script in its engine, one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine = MiniRacer()
        # Left to the end of the interpreter, closing waits for ever on a thread that is gone.
        atexit.register(self._engine.close)
        self._engine.eval("var globalThis = this; var console = {log() {}, warn() {}, error() {}};")
        for script in _SCRIPTS:
            self._engine.eval((FOLDER / "language-service" / script).read_text("utf-8-sig"))
        schema = json.loads((FOLDER / "schema.json").read_text("utf-8"))
        self._engine.eval(f"var SCHEMA = {json.dumps(schema)};{_CHECK}")

    def ask(self, text: str) -> dict[str, Any]:
        with self._lock:
            answer: dict[str, Any] = json.loads(str(self._engine.call("check", text)))
        return answer


_loading = threading.Lock()


def _service() -> _Service:
    """Return the service, loaded at the first question by whoever comes first."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> _Service:
    return _Service()
