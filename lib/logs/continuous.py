"""The data model of classic continuous export, as columns of a workspace's tables.

Each line has one array of one element, named by its kind, and a context. Durations are in ticks
of 0.1 µs. Custom dimensions are a list of objects of one key each.
https://learn.microsoft.com/previous-versions/azure/azure-monitor/app/export-telemetry
"""

import json

from lib.logs import schema

_ELEMENTS = {
    "AppRequests": "request",
    "AppDependencies": "remoteDependency",
    "AppExceptions": "basicException",
    "AppTraces": "message",
    "AppEvents": "event",
    "AppMetrics": "metric",
    "AppPageViews": "view",
    "AppAvailabilityResults": "availability",
    "AppPerformanceCounters": "performanceCounter",
}


def _texts(names: str) -> dict[str, object]:
    return dict.fromkeys(names.split(), "VARCHAR")


_ELEMENT: dict[str, object] = {
    **_texts(
        "id name url success responseCode resultCode target commandName dependencyTypeName type "
        "exceptionType typeName problemId message outerExceptionMessage outerExceptionType "
        "outerExceptionThrownAtMethod outerExceptionThrownAtAssembly innermostExceptionMessage "
        "innermostExceptionType innermostExceptionThrownAtMethod "
        "innermostExceptionThrownAtAssembly method assembly handledAt severityLevel raw stack "
        "testName runLocation result value sum min max count "
        "categoryName counterName instanceName"
    ),
    "durationMetric": _texts("value"),
    "urlData": _texts("host"),
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
    "custom": {"dimensions": "JSON", "metrics": "JSON"},
}
# Of each column: `e` is the element, `c` the context, `m` a metric's or counter's own object.
_VALUES = {
    # Without its element a line says nothing that could be a row.
    "TimeGenerated": "CASE WHEN e IS NOT NULL THEN c.data.eventTime END",
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
    "Success": "coalesce(try_cast(e.success AS BOOLEAN), lower(e.result) = 'pass')",
    "ResultCode": "coalesce(e.responseCode, e.resultCode)",
    "DurationMs": "number(e.durationMetric.value) / 10000",
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
    "SeverityLevel": "coalesce(list_position("
    "['verbose', 'information', 'warning', 'error', 'critical'], lower(e.severityLevel)) - 1, "
    "try_cast(e.severityLevel AS INTEGER))",
    "Location": "e.runLocation",
    "Sum": "coalesce(e.sum, e.value)",
    "Min": "e.min",
    "Max": "e.max",
    "Properties": "merged(c.custom.dimensions)",
    "Measurements": "merged(c.custom.metrics)",
}
# The value of a counter lies below the name of the counter, beside those of its category and
# instance; that of a metric below its name among the custom metrics, where the array is empty.
_NAMED = {
    "Name": "coalesce(e.name, e.counterName, named)",
    "Counter": "coalesce(e.counterName, named)",
    "Category": "e.categoryName",
    "Instance": "e.instanceName",
    "Value": "coalesce(e.value, nested ->> '$.value', nested ->> '$')",
    "Sum": "coalesce(e.sum, e.value)",
}
_OWN_NAMES = ["categoryName", "counterName", "instanceName", "name", "value", "count"]

MACROS = (
    # What is an object in some JSON: it may be a list of objects, or one.
    """CREATE OR REPLACE TEMP MACRO objects(j) AS CASE json_type(j)
        WHEN 'ARRAY' THEN list_filter(from_json(j, '["JSON"]'), lambda o: json_type(o) = 'OBJECT')
        WHEN 'OBJECT' THEN [j] ELSE [] END""",
    # [{"a":1},{"b":2}] -> {"a":1,"b":2}
    """CREATE OR REPLACE TEMP MACRO merged(j) AS '{' || array_to_string(list_transform(
        list_filter(objects(j), lambda o: len(json_keys(o)) > 0),
        lambda o: substr(CAST(o AS VARCHAR), 2, length(CAST(o AS VARCHAR)) - 2)), ',') || '}'""",
    """CREATE OR REPLACE TEMP MACRO is_odd(j) AS CASE json_type(j)
        WHEN 'ARRAY' THEN len(objects(j)) < json_array_length(j)
        ELSE json_type(j) NOT IN ('NULL', 'OBJECT') END""",
)


def reading(table: str) -> str:
    """The SQL that takes the lines of a table apart, for the SQL of `values` to build on."""
    element = _ELEMENTS[table]
    structure = json.dumps({element: ["JSON"], "context": _CONTEXT})
    first = f"struct_extract(r, '{element}')[1]"
    parts = [
        f"json_transform(line, '{structure}') AS r",
        "struct_extract(r, 'context') AS c",
        "struct_extract(c, 'custom') AS custom",
        f"{first} AS j",
    ]
    if table == "AppPerformanceCounters":
        names = f"list_filter(json_keys(j), lambda k: NOT list_contains({_OWN_NAMES}, k))"
        parts += [
            f"{names}[1] AS named",
            "json_extract(j, '$.*')[list_position(json_keys(j), named)] AS nested",
        ]
    if table == "AppMetrics":
        parts[3:] = [
            "objects(struct_extract(custom, 'metrics'))[1] AS own",
            "json_keys(own)[1] AS named",
            f"coalesce({first}, json_extract(own, '$.*')[1]) AS j",
        ]
    parts += [
        "CASE WHEN json_type(j) = 'OBJECT' THEN "
        f"json_transform(j, '{json.dumps(_ELEMENT)}') END AS e",
        f"coalesce(is_odd(struct_extract(custom, 'dimensions')), false) OR "
        f"coalesce(is_odd(struct_extract(custom, 'metrics')), false) OR "
        f"coalesce(len(struct_extract(r, '{element}')) > 1, false) AS is_odd",
    ]
    return ", ".join(parts)


def values(table: str) -> dict[str, str]:
    """Of each column of a table the SQL of its value, NULL where the export has none."""
    known = {**_VALUES, **(_NAMED if table in ("AppPerformanceCounters", "AppMetrics") else {})}
    if table == "AppMetrics":
        known["Name"] = "coalesce(e.name, named)"
    return {column: known.get(column, "NULL") for column in schema.tables()[table]}
