"""Bytes → valid UTF-8, and what had to be done for that."""

import codecs
from collections.abc import Callable

from lib.collected.problems import Report, number_of

_CHUNK = 1 << 20


def clean(data: bytes, report: Report) -> bytes:
    """Return valid UTF-8 without byte order mark; report what is none, and NUL bytes."""
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        _add(report, "nul_bytes", data, lambda line: b"\0" in line, "NUL bytes are in {}; kept.")
    if is_utf8(data):
        return data
    _add(
        report,
        "invalid_utf8",
        data,
        lambda line: not is_utf8(line),
        "{} with bytes that are not UTF-8; each is shown as \N{REPLACEMENT CHARACTER}.",
    )
    return data.decode(errors="replace").encode()


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8. Piecewise: decoded at once they may take four times the room."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _CHUNK):
            decoder.decode(data[at : at + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _add(
    report: Report, kind: str, data: bytes, is_bad: Callable[[bytes], bool], message: str
) -> None:
    lines = data.split(b"\n")
    bad = [at for at, line in enumerate(lines) if is_bad(line)]
    report.add(
        kind,
        len(bad),
        message.format(number_of(len(bad), "line")),
        line=bad[0] + 1,
        sample=lines[bad[0]].decode(errors="replace"),
    )
