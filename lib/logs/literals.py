"""Values as KQL writes them. What is put into a query goes through here, and nowhere else."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

Scalar = str | int | float | bool | datetime | timedelta


def literal(value: Scalar | Sequence[Scalar]) -> str:
    r"""The KQL literal for a value; a sequence becomes a dynamic array, which `in` takes too.

    Text is quoted, with \ before quotes and backslashes, and \uXXXX for everything that is not
    printable: a line break, of which Unicode has several, would end the literal. A datetime must
    be timezone-aware and is written in UTC. Raises ValueError for a naive datetime and an
    integer that `long` cannot hold.
    https://learn.microsoft.com/kusto/query/scalar-data-types/string
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _long(value)
    if isinstance(value, float):
        return _real(value)
    if isinstance(value, datetime):
        return _datetime(value)
    if isinstance(value, timedelta):
        return _timespan(value)
    return f"dynamic([{', '.join(literal(each) for each in value)}])"


def _text(value: str) -> str:
    quoted = "".join(
        f"\\{char}" if char in '"\\' else char if char.isprintable() else _escape(char)
        for char in value
    )
    return f'"{quoted}"'


def _escape(char: str) -> str:
    # KQL's texts are UTF-16: beyond 0xFFFF a character is two escapes. Half of one, which JSON
    # can smuggle into a text, is no character at all.
    units = char.encode("utf-16-be", "replace")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _long(value: int) -> str:
    if not -(2**63) <= value < 2**63:
        raise ValueError("KQL's long has 64 bits.")
    # A minus is an operator, and the smallest long without it is too large.
    return str(value) if value > -(2**63) else f"long({value})"


def _real(value: float) -> str:
    if math.isnan(value):
        return "real(nan)"
    if math.isinf(value):
        return "real(+inf)" if value > 0 else "real(-inf)"
    return repr(value)


def _datetime(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("A time without a timezone could be any.")
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"datetime({text}Z)"


def _timespan(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    seconds, microseconds = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"time({sign}{days}.{clock}.{microseconds:06})"
