"""A local folder that holds one sub-folder per container, read as if it were an account.

Nothing outside of it is ever read: names cannot climb, and links below it are neither listed
nor followed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from lib.blobs.container import Blob, changed, is_plain, no_blob
from lib.errors import NotAllowed, NotFound, Unreachable

# What file managers leave behind; macOS also writes "._inputs.csv" beside "inputs.csv".
_NOISE = (".DS_Store", "Thumbs.db", "desktop.ini")

TELEMETRY = ("insights-logs-", "am-")
"""How the names of containers begin to which Azure Monitor exports, in thousands of folders."""


@dataclass(frozen=True)
class FolderContainer:
    """A sub-folder that stands for a container."""

    root: str  # the source's folder, with links resolved
    container: str

    @property
    def label(self) -> str:
        """The folder and the container: folders of two sources may have the same name."""
        return f"{self.root}/{self.container}"

    def folders(self, prefix: str) -> list[str]:
        """Names one level below `prefix`, also of empty folders: one directory is opened."""
        above, begins = _split(prefix)
        return [
            entry.name
            for entry in self._entries(above)
            if entry.name.startswith(begins) and _is_folder(entry)
        ]

    def blobs(self, prefix: str) -> Iterator[Blob]:
        """All files below `prefix`; only directories on the way to it or below are opened."""
        above, begins = _split(prefix)
        for entry in self._entries(above):
            if not entry.name.startswith(begins):
                continue
            if _is_folder(entry):
                yield from self.blobs(f"{above}{entry.name}/")
            elif blob := self._blob(above + entry.name, entry):
                yield blob

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """The bytes [start, end) of a file."""
        with _translated(self.label):
            path = self._path(name.split("/"))
            if path is None or not os.path.isfile(path):
                self._check_exists()
                raise no_blob(self.label, name)
            with open(path, "rb") as file:
                size = os.stat(file.fileno()).st_size
                length = (size if end is None else min(end, size)) - start
                if length <= 0:
                    return b""
                file.seek(start)
                data = file.read(length)
        if len(data) < length:
            raise changed(self.label, name)
        return data

    def _entries(self, above: str) -> list[os.DirEntry[str]]:
        """What lies in a directory ("" or ending with "/"), in the order of blob names.

        Nothing where there is no such directory, as in an account; but the container itself
        must exist.
        """
        with _translated(self.label):
            path = self._path(above.split("/")[:-1])
            if path is None or not os.path.isdir(path):
                self._check_exists()
                return []
            with os.scandir(path) as entries:
                return sorted((entry for entry in entries if _is_listed(entry)), key=_rank)

    def _blob(self, name: str, entry: os.DirEntry[str]) -> Blob | None:
        with _translated(self.label):
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # deleted since its directory was listed
                return None
        etag = f"{found.st_mtime_ns:x}-{found.st_size:x}"
        return Blob(name, found.st_size, etag, datetime.fromtimestamp(found.st_mtime, UTC))

    def _path(self, names: list[str]) -> str | None:
        """Where names below the container lead to, unless that is elsewhere."""
        parts = [self.container, *names]
        if not all(is_plain(part) and _is_one_name(part) for part in parts):
            return None
        path = os.path.join(self.root, *parts)
        return path if os.path.realpath(path) == path else None

    def _check_exists(self) -> None:
        path = self._path([])
        if path is None or not os.path.isdir(path):
            missing = self.label if os.path.isdir(self.root) else self.root
            raise _no_folder(missing)


def open_container(folder: str, container: str) -> FolderContainer:
    """The sub-folder `container` of a folder."""
    return FolderContainer(_resolved(folder), container)


def containers(folder: str) -> list[str]:
    """The sub-folders of a folder, in order of their names. Raises SourceError.

    Those that hold exported telemetry, by their names, are left out.
    """
    root = _resolved(folder)
    with _translated(root), os.scandir(root) as entries:
        # No container's name begins with a dot, but .git does.
        found = (entry for entry in entries if _is_listed(entry) and entry.name[0] != ".")
        return sorted(
            entry.name
            for entry in found
            if not entry.name.startswith(TELEMETRY) and _is_folder(entry)
        )


def _resolved(folder: str) -> str:
    return os.path.realpath(os.path.expanduser(folder))


def _split(prefix: str) -> tuple[str, str]:
    """The directory that a prefix leads to ("" or ending with "/"), and what names begin with."""
    cut = prefix.rfind("/") + 1
    return prefix[:cut], prefix[cut:]


def _is_one_name(part: str) -> bool:
    # On Windows "a\b" and "C:" are more than one name.
    return os.path.basename(part) == part and not os.path.splitdrive(part)[0]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _is_listed(entry: os.DirEntry[str]) -> bool:
    if entry.name in _NOISE or entry.name.startswith("._") or not is_plain(entry.name):
        return False
    return _is_folder(entry) or entry.is_file(follow_symlinks=False)


def _rank(entry: os.DirEntry[str]) -> bytes:
    # The slash takes part in the order of blob names: "a-b" comes before "a/b", not after.
    return (f"{entry.name}/" if _is_folder(entry) else entry.name).encode()


def _no_folder(path: str) -> NotFound:
    step = "Check `folder` and `containers` in the settings, or make the folder."
    return NotFound(f"There is no folder {path}.", step)


@contextmanager
def _translated(label: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise _no_folder(label) from None
    except PermissionError:
        step = "Let the user that runs the app read the folder and all below it."
        raise NotAllowed(f"Reading {label} is not allowed.", step) from None
    except OSError as error:
        step = "Check the disk or the network share, and try again."
        raise Unreachable(f"{label} could not be read: {error.strerror}.", step) from None
