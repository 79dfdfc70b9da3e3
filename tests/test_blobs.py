import gc
import gzip
import inspect
import os
import re
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core import exceptions as azure_exceptions
from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity import ChainedTokenCredential, CredentialUnavailableError, EnvironmentCredential
from azure.storage.blob import (
    AccountSasPermissions,
    BlobBlock,
    ContainerClient,
    ContainerSasPermissions,
    ContentSettings,
    ResourceTypes,
    generate_account_sas,
    generate_container_sas,
)
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib import blobs
from lib.blobs import account, translation
from lib.blobs.account import AccountContainer
from lib.blobs.folder import FolderContainer
from lib.blobs.translation import Asked
from lib.errors import (
    BlobUnreadable,
    Changed,
    DriftlineError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    SettingsError,
    SourceError,
    Throttled,
    UnexpectedAnswer,
    Unreachable,
)
from lib.settings import Root, Source

Put = Callable[[dict[str, bytes]], blobs.Container]
Upload = Callable[[Source, str, Mapping[str, bytes]], None]

SIGNATURE = "c2VjcmV0c2VjcmV0"
SAS = f"sv=2026-10-06&sr=c&sp=rl&sig={SIGNATURE}"


@pytest.fixture(params=["account", "folder"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """Both kinds of source: what is tested with this holds for either."""
    if request.param == "folder":
        return Source("folder", folder=str(tmp_path))
    found: Source = request.getfixturevalue("azurite_source")
    return found


@pytest.fixture
def put(source: Source, upload: Upload) -> Put:
    """Fills the container `modeldata` of either kind, and opens it."""

    def fill(files: dict[str, bytes]) -> blobs.Container:
        upload(source, "modeldata", files)
        return blobs.open(source, "modeldata")

    return fill


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests to Azurite, from when the container is opened."""
    requests: list[Any] = []
    monkeypatch.setitem(
        account._CLIENT, "raw_request_hook", lambda request: requests.append(request.http_request)
    )
    return requests


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between tries."""
    for pause in ("initial_backoff", "increment_base", "random_jitter_range"):
        monkeypatch.setitem(account._CLIENT, pause, 0)


def opened(source: Source, **options: int) -> AccountContainer:
    """The container `modeldata`, with shorter pages or pieces than usual."""
    container = blobs.open(source, "modeldata")
    assert isinstance(container, AccountContainer)
    return replace(container, **options)  # type: ignore[arg-type]


def names(container: blobs.Container, prefix: str = "") -> list[str]:
    return [blob.name for blob in container.blobs(prefix)]


FILES = {
    name: name.encode()
    for name in [
        "sub/rg/ws/svc/model/1/inputs/2026/03/05/inputs.csv",
        "sub/rg/ws/svc/model/1/inputs/2026/03/05/aml_telemetry.csv",
        "sub/rg/ws/svc/model/1/inputs/2026/03/06/inputs.csv",
        "sub/rg/ws/svc/model/1/inputs/2026/10/01/inputs.csv",
        "sub/rg/ws/svc/model/10/inputs/2026/03/05/inputs.csv",
        "sub/rg/ws/svc-b/model/1/inputs/2026/03/05/inputs.csv",
        "sub/rg/ws/readme.md",
    ]
}


# Listing


def test_folders_are_the_names_one_level_below(put: Put) -> None:
    container = put(FILES)
    assert container.folders("") == ["sub"]
    assert container.folders("sub/rg/ws/") == ["svc-b", "svc"]
    assert container.folders("sub/rg/ws/svc/model/1/inputs/2026/") == ["03", "10"]
    assert container.folders("sub/rg/ws/svc/model/1/inputs/2026/03/05/") == []


def test_folders_of_a_part_of_a_name_are_those_that_begin_so(put: Put) -> None:
    container = put(FILES)
    assert container.folders("sub/rg/ws/svc/model/1") == ["1", "10"]
    assert container.folders("s") == ["sub"]


def test_blobs_come_flat_and_in_byte_order(put: Put) -> None:
    container = put(FILES)
    assert names(container) == sorted(FILES, key=str.encode)
    assert names(container, "sub/rg/ws/svc/model/1/inputs/2026/03/") == [
        "sub/rg/ws/svc/model/1/inputs/2026/03/05/aml_telemetry.csv",
        "sub/rg/ws/svc/model/1/inputs/2026/03/05/inputs.csv",
        "sub/rg/ws/svc/model/1/inputs/2026/03/06/inputs.csv",
    ]


def test_a_prefix_may_end_within_a_name(put: Put) -> None:
    container = put(FILES)
    assert names(container, "sub/rg/ws/svc/model/1/inputs/2026/1") == [
        "sub/rg/ws/svc/model/1/inputs/2026/10/01/inputs.csv"
    ]
    assert len(names(container, "sub/rg/ws/svc/model/1")) == 5


@pytest.mark.parametrize("prefix", ["none/", "/", "sub//", "sub/rg/ws/readme.md/", "../", "./"])
def test_a_prefix_that_nothing_has_gives_nothing(put: Put, prefix: str) -> None:
    container = put(FILES)
    assert container.folders(prefix) == []
    assert names(container, prefix) == []


def test_a_blob_tells_its_size_and_when_it_changed(put: Put) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)  # a listing has whole seconds
    [blob] = put({"a.csv": b"12345"}).blobs("")
    assert (blob.name, blob.size) == ("a.csv", 5)
    assert blob.changed is not None
    assert before <= blob.changed <= datetime.now(UTC)
    assert blob.changed.utcoffset() == timedelta(0)


def test_the_etag_is_another_one_when_the_content_is(put: Put) -> None:
    [first] = put({"a.csv": b"1"}).blobs("")
    [second] = put({"a.csv": b"22"}).blobs("")
    [same] = put({}).blobs("")
    assert first.etag != second.etag
    assert second.etag == same.etag


def test_an_empty_file_is_listed(put: Put) -> None:
    container = put({"hour/empty.jsonl": b""})
    assert [(blob.name, blob.size) for blob in container.blobs("")] == [("hour/empty.jsonl", 0)]


def test_an_empty_container_has_nothing(put: Put) -> None:
    container = put({})
    assert container.folders("") == []
    assert names(container) == []


def test_a_listing_gets_a_page_only_when_it_is_needed(
    azurite_source: Source, upload: Upload, calls: list[Any]
) -> None:
    upload(azurite_source, "modeldata", {f"{number}.csv": b"x" for number in range(7)})
    container = opened(azurite_source, page_names=3)
    listing = container.blobs("")
    assert len(calls) == 0
    assert [next(listing).name for _ in range(3)] == ["0.csv", "1.csv", "2.csv"]
    assert len(calls) == 1
    next(listing)
    assert len(calls) == 2
    assert len(list(listing)) == 3
    assert len(calls) == 3


def test_folders_take_a_call_per_page(
    azurite_source: Source, upload: Upload, calls: list[Any]
) -> None:
    files = {f"{folder}/{number}.csv": b"x" for folder in range(5) for number in range(3)}
    upload(azurite_source, "modeldata", files)
    assert opened(azurite_source, page_names=2).folders("") == ["0", "1", "2", "3", "4"]
    assert len(calls) == 3


def test_a_page_has_5000_names_and_the_app_says_who_asks(
    azurite_source: Source, upload: Upload, calls: list[Any]
) -> None:
    upload(azurite_source, "modeldata", {"a/b.csv": b"x"})
    container = opened(azurite_source)
    assert names(container, "a/") == ["a/b.csv"]
    assert container.folders("a/") == []
    assert [parse_qs(urlsplit(call.url).query)["maxresults"] for call in calls] == [["5000"]] * 2
    assert all(call.headers["User-Agent"].startswith("driftline ") for call in calls)


def test_directories_of_a_hierarchical_account_are_no_blobs(
    azurite_source: Source, upload: Upload
) -> None:
    upload(azurite_source, "modeldata", {"a/b/c.csv": b"x", "a/b-c.csv": b"", "marker/": b""})
    container = opened(azurite_source)
    for directory, key in [("a", "hdi_isfolder"), ("a/b", "Hdi_isfolder"), ("z", "hdi_isfolder")]:
        container.client.upload_blob(directory, b"", metadata={key: "true"})
    assert names(container) == ["a/b-c.csv", "a/b/c.csv"]
    assert container.folders("") == ["a", "marker"]


def test_a_folder_leaves_out_links_and_what_file_managers_leave(
    tmp_path: Path, upload: Upload
) -> None:
    upload(Source("x", folder=str(tmp_path)), "outside", {"secret.csv": b"x"})
    source = Source("x", folder=str(tmp_path / "account"))
    upload(
        source,
        "modeldata",
        {"a/._b.csv": b"", "a/.DS_Store": b"", "a/Thumbs.db": b"", "a/b.csv": b"", ".c": b""},
    )
    (tmp_path / "account/modeldata/link").symlink_to(tmp_path / "outside")
    (tmp_path / "account/modeldata/link.csv").symlink_to(tmp_path / "outside/secret.csv")
    (tmp_path / "account/linked").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "account/modeldata/a/pipe")
    container = blobs.open(source, "modeldata")
    assert names(container) == [".c", "a/b.csv"]
    assert container.folders("") == ["a"]
    assert names(container, "link/") == []
    assert container.folders("link/") == []
    assert blobs.containers(source) == ["modeldata"]
    for name in ["link/secret.csv", "link.csv", "a/pipe", "a"]:
        with pytest.raises(NotFound, match="no blob"):
            container.read(name)
    with pytest.raises(NotFound):
        names(blobs.open(source, "linked"))


