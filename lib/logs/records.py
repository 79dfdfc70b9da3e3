"""SQL that turns lines of exported telemetry into rows of a workspace's tables.

Lines come as a relation `lines (blob, line)` of valid JSON objects. What a line does not have
is "" in columns of text, as in a workspace, and null in others. A value of another type than
its column's becomes null, except that a text takes any.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache

import duckdb
import pyarrow as pa

from lib.logs import schema

_TEXT, _REAL = "VARCHAR", "DOUBLE"
# Continuous export has one array of one element per record, named by its kind.
_ELEMENTS = {
    "AppRequests": "request",
    "AppDependencies": "remoteDependency",
    "AppExceptions": "basicException",
    "AppTraces": "message",
    "AppEvents": "event",
    "AppMetrics": "metric",
    "AppPageViews": "view",
    "AppAvailabilityResults": "availability",
}


def _texts(names: str) -> dict[str, object]:
    return dict.fromkeys(names.split(), _TEXT)


_ELEMENT: dict[str, object] = {
    **_texts(
        "id name url success responseCode resultCode target commandName dependencyTypeName type "
        "exceptionType typeName problemId message outerExceptionMessage outerExceptionType "
        "outerExceptionThrownAtMethod outerExceptionThrownAtAssembly innermostExceptionMessage "
        "innermostExceptionType innermostExceptionThrownAtMethod "
        "innermostExceptionThrownAtAssembly method assembly handledAt severityLevel raw stack "
        "testName runLocation result"
    ),
    **dict.fromkeys(("value", "sum", "min", "max"), _REAL),
    "count": "INTEGER",
    "durationMetric": {"value": _REAL},
    "urlData": {"host": _TEXT},
    "parsedStack": "JSON",
}
_CONTEXT = {
    "data": _texts("eventTime syntheticSource"),
    "application": _texts("version"),
    "device": _texts("roleName roleInstance type browser deviceModel osVersion"),
    "operation": _texts("id name parentId"),
    "session": _texts("id"),
    "user": _texts("anonId authId accountId"),
    "location": _texts("clientip city province country"),
    "custom": {"dimensions": ["JSON"], "metrics": ["JSON"]},
}
# From the classic export's data model to a workspace's columns: `e` is the element, `c` the
# context. Durations are in ticks of 0.1 µs.
_COMMON = {
    "TimeGenerated": "c.data.eventTime",
    "SyntheticSource": "c.data.syntheticSource",
    "AppVersion": "c.application.version",
    "AppRoleName": "c.device.roleName",
    "AppRoleInstance": "c.device.roleInstance",
    "ClientType": "c.device.type",
    "ClientBrowser": "c.device.browser",
    "ClientModel": "c.device.deviceModel",
    "ClientOS": "c.device.osVersion",
    "OperationId": "c.operation.id",
    "OperationName": "c.operation.name",
    "ParentId": "c.operation.parentId",
    "SessionId": "c.session.id",
    "UserId": "c.user.anonId",
    "UserAuthenticatedId": "c.user.authId",
    "UserAccountId": "c.user.accountId",
    "ClientIP": "c.location.clientip",
    "ClientCity": "c.location.city",
    "ClientStateOrProvince": "c.location.province",
    "ClientCountryOrRegion": "c.location.country",
    "Id": "e.id",
    "Name": "coalesce(e.name, e.testName)",
    "Url": "e.url",
    "Success": "coalesce(try_cast(e.success AS BOOLEAN), e.result = 'Pass')",
    "ResultCode": "coalesce(e.responseCode, e.resultCode)",
    "DurationMs": "e.durationMetric.value / 10000",
    "ItemCount": "e.count",
    "Target": "coalesce(e.target, e.urlData.host)",
    "DependencyType": "coalesce(e.dependencyTypeName, e.type)",
    "Data": "e.commandName",
    "ExceptionType": "coalesce(e.exceptionType, e.typeName)",
    "ProblemId": "e.problemId",
    "Message": "coalesce(e.raw, e.message)",
    "Method": "e.method",
    "Assembly": "e.assembly",
    "HandledAt": "e.handledAt",
    "OuterType": "e.outerExceptionType",
    "OuterMessage": "coalesce(e.outerExceptionMessage, e.message)",
    "OuterMethod": "e.outerExceptionThrownAtMethod",
    "OuterAssembly": "e.outerExceptionThrownAtAssembly",
    "InnermostType": "e.innermostExceptionType",
    "InnermostMessage": "e.innermostExceptionMessage",
    "InnermostMethod": "e.innermostExceptionThrownAtMethod",
    "InnermostAssembly": "e.innermostExceptionThrownAtAssembly",
    "Details": "to_json([{type: coalesce(e.exceptionType, e.typeName), message: e.message, "
    "rawStack: e.stack, parsedStack: e.parsedStack}])",
    "SeverityLevel": "coalesce(try_cast(e.severityLevel AS INTEGER), list_position("
    "['verbose', 'information', 'warning', 'error', 'critical'], lower(e.severityLevel)) - 1)",
    "Location": "e.runLocation",
    "Sum": "coalesce(e.sum, e.value)",
    "Min": "e.min",
    "Max": "e.max",
    "Properties": "merged(c.custom.dimensions)",
    "Measurements": "merged(c.custom.metrics)",
}

_MACROS = (
    # [{"a":1},{"b":2}] -> {"a":1,"b":2}
    """CREATE OR REPLACE TEMP MACRO merged(objects) AS '{' || array_to_string(list_transform(
        list_filter(objects, lambda o: length(o) > 2),
        lambda o: substr(o, 2, length(o) - 2)), ',') || '}'""",
    # Some exporters write an object as a text that holds it.
    """CREATE OR REPLACE TEMP MACRO unwrapped(j) AS CASE
        WHEN left(j, 1) <> '"' THEN j
        WHEN json_valid(j ->> '$') THEN j ->> '$'
        ELSE j END""",
    "CREATE OR REPLACE TEMP MACRO utc(t) AS CAST(try_cast(t AS TIMESTAMPTZ) AS TIMESTAMP)",
)


def insert(
    cursor: duckdb.DuckDBPyConnection, table: str, is_classic: bool, lines: pa.Table
) -> Mapping[int, tuple[int, int, int]]:
    """Add lines to a table. Returns new rows, duplicates and broken lines for each blob."""
    for macro in _MACROS:
        cursor.execute(macro)
    cursor.register("raw", lines)
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE incoming AS WITH lines AS (SELECT * FROM raw "
        f"WHERE left(ltrim(line), 1) = '{{' AND json_valid(line)) "
        f"{_select(table, is_classic)}"
    )
    [(first, last, timed)] = cursor.execute(
        "SELECT min(TimeGenerated), max(TimeGenerated), count(TimeGenerated) FROM incoming"
    ).fetchall()
    if timed:
        _insert_fresh(cursor, table, f"BETWEEN {timestamp(first)} AND {timestamp(last)}", timed)
    else:
        cursor.execute("CREATE OR REPLACE TEMP TABLE fresh (id BIGINT)")
    counted = cursor.execute(
        "SELECT blob, coalesce(rows, 0), coalesce(timed - rows, 0), lines - coalesce(timed, 0) "
        "FROM (SELECT blob, count(*) AS lines FROM raw "
        "WHERE regexp_matches(line, '\\S') GROUP BY blob) LEFT JOIN ("
        "SELECT blob, count(*) FILTER (WHERE rowid IN (SELECT id FROM fresh)) AS rows, "
        "count(TimeGenerated) AS timed FROM incoming GROUP BY blob) USING (blob)"
    ).fetchall()
    return {blob: (rows, duplicates, broken) for blob, rows, duplicates, broken in counted}


def _insert_fresh(cursor: duckdb.DuckDBPyConnection, table: str, between: str, timed: int) -> None:
    """Add what is not there yet: the same line once more is an export that tried again.

    It has the same time, and constants let DuckDB skip all that was stored at others.
    """
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE fresh AS SELECT min(rowid) AS id FROM incoming "
        "WHERE TimeGenerated IS NOT NULL AND line_hash NOT IN "
        f'(SELECT line_hash FROM stored."{table}" WHERE TimeGenerated {between}) '
        "GROUP BY line_hash"
    )
    [(fresh,)] = cursor.execute("SELECT count(*) FROM fresh").fetchall()
    new = "TimeGenerated IS NOT NULL" if timed == fresh else "rowid IN (SELECT id FROM fresh)"
    cursor.execute(f'INSERT INTO stored."{table}" SELECT * FROM incoming WHERE {new}')


def timestamp(time: datetime) -> str:
    """A time as DuckDB writes it: naive, and UTC."""
    return f"TIMESTAMP '{time:%Y-%m-%d %H:%M:%S.%f}'"


@cache
def _select(table: str, is_classic: bool) -> str:
    """The statement that reads `lines` into (blob, line_hash, the table's columns)."""
    if is_classic:
        return _of_classic(table)
    return _of_common_schema(table) if table.startswith("Aml") else _of_workspace(table)


def _of_workspace(table: str) -> str:
    """Lines with the workspace's own names; diagnostic settings have two of them other."""
    columns = schema.tables()[table]
    structure: dict[str, object] = {"time": _TEXT, "resourceId": _TEXT}
    for column, kql_type in columns.items():
        structure[column] = _TEXT if kql_type == "datetime" else schema.stored(kql_type)
    values = {column: f'r."{column}"' for column in columns}
    values["TimeGenerated"] = 'coalesce(r."time", r."TimeGenerated")'
    values["_ResourceId"] = 'coalesce(r."_ResourceId", r."resourceId")'
    return _statement(table, values, f"json_transform(line, '{json.dumps(structure)}') AS r")


def _of_classic(table: str) -> str:
    structure = {_ELEMENTS[table]: [_ELEMENT], "context": _CONTEXT}
    read = f"json_transform(line, '{json.dumps(structure)}')"
    values = {column: _COMMON.get(column, "NULL") for column in schema.tables()[table]}
    parts = f"struct_extract(r, '{_ELEMENTS[table]}')[1] AS e, struct_extract(r, 'context') AS c"
    return _statement(table, values, f"{read} AS r, {parts}")


def _of_common_schema(table: str) -> str:
    """Lines of the endpoints' categories, whose columns may lie in `properties`."""
    columns = schema.tables()[table]
    paths, values = [], {}
    for column, kql_type in columns.items():
        camel = column[0].lower() + column[1:]
        names = {"TimeGenerated": ["time"], "_ResourceId": ["resourceId"]}.get(column, [])
        names += [column, f"properties.{column}", f"properties.{camel}", camel]
        found = []
        for name in names:
            paths.append(f"$.{name}")
            found.append(f"r[{len(paths)}]")
        value = f"coalesce({', '.join(found)})"
        plain = kql_type in ("string", "datetime", "dynamic")
        values[column] = value if plain else f"try_cast({value} AS {schema.stored(kql_type)})"
    return _statement(table, values, f"json_extract_string(line, {paths}) AS r")


def _statement(table: str, values: dict[str, str], read: str) -> str:
    columns = schema.tables()[table]
    values = {**values, "Type": f"'{table}'", "_ResourceId": f"lower({values['_ResourceId']})"}
    if "ItemCount" in values:
        values["ItemCount"] = f"coalesce({values['ItemCount']}, 1)"  # a row is at least one
    shaped = {
        "datetime": "utc({})",
        "dynamic": "unwrapped({})",
        "string": "coalesce({}, '')",
    }
    listed = ", ".join(
        f'{shaped.get(kql_type, "{}").format(values[column])} AS "{column}"'
        for column, kql_type in columns.items()
    )
    read_lines = f"SELECT blob, line, {read} FROM lines"
    return f"SELECT blob, hash(line) AS line_hash, {listed} FROM ({read_lines})"
