"""An Azure storage account, asked with as few calls as its answers allow."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from azure.core.credentials import AccessToken, AzureSasCredential, TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceModifiedError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobPrefix, BlobServiceClient, ContainerClient

from lib.blobs import refusals, translation
from lib.blobs.container import Blob, changed, is_plain, no_blob
from lib.blobs.translation import Asked, translated
from lib.errors import NotAllowed, NotAuthenticated, NotFound, SourceError
from lib.settings import Source, checks

# The longest GET. The client library makes a longer download of several GETs and ties them to
# one ETag, so that an append in between fails it (azure-sdk-for-python issue 39817).
_PIECE_BYTES = 32 * 1024 * 1024
_PUBLIC = ".blob.core.windows.net"
_PAGE_NAMES = 5_000  # the most that the service gives at once

_CLIENT: dict[str, Any] = {
    "user_agent": "driftline",
    "connection_timeout": 10,
    "read_timeout": 60,
    "max_single_get_size": _PIECE_BYTES,
    "max_chunk_get_size": _PIECE_BYTES,
    # Somebody waits for the page: the library's own pauses begin with 15 s. An address that
    # cannot be reached is mostly a wrong one, so it gets one more try only.
    "retry_total": 3,
    "retry_connect": 1,
    "initial_backoff": 1,
    "increment_base": 2,
    "random_jitter_range": 1,
    # Azure redirects nobody. Whoever else does wants one to sign in, and would get the token.
    "permit_redirects": False,
}

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True)
class AccountContainer:
    """A container of a storage account."""

    client: ContainerClient = field(repr=False)
    asked: Asked
    page_names: int = _PAGE_NAMES
    piece_bytes: int = _PIECE_BYTES

    @property
    def label(self) -> str:
        """The account and the container."""
        return self.asked.label

    def folders(self, prefix: str) -> list[str]:
        """Names one level below `prefix`: one call per 5,000 of them and of the blobs there."""
        cut = prefix.rfind("/") + 1
        walked = self.client.walk_blobs(prefix, results_per_page=self.page_names)
        names: list[str] = []
        for page in _pages(walked.by_page(), self.asked):
            names += [item.name[cut:-1] for item in page if isinstance(item, BlobPrefix)]
        return names

    def blobs(self, prefix: str) -> Iterator[Blob]:
        """All blobs below `prefix`: one call per 5,000, made when the first of them is needed.

        Directories are left out. An account with hierarchical namespace lists one as an empty
        blob, and only its metadata tell it from an empty file: no other property differs for
        certain, and the names below it can be pages away or absent. They come with the same
        call, at no cost where there are none.
        """
        listed = self.client.list_blobs(
            prefix, include=["metadata"], results_per_page=self.page_names
        )
        for page in _pages(listed.by_page(), self.asked):
            for item in page:
                # A slash at the end is how some tools mark a folder elsewhere.
                metadata = item.metadata or {}
                is_folder = item.name.endswith("/") or "hdi_isfolder" in map(str.lower, metadata)
                if item.size or not is_folder:
                    yield Blob(item.name, item.size, item.etag, item.last_modified)

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """The bytes [start, end) of a blob: one call per 32 MiB."""
        if not is_plain(name):
            raise no_blob(self.label, name)
        if end is not None and end <= start:
            return b""
        stop = start + self.piece_bytes if end is None else min(end, start + self.piece_bytes)
        data, size = self._piece(name, start, stop)
        if len(data) != max(0, min(stop, size) - start):
            raise translation.unexpected(self.asked, "a part of another length than it says")
        pieces, at = [data], start + len(data)
        last = size if end is None else min(end, size)
        while at < last:
            stop = min(last, at + self.piece_bytes)
            data, _ = self._piece(name, at, stop)
            if len(data) < stop - at:
                raise changed(self.label, name)
            pieces.append(data)
            at = stop
        return b"".join(pieces)

    def _piece(self, name: str, start: int, stop: int) -> tuple[bytes, int]:
        """The bytes [start, stop), so far as there are any, and the whole blob's size."""
        with translated(self.asked, name):
            with suppress(ResourceModifiedError):
                return self._get(name, start, stop)
            return self._get(name, start, stop)

    def _get(self, name: str, start: int, stop: int) -> tuple[bytes, int]:
        try:
            # Decompressing a part of a blob with Content-Encoding gives nothing, silently.
            stream = self.client.download_blob(
                name, offset=start, length=stop - start, decompress=False
            )
        except HttpResponseError as error:
            if error.status_code == 416:  # nothing there: empty, or ends before `start`
                return b"", 0
            raise
        # Where a range was asked for, `size` is the range's, and only this has the blob's.
        told = _CONTENT_RANGE.fullmatch(stream.properties.content_range or "")
        if told is None or int(told[1]) != start:
            raise translation.unexpected(self.asked, "another part than was asked for")
        return stream.readall(), int(told[3])


def _pages(pages: Any, asked: Asked) -> Iterator[list[Any]]:
    """Yield the pages of a listing, each fetched when it is needed."""
    while True:
        before = pages.continuation_token
        with translated(asked):
            page = next(pages, None)
            # Its items are made of the answer as one takes them.
            items = [] if page is None else [*page]
        if page is None:
            return
        sizes = [item.size for item in items if not isinstance(item, BlobPrefix)]
        if any(size is None or size < 0 for size in sizes):
            raise translation.unexpected(asked, "a list of blobs without sizes")
        yield items
        if before is not None and pages.continuation_token == before:
            raise translation.unexpected(asked, "a list that begins again and again")


