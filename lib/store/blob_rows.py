"""The rows of a batch from its blobs, one after the other; what cannot be read is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lib import collected, errors
from lib.blobs import Blob, Container
from lib.catalog import DayBlob
from lib.collected import Collected
from lib.errors import BlobUnreadable, SourceError
from lib.store.batches import Batch, Unread

MOST_REFUSED = 16
"""Blobs that are tried before one was readable; where all are closed, each try is in vain."""

LASTING = (errors.NotAllowed, errors.NotReadable, errors.BlobUnreadable)
"""Why a blob is left alone for a while; one that vanished or changed is tried at the next look."""

COMPRESSED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
"""How compressed files begin. No collector writes one, but what copies files may."""

Note = Callable[[DayBlob, bytes, Collected], None]
"""What is told of each blob that was read, while its bytes are at hand."""


def rows_of(
    container: Container, batch: Batch, unread: list[Unread], note: Note | None = None
) -> Iterator[tuple[DayBlob, Collected]]:
    """Yield each blob of a batch with its rows; those closed to reading are added to `unread`.

    So are payloads that events refer to. Raises SourceError for what every blob would meet.
    """
    read = 0
    for item in batch:
        if not read and len(unread) >= MOST_REFUSED:
            unread.append(_not_tried(item, unread[0]))
            continue
        try:
            data = _whole(container, item.blob)
            one = collected.read(data, item.blob.name, fetch=_noting(container, unread))
        except errors.OF_ONE_BLOB as error:
            unread.append(_unread(item.blob.name, error))
            continue
        read += 1
        if note:
            note(item, data, one)
        del data  # it would stay while the rows are used
        yield item, one


def _whole(container: Container, blob: Blob) -> bytes:
    """Return the bytes of a blob. Raises Changed if they are fewer than were listed.

    Kept under the ETag of the list, they would pass for all of it until the blob changes again.
    """
    data = uncompressed(container.read(blob.name), blob.name)
    if len(data) < blob.size:
        message = f"{blob.name!r} in {container.label} became shorter after it was listed."
        raise errors.Changed(message, "Refresh, to list it again.")
    return data


def uncompressed(data: bytes, name: str) -> bytes:
    """Return the bytes of a blob. Raises BlobUnreadable for a compressed one."""
    for begins, how in COMPRESSED.items():
        if data.startswith(begins):
            message = f"{name!r} is compressed ({how}), and cannot be read as CSV or JSON lines."
            raise BlobUnreadable(message, "Store it as the collector wrote it, uncompressed.")
    return data


def _noting(container: Container, unread: list[Unread]) -> Callable[[str], bytes]:
    """Return what fetches a payload, and notes one that is closed; one that is gone stays gone."""

    def fetch(name: str) -> bytes:
        try:
            return container.read(name)
        except errors.NotFound:
            raise
        except errors.OF_ONE_BLOB as error:
            unread.append(_unread(name, error))
            raise

    return fetch


def _unread(name: str, error: SourceError) -> Unread:
    return Unread(name, error.message, error.next_step, isinstance(error, LASTING))


def _not_tried(item: DayBlob, first: Unread) -> Unread:
    message = f"It was not tried, since none of {MOST_REFUSED} before it could be read."
    return Unread(item.blob.name, message, first.next_step, first.lasting)
