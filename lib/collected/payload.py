"""The `data` of one event → rows by name, where it is a table of some kind.

The data collector writes the records of a DataFrame. Payload logging writes whatever
JSON a request or response was: often a table in one of the forms that scoring servers
take (records, rows, split, under a key such as `input_data`), sometimes none at all.
"""

import json
from typing import Any, NamedTuple

Record = dict[str, Any]

WRAPPERS = (
    *("data", "input_data", "dataframe_split", "dataframe_records", "instances", "inputs"),
    *("Inputs", "predictions", "outputs", "result", "results", "Results"),
)
"""Keys under which requests and responses of MLflow, AutoML and TF Serving hold their rows."""

ASIDE = frozenset(("index", "params", "GlobalParameters", "schema", "signature_name"))
"""Keys beside those that are no part of the rows."""


MOST_CELLS = 10_000
"""More cells without names in a row are a picture or the like, not features."""

_MOST_WRAPPERS = 3


def table(data: Any) -> list[Record] | None:
    """Return the rows of a payload, or None if it is no table.

    Rows without names get `col_0`, `col_1`, …; a list of single values is one column,
    called after the key that held it. An object of single values is one row, one of equally
    long lists a row per position. Text that is JSON itself is decoded, once.
    """
    held = _unwrapped(data)
    if isinstance(held.data, list):
        return _of_list(held.data, held.name or "col_0")
    return _of_object(held.data) if isinstance(held.data, dict) and held.data else None


def has_names(data: Any) -> bool:
    """Whether the rows of a table (see `table`) brought names of their own."""
    held = _unwrapped(data)
    if not isinstance(held.data, list) or all(isinstance(row, dict) for row in held.data):
        return True
    return bool(held.name) and not isinstance(held.data[0], list)


def is_json_text(data: Any) -> bool:
    """Whether the rows of a table (see `table`) are JSON inside a JSON string."""
    return _unwrapped(data).is_decoded


class _Held(NamedTuple):
    """What is inside a payload, the key that held it, and whether text was decoded."""

    data: Any
    name: str
    is_decoded: bool


def _unwrapped(data: Any) -> _Held:
    """Take rows out of the objects around them."""
    name, decoded = "", False
    for _ in range(_MOST_WRAPPERS):
        if isinstance(data, str) and not decoded:
            inner = _decoded(data)
            data, decoded = (data, decoded) if inner is None else (inner, True)
        key = _wrapper(data, decoded)
        if key is None:
            break
        data, name = data[key], key
    if isinstance(data, str) and not decoded and (inner := _decoded(data)) is not None:
        data, decoded = inner, True
    return _Held(data, name, decoded)


def _decoded(text: str) -> Any:
    """Return the list or object that a text is in JSON, else None."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _wrapper(data: Any, decoded: bool) -> str | None:
    """Return the key that holds the rows, if that is all there is to an object."""
    inside: list[str] = [key for key in data if key not in ASIDE] if isinstance(data, dict) else []
    if len(inside) != 1:
        return None
    key, value = inside[0], data[inside[0]]
    if isinstance(value, str):
        return key if key in WRAPPERS and not decoded and _decoded(value) is not None else None
    are_rows = isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    return key if are_rows or (key in WRAPPERS and _is_nested(value)) else None


def _of_object(data: Record) -> list[Record] | None:
    if isinstance(data.get("columns"), list) and data.keys() <= {"columns", "data", *ASIDE}:
        return _of_split(data["columns"], data.get("data"))
    if not any(map(_is_nested, data.values())):
        return [data]
    kinds = set(map(type, data.values()))
    lengths = {len(column) for column in data.values() if _is_nested(column)}
    if kinds == {list} and len(lengths) == 1:
        return [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]
    return _of_pandas(data) if kinds == {dict} else None


def _of_pandas(data: dict[str, Record]) -> list[Record] | None:
    """Return rows of what `DataFrame.to_json` writes by default, or with orient="index"."""
    index = list(next(iter(data.values())))
    alike = all(column.keys() == set(index) for column in data.values())
    if index and alike and all(key.isdecimal() for key in index):
        return [{name: column[key] for name, column in data.items()} for key in index]
    return list(data.values()) if all(key.isdecimal() for key in data) else None


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
