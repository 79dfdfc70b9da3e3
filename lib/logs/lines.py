"""Bytes of exported blobs as lines, without copying them one by one."""

import codecs
from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def whole(data: bytes, is_end: bool) -> bytes:
    """The whole lines at the beginning: up to the last line break, or all at a blob's end.

    At its end a blob may lack the line break, or be in the middle of being written. No JSON
    object is whole before its last brace, so that tells these two apart well enough; what is
    not an object after all is counted as a broken line.
    """
    if is_end and data.rstrip().endswith(b"}"):
        return data
    return data[: data.rfind(b"\n") + 1]


def table(parts: Sequence[tuple[int, bytes]]) -> pa.Table:
    """The relation (blob, line) for parts of blobs; bytes that are not UTF-8 become U+FFFD.

    It is one chunk: DuckDB takes as long for a chunk of few rows as for one of 2,048.
    """
    texts = [_utf8(data) for _, data in parts]
    data = b"".join(texts)
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    offsets = np.concatenate(([0], ends)).astype(np.int64)
    count = len(ends)
    lines = pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))
    # How many lines end before each part does.
    until = np.searchsorted(ends, np.cumsum([len(text) for text in texts]), side="right")
    blobs = np.repeat([blob for blob, _ in parts], np.diff(until, prepend=0))
    return pa.table({"blob": pa.array(blobs, pa.int32()), "line": lines})


def _utf8(data: bytes) -> bytes:
    data = data.removeprefix(codecs.BOM_UTF8)
    if data and not data.endswith(b"\n"):
        data += b"\n"
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace").encode()
    return data