def credential(authority: str = "") -> TokenCredential:
    """The identity of whoever runs the app: environment, managed identity, `az login` and more.

    `authority` is where another cloud signs in; without it AZURE_AUTHORITY_HOST counts, or the
    public cloud. Keep it: it holds the tokens, and the first takes seconds. Raises
    NotAuthenticated where the environment says something that cannot be.
    """
    options = {"authority": authority} if authority else {}
    try:
        return DefaultAzureCredential(**options)
    except ValueError as error:
        raise refusals.wrong_environment(error) from None


def open_container(
    source: Source, container: str, identity: TokenCredential | None
) -> AccountContainer:
    """One container of a source's account. Raises SettingsError."""
    service, asked = _service(source, container, identity)
    return AccountContainer(service.get_container_client(container), asked)


def containers(source: Source, identity: TokenCredential | None) -> list[str] | None:
    """The account's containers that may hold collected data; None if it does not tell them.

    Raises SourceError.
    """
    # A SAS token for one container (sr=c) may not list containers, and the refusal says
    # "AuthenticationFailed", as for a wrong one.
    if "sr" in _sas(source):
        return None
    service, asked = _service(source, "", identity)
    try:
        with translated(asked):
            found = service.list_containers(results_per_page=_PAGE_NAMES)
            names = sorted(str(item.name) for item in found)
    except NotAllowed:
        return None
    return [name for name in names if name == "modeldata" or name.startswith("azureml-blobstore-")]


def untold(source: Source, refusal: SourceError) -> SourceError:
    """The error for an account that does not tell its containers, and whose `modeldata` refused.

    What has nothing to do with that (no network, an expired token) stays as it is.
    """
    wrong_container = isinstance(refusal, (NotAllowed, NotFound)) or (
        isinstance(refusal, NotAuthenticated) and refusals.NOT_ACCEPTED in refusal.message
    )
    if not wrong_container:
        return refusal
    return NotAllowed(
        f"{may_not_list(source)}, so the containers are not known, and modeldata "
        f"could not be read. {refusal.message}",
        "Name the containers in the source's setting `containers`, such as "
        '`containers = ["azureml-blobstore-<id of the workspace>"]` for online endpoints (v2). '
        f"If `modeldata` is the right one: {refusal.next_step}",
    )


def unseen(source: Source) -> SourceError | None:
    """The error for containers that may stay unknown although `modeldata` was read, or None.

    A SAS token for one container that opens this one opens no other.
    """
    if "sr" in _sas(source):
        return None
    return NotAllowed(
        f"{may_not_list(source)}, so only modeldata was looked through.",
        "Name all containers in the source's setting `containers`, such as "
        '`containers = ["modeldata", "azureml-blobstore-<id of the workspace>"]`.',
    )


def may_not_list(source: Source) -> str:
    """Who may not list the containers of which account, as the beginning of a sentence."""
    sas = _sas(source)
    who = "The SAS token" if sas else "The identity"
    may = "is for one container only" if "sr" in sas else "may not list containers"
    place = source.account_url.partition("://")[2] or _service(source, "", None)[1].account
    return f"{who} for {place.removesuffix(_PUBLIC)} {may}"


class FinalIdentity:
    """An identity whose failed sign-in is final.

    The client library takes it for a failed request: it would pause and try again three
    times, and each try goes through all ways to sign in.
    """

    def __init__(self, identity: TokenCredential) -> None:
        self._identity = identity

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token. Raises NotAuthenticated."""
        try:
            return self._identity.get_token(*scopes, **options)
        except AzureError as error:
            raise refusals.not_signed_in(error) from None


def _service(
    source: Source, container: str, identity: TokenCredential | None
) -> tuple[BlobServiceClient, Asked]:
    try:
        if source.connection_string:
            service = BlobServiceClient.from_connection_string(source.connection_string, **_CLIENT)
        else:
            key = (
                AzureSasCredential(source.sas_token)
                if source.sas_token
                else FinalIdentity(identity or credential(source.authority))
            )
            service = BlobServiceClient(source.account_url, key, **_CLIENT)
    except ValueError:
        field_name = "connection_string" if source.connection_string else "account_url"
        key_path = checks.dotted("sources", source.name, field_name)
        step = "Copy it again from the storage account's page in the Azure portal."
        raise checks.wrong(key_path, "cannot be used", step, field_name) from None
    sas = _sas(source)
    how = "sas" if sas else "key" if source.connection_string else "identity"
    account = service.primary_hostname.removesuffix(_PUBLIC)
    return service, Asked(account, container, how, _expiry(sas))


def _sas(source: Source) -> dict[str, list[str]]:
    """The parameters of the SAS token that a source is opened with, if it is."""
    token = source.sas_token
    for part in source.connection_string.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "sharedaccesssignature":
            token = value
    return parse_qs(token.lstrip("?"))


def _expiry(sas: dict[str, list[str]]) -> datetime | None:
    try:
        expires = datetime.fromisoformat(sas["se"][0])
    except (KeyError, ValueError):
        return None
    return expires if expires.tzinfo else expires.replace(tzinfo=UTC)
