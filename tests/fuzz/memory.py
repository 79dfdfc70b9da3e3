"""A container in memory, with what a test put into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from lib.blobs import Blob
from lib.errors import NotFound

CHANGED = datetime(2026, 3, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Memory:
    """Blobs by name; equal content has an equal ETag."""

    files: dict[str, bytes]
    label: str = "memory/box"

    def folders(self, prefix: str) -> list[str]:
        rest = (name[len(prefix) :] for name in self._names(prefix))
        return list(dict.fromkeys(name.split("/")[0] for name in rest if "/" in name))

    def blobs(self, prefix: str) -> Iterator[Blob]:
        for name in self._names(prefix):
            data = self.files[name]
            yield Blob(name, len(data), sha256(data).hexdigest()[:16], CHANGED)

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        if name not in self.files:
            raise NotFound("There is no such blob.", "Reload.")
        return self.files[name][start:end]

    def _names(self, prefix: str) -> list[str]:
        return sorted(name for name in self.files if name.startswith(prefix))
