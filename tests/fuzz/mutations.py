"""Changes to bytes, texts and JSON: small ones, so that most of a case is still as it was."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

TOKENS = [
    *(b"", b"\0", b"\n", b"\r\n", b"\r", b",", b";", b'"', b'""', b"'", b"\\", b"\\u0000", b"\t"),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN", b"Infinity", b"-0", b"1e999"),
    *(b"9223372036854775808", b"0x10", b"01234", b"1,5", b"2026-13-45", b"2026-03-05T10:00:00Z"),
    *(b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xe2\x80\xae"),
    *(
        b"$aml_dc_correlation_id",
        b"correlation_id",
        b"col_0",
        b"(no name)",
        b"=1+1",
        b"<b>",
        b"$x$",
    ),
    *(b"x" * 121, b"x" * 5_000, b"[" * 500, b"/", b"//", b"..", b"2026", b"time", b"properties"),
]

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 10**19, -(2**63), 1e308, "", " ", "\0", "x" * 121, "NaN"),
    *("2026-03-05", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "\ud800", "🙂", "\u202eabc"),
    *("'", '"', "a,b", "a\nb", "{}", "[1]", "null", "-", "/", "..", "=1+1", "%s", "{0}", "$", "\\"),
    *([], {}, [[]], [{}], [None], {"": 1}, {"a": {"b": [1, {"c": None}]}}, [1, "a", None, [2]]),
]


def of_bytes(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Bytes changed in one to a few places; `others` lend parts of themselves."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        data = _step(random, data, others)
    return data


def _step(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at, until = sorted(random.randrange(len(data) + 1) for _ in range(2))
    near = min(len(data), at + random.randrange(1, 9))
    match random.randrange(9):
        case 0:  # flip a bit
            where = min(at, len(data) - 1)
            return (
                data[:where] + bytes([data[where] ^ 1 << random.randrange(8)]) + data[where + 1 :]
                if data
                else b"\0"
            )
        case 1:  # cut the end
            return data[:at]
        case 2:  # cut out
            return data[:at] + data[near:]
        case 3:  # double
            return data[:until] + data[at:]
        case 4 | 5:  # put in
            return data[:at] + random.choice(TOKENS) + data[at:]
        case 6:  # put in place
            return data[:at] + random.choice(TOKENS) + data[near:]
        case 7:  # lines in another order
            lines = data.splitlines(keepends=True)
            random.shuffle(lines)
            return b"".join(lines)
        case _:  # splice
            other = random.choice(others)
            return data[:at] + other[random.randrange(len(other) + 1) :]


def of_json(random: Random, value: Any) -> Any:
    """A value in which one to a few parts are others: of another type, gone, double, renamed."""
    for _ in range(random.choice((1, 1, 2, 4))):
        value = _changed(random, value)
    return value


def _changed(random: Random, value: Any) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        match random.randrange(8):
            case 0:
                return {k: v for k, v in value.items() if k != key}
            case 1:
                return {odd_text(random) if k == key else k: v for k, v in value.items()}
            case 2:
                return value | {odd_text(random): random.choice(ODD)}
            case _:
                return value | {key: _changed(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.85:
        at = random.randrange(len(value))
        match random.randrange(6):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return [*value, value[at]]
            case _:
                return [*value[:at], _changed(random, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and random.random() < 0.4:
        return odd_text(random, value)
    return random.choice([*ODD, json.dumps(value), [value], {"value": value}, str(value)])


def odd_text(random: Random, text: str = "") -> str:
    """A text with something odd in it."""
    at = random.randrange(len(text) + 1)
    odd = [str(each) for each in ODD if isinstance(each, str | int)]
    return text[:at] + random.choice(odd) + text[at + random.randrange(3) :]


def lines(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Lines of JSON with values in some of them changed, and bytes in some cases, too."""
    found = data.splitlines(keepends=True)
    for _ in range(random.choice((1, 1, 2, 5))):
        if not found:
            break
        at = random.randrange(len(found))
        try:
            value = of_json(random, json.loads(found[at]))
        except ValueError:
            continue
        # As the collector writes, and as others would.
        compact = {"separators": (",", ":")} if random.random() < 0.5 else {}
        text = json.dumps(value, ensure_ascii=random.random() < 0.5, **compact)  # type: ignore[arg-type]
        found[at] = text.encode("utf-8", "surrogatepass") + b"\n"
    whole = b"".join(found)
    return of_bytes(random, whole, others) if random.random() < 0.3 else whole
