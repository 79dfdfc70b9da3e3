"""What was read before: in memory in front, in files behind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any, BinaryIO

from lib.blobs import Container, Place
from lib.store import batches, files
from lib.store.batches import Batch, Digest
from lib.store.files import File, Growth
from lib.store.flights import Flights
from lib.store.kept import Kept, Notes
from lib.store.memory import Memory

THREADS = 8
"""Batches read or loaded at the same time, for all readers of a process."""

LASTING_S = 120
"""How long a blob that is closed to reading is not tried again, in seconds."""

PROFILE = "profile"
"""The label of what is kept in files, too; everything else is in memory only."""

Digests = dict[date, Digest]


class Shelf:
    """The one store of a process: profiles by blob and ETag. Safe between threads.

    At most `most_bytes` are held in memory. Without a `place` that is all; with one, files
    of `keep_bytes` outlive the process and serve others.
    """

    def __init__(
        self, most_bytes: int, place: Place | None = None, keep_bytes: int = 2 * 2**30
    ) -> None:
        self.memory = Memory(most_bytes)
        self.kept = Kept(place, keep_bytes)
        self.flights = Flights(THREADS)
        self._epoch = 0

    def get(self, key: object) -> Any | None:
        """Return the value held in memory under a key, or None."""
        return self.memory.get(key)

    def put(self, key: object, value: Any) -> None:
        """Hold a value in memory."""
        self.memory.put(key, value)

    def get_incomplete(self, key: object) -> Any | None:
        """Return a value that lacks blobs which are closed to reading, for two minutes."""
        until, value = self.memory.get(("incomplete", self._epoch, key)) or (0.0, None)
        return value if time.monotonic() < until else None

    def put_incomplete(self, key: object, value: Any) -> None:
        """Hold a value that lacks such blobs, so that not every click tries them again."""
        self.memory.put(("incomplete", self._epoch, key), (time.monotonic() + LASTING_S, value))

    def forget_incomplete(self) -> None:
        """Try what could not be read again from now on."""
        self._epoch += 1

    def held(self) -> int:
        """Return how many bytes are held in memory."""
        return self.memory.bytes

    def notes(self) -> Notes:
        """Return how the files are: how many, how large, and what went wrong with them."""
        return self.kept.notes()

    def file(self, container: Container, batch: Batch) -> File | None:
        """Return the kept profiles of a batch, in whatever version, if there are any."""
        name = batches.file_name(container, batch, PROFILE)
        file = self.kept.open(name)
        if file is None:
            return None
        try:
            with file:
                return files.opened(file.read(), container.label)
        except files.UNREADABLE:
            self.kept.note_rebuilt()
            return None

    def digests(self, container: Container, batch: Batch, file: File | None) -> Digests | None:
        """Return what a file has of a batch in its present version, and hold it in memory."""
        if file is None or file.blobs != batches.versions(batch):
            return None
        try:
            found, size = files.digests(file)
        except files.UNREADABLE:
            self.kept.note_rebuilt()
            return None
        self.memory.put(batches.key(PROFILE, container, batch), found, size)
        return found

    def growth(self, file: File) -> tuple[Growth, Digests] | None:
        """Return how far a file's blob was read, and what had been read by then."""
        try:
            told = files.growth(file)
            return (told, files.digests(file)[0]) if told else None
        except files.UNREADABLE:
            self.kept.note_rebuilt()
            return None

    def keep(
        self,
        container: Container,
        batch: Batch,
        found: Mapping[date, Digest],
        growth: Growth | None = None,
    ) -> None:
        """Hold the profiles of a batch in memory, and keep them in a file."""
        blobs = [(item.blob.name, item.blob.etag, item.blob.size) for item in batch]
        if self.kept.place:
            data = files.encode(container.label, blobs, found, growth)
            self.kept.write(batches.file_name(container, batch, PROFILE), data)
        self.memory.put(batches.key(PROFILE, container, batch), found)

    def copy(self, container: Container, batch: Batch) -> BinaryIO | None:
        """Return the kept rows of a batch, in whatever version, if there are any."""
        return self.kept.open(batches.file_name(container, batch, "rows"))

    def keep_copy(self, container: Container, batch: Batch, data: bytes) -> None:
        """Keep the rows of a batch in a file."""
        self.kept.write(batches.file_name(container, batch, "rows"), data)
