"""What Log Analytics answers with, as JSON: whether it is that at all, and what it holds.

A proxy's page, half an answer or JSON of somebody else can come with status 200.
https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib.logs import frames


class NotAnAnswer(ValueError):
    """What came back is no answer of Log Analytics; the text says what it is instead."""


def parse(data: bytes) -> dict[str, Any]:
    """The body of an answer. Raises NotAnAnswer."""
    text = data.decode("utf-8", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAnAnswer(_instead(text)) from None
    if not isinstance(body, dict) or not isinstance(body.get("tables"), list):
        raise NotAnAnswer("JSON without tables")
    if not body["tables"]:
        raise NotAnAnswer("an answer without any table")
    _primary(body)
    return body


def frame(body: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of an answer, with the types that the service names."""
    columns, rows = _primary(body)
    return frames.of_json(columns, rows)


def _primary(body: Mapping[str, Any]) -> tuple[list[tuple[str, str]], Sequence[Sequence[Any]]]:
    """The columns and rows of the first result."""
    tables = [each for each in body["tables"] if isinstance(each, dict)]
    if not tables:
        raise NotAnAnswer("tables that are no objects")
    table = next((each for each in tables if each.get("name") == "PrimaryResult"), tables[0])
    listed, rows = table.get("columns"), table.get("rows")
    if not isinstance(listed, list) or not isinstance(rows, list):
        raise NotAnAnswer("a table without columns or rows")
    columns = [
        (each["name"], str(each.get("type")))
        for each in listed
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    ]
    if len(columns) < len(listed) or len(dict(columns)) < len(columns):
        raise NotAnAnswer("columns without names of their own")
    if any(not isinstance(row, list) or len(row) != len(columns) for row in rows):
        raise NotAnAnswer("rows of another length than there are columns")
    return columns, rows


def _instead(text: str) -> str:
    if not text:
        return "an empty answer"
    if text.startswith("<"):
        return "a web page"
    if text[0] in "{[":
        return "JSON that breaks off or is damaged"
    return "text that is not JSON"
