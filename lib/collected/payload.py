"""The `data` of one event → rows by name, where it is a table of some kind.

The data collector writes the records of a DataFrame. Payload logging writes whatever
JSON a request or response was: often a table in one of the forms that scoring servers
take (records, rows, split, under a key such as `input_data`), sometimes none at all.
"""

from typing import Any

Record = dict[str, Any]

WRAPPERS = (
    *("data", "input_data", "dataframe_split", "dataframe_records", "instances", "inputs"),
    *("Inputs", "predictions", "outputs", "result", "results", "Results"),
)
"""Keys under which requests and responses of MLflow, AutoML and TF Serving hold their rows."""

ASIDE = frozenset(("index", "params", "GlobalParameters"))
"""Keys beside those that are no part of the rows."""


MOST_CELLS = 10_000
"""More cells without names in a row are a picture or the like, not features."""

_MOST_WRAPPERS = 3


def table(data: Any) -> list[Record] | None:
    """Return the rows of a payload, or None if it is no table.

    Rows without names get `col_0`, `col_1`, …; a list of single values is one column,
    called after the key that held it. An object of single values is one row.
    """
    data, name = _unwrapped(data)
    if isinstance(data, list):
        return _of_list(data, name or "col_0")
    if not isinstance(data, dict) or not data:
        return None
    if isinstance(data.get("columns"), list) and data.keys() <= {"columns", "data", *ASIDE}:
        return _of_split(data["columns"], data.get("data"))
    return None if any(map(_is_nested, data.values())) else [data]


def has_names(data: Any) -> bool:
    """Whether the rows of a table (see `table`) brought names of their own."""
    data, name = _unwrapped(data)
    if not isinstance(data, list) or all(isinstance(row, dict) for row in data):
        return True
    return bool(name) and not isinstance(data[0], list)


def _unwrapped(data: Any) -> tuple[Any, str]:
    """Take rows out of the objects around them; return also the key that held them."""
    name = ""
    for _ in range(_MOST_WRAPPERS):
        key = _wrapper(data)
        if key is None:
            break
        data, name = data[key], key
    return data, name


def _wrapper(data: Any) -> str | None:
    """Return the key that holds the rows, if that is all there is to an object."""
    inside: list[str] = [key for key in data if key not in ASIDE] if isinstance(data, dict) else []
    if len(inside) == 1 and inside[0] in WRAPPERS and _is_nested(data[inside[0]]):
        return inside[0]
    return None


def _of_list(data: list[Any], name: str) -> list[Record] | None:
    if all(isinstance(row, dict) for row in data):
        return data
    if all(isinstance(row, list) and len(row) <= MOST_CELLS for row in data):
        return [{f"col_{at}": cell for at, cell in enumerate(row)} for row in data]
    if not any(map(_is_nested, data)):
        return [{name: cell} for cell in data]
    return None


def _of_split(columns: list[Any], rows: Any) -> list[Record] | None:
    names = [str(name) for name in columns]
    if not isinstance(rows, list) or len(set(names)) < len(names):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return [dict(zip(names, row, strict=True)) for row in rows]


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | dict)
