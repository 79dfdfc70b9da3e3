"""Where the app writes: a folder or a container of its own."""

import errno
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas

from lib import blobs
from lib.blobs.writing import AccountPlace, FolderPlace
from lib.errors import NotAllowed, NotFound, SettingsError, SourceError, Unreachable
from lib.settings import Profiles, Source

KEY = "c2VjcmV0c2VjcmV0"


@pytest.fixture(params=["account", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> blobs.Place:
    """Both kinds of place: what is tested with this holds for either. It is not there yet."""
    profiles = Profiles(folder=str(tmp_path / "new" / "kept"))
    if request.param == "account":
        source: Source = request.getfixturevalue("azurite_source")
        profiles = in_account(source)
    found = blobs.open_place(profiles)
    assert found is not None
    return found


def in_account(source: Source) -> Profiles:
    return Profiles(folder="", connection_string=source.connection_string, container="driftline")


def data(place: blobs.Place, name: str) -> bytes:
    with place.open(name) as file:
        return file.read()


def test_what_was_written_is_read(place: blobs.Place) -> None:
    place.write("a.parquet", b"first")
    place.write("b.parquet", b"")
    place.write("a.parquet", b"second")
    assert data(place, "a.parquet") == b"second"
    assert data(place, "b.parquet") == b""
    found = sorted((file.name, file.size) for file in place.files())
    assert found == [("a.parquet", 6), ("b.parquet", 0)]


def test_a_place_that_is_not_there_yet_has_no_files(place: blobs.Place) -> None:
    assert list(place.files()) == []
    with pytest.raises(NotFound):
        place.open("a.parquet")


def test_what_was_deleted_is_gone_and_may_be_deleted_again(place: blobs.Place) -> None:
    place.write("a.parquet", b"1")
    place.delete("a.parquet")
    place.delete("a.parquet")
    assert list(place.files()) == []
    with pytest.raises(NotFound):
        place.open("a.parquet")


def test_files_tell_when_they_changed(place: blobs.Place) -> None:
    place.write("a.parquet", b"1")
    (file,) = place.files()
    assert file.changed is not None
    assert abs(datetime.now(UTC) - file.changed) < timedelta(minutes=1)


def test_reading_a_file_of_a_folder_counts_as_its_use(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    place.write("a.parquet", b"1")
    os.utime(tmp_path / "a.parquet", (0, 0))
    place.open("a.parquet").close()
    (file,) = place.files()
    assert file.changed is not None
    assert file.changed.year > 2000


def test_a_file_that_is_being_read_can_be_replaced(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    place.write("a.parquet", b"old")
    with place.open("a.parquet") as file:
        place.write("a.parquet", b"new")
        assert file.read() == b"old"
    assert data(place, "a.parquet") == b"new"


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = FolderPlace(tmp_path)
    place.write("a.parquet", b"old")

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(Unreachable, match=r"No space left.*keep_mb"):
            place.write("a.parquet", b"new")
    assert os.listdir(tmp_path) == ["a.parquet"]
    assert data(place, "a.parquet") == b"old"


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (PermissionError(13, "Permission denied"), NotAllowed, "Let the user"),
        (OSError(errno.EROFS, "Read-only file system"), NotAllowed, "another folder"),
        (OSError(errno.EIO, "Input/output error"), Unreachable, "Input/output error"),
    ],
)
def test_what_the_file_system_says_is_told_with_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raised: OSError,
    kind: type[SourceError],
    words: str,
) -> None:
    place = FolderPlace(tmp_path)
    place.write("a.parquet", b"1")

    def fail(*_: Any, **__: Any) -> None:
        raise raised

    for name in ("mkdir", "open", "unlink"):
        monkeypatch.setattr(Path, name, fail)
    monkeypatch.setattr(os, "scandir", fail)
    asks = [
        lambda: place.write("a.parquet", b"2"),
        lambda: place.open("a.parquet"),
        lambda: place.delete("a.parquet"),
        lambda: list(place.files()),
    ]
    for ask in asks:
        with pytest.raises(kind) as caught:
            ask()
        assert words in str(caught.value)


def test_a_home_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    place = blobs.open_place(Profiles(folder="~/kept"))
    assert place == FolderPlace(Path("/somewhere/kept"))


def test_nothing_is_opened_where_nothing_is_kept() -> None:
    assert blobs.open_place(Profiles(folder="")) is None


def test_a_container_is_made_when_it_is_first_written_to(azurite_source: Source) -> None:
    place = blobs.open_place(in_account(azurite_source))
    assert isinstance(place, AccountPlace)
    with BlobServiceClient.from_connection_string(azurite_source.connection_string) as service:
        list(place.files())
        assert [each.name for each in service.list_containers()] == []
        place.write("a.parquet", b"1")
        assert [each.name for each in service.list_containers()] == ["driftline"]


def test_a_token_that_may_only_read_is_told_what_is_missing(
    azurite: str, azurite_source: Source
) -> None:
    place = blobs.open_place(in_account(azurite_source))
    assert place is not None
    place.write("a.parquet", b"1")
    key = dict(part.split("=", 1) for part in azurite_source.connection_string.split(";") if part)[
        "AccountKey"
    ]
    token = generate_container_sas(
        "devstoreaccount1",
        "driftline",
        key,
        permission=ContainerSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    told = Profiles(folder="", account_url=azurite, sas_token=token, container="driftline")
    reading = blobs.open_place(told)
    assert reading is not None
    assert data(reading, "a.parquet") == b"1"
    for ask in (lambda: reading.write("b.parquet", b"1"), lambda: reading.delete("a.parquet")):
        with pytest.raises(NotAllowed) as caught:
            ask()
        assert "Keeping profiles in" in caught.value.message
        assert "Read, Create, Write, Delete and List" in caught.value.next_step
        assert "sig=" not in str(caught.value)


def test_an_identity_without_the_role_is_told_which(azurite_source: Source) -> None:
    place = blobs.open_place(in_account(azurite_source))
    assert isinstance(place, AccountPlace)
    message = "Reading contoso/driftline is not allowed (AuthorizationPermissionMismatch)."
    step = "Give the app's identity the role Storage Blob Data Reader on the storage account x."
    with pytest.raises(NotAllowed) as caught, place._words():
        raise NotAllowed(message, step)
    assert caught.value.message.startswith("Keeping profiles in contoso/driftline is not allowed")
    assert "Storage Blob Data Contributor" in caught.value.next_step


def test_an_account_that_does_not_answer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    text = f"AccountName=contoso;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{port}/contoso"
    place = blobs.open_place(Profiles(folder="", connection_string=text, container="driftline"))
    assert place is not None
    for ask in (lambda: place.write("a", b"1"), lambda: place.open("a"), lambda: place.delete("a")):
        with pytest.raises(Unreachable) as caught:
            ask()
        assert KEY not in str(caught.value)
    assert KEY not in repr(place)


def test_a_connection_string_that_cannot_be_used_is_a_mistake_in_the_settings() -> None:
    told = Profiles(folder="", connection_string=f"AccountKey={KEY}", container="driftline")
    with pytest.raises(SettingsError) as caught:
        blobs.open_place(told)
    assert caught.value.key == "profiles.connection_string"
    assert "[profiles]" in caught.value.example
    assert KEY not in str(caught.value)


def test_a_place_says_where_it_is(place: blobs.Place) -> None:
    assert place.label.endswith(("/new/kept", "/driftline"))
