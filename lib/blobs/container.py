"""What can be asked of a container, whatever holds the bytes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lib.errors import Changed, NotFound


@dataclass(frozen=True)
class Blob:
    """One blob as a listing tells it; `size` in bytes, `changed` in UTC.

    The ETag is another one whenever the content is.
    """

    name: str
    size: int
    etag: str
    changed: datetime | None


@dataclass(frozen=True)
class Asked:
    """Who is asked, and by which credential: "identity", "key" or "sas" (which may expire)."""

    account: str
    container: str
    credential: str
    expires: datetime | None = None

    @property
    def label(self) -> str:
        """As it is shown: "account/container", or the account alone."""
        return f"{self.account}/{self.container}" if self.container else self.account


class Container(Protocol):
    """A container of blobs. Every method raises SourceError with what to do about it."""

    @property
    def label(self) -> str:
        """Where this is, for messages and as a cache key: "account/container". No secret."""

    def folders(self, prefix: str) -> list[str]:
        """Names one level below a prefix that is "" or ends with "/", without slashes.

        In the order of the blobs below them. A name is empty where blobs have two slashes in
        a row.
        """

    def blobs(self, prefix: str) -> Iterator[Blob]:
        """All blobs whose names begin so, in byte order of their names, fetched as needed."""

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """The bytes [start, end), or as many of them as there are at the first look.

        A blob that only grows meanwhile is read as far as it reached then. One that got
        shorter raises Changed.
        """


def is_plain(name: str) -> bool:
    """Whether a name means the same blob to every client and server it passes through.

    Names may come from inside of blobs. Some HTTP clients resolve "." and ".." (urllib3 does),
    and Azure takes a backslash for a slash, so such a name could lead to another blob.
    """
    encodable = not re.search("[\ud800-\udfff\0]", name)
    return bool(name) and encodable and not {".", ".."} & set(re.split(r"[/\\]", name))


def no_blob(label: str, name: str) -> NotFound:
    """The error for a name that no blob has."""
    step = "It may have been deleted since it was listed: reload."
    return NotFound(f"There is no blob {name!r} in {label}.", step)


def changed(label: str, name: str) -> Changed:
    """The error for a blob that became another one while it was read."""
    return Changed(f"{name!r} in {label} was replaced while it was read.", "Reload.")
