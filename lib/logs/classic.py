"""Queries written for a workspace, asked of a component that has the classic tables only.

In the scope of a component of Application Insights the tables are `requests`, `dependencies`
and so on, with names of their own. A line in front of the query gives each table it names the
workspace's name and columns, so the rest of the text stays as it is. See
https://learn.microsoft.com/previous-versions/azure/azure-monitor/app/convert-classic-resource
"""

from lib.logs import schema

_TABLES = {
    "AppRequests": "requests",
    "AppDependencies": "dependencies",
    "AppExceptions": "exceptions",
    "AppTraces": "traces",
    "AppEvents": "customEvents",
    "AppMetrics": "customMetrics",
    "AppPerformanceCounters": "performanceCounters",
    "AppAvailabilityResults": "availabilityResults",
    "AppPageViews": "pageViews",
    "AppBrowserTimings": "browserTimings",
}
# Names that are not the workspace's with a small first letter.
_NAMES = {
    "TimeGenerated": "timestamp",
    "OperationId": "operation_Id",
    "OperationName": "operation_Name",
    "ParentId": "operation_ParentId",
    "SyntheticSource": "operation_SyntheticSource",
    "SessionId": "session_Id",
    "UserId": "user_Id",
    "UserAccountId": "user_AccountId",
    "UserAuthenticatedId": "user_AuthenticatedId",
    "AppVersion": "application_Version",
    "AppRoleName": "cloud_RoleName",
    "AppRoleInstance": "cloud_RoleInstance",
    "ClientBrowser": "client_Browser",
    "ClientCity": "client_City",
    "ClientCountryOrRegion": "client_CountryOrRegion",
    "ClientIP": "client_IP",
    "ClientModel": "client_Model",
    "ClientOS": "client_OS",
    "ClientStateOrProvince": "client_StateOrProvince",
    "ClientType": "client_Type",
    "Properties": "customDimensions",
    "Measurements": "customMeasurements",
    "IKey": "iKey",
    "SDKVersion": "sdkVersion",
    "DurationMs": "duration",
    "DependencyType": "type",
    "ExceptionType": "type",
    "NetworkDurationMs": "networkDuration",
    "SendDurationMs": "sendDuration",
    "ReceiveDurationMs": "receiveDuration",
    "ProcessingDurationMs": "processingDuration",
    "TotalDurationMs": "totalDuration",
    "_ResourceId": "_ResourceId",
}
_OF_METRICS = {"Sum": "valueSum", "Min": "valueMin", "Max": "valueMax", "ItemCount": "valueCount"}
# Columns of a workspace for which the classic tables have no counterpart.
_NEW = {
    *("ReferencedItemId", "ReferencedType", "ResourceGUID", "SourceSystem", "TenantId"),
    *("_BilledSize", "_IsBillable", "_SubscriptionId"),
}
_NULLS = {"string": '""', "dynamic": "dynamic(null)"}


def preamble(query: str) -> str:
    """One line that lets a query over App* tables run over classic ones; "" if it needs none."""
    lets = [
        f"let {table} = {_TABLES[table]} | project {_columns(table)};"
        for table in schema.named_in(query)
        if table in _TABLES
    ]
    return " ".join(lets) + "\n" if lets else ""


def _columns(table: str) -> str:
    return ", ".join(
        f"{column} = {_source(table, column, kql_type)}"
        for column, kql_type in schema.tables()[table].items()
    )


def _source(table: str, column: str, kql_type: str) -> str:
    """What a column is made of, as KQL."""
    if column == "Type":
        return f'"{table}"'
    if column in _NEW:
        return _NULLS.get(kql_type, f"{kql_type}(null)")
    if table == "AppMetrics" and column in _OF_METRICS:
        return _OF_METRICS[column]
    if column == "Success":  # a text, "True" or "False"
        return 'success =~ "true"'
    return _NAMES.get(column, column[0].lower() + column[1:])