def test_a_folder_may_itself_be_a_link(tmp_path: Path, upload: Upload) -> None:
    upload(Source("x", folder=str(tmp_path / "real")), "modeldata", {"a.csv": b"1"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert blobs.open(Source("x", folder=str(tmp_path / "link")), "modeldata").read("a.csv") == b"1"


def test_a_file_that_vanishes_during_the_listing_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "modeldata").mkdir()
    for name in "abc":
        (tmp_path / "modeldata" / name).write_bytes(b"x")
    listing = blobs.open(Source("x", folder=str(tmp_path)), "modeldata").blobs("")
    assert next(listing).name == "a"
    (tmp_path / "modeldata/b").unlink()
    assert [blob.name for blob in listing] == ["c"]


def test_a_narrow_prefix_opens_only_the_directories_on_its_way(
    tmp_path: Path, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("x", folder=str(tmp_path))
    upload(source, "modeldata", FILES)
    opened: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: opened.append(str(path)) or scandir(path))
    prefix = "sub/rg/ws/svc/model/1/inputs/2026/03/0"
    assert len(names(blobs.open(source, "modeldata"), prefix)) == 3
    base = tmp_path / "modeldata" / "sub/rg/ws/svc/model/1/inputs/2026/03"
    assert opened == [str(base), str(base / "05"), str(base / "06")]


PARTS = st.text("ab-./0é\U0001f600", min_size=1, max_size=6)


@hypothesis_settings(deadline=None, max_examples=100)
@given(st.sets(PARTS, max_size=12), PARTS)
def test_a_folder_lists_in_the_order_of_an_account(
    tmp_path_factory: pytest.TempPathFactory, candidates: set[str], prefix: str
) -> None:
    folder = tmp_path_factory.mktemp("listing") / "modeldata"
    folder.mkdir()
    written = []
    for name in sorted(candidates):
        path = folder.joinpath(*name.split("/"))
        possible = all(part not in ("", ".", "..") for part in name.split("/"))
        if not possible or name.startswith("._") or "/._" in name or path.exists():
            continue
        if any(folder.joinpath(*above).is_file() for above in _above(name)):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        written.append(name)
    container = blobs.open(Source("x", folder=str(folder.parent)), "modeldata")
    assert names(container) == sorted(written, key=str.encode)
    assert names(container, prefix) == [n for n in names(container) if n.startswith(prefix)]


def _above(name: str) -> Iterator[list[str]]:
    parts = name.split("/")
    return (parts[:count] for count in range(1, len(parts)))


# Reading


def test_reading_gives_the_bytes_asked_for(put: Put) -> None:
    container = put({"a.csv": b"0123456789"})
    assert container.read("a.csv") == b"0123456789"
    assert container.read("a.csv", 3) == b"3456789"
    assert container.read("a.csv", 3, 5) == b"34"
    assert container.read("a.csv", 8, 100) == b"89"
    assert container.read("a.csv", 5, 5) == b""
    assert container.read("a.csv", 10) == b""
    assert container.read("a.csv", 11, 12) == b""


def test_an_empty_blob_gives_no_bytes(put: Put) -> None:
    container = put({"a.jsonl": b""})
    assert container.read("a.jsonl") == b""
    assert container.read("a.jsonl", 5) == b""


@pytest.mark.parametrize(
    "name",
    [
        "with blanks/a b.csv",
        "percent/100%.csv",
        "percent/a%20b%2Fc.csv",
        "a#b.csv",
        "a?b=c&d.csv",
        "a+b.csv",
        "ü/日本/😀.csv",
        "e\u0301.csv",
        "é.csv",
        "dots./a...csv",
        "end.",
        "..csv",
        "q'\"uote;:|<>*.csv",
        "~[x]{y}^`@$!,=.csv",
    ],
)
def test_odd_names_work_both_ways(put: Put, name: str) -> None:
    container = put({name: name.encode()})
    assert names(container) == [name]
    assert container.read(name) == name.encode()
    above, _, _ = name.rpartition("/")
    assert names(container, f"{above}/" if above else name[:3]) == [name]


@pytest.mark.parametrize("name", ["a//b.csv", "/lead.csv", "a///b.csv"])
def test_slashes_in_a_row_are_part_of_an_accounts_names(
    azurite_source: Source, upload: Upload, name: str
) -> None:
    upload(azurite_source, "modeldata", {name: b"1", "a/b.csv": b"2", "lead.csv": b"3"})
    container = opened(azurite_source)
    assert name in names(container)
    assert container.read(name) == b"1"
    above = name[: name.index("//") + 1] if "//" in name else ""
    assert "" in container.folders(above)


def test_a_folder_has_no_names_with_slashes_in_a_row(tmp_path: Path, upload: Upload) -> None:
    source = Source("x", folder=str(tmp_path))
    upload(source, "modeldata", {"a/b.csv": b"1"})
    for name in ["a//b.csv", "/a/b.csv", "a/b.csv/", str(tmp_path / "modeldata/a/b.csv"), ""]:
        with pytest.raises(NotFound):
            blobs.open(source, "modeldata").read(name)


@pytest.mark.parametrize(
    "name",
    [
        "../other/secret.csv",
        "a/../../other/secret.csv",
        "a/../a/b.csv",
        "./a/b.csv",
        "..\\other\\secret.csv",
        "a/b.csv\0",
        "\ud800.csv",
        "none.csv",
        "a/b.csv/c.csv",
    ],
)
def test_a_name_that_could_lead_elsewhere_is_not_found(
    source: Source, put: Put, upload: Upload, name: str
) -> None:
    upload(source, "other", {"secret.csv": b"x"})
    container = put({"a/b.csv": b"1"})
    with pytest.raises(NotFound, match="no blob"):
        container.read(name)


def test_one_get_reads_up_to_32_mib_and_pieces_join_to_the_whole(
    azurite_source: Source, upload: Upload, calls: list[Any]
) -> None:
    size = 32 * 1024 * 1024
    data = os.urandom(1024) * (size // 1024) + b"tail"
    upload(azurite_source, "modeldata", {"whole.csv": data[:size], "more.csv": data})
    container = opened(azurite_source)
    assert container.read("whole.csv") == data[:size]
    assert len(calls) == 1
    assert container.read("more.csv") == data
    assert len(calls) == 3


def test_pieces_are_read_by_their_ranges(
    azurite_source: Source, upload: Upload, calls: list[Any]
) -> None:
    upload(azurite_source, "modeldata", {"a.csv": b"0123456789"})
    container = opened(azurite_source, piece_bytes=4)
    assert container.read("a.csv", 1, 10) == b"123456789"
    assert [call.headers["x-ms-range"] for call in calls] == [
        "bytes=1-4",
        "bytes=5-8",
        "bytes=9-9",
    ]


def test_an_append_blob_that_grows_meanwhile_is_read_as_far_as_it_was(
    azurite_source: Source, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(azurite_source, "modeldata", {})
    writer = opened(azurite_source).client.get_blob_client("a.jsonl")
    writer.create_append_blob()
    writer.append_block(b"0123456789")
    appended: list[Any] = []

    def append(request: Any) -> None:
        appended.append(request)
        writer.append_block(b"more")

    monkeypatch.setitem(account._CLIENT, "raw_request_hook", append)
    container = opened(azurite_source, piece_bytes=3)
    # The hook comes before each GET, so the first GET sees 14 bytes.
    assert container.read("a.jsonl") == b"0123456789more"
    assert len(appended) == 5
    assert container.read("a.jsonl", 12, 16) == b"remo"


def test_a_block_blob_committed_again_meanwhile_is_read_as_far_as_it_was(
    azurite_source: Source, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(azurite_source, "modeldata", {})
    writer = opened(azurite_source).client.get_blob_client("inputs.csv")
    blocks: list[str] = []

    def commit(data: bytes) -> None:
        blocks.append(f"block-{len(blocks)}")
        writer.stage_block(blocks[-1], data)
        writer.commit_block_list([BlobBlock(block) for block in blocks])

    commit(b"0123456789")
    requests: list[Any] = []

    def commit_more_from_the_second_get_on(request: Any) -> None:
        requests.append(request)
        if len(requests) > 1:
            commit(b"+")

    monkeypatch.setitem(account._CLIENT, "raw_request_hook", commit_more_from_the_second_get_on)
    assert opened(azurite_source, piece_bytes=4).read("inputs.csv") == b"0123456789"
    assert len(requests) == 3
    assert writer.get_blob_properties().size == 12


@pytest.mark.parametrize("left", [b"", b"01234"])
def test_a_blob_that_got_shorter_meanwhile_is_changed(
    azurite_source: Source, upload: Upload, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    upload(azurite_source, "modeldata", {"a.csv": b"0123456789"})
    requests: list[Any] = []

    def shorten(request: Any) -> None:
        requests.append(request)
        if len(requests) == 2:
            upload(azurite_source, "modeldata", {"a.csv": left})

    monkeypatch.setitem(account._CLIENT, "raw_request_hook", shorten)
    container = opened(azurite_source, piece_bytes=4)
    with pytest.raises(Changed, match="replaced"):
        container.read("a.csv")


def test_a_file_that_got_shorter_meanwhile_is_changed(
    tmp_path: Path, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("x", folder=str(tmp_path))
    upload(source, "modeldata", {"a.csv": b"0123456789"})
    stat = os.stat

    def shorten(path: Any, **options: Any) -> os.stat_result:
        found = stat(path, **options)
        if isinstance(path, int) and stat(tmp_path / "modeldata/a.csv").st_size == 10:
            os.truncate(tmp_path / "modeldata/a.csv", 5)
        return found

    monkeypatch.setattr(os, "stat", shorten)
    with pytest.raises(Changed, match="replaced"):
        blobs.open(source, "modeldata").read("a.csv")


def test_a_blob_with_an_encoding_is_given_as_it_is_stored(
    azurite_source: Source, upload: Upload
) -> None:
    upload(azurite_source, "modeldata", {})
    data = gzip.compress(b"hello" * 1000)
    container = opened(azurite_source)
    encoded = ContentSettings(content_encoding="gzip")
    container.client.upload_blob("a.csv.gz", data, content_settings=encoded)
    assert container.read("a.csv.gz") == data
    assert container.read("a.csv.gz", 5, 25) == data[5:25]


# Containers and credentials


def test_containers_are_the_configured_ones(azurite_source: Source) -> None:
    roots = (Root("b", "x/"), Root("a"), Root("b", "y/"))
    source = replace(azurite_source, roots=roots)
    assert blobs.containers(source) == ["b", "a"]
    assert blobs.roots(source) == list(roots)


def test_else_those_of_the_account_that_collectors_write_to(
    azurite_source: Source, upload: Upload
) -> None:
    for name in ["modeldata", "azureml-blobstore-1", "azureml", "modeldata-old", "xmodeldata"]:
        upload(azurite_source, name, {})
    assert blobs.containers(azurite_source) == ["azureml-blobstore-1", "modeldata"]
    assert blobs.roots(azurite_source) == [
        Root("azureml-blobstore-1", "modelDataCollector/"),
        Root("modeldata"),
    ]


def test_else_every_sub_folder(tmp_path: Path) -> None:
    for name in ["modeldata", "My Data", ".git", "azureml-blobstore-1"]:
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").write_text("x")
    source = Source("x", folder=str(tmp_path))
    assert blobs.containers(source) == ["My Data", "azureml-blobstore-1", "modeldata"]
    assert blobs.roots(source)[1] == Root("azureml-blobstore-1", "modelDataCollector/")


def key_of(source: Source) -> str:
    found = re.search("AccountKey=([^;]+)", source.connection_string)
    assert found
    return found[1]


def sas_for(source: Source, permission: str = "rl", hours: float = 1) -> str:
    """A SAS token for `modeldata` that expires in so many hours."""
    return generate_container_sas(
        "devstoreaccount1",
        "modeldata",
        key_of(source),
        permission=ContainerSasPermissions.from_string(permission),
        expiry=datetime.now(UTC) + timedelta(hours=hours),
    )


def with_sas(azurite: str, token: str) -> Source:
    return Source("sas", account_url=azurite, sas_token=token)


@pytest.mark.parametrize("mark", ["", "?"])
def test_a_sas_token_with_read_and_list_is_enough(
    azurite: str, azurite_source: Source, upload: Upload, mark: str
) -> None:
    upload(azurite_source, "modeldata", {"a/b c?.csv": b"1"})
    container = blobs.open(with_sas(azurite, mark + sas_for(azurite_source)), "modeldata")
    assert names(container) == ["a/b c?.csv"]
    assert container.folders("") == ["a"]
    assert container.read("a/b c?.csv") == b"1"


def test_a_connection_string_may_hold_a_sas_token(
    azurite: str, azurite_source: Source, upload: Upload
) -> None:
    upload(azurite_source, "modeldata", {"a.csv": b"1"})
    text = f"BlobEndpoint={azurite};SharedAccessSignature={sas_for(azurite_source)}"
    source = Source("x", connection_string=text)
    assert blobs.open(source, "modeldata").read("a.csv") == b"1"
    assert blobs.containers(source) == ["modeldata"]


def test_a_credential_that_may_not_list_containers_tries_modeldata(
    azurite: str, azurite_source: Source, upload: Upload, calls: list[Any]
) -> None:
    upload(azurite_source, "modeldata", {})
    assert blobs.containers(with_sas(azurite, SAS)) == ["modeldata"]
    assert len(calls) == 0  # such a token tells by itself that it may not
    objects_only = generate_account_sas(
        "devstoreaccount1",
        key_of(azurite_source),
        resource_types=ResourceTypes(object=True),
        permission=AccountSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    assert blobs.containers(with_sas(azurite, objects_only)) == ["modeldata"]
    assert len(calls) == 1


def test_labels_tell_accounts_and_folders_apart(tmp_path: Path) -> None:
    def label(**place: str) -> str:
        return blobs.open(Source("x", **place), "modeldata").label  # type: ignore[arg-type]

    sas = "sv=1&sig=c2VjcmV0"
    assert (
        label(account_url="https://contoso.blob.core.windows.net", sas_token=sas)
        == label(connection_string="AccountName=contoso;AccountKey=c2VjcmV0")
        == "contoso/modeldata"
    )
    assert (
        label(account_url="https://contoso.blob.core.chinacloudapi.cn", sas_token=sas)
        == "contoso.blob.core.chinacloudapi.cn/modeldata"
    )
    assert (
        label(account_url="http://127.0.0.1:10000/devstoreaccount1", sas_token=sas)
        == "127.0.0.1:10000/devstoreaccount1/modeldata"
    )
    assert label(folder=str(tmp_path)) == f"{tmp_path}/modeldata"


def test_a_container_shows_no_secret(azurite: str, azurite_source: Source) -> None:
    assert SIGNATURE not in repr(blobs.open(with_sas(azurite, SAS), "modeldata"))
    assert key_of(azurite_source)[:12] not in repr(blobs.open(azurite_source, "modeldata"))


class FailingIdentity:
    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked += 1
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        CredentialUnavailableError("no accounts"),
        ClientAuthenticationError("AADSTS700082: The refresh token has expired."),
        azure_exceptions.ServiceRequestError("login.microsoftonline.com"),
    ],
)
def test_nobody_signed_in_is_said_at_once_and_with_the_ways_to_do_so(error: Exception) -> None:
    identity = FailingIdentity(error)
    source = Source("x", account_url="https://127.0.0.1:1/contoso")
    container = blobs.open(source, "modeldata", identity)
    with pytest.raises(
        NotAuthenticated, match=r"az login.*managed identity.*AZURE_CLIENT_ID"
    ) as it:
        container.folders("")
    assert identity.asked == 1
    assert ("AADSTS700082" in it.value.message) == ("AADSTS" in str(error))


def test_the_identities_of_azure_identity_say_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(variable)
    source = Source("x", account_url="https://127.0.0.1:1/contoso")
    identity = ChainedTokenCredential(EnvironmentCredential())
    with pytest.raises(NotAuthenticated, match="Nobody is signed in"):
        blobs.containers(source, identity)


def test_the_default_identity_is_asked_for_only_where_a_source_has_no_credential(
    monkeypatch: pytest.MonkeyPatch, azurite_source: Source
) -> None:
    identity = FailingIdentity(CredentialUnavailableError("no"))
    monkeypatch.setattr(account, "DefaultAzureCredential", lambda: identity)
    assert blobs.credential() is identity
    assert blobs.containers(azurite_source) == []
    assert identity.asked == 0
    with pytest.raises(NotAuthenticated):
        blobs.containers(Source("x", account_url="https://127.0.0.1:1/contoso"))
    assert identity.asked == 1


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ({"connection_string": "hello"}, "sources.my-source.connection_string"),
        ({"connection_string": "AccountKey=c2VjcmV0"}, "sources.my-source.connection_string"),
        ({"account_url": "http://127.0.0.1:1/x"}, "sources.my-source.account_url"),
    ],
)
def test_a_source_that_cannot_be_opened_is_a_mistake_in_the_settings(
    place: dict[str, str], key: str
) -> None:
    source = Source("my-source", **place)  # type: ignore[arg-type]
    identity = FailingIdentity(CredentialUnavailableError("no"))
    with pytest.raises(SettingsError) as caught:
        blobs.open(source, "modeldata", identity)
    assert caught.value.key == key
    assert "c2VjcmV0" not in "".join(traceback.format_exception(caught.value))


# Errors, by Azurite


def refusal(ask: Callable[[], Any]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask()
    return caught.value


def test_a_missing_container_is_not_found(source: Source) -> None:
    container = blobs.open(source, "missing")
    asks: list[Callable[[], Any]] = [
        lambda: container.folders(""),
        lambda: names(container),
        lambda: names(container, "a/b"),
        lambda: container.read("a.csv"),
    ]
    for ask in asks:
        error = refusal(ask)
        assert isinstance(error, NotFound)
        assert container.label in error.message


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    source = Source("x", folder=str(tmp_path / "missing"))
    for ask in [lambda: blobs.containers(source), lambda: blobs.open(source, "c").folders("")]:
        error = refusal(ask)
        assert isinstance(error, NotFound)
        assert error.message == f"There is no folder {tmp_path / 'missing'}."


@pytest.mark.parametrize("container", ["..", ".", "", "a/b", "a\\..\\b"])
def test_a_containers_name_cannot_climb_out_of_the_folder(tmp_path: Path, container: str) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    opened = blobs.open(Source("x", folder=str(tmp_path)), container)
    assert isinstance(refusal(lambda: opened.folders("")), NotFound)


def test_a_wrong_key_is_not_authenticated(azurite_source: Source) -> None:
    wrong = azurite_source.connection_string.replace("AccountKey=Eby8", "AccountKey=Abc8")
    error = refusal(
        lambda: names(blobs.open(replace(azurite_source, connection_string=wrong), "modeldata"))
    )
    assert isinstance(error, NotAuthenticated)
    assert "account key" in error.message
    assert "Access keys" in error.next_step


def test_a_key_that_is_no_base64_is_not_authenticated(azurite_source: Source) -> None:
    wrong = azurite_source.connection_string.replace(key_of(azurite_source), "abc")
    error = refusal(
        lambda: names(blobs.open(replace(azurite_source, connection_string=wrong), "modeldata"))
    )
    assert isinstance(error, NotAuthenticated)


def test_an_expired_sas_token_says_since_when(azurite: str, azurite_source: Source) -> None:
    token = sas_for(azurite_source, hours=-1)
    error = refusal(lambda: names(blobs.open(with_sas(azurite, token), "modeldata")))
    assert isinstance(error, NotAuthenticated)
    assert f"expired at {datetime.now(UTC) - timedelta(hours=1):%Y-%m-%d}" in error.message
    assert parse_qs(token)["sig"][0] not in "".join(traceback.format_exception(error))


def test_a_sas_token_with_a_wrong_signature_is_not_accepted(azurite: str) -> None:
    error = refusal(lambda: names(blobs.open(with_sas(azurite, SAS), "modeldata")))
    assert isinstance(error, NotAuthenticated)
    assert "not accepted" in error.message


def test_a_sas_token_without_list_may_not_list(
    azurite: str, azurite_source: Source, upload: Upload
) -> None:
    upload(azurite_source, "modeldata", {"a.csv": b"1"})
    container = blobs.open(with_sas(azurite, sas_for(azurite_source, "r")), "modeldata")
    assert container.read("a.csv") == b"1"
    error = refusal(lambda: names(container))
    assert isinstance(error, NotAllowed)
    assert "Read and List" in error.next_step


@pytest.mark.usefixtures("at_once")
def test_a_closed_port_is_unreachable_and_the_signature_stays_secret() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        source = with_sas(f"http://127.0.0.1:{closed.getsockname()[1]}/contoso", SAS)
        container = blobs.open(source, "modeldata")
        for ask in [lambda: container.folders(""), lambda: container.read("a.csv")]:
            error = refusal(ask)
            assert isinstance(error, Unreachable)
            assert "refused the connection" in error.message
            assert SIGNATURE not in "".join(traceback.format_exception(error))


# Errors, by a server that answers as Azure does and Azurite does not


class Answers:
    """What the server answers, one after the other; the last one again and again."""

    def __init__(self) -> None:
        self.queue: list[tuple[int, dict[str, str], bytes]] = []
        self.asked = 0
        self.url = ""

    def refuse(self, status: int, code: str = "", detail: str = "") -> None:
        body = (
            f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message>{detail}</Error>"
        )
        headers = {"x-ms-error-code": code, "Content-Type": "application/xml"} if code else {}
        self.queue.append((status, headers, body.encode() if code else b""))

    def source(self) -> Source:
        text = f"AccountName=contoso;AccountKey={SIGNATURE};BlobEndpoint={self.url}/contoso"
        return Source("x", connection_string=text)

    def error(self) -> AzureError:
        """The client library's own error for these answers."""
        options = {**account._CLIENT, "retry_total": 0}
        client = ContainerClient.from_connection_string(
            self.source().connection_string, "modeldata", **options
        )
        with client, pytest.raises(AzureError) as caught:
            list(client.list_blobs())
        return caught.value


@pytest.fixture
def answers(at_once: None) -> Iterator[Answers]:
    told = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked += 1
            status, headers, body = told.queue[0]
            if len(told.queue) > 1:
                told.queue.pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        told.url = f"http://127.0.0.1:{server.server_port}"
        yield told
        server.shutdown()
        thread.join()


LATE = (
    "<AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [x] - "
    "Expiry [y] - Current [z]</AuthenticationErrorDetail>"
)
OLD = (
    "<AuthenticationErrorDetail>Request date header too old: 'Thu, 19 Nov 2026 10:00:00 GMT'"
    "</AuthenticationErrorDetail>"
)
OVER = (
    "<AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Sun, 01 "
    "Nov 2026 00:00:00 GMT] - Expiry [Mon, 02 Nov 2026 00:00:00 GMT] - Current [Fri, 20 Nov 2026 "
    "00:00:00 GMT]</AuthenticationErrorDetail>"
)
SOON = OVER.replace("Sun, 01 Nov", "Sun, 22 Nov").replace("Mon, 02 Nov", "Mon, 23 Nov")
ROLE = "Storage Blob Data Reader on the storage account contoso"


@pytest.mark.parametrize(
    ("status", "code", "detail", "credential", "kind", "words"),
    [
        (403, "AuthenticationFailed", "", "key", NotAuthenticated, "account key"),
        (403, "AuthenticationFailed", "", "sas", NotAuthenticated, "was not accepted"),
        (403, "AuthenticationFailed", LATE, "sas", NotAuthenticated, "has expired"),
        (403, "AuthenticationFailed", "", "identity", NotAuthenticated, "--tenant"),
        (401, "InvalidAuthenticationInfo", "", "identity", NotAuthenticated, "--tenant"),
        (400, "InvalidAuthenticationInfo", "", "key", NotAuthenticated, "account key"),
        (403, "AuthenticationFailed", OLD, "key", NotAuthenticated, "clock of the machine"),
        (403, "AuthenticationFailed", OLD, "identity", NotAuthenticated, "clock of the machine"),
        (403, "AuthenticationFailed", OVER, "sas", NotAuthenticated, "expired at 2026-11-02 00:00"),
        (403, "AuthenticationFailed", SOON, "sas", NotAuthenticated, "not valid before 2026-11-22"),
        (401, "", "", "identity", UnexpectedAnswer, "proxy"),
        (403, "", "", "key", UnexpectedAnswer, "proxy"),
        (403, "AuthorizationPermissionMismatch", "", "identity", NotAllowed, ROLE),
        (403, "AuthorizationPermissionMismatch", "", "sas", NotAllowed, "Read and List"),
        (403, "AuthorizationFailure", "", "identity", NotAllowed, ROLE),
        (403, "AuthorizationFailure", "", "identity", NotAllowed, "Networking"),
        (403, "AuthorizationFailure", "", "key", NotAllowed, "Networking"),
        (403, "AuthorizationSourceIPMismatch", "", "sas", NotAllowed, "Networking"),
        (403, "InsufficientAccountPermissions", "", "identity", NotAllowed, ROLE),
        (403, "AuthorizationResourceTypeMismatch", "", "sas", NotAllowed, "does not cover"),
        (403, "KeyBasedAuthenticationNotPermitted", "", "key", NotAllowed, "account_url alone"),
        (403, "AccountIsDisabled", "", "key", NotAllowed, "disabled"),
        (404, "ContainerNotFound", "", "key", NotFound, "no container contoso/modeldata"),
        (404, "ResourceNotFound", "", "key", NotFound, "no container"),
        (404, "", "", "key", UnexpectedAnswer, "without Azure's reason"),
        (409, "ContainerBeingDeleted", "", "key", NotFound, "no container"),
        (404, "BlobNotFound", "", "key", NotFound, "no blob 'a.csv' in contoso/modeldata"),
        (409, "BlobArchived", "", "key", BlobUnreadable, "hot or cool"),
        (409, "BlobBeingRehydrated", "", "key", BlobUnreadable, "archive tier"),
        (409, "BlobUsesCustomerSpecifiedEncryption", "", "key", BlobUnreadable, "encrypted"),
        (412, "LeaseLost", "", "key", BlobUnreadable, "412 LeaseLost"),
        (409, "PublicAccessNotPermitted", "", "key", BlobUnreadable, "409 PublicAccess"),
        (400, "InvalidResourceName", "", "key", BlobUnreadable, "400 InvalidResourceName"),
        (503, "ServerBusy", "", "key", Throttled, "503 ServerBusy"),
        (429, "", "", "key", Throttled, "(429)"),
        (412, "ConditionNotMet", "", "key", Changed, "replaced"),
        (500, "InternalError", "", "key", Unreachable, "500 InternalError"),
        (500, "OperationTimedOut", "", "key", Unreachable, "500 OperationTimedOut"),
        (502, "", "", "key", Unreachable, "(502)"),
    ],
)
def test_what_azure_answers_is_told_with_what_to_do(
    answers: Answers,
    status: int,
    code: str,
    detail: str,
    credential: str,
    kind: type[SourceError],
    words: str,
) -> None:
    answers.refuse(status, code, detail)
    asked = Asked("contoso", "modeldata", credential)
    error = translation.translate(answers.error(), asked, "a.csv")
    assert type(error) is kind
    assert words in str(error)


def test_another_server_is_no_storage_account(answers: Answers) -> None:
    answers.refuse(404)
    error = refusal(lambda: blobs.containers(answers.source()))
    assert isinstance(error, NotFound)
    assert "is no storage account" in error.message


def test_the_time_at_which_a_token_expired_is_known_from_the_token(answers: Answers) -> None:
    answers.refuse(403, "AuthenticationFailed")
    expires = datetime(2026, 3, 1, 12, tzinfo=UTC)
    asked = Asked("contoso", "modeldata", "sas", expires)
    message = translation.translate(answers.error(), asked).message
    assert message == "The SAS token for contoso expired at 2026-03-01 12:00 UTC."


def test_what_azure_repeats_of_a_signature_is_not_shown(answers: Answers) -> None:
    detail = f"The MAC signature found in the HTTP request '{SIGNATURE}' is not the same as any"
    detail = f"<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>"
    answers.refuse(403, "AuthenticationFailed", detail)
    assert SIGNATURE in str(answers.error())
    error = refusal(lambda: names(blobs.open(answers.source(), "modeldata")))
    assert isinstance(error, NotAuthenticated)
    assert SIGNATURE not in "".join(traceback.format_exception(error))


def test_every_error_of_the_client_library_becomes_one_of_ours() -> None:
    text = "https://contoso.blob.core.windows.net/?sig=c2VjcmV0"
    request = SimpleNamespace(method="GET", url=text)
    response = SimpleNamespace(
        reason=text, status_code=400, headers={}, body=lambda: b"", request=request
    )
    arguments = {"message": text, "response": response, "history": []}
    kinds = [
        kind
        for kind in vars(azure_exceptions).values()
        if isinstance(kind, type) and issubclass(kind, AzureError)
    ]
    assert len(kinds) > 15
    for kind in kinds:
        first = next(iter(inspect.signature(kind).parameters))
        error = kind(arguments[first])
        for credential in ["identity", "key", "sas"]:
            found = translation.translate(error, Asked("contoso", "modeldata", credential), "a")
            assert isinstance(found, SourceError)
            assert found.next_step
            assert "c2VjcmV0" not in f"{found} {found!r}"


def test_a_busy_account_is_asked_three_times_more(answers: Answers) -> None:
    answers.refuse(503, "ServerBusy")
    error = refusal(lambda: names(blobs.open(answers.source(), "modeldata")))
    assert isinstance(error, Throttled)
    assert answers.asked == 4


def test_a_range_that_failed_because_the_blob_changed_is_read_once_more(answers: Answers) -> None:
    answers.refuse(412, "ConditionNotMet")
    answers.queue.append((206, {"Content-Range": "bytes 0-2/3"}, b"abc"))
    assert blobs.open(answers.source(), "modeldata").read("a.csv") == b"abc"
    assert answers.asked == 2


def test_and_then_the_blob_is_said_to_be_changed(answers: Answers) -> None:
    answers.refuse(412, "ConditionNotMet")
    error = refusal(lambda: blobs.open(answers.source(), "modeldata").read("a.csv"))
    assert isinstance(error, Changed)
    assert answers.asked == 2


def test_a_page_of_something_else_is_no_answer(answers: Answers) -> None:
    answers.queue.append((200, {"Content-Type": "application/xml"}, b"<html><p>Sign in"))
    error = refusal(lambda: names(blobs.open(answers.source(), "modeldata")))
    assert isinstance(error, UnexpectedAnswer)
    assert "something else than Azure Storage does" in error.message


LISTED = (
    b"<?xml version='1.0' encoding='utf-8'?><EnumerationResults><Blobs><Blob><Name>a.csv</Name>"
    b"<Properties><Last-Modified>Wed, 09 Sep 2009 09:20:02 GMT</Last-Modified><Etag>1</Etag>"
    b"<Content-Length>3</Content-Length></Properties></Blob></Blobs><NextMarker/>"
    b"</EnumerationResults>"
)
XML = {"Content-Type": "application/xml"}
# What others than Azure answer to a listing.
NO_LISTS = {
    "a page": (200, {"Content-Type": "text/html"}, b"<html><body>Sign in</body></html>"),
    "nothing": (200, {}, b""),
    "nothing, as XML": (200, XML, b""),
    "no content": (204, {}, b""),
    "half": (200, XML, LISTED[:200]),
    "JSON": (200, {"Content-Type": "application/json"}, b'{"error": "x"}'),
    "other XML": (200, XML, b"<?xml version='1.0'?><rss><channel/></rss>"),
    "no name": (200, XML, LISTED.replace(b"<Name>a.csv</Name>", b"")),
    "no size": (200, XML, LISTED.replace(b"<Content-Length>3</Content-Length>", b"")),
    "a size below zero": (200, XML, LISTED.replace(b">3<", b">-3<")),
    "an odd size": (200, XML, LISTED.replace(b">3<", b">x<")),
    "an odd date": (200, XML, LISTED.replace(b"Wed, 09 Sep 2009 09:20:02 GMT", b"yesterday")),
    "bytes": (200, {"Content-Type": "application/octet-stream"}, b"abc"),
    "a redirect": (302, {"Location": "http://127.0.0.1:1/login"}, b""),
    "a loop": (200, XML, LISTED.replace(b"<NextMarker/>", b"<NextMarker>x</NextMarker>")),
}
# And to the request for a blob.
NO_BLOBS = {
    **{name: answer for name, answer in NO_LISTS.items() if answer[0] != 206},
    "all of it": (200, {}, b"abc"),
    "no range": (206, {}, b"abc"),
    "an odd range": (206, {"Content-Range": "bytes 0-2/x"}, b"abc"),
    "a huge range": (206, {"Content-Range": f"bytes 0-2/{'9' * 30}"}, b"abc"),
    "no size in the range": (206, {"Content-Range": "bytes 0-2/*"}, b"abc"),
    "another range": (206, {"Content-Range": "bytes 5-7/9"}, b"abc"),
    "less than its range": (206, {"Content-Range": "bytes 0-9/10"}, b"abc"),
}


@pytest.mark.parametrize("answer", NO_LISTS.values(), ids=NO_LISTS)
@pytest.mark.parametrize("ask", ["blobs", "folders"])
def test_a_list_that_is_not_azures_is_an_unexpected_answer(
    answers: Answers, answer: tuple[int, dict[str, str], bytes], ask: str
) -> None:
    answers.queue.append(answer)
    container = blobs.open(answers.source(), "modeldata")
    error = refusal(lambda: list(getattr(container, ask)("")))
    assert isinstance(error, UnexpectedAnswer)
    assert "in a browser" in error.next_step
    assert answers.asked <= 2


@pytest.mark.parametrize("answer", NO_LISTS.values(), ids=NO_LISTS)
def test_containers_that_are_not_azures_are_an_unexpected_answer(
    answers: Answers, answer: tuple[int, dict[str, str], bytes]
) -> None:
    answers.queue.append(answer)
    assert isinstance(refusal(lambda: blobs.containers(answers.source())), UnexpectedAnswer)


# Over such an answer the client library forgets to close what it came through.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("answer", NO_BLOBS.values(), ids=NO_BLOBS)
@pytest.mark.parametrize("end", [None, 10])
def test_a_blob_that_is_not_azures_is_an_unexpected_answer(
    answers: Answers, answer: tuple[int, dict[str, str], bytes], end: int | None
) -> None:
    answers.queue.append(answer)
    error = refusal(lambda: blobs.open(answers.source(), "modeldata").read("a.csv", 0, end))
    assert isinstance(error, UnexpectedAnswer)
    gc.collect()


PARTS_OF_ANSWERS = st.sampled_from(
    [b"<", b"&", b"&#1;", b"\xff", b"\0", b"</Blob>", b"<Name/>", b"<BlobPrefix/>", b"9" * 40,
     b"<Name Encoded='true'>%ZZ%FF</Name>", b"<NextMarker>x</NextMarker>", b"-", b"<a>" * 50]
)  # fmt: skip
ODD_HEADERS = st.sampled_from(
    ["Content-Type: text/html", "Content-Type: application/json",
     "Content-Type: text/xml; charset=x",
     "Content-Encoding: gzip", "Content-Encoding: x", "Content-Length: 1", "Content-Length: x",
     "Transfer-Encoding: chunked", "Last-Modified: x", "ETag:", "Date: x", "Content-Range:",
     "Content-Range: bytes 2-0/3", "Content-Range: bytes 0-99/100",
     f"Content-Range: bytes 0-2/{'9' * 5_000}", "x-ms-blob-committed-block-count: x",
     "x-ms-error-code: BlobArchived", "x-ms-creation-time: x", "x-ms-server-encrypted: x"]
)  # fmt: skip


@st.composite
def nearly_azures(draw: st.DrawFn) -> tuple[int, dict[str, str], bytes]:
    """Draw an answer to a listing, or to a read of three bytes, that may be spoilt somewhere."""
    listed = draw(st.booleans())
    body = LISTED if listed else b"abc"
    for _ in range(draw(st.integers(0, 2))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        other = draw(PARTS_OF_ANSWERS | st.binary(max_size=3) | st.just(body[start:end] * 2))
        body = body[:start] + other + body[end:]
    status = draw(st.sampled_from([200, 206, 206 - 6 * listed, 206 - 6 * listed, 204, 304, 400]))
    headers = XML if listed else {"Content-Range": "bytes 0-2/3"}
    for odd in draw(st.lists(ODD_HEADERS, max_size=2)):
        name, _, value = odd.partition(":")
        headers = {**headers, name: value.strip()}
    return status, headers, body


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nearly_azures())
def test_whatever_is_answered_there_are_blobs_or_an_error_of_ours(
    answers: Answers, answer: tuple[int, dict[str, str], bytes]
) -> None:
    answers.queue[:] = [answer]
    container = blobs.open(answers.source(), "modeldata")
    with suppress(SourceError):
        container.folders("")
    with suppress(SourceError):
        assert all(blob.size >= 0 for blob in container.blobs(""))
    with suppress(SourceError):
        assert len(container.read("a.csv", 0, 3)) == 3
    with suppress(SourceError):
        blobs.containers(answers.source())
    gc.collect()


def test_a_clock_that_is_wrong_is_named_with_how_much(answers: Answers) -> None:
    answers.refuse(403, "AuthenticationFailed", "Request date header too old")
    for hours, side in [(2, "120 minutes behind"), (-1, "60 minutes ahead of")]:
        error = answers.error()
        there = datetime.now(UTC) + timedelta(hours=hours, seconds=1)
        error.response.headers["Date"] = format_datetime(there)  # type: ignore[attr-defined]
        found = translation.translate(error, Asked("contoso", "modeldata", "key"))
        assert isinstance(found, NotAuthenticated)
        assert f"the clock of the machine that runs the app is {side} the service's" in str(found)


def test_an_account_that_does_not_tell_its_containers_says_which_setting_to_write(
    azurite: str, azurite_source: Source, upload: Upload
) -> None:
    upload(azurite_source, "azureml-blobstore-9", {"modelDataCollector/e/d/i/x": b"1"})
    token = generate_container_sas(
        "devstoreaccount1",
        "azureml-blobstore-9",
        key_of(azurite_source),
        permission=ContainerSasPermissions.from_string("rl"),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    source = with_sas(azurite, token)
    (root,) = blobs.roots(source)
    assert root.guessed
    container = blobs.open(source, root.container)
    error = blobs.unreadable(source, root, refusal(lambda: container.folders("")))
    assert "is for one container only" in error.message
    assert 'containers = ["azureml-blobstore-' in error.next_step
    there = Unreachable("It could not be reached.", "Try again.")
    assert blobs.unreadable(source, root, there) is there
    assert blobs.unreadable(source, Root("modeldata"), error) is error
    over = NotAuthenticated("The SAS token for contoso expired at 2026-03-01 12:00 UTC.", "Ask.")
    assert blobs.unreadable(source, root, over) is over
    # The one container that such a token opens was looked in.
    assert blobs.unseen(source, root) is None


def test_an_identity_that_may_not_list_containers_says_that_there_may_be_more() -> None:
    for place in ({"sas_token": "sv=1&srt=o&sig=x"}, {}):
        source = Source("x", account_url="https://contoso.blob.core.windows.net", **place)
        error = blobs.unseen(source, Root("modeldata", guessed=True))
        assert error is not None
        assert "for contoso may not list containers, so only modeldata" in error.message
        assert 'containers = ["modeldata", "azureml-blobstore-' in error.next_step
        assert blobs.unseen(source, Root("modeldata")) is None


def test_when_a_sas_token_is_valid_goes_by_the_clock_of_the_service(answers: Answers) -> None:
    answers.refuse(403, "AuthenticationFailed")
    error = answers.error()
    now = datetime.now(UTC)
    error.response.headers["Date"] = format_datetime(now - timedelta(hours=2))  # type: ignore[attr-defined]
    for expires, words in [(now - timedelta(hours=1), "was not accepted"), (None, "was not")]:
        message = translation.translate(error, Asked("contoso", "x", "sas", expires)).message
        assert words in message
    expires = now - timedelta(hours=3)
    message = translation.translate(error, Asked("contoso", "x", "sas", expires)).message
    assert "expired at" in message
    assert "clock" not in message


def test_a_clock_that_is_somewhat_off_is_not_what_a_wrong_key_is_told(answers: Answers) -> None:
    answers.refuse(403, "AuthenticationFailed")
    error = answers.error()
    there = format_datetime(datetime.now(UTC) + timedelta(minutes=10))
    error.response.headers["Date"] = there  # type: ignore[attr-defined]
    found = translation.translate(error, Asked("contoso", "modeldata", "key"))
    assert "account key" in found.message


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("AADSTS700024: Client assertion is not within its valid time range.", "clock"),
        ("AADSTS7000222: The provided client secret keys are expired.", "has expired"),
        ("AADSTS90002: Tenant not found.", "AZURE_TENANT_ID"),
        ("AADSTS900382: Confidential Client is not supported in Cross Cloud.", "authority"),
        ("AADSTS50076: Multi-factor authentication is needed.", "az login"),
    ],
)
def test_what_entra_says_is_told_with_what_to_do(reason: str, step: str) -> None:
    identity = FailingIdentity(ClientAuthenticationError(reason))
    source = Source("x", account_url="https://127.0.0.1:1/contoso")
    error = refusal(lambda: blobs.open(source, "modeldata", identity).folders(""))
    assert isinstance(error, NotAuthenticated)
    assert reason.partition(":")[0] in error.message
    assert step in error.next_step


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AZURE_AUTHORITY_HOST", "http://login.example"),
        ("AZURE_TENANT_ID", "a b"),
        ("AZURE_TOKEN_CREDENTIALS", "all"),
    ],
)
def test_an_environment_that_allows_no_identity_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    if variable == "AZURE_TENANT_ID":
        monkeypatch.setenv("AZURE_CLIENT_ID", "x")
        monkeypatch.setenv("AZURE_CLIENT_SECRET", "y")
    monkeypatch.setenv(variable, value)
    source = Source("x", account_url="https://contoso.blob.core.windows.net")
    error = refusal(lambda: blobs.containers(source))
    assert isinstance(error, NotAuthenticated)
    assert variable in error.message
    assert variable in error.next_step


def test_a_sign_in_that_another_cloud_refuses_names_the_setting(answers: Answers) -> None:
    answers.refuse(401, "InvalidAuthenticationInfo")
    gov = Asked("contoso.blob.core.usgovcloudapi.net", "modeldata", "identity")
    assert "set `authority`" in translation.translate(answers.error(), gov).next_step
    ours = Asked("contoso", "modeldata", "identity")
    assert "`authority`" not in translation.translate(answers.error(), ours).next_step


def test_another_cloud_signs_in_where_its_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []

    def identity(**options: str) -> FailingIdentity:
        seen.append(options)
        return FailingIdentity(ClientAuthenticationError("no"))

    monkeypatch.setattr(account, "DefaultAzureCredential", identity)
    place = {"account_url": "https://contoso.blob.core.usgovcloudapi.net"}
    login = "https://login.microsoftonline.us"
    for source in [Source("x", **place), Source("x", **place, authority=login)]:  # type: ignore[arg-type]
        refusal(lambda source=source: blobs.open(source, "modeldata").folders(""))
    assert seen == [{}, {"authority": login}]


def test_a_download_that_breaks_off_is_unreachable(answers: Answers) -> None:
    answers.queue.append((206, {"Content-Range": "bytes 0-9/10", "Content-Length": "10"}, b"abc"))
    error = refusal(lambda: blobs.open(answers.source(), "modeldata").read("a.csv"))
    assert isinstance(error, Unreachable)
    assert answers.asked == 3


def test_an_account_that_takes_too_long_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(account._CLIENT, "read_timeout", 0.1)
    monkeypatch.setitem(account._CLIENT, "retry_total", 0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/contoso"
        error = refusal(lambda: names(blobs.open(with_sas(url, SAS), "modeldata")))
    assert isinstance(error, Unreachable)
    assert "took too long" in error.message


# Errors of files


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (PermissionError(13, "Permission denied"), NotAllowed, "Let the user"),
        (FileNotFoundError(2, "No such file"), NotFound, "no folder"),
        (OSError(116, "Stale file handle"), Unreachable, "Stale file handle"),
    ],
)
def test_what_the_file_system_says_is_told_with_what_to_do(
    tmp_path: Path,
    upload: Upload,
    monkeypatch: pytest.MonkeyPatch,
    raised: OSError,
    kind: type[SourceError],
    words: str,
) -> None:
    source = Source("x", folder=str(tmp_path))
    upload(source, "modeldata", {"a.csv": b"1"})
    container = blobs.open(source, "modeldata")
    assert isinstance(container, FolderContainer)

    def fail(*args: Any, **options: Any) -> None:
        raise raised

    monkeypatch.setattr(os, "scandir", fail)
    monkeypatch.setattr("builtins.open", fail)
    asks: list[Callable[[], Any]] = [
        lambda: container.folders(""),
        lambda: names(container),
        lambda: container.read("a.csv"),
        lambda: blobs.containers(source),
    ]
    for ask in asks:
        error: DriftlineError = refusal(ask)
        assert type(error) is kind
        assert words in str(error)
