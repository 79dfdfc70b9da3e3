"""A disk that is full or read-only where the app keeps what it read: nothing else suffers."""

import errno
import os
import tempfile

import pytest

from lib.settings import Source
from lib.ui import sources
from tests.faults import small_account, world
from tests.faults.world import LAST_RESORT, Reader


@pytest.fixture
def account(tmp_path, upload, monkeypatch):
    """A folder with the small account and its telemetry, read by an app that has read nothing."""
    folder = tmp_path / "account"
    source = Source("small", folder=str(folder))
    for container, files in (small_account.collected() | small_account.telemetry()).items():
        upload(source, container, files)
    monkeypatch.setenv("DRIFTLINE_FOLDER", str(folder))
    monkeypatch.setenv("DRIFTLINE_WORKSPACE", "contoso-ws")
    monkeypatch.setenv("DRIFTLINE_TODAY", small_account.TODAY.isoformat())
    monkeypatch.setattr(sources, "_secrets", dict)
    world.cold()
    yield folder
    world.cold()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_summaries_that_cannot_be_kept_cost_no_number(account, tmp_path, monkeypatch, number):
    monkeypatch.setenv("DRIFTLINE_PROFILES_FOLDER", "off")
    healthy = {page: Reader(small_account.CREDIT).open(page) for page in world.COLLECTED}
    world.cold()
    kept = tmp_path / "kept"
    monkeypatch.setenv("DRIFTLINE_PROFILES_FOLDER", str(kept))
    make = tempfile.mkstemp

    def fails(*rest, **options):
        if str(options.get("dir", "")).startswith(str(kept)):
            raise OSError(number, os.strerror(number))
        return make(*rest, **options)

    reader = Reader(small_account.CREDIT)
    with monkeypatch.context() as disk:
        disk.setattr(tempfile, "mkstemp", fails)
        for page in world.COLLECTED:
            found = reader.open(page)
            assert not found.crashes
            assert not LAST_RESORT.search(found.text)
            assert found.numbers == healthy[page].numbers, page
        assert "Summaries are not kept." in reader.refresh("overview").text
    world.cold()  # as a process that begins with room on the disk
    for page in world.COLLECTED:
        assert reader.refresh(page).numbers == healthy[page].numbers, page
    assert list(kept.glob("*.profile.parquet"))


def test_telemetry_that_cannot_be_copied_is_named_and_shown_once_it_can(
    account, tmp_path, monkeypatch
):
    monkeypatch.setenv("DRIFTLINE_PROFILES_FOLDER", "off")
    monkeypatch.setenv("DRIFTLINE_TELEMETRY_ARCHIVE", str(account))
    cache = tmp_path / "cache"
    cache.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    reader = Reader(small_account.CREDIT)
    for page in world.TELEMETRY:
        found = reader.open(page)
        assert not found.crashes
        assert not LAST_RESORT.search(found.text)
        assert str(cache) in found.text, page
    cache.unlink()
    table = reader.refresh("overview").tables[0].set_index("service")
    assert table["requests_per_day"].to_dict() == {"credit-svc": 40, "fraud-ep": 40}
    assert "**160 requests" in reader.refresh("requests").text
    assert "**8 of 160 requests failed**" in reader.refresh("failures").text
