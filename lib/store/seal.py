"""What a kept file says of itself, in JSON, and whether a byte of it is another by now."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

KEY = b"driftline"
"""Under this key a file's metadata hold its JSON."""

CHECKSUM = b"driftline-crc32"
"""Under this one its checksum: Parquet has them for pages only."""


def sealed(about: Mapping[str, Any]) -> dict[str, str]:
    """Return what a file says of itself as metadata for Parquet."""
    text = json.dumps(about)
    return {KEY.decode(): text, CHECKSUM.decode(): f"{zlib.crc32(text.encode()):08x}"}


def unsealed(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Return what a file says of itself. Raises ValueError or KeyError if that is damaged."""
    if metadata[CHECKSUM] != f"{zlib.crc32(metadata[KEY]):08x}".encode():
        raise ValueError("not what was written")
    about: dict[str, Any] = json.loads(metadata[KEY])
    return about
