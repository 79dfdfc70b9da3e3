"""The one thing that is ever written: the app's own files, in a folder or a container of its own.

A file appears whole or not at all, whoever else writes one of the same name.
"""

import errno
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from lib.blobs import account
from lib.blobs.account import AccountContainer
from lib.blobs.container import Blob, no_blob
from lib.blobs.translation import translated
from lib.errors import NotAllowed, NotFound, SettingsError, Unreachable
from lib.settings import Profiles, Source, checks

HALF = ".half"
"""How a file ends that is being written; one that is older than an hour never will be whole."""

_HALF_S = 3600
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


_WORDS = {
    "Reading ": "Keeping profiles in ",
    "Storage Blob Data Reader": "Storage Blob Data Contributor",
    "the permissions Read and List": "the permissions Read, Create, Write, Delete and List",
}
"""What a refusal says to who reads, and what to who also writes."""


class Place(Protocol):
    """Where the app keeps files by plain names. Every method raises SourceError."""

    @property
    def label(self) -> str:
        """Where this is, for messages. No secret."""

    def open(self, name: str) -> BinaryIO:
        """A file to read from, which notes that it was used. Raises NotFound."""

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place of whatever had the name."""

    def delete(self, name: str) -> None:
        """Take a file away, if it is still there."""

    def files(self) -> Iterator[Blob]:
        """All files; `changed` is when one was last used, or where that is not noted, written."""


@dataclass(frozen=True)
class FolderPlace:
    """A folder of this machine; a file's time is that of its last use."""

    folder: Path

    @property
    def label(self) -> str:
        """The folder."""
        return str(self.folder)

    def open(self, name: str) -> BinaryIO:
        """A file to read from; it need not fit into memory."""
        path = self.folder / name
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise no_blob(self.label, name) from None
        except OSError as error:
            raise _of_folder(error, self.label, "read") from None
        # A folder that can be read but not written still serves.
        with suppress(OSError):
            os.utime(path)
        return file

    def write(self, name: str, data: bytes) -> None:
        """Write a file beside its place, and move it there at once."""
        half = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            number, half = tempfile.mkstemp(HALF, dir=self.folder)
            with os.fdopen(number, "wb") as file:
                file.write(data)
            os.replace(half, self.folder / name)
        except OSError as error:
            if half:
                with suppress(OSError):
                    os.unlink(half)
            raise _of_folder(error, self.label, "written") from None

    def delete(self, name: str) -> None:
        """Delete a file; another process may have been faster."""
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise _of_folder(error, self.label, "written") from None

    def files(self) -> Iterator[Blob]:
        """All files of the folder; what a process that was killed has left is cleared away."""
        try:
            with os.scandir(self.folder) as entries:
                found = [(entry.name, entry.stat()) for entry in _present(entries)]
        except FileNotFoundError:
            return
        except OSError as error:
            raise _of_folder(error, self.label, "read") from None
        for name, about in found:
            changed = datetime.fromtimestamp(about.st_mtime, UTC)
            if not name.endswith(HALF):
                yield Blob(name, about.st_size, f"{about.st_mtime_ns:x}", changed)
            elif (datetime.now(UTC) - changed).total_seconds() > _HALF_S:
                self.delete(name)


@dataclass(frozen=True)
class AccountPlace:
    """A container of a storage account, made when it is first written to."""

    inner: AccountContainer

    @property
    def label(self) -> str:
        """The account and the container."""
        return self.inner.label

    def open(self, name: str) -> BinaryIO:
        """A file to read from, fetched whole."""
        with self._words():
            return io.BytesIO(self.inner.read(name))

    def write(self, name: str, data: bytes) -> None:
        """Upload a file; it is there when its last block is committed."""
        client = self.inner.client
        with self._words(), translated(self.inner.asked, name):
            try:
                client.upload_blob(name, data, overwrite=True)
            except ResourceNotFoundError:
                with suppress(ResourceExistsError):
                    client.create_container()
                client.upload_blob(name, data, overwrite=True)

    def delete(self, name: str) -> None:
        """Delete a file; another process may have been faster."""
        with self._words(), translated(self.inner.asked, name), suppress(ResourceNotFoundError):
            self.inner.client.delete_blob(name)

    def files(self) -> Iterator[Blob]:
        """All files; a container that is still to be made has none."""
        with self._words(), suppress(NotFound):
            yield from list(self.inner.blobs(""))

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Say of a refusal which role is missing: here the app has to write, too."""
        try:
            yield
        except NotAllowed as error:
            message, step = error.message, error.next_step
            for read, written in _WORDS.items():
                message, step = message.replace(read, written), step.replace(read, written)
            raise NotAllowed(message, step) from None


def open_place(profiles: Profiles, credential: TokenCredential | None = None) -> Place | None:
    """Where the settings say that profiles are kept, or None. Nothing is asked or made yet.

    `credential` is asked for where there is neither a SAS token nor a connection string.
    Raises SettingsError.
    """
    if profiles.folder:
        return FolderPlace(Path(os.path.expanduser(profiles.folder)))
    if not profiles.container:
        return None
    source = Source(
        "profiles",
        account_url=profiles.account_url,
        connection_string=profiles.connection_string,
        sas_token=profiles.sas_token,
    )
    try:
        return AccountPlace(account.open_container(source, profiles.container, credential))
    except SettingsError as error:
        key = error.key.rpartition(".")[2]
        problem = "cannot be used"
        raise checks.wrong(f"profiles.{key}", problem, error.next_step, "profiles") from None


def _present(entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """Yield the files among the entries, without those that vanish meanwhile."""
    for entry in entries:
        with suppress(FileNotFoundError):
            if entry.is_file(follow_symlinks=False) and entry.stat():
                yield entry


def _of_folder(error: OSError, label: str, what: str) -> NotAllowed | Unreachable:
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        step = "Let the user that runs the app write there, or name another folder in [profiles]."
        return NotAllowed(f"Profiles in {label} may not be {what}.", step)
    step = "Check the disk, or name another folder in [profiles]."
    if error.errno in _NO_SPACE:
        step = "Make room on the disk, or set a smaller profiles.keep_mb."
    return Unreachable(f"Profiles in {label} could not be {what}: {error.strerror}.", step)
