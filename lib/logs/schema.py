"""The tables of telemetry and their columns, as a Log Analytics workspace has them."""

import json
import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "kql" / "schema.json"
_STORED = {
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "string": "VARCHAR",
}


@cache
def tables() -> dict[str, dict[str, str]]:
    """The KQL type of each column of each table.

    From MicrosoftDocs/azure-reference-other, azure-monitor-ref/tables; the order is that of the
    pages there.
    """
    read: dict[str, dict[str, str]] = json.loads(_FILE.read_text("utf-8"))
    return read


def stored(kql_type: str) -> str:
    """The type that DuckDB keeps a column in; datetimes are naive, and always UTC."""
    return _STORED[kql_type]


def named_in(query: str) -> list[str]:
    """The tables that a query may read: those it names, or all where it has a wildcard.

    A name inside of a comment or a text counts too, at the cost of loading a table in vain.
    """
    if re.search(r"\b(union|search|find)\b[^|]*\*", query):
        return list(tables())
    words = set(re.findall(r"\w+", query))
    return [table for table in tables() if table in words]
