"""Values in the wrapping that Python gives them: `np.float64(0.5)`, `array([0.5])`, `[0.97]`.

The collectors write `str()` of what a model returns, so a prediction in an array of one
arrives as a list, and since NumPy 2 with its type around it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.collected import types

LISTS = "lists of one value, read as the value"
TYPES = "read without Python's name of the type around it"
"""What was around values, in words."""

_VALUE = r"[-+]?[0-9.][0-9.eE+-]*|[nN]a[nN]|[-+]?inf|True|False|true|false"
_NUMPY = r"\b(?:np|numpy)\."
_TYPES = (
    (_NUMPY + r"(?:float|u?int|u?long|half|single|double|bool)\w*\(([^()]*)\)", r"\1"),
    (_NUMPY + r"(True|False)_", r"\1"),
    (r"\b(?:np\.|numpy\.)?(?:str_|datetime64|Timestamp|Decimal)\('([^']*)'[^()]*\)", r"'\1'"),
    (r"(?s)^(?:np\.|numpy\.)?array\((.*?)(?:,\s*dtype=[^()]*)?\)$", r"\1"),
    (r"(?s)^(?:torch\.)?tensor\((.*?)(?:,\s*[a-z_]+=.*)?\)$", r"\1"),
)
_BRACKETS = (
    *(2 * [(r"^\[\s*(\[[^\[\]]*\])\s*,?\s*\]$", r"\1")]),
    (rf"^\[\s*({_VALUE}|'[^'\\]*'|\"[^\"\\]*\")\s*,?\s*\]$", r"\1"),
    (rf"^\(\s*({_VALUE}|'[^'\\]*'|\"[^\"\\]*\")\s*,\s*\)$", r"\1"),
)
_QUOTES = (r"^(?:'([^'\\]*)'|\"([^\"\\]*)\")$", r"\1\2")
_LIST = r"(?s)\[.*\]"
_LOOKS = re.compile(
    r"[\[(]*(?:(?:np|numpy)\.\w+\(.*|(?:np|numpy)\.(?:True|False)_.*|array\(.*)"
    r"|(?:torch\.)?tensor\(.*|(?:Timestamp|Decimal)\('.*|\[.*\]|\(.*,\s*\)",
    re.DOTALL,
)
_MOST_LISTS_LEFT = 0.1


def looks(cell: str) -> bool:
    """Whether a cell may be wrapped."""
    return bool(_LOOKS.fullmatch(cell))


def unwrapped(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str]:
    """Return a column of text without what is around its values, and what that was.

    Where lists of several values are among the cells, lists of one stay lists too.
    """
    bare = _replaced(column, _TYPES)
    inner = _replaced(bare, _BRACKETS)
    words = LISTS if _lists(bare) else TYPES
    if _lists(inner) > _MOST_LISTS_LEFT * _lists(bare):
        inner, words = bare, TYPES
    # Quotes that a cell had from the start are its own.
    quoted = _replaced(inner, (_QUOTES,))
    chunks = [
        pc.if_else(pc.equal(old, new), old, text)
        for old, new, text in zip(column.chunks, inner.chunks, quoted.chunks, strict=True)
    ]
    return pa.chunked_array(chunks, column.type), words


def _replaced(column: pa.ChunkedArray, rules: Iterable[tuple[str, str]]) -> pa.ChunkedArray:
    for pattern, inside in rules:
        column = pc.replace_substring_regex(column, pattern, inside)
    return column


def _lists(column: pa.ChunkedArray) -> int:
    return int(pc.sum(types.matches(column, _LIST), min_count=0).as_py())


def elements(values: Sequence[Any], most: float) -> list[Any] | None:
    """Return JSON values with lists of one as their element, None if that is not what they are.

    At least the share `most` of the present ones have to be lists, each of one element.
    """
    lists = [value for value in values if isinstance(value, list)]
    present = sum(value is not None for value in values)
    if not lists or len(lists) < most * present or any(len(value) != 1 for value in lists):
        return None
    return [_element(value) for value in values]


def _element(value: Any) -> Any:
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value
