"""Reads blobs from an Azure storage account or from a local folder.

`open` gives one container, which lists folders and blobs and reads bytes; `containers` and
`roots` say where a source may hold collected data. A folder with one sub-folder per container
behaves as the account it was copied from. Collected data are never written; `open_place` gives
the one place that is, where the app keeps what it made of them. Beside `logs`, no room knows Azure.
"""

from azure.core.credentials import TokenCredential

from lib import settings
from lib.blobs import account, folder
from lib.blobs.account import FinalIdentity as FinalIdentity
from lib.blobs.account import credential as credential
from lib.blobs.container import Blob as Blob
from lib.blobs.container import Container as Container
from lib.blobs.writing import Place as Place
from lib.blobs.writing import open_place as open_place
from lib.errors import SourceError
from lib.settings import Root, Source


def open(source: Source, container: str, credential: TokenCredential | None = None) -> Container:
    """One container of a source. Nothing is asked before something is listed or read.

    `credential` (an identity of azure.identity) serves a source that has no credential of its
    own; without it `credential()` is asked. Raises SettingsError where the source cannot be
    opened at all.
    """
    if source.folder:
        return folder.open_container(source.folder, container)
    return account.open_container(source, container, credential)


def containers(source: Source, credential: TokenCredential | None = None) -> list[str]:
    """The containers that may hold collected data, in order of their names.

    They are the configured ones, else every sub-folder of a folder, else those of the account
    that v1 (`modeldata`) and v2 (`azureml-blobstore-…`) write to. A credential that may not
    list containers is no obstacle: then `modeldata` is worth a try. Raises SourceError.
    """
    if source.roots:
        return list(dict.fromkeys(root.container for root in source.roots))
    if source.folder:
        return folder.containers(source.folder)
    found = account.containers(source, credential)
    return ["modeldata"] if found is None else found


def roots(source: Source, credential: TokenCredential | None = None) -> list[Root]:
    """The places in those containers where collected data may lie. Raises SourceError."""
    if source.roots:
        return list(source.roots)
    if source.folder:
        return [settings.root(name) for name in folder.containers(source.folder)]
    found = account.containers(source, credential)
    if found is None:
        return [Root("modeldata", guessed=True)]
    return [settings.root(name) for name in found]


def unreadable(source: Source, root: Root, error: SourceError) -> SourceError:
    """The error for a root that could not be read: of a guessed one, that it was a guess."""
    return account.untold(source, error) if root.guessed else error


def unseen(source: Source, root: Root) -> SourceError | None:
    """What a guessed root that could be read leaves open: there may be other containers."""
    return account.unseen(source) if root.guessed else None
