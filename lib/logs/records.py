"""SQL that turns lines of exported telemetry into rows of a workspace's tables.

Lines come as a relation `lines (blob, line)` of valid JSON objects. What a line does not have
is "" in columns of text, as in a workspace, and null in others. A value of another type than
its column's becomes null, except that a text takes any; `is_odd` says that there was one.
"""

import json
from datetime import datetime
from functools import cache

from lib.logs import continuous, schema
from lib.logs.layouts import Layout

# Times that a row may have. DuckDB knows others, such as "infinity".
_TIMES = "TIMESTAMP '1970-01-01' AND TIMESTAMP '2200-01-01'"
# What makes two rows of different exports the same event; the rest of a row is each export's own.
_IDENTITY = (
    *("TimeGenerated", "Id", "OperationId", "ParentId", "AppRoleName", "AppRoleInstance", "Name"),
    *("ProblemId", "Message", "OuterMessage", "Target", "Data", "ResultCode", "Category"),
    *("Counter", "Instance", "EndpointName", "DeploymentName", "XRequestId", "Path", "Reason"),
)

MACROS = (
    # Some exporters write an object as a text that holds it.
    """CREATE OR REPLACE TEMP MACRO unwrapped(j) AS CASE
        WHEN left(j, 1) <> '"' THEN j
        WHEN json_valid(j ->> '$') THEN j ->> '$'
        ELSE j END""",
    f"""CREATE OR REPLACE TEMP MACRO utc(t) AS CASE
        WHEN CAST(try_cast(t AS TIMESTAMPTZ) AS TIMESTAMP) BETWEEN {_TIMES}
        THEN CAST(try_cast(t AS TIMESTAMPTZ) AS TIMESTAMP) END""",
    """CREATE OR REPLACE TEMP MACRO number(t) AS CASE
        WHEN isfinite(try_cast(t AS DOUBLE)) THEN try_cast(t AS DOUBLE) END""",
    *continuous.MACROS,
)
_SHAPED = {
    "bool": "try_cast({} AS BOOLEAN)",
    "datetime": "utc({})",
    "dynamic": "try_cast(unwrapped({}) AS JSON)",
    "int": "try_cast({} AS INTEGER)",
    "long": "try_cast({} AS BIGINT)",
    "real": "number({})",
    "string": "coalesce({}, '')",
}


def timestamp(time: datetime) -> str:
    """A time as DuckDB writes it: naive, and UTC."""
    return f"TIMESTAMP '{time:%Y-%m-%d %H:%M:%S.%f}'"


@cache
def select(table: str, layout: Layout) -> str:
    """The statement that reads `lines` into blob, line_hash, row_hash, is_odd and the columns.

    `line_hash` is that of a line's text, however it ends; `row_hash` is the same for the same
    event in every layout. TimeGenerated is null where a line makes no row.
    """
    if layout == "classic":
        return _statement(table, continuous.values(table), continuous.reading(table), "is_odd")
    return _of_common_schema(table) if table.startswith("Aml") else _of_workspace(table)


def _of_workspace(table: str) -> str:
    """Lines with the workspace's own names; diagnostic settings have two of them other."""
    columns = schema.tables()[table]
    structure = {"time": "VARCHAR", "resourceId": "VARCHAR"}
    for column, kql_type in columns.items():
        structure[column] = "JSON" if kql_type == "dynamic" else "VARCHAR"
    values = {column: f'r."{column}"' for column in columns}
    values["TimeGenerated"] = 'coalesce(r."time", r."TimeGenerated")'
    values["_ResourceId"] = 'coalesce(r."_ResourceId", r."resourceId")'
    read = f"json_transform(line, '{json.dumps(structure)}') AS r"
    return _statement(table, values, read, _oddities(table, values))


def _of_common_schema(table: str) -> str:
    """Lines of the endpoints' categories, whose columns may lie in `properties`, also as text."""
    columns = schema.tables()[table]
    outside: list[str] = []
    inside: list[str] = []
    values = {}
    for column in columns:
        camel = column[0].lower() + column[1:]
        own = {"TimeGenerated": ["time"], "_ResourceId": ["resourceId"]}.get(column, [])
        found = []
        for names, paths, at in (
            ((*own, column, camel), outside, "r"),
            ((column, camel), inside, "p"),
        ):
            for name in names:
                paths.append(f"$.{name}")
                found.append(f"{at}[{len(paths)}]")
        values[column] = f"coalesce({', '.join(found)})"
    read = (
        f"json_extract_string(line, {outside}) AS r, "
        "try_cast(unwrapped(json_extract(line, '$.properties')) AS JSON) AS properties, "
        f"json_extract_string(properties, {inside}) AS p"
    )
    odd = "coalesce(json_type(properties) NOT IN ('NULL', 'OBJECT'), false)"
    return _statement(table, values, read, f"{odd} OR {_oddities(table, values)}")


def _oddities(table: str, values: dict[str, str]) -> str:
    """The SQL that says whether a value is not of its column's type."""
    odd = []
    for column, kql_type in schema.tables()[table].items():
        value, shaped = values[column], _SHAPED[kql_type].format(values[column])
        if kql_type in ("bool", "int", "long", "real"):
            odd.append(f"({value} <> '' AND {shaped} IS NULL)")
        elif column in ("Properties", "Measurements"):
            odd.append(f"left(ltrim(unwrapped({value})), 1) <> '{{'")
    return " OR ".join(f"coalesce({each}, false)" for each in odd)


def _statement(table: str, values: dict[str, str], read: str, odd: str) -> str:
    columns = schema.tables()[table]
    values = {**values, "Type": f"'{table}'", "_ResourceId": f"lower({values['_ResourceId']})"}
    shaped = {name: _SHAPED[kind].format(values[name]) for name, kind in columns.items()}
    if "ItemCount" in values:
        shaped["ItemCount"] = f"coalesce({shaped['ItemCount']}, 1)"  # a row is at least one
    listed = ", ".join(f'{shaped[column]} AS "{column}"' for column in columns)
    identity = ", ".join(f'"{column}"' for column in _IDENTITY if column in columns)
    return (
        f"SELECT blob, line_hash, hash({identity}) AS row_hash, is_odd, "
        f"COLUMNS(* EXCLUDE (blob, line_hash, is_odd)) FROM (SELECT blob, "
        f"hash(rtrim(line, chr(13) || chr(10) || chr(9) || ' ')) AS line_hash, "
        f"{odd} AS is_odd, {listed} FROM (SELECT blob, line, {read} FROM lines))"
    )
