"""The place behind the shelf: its size, several processes at once, and when it fails."""

import errno
import io
import multiprocessing
import os
import signal
import sys
import threading
import time
import types
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from growing import MARCH, V1, V2, Blob, Counting, assert_same, csv, event

from lib import blobs, catalog, errors, store
from lib.blobs import Blob as Listed
from lib.settings import Profiles, Source
from lib.store.kept import Kept


def name(number, ending="profile"):
    return f"{number:032x}.{ending}.parquet"


class Place:
    """A place in memory, which may fail."""

    label = "memory"

    def __init__(self):
        self.data, self.used = {}, {}
        self.failing = {}
        self.listings = self.asked = 0
        self.clock = datetime(2026, 3, 1, tzinfo=UTC)

    def fail(self, what):
        self.asked += 1
        if what in self.failing:
            raise self.failing[what]

    def tick(self, name):
        self.clock += timedelta(seconds=1)
        self.used[name] = self.clock

    def open(self, name):
        self.fail("read")
        if name not in self.data:
            raise errors.NotFound("Not there.", "Look again.")
        self.tick(name)
        return io.BytesIO(self.data[name])

    def write(self, name, data):
        self.fail("write")
        self.data[name] = data
        self.tick(name)

    def delete(self, name):
        self.data.pop(name, None)

    def files(self):
        self.fail("list")
        self.listings += 1
        return [Listed(n, len(d), "", self.used.get(n)) for n, d in self.data.items()]


def test_the_least_recently_used_files_go_first():
    place = Place()
    kept = Kept(place, 1_000)
    for number in range(9):
        kept.write(name(number), b"x" * 100)
    kept.open(name(0)).close()
    kept.write(name(9), b"x" * 100)
    kept.write(name(10), b"x" * 100)
    assert sorted(place.data) == [name(0), *(name(n) for n in range(3, 11))]
    assert kept.notes().files == 9
    assert kept.notes().bytes == 900


def test_a_sweep_leaves_what_is_not_ours():
    place = Place()
    place.data = {"thesis.docx": b"x" * 5_000, "a.profile.parquet": b"x" * 5_000}
    kept = Kept(place, 1_000)
    for number in range(30):
        kept.write(name(number), b"x" * 100)
    assert {"thesis.docx", "a.profile.parquet"} <= place.data.keys()
    assert len(place.data) <= 12


def test_sweeps_are_rare():
    place = Place()
    kept = Kept(place, 100_000)
    for number in range(500):
        kept.write(name(number), b"x" * 100)
    assert place.listings <= 5


def test_a_file_written_again_counts_once_and_one_too_large_is_not_kept():
    place = Place()
    kept = Kept(place, 1_000)
    kept.write(name(1), b"x" * 100)
    kept.write(name(1), b"x" * 200)
    kept.write(name(2), b"x" * 600)
    assert (kept.notes().files, kept.notes().bytes) == (1, 200)


@pytest.fixture
def blob(tmp_path):
    blob = Blob(tmp_path, V1)
    blob.write(csv((1, "a"), (2, "b")))
    return blob


FORBIDDEN = errors.NotAllowed("Keeping is not allowed.", "Give the role.")


@pytest.mark.parametrize("what", ["read", "write"])
def test_a_place_that_fails_is_noted_once_and_then_left_alone(blob, what):
    place = Place()
    place.failing = {what: FORBIDDEN}
    shelf = store.Shelf(2**24, place)
    assert blob.days(shelf)[0].rows == 2
    notes = shelf.notes()
    reasons = {"read": notes.unreadable, "write": notes.unwritable}
    assert reasons == {"read": "", "write": ""} | {what: str(FORBIDDEN)}
    place.asked = 0
    blob.write(csv((1, "a"), (2, "b"), (3, "c")))
    assert blob.days(shelf)[0].rows == 3
    assert place.asked <= 1


def test_a_place_that_cannot_be_listed_is_not_written_to_since_nothing_would_bound_it():
    place = Place()
    place.failing = {"list": FORBIDDEN}
    kept = Kept(place, 1_000)
    for number in range(20):
        kept.write(name(number), b"x" * 100)
    assert len(place.data) == 1
    assert kept.notes().unwritable == str(FORBIDDEN)


def test_a_place_that_works_again_is_used_again(blob, monkeypatch):
    place = Place()
    place.failing = {"read": FORBIDDEN, "write": FORBIDDEN}
    shelf = store.Shelf(2**24, place)
    blob.days(shelf)
    place.failing = {}
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3_600)
    blob.write(csv((1, "a")))
    blob.days(shelf)
    assert len(place.data) == 1
    assert shelf.notes().unwritable == ""


def test_a_folder_that_cannot_be_made_is_no_obstacle(blob, tmp_path):
    (tmp_path / "file").write_text("in the way")
    shelf = store.Shelf(2**24, blobs.open_place(Profiles(folder=str(tmp_path / "file" / "kept"))))
    assert blob.days(shelf)[0].rows == 2
    assert "Not a directory" in shelf.notes().unwritable


def test_a_full_disk_is_no_obstacle_and_leaves_nothing_behind(blob, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    shelf = store.Shelf(2**24, blobs.open_place(blob.profiles))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert blob.days(shelf)[0].rows == 2
    assert "No space left" in shelf.notes().unwritable
    assert "keep_mb" in shelf.notes().unwritable
    assert blob.files() == []


# Several processes.


def read_many(folder, start, count):
    """Read a blob that changes again and again, as one of several processes."""
    blob = Blob(folder, V1)
    start.wait()
    for _ in range(count):
        os.utime(blob.path)
        (day,) = blob.days()
        assert day.rows == 2
        assert day.profile.features["x"].numbers.values.tolist() == [1, 2]


@pytest.fixture
def own_main(monkeypatch):
    """Let new processes begin without the script that a test of a page has left as the main one."""
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))


@pytest.mark.usefixtures("own_main")
def test_several_processes_write_the_same_file_and_all_read_what_is_right(blob, tmp_path):
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    workers = [context.Process(target=read_many, args=(tmp_path, start, 6)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(blob.files()) == 1
    assert_same(blob.days(), blob.days(store.Shelf(2**24)))


def write_half(folder):
    """Begin to write a file, and be killed before it is in place."""
    os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    Blob(folder, V1).days()


@pytest.mark.usefixtures("own_main")
def test_what_a_killed_process_has_left_is_never_read_and_goes_with_time(blob, tmp_path):
    worker = multiprocessing.get_context("spawn").Process(target=write_half, args=(tmp_path,))
    worker.start()
    worker.join(60)
    assert worker.exitcode == -signal.SIGKILL
    (half,) = blob.files()
    assert half.name.endswith(".half")
    assert blob.days()[0].rows == 2
    assert len(blob.container.reads) == 1
    assert half in blob.files()
    os.utime(half, (0, 0))
    store.Shelf(2**24, blobs.open_place(blob.profiles)).notes()
    assert half not in blob.files()


def test_threads_share_a_shelf(blob):
    shelf = store.Shelf(2**24, blobs.open_place(blob.profiles))
    found = []
    threads = [threading.Thread(target=lambda: found.append(blob.days(shelf))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [days[0].rows for days in found] == [2] * 8


# In a container.


def test_replicas_share_a_container(azurite_source, upload):
    upload(azurite_source, "box", {V1: csv((1, "a"), (2, "b")), V2: event(1, x=1)})
    place = Profiles(
        folder="", connection_string=azurite_source.connection_string, container="driftline"
    )

    def read():
        container = Counting(blobs.open(azurite_source, "box"))
        shelf = store.Shelf(2**24, blobs.open_place(place))
        for collection in catalog.collections(container).collections:
            found = catalog.blobs(container, collection, MARCH.first, MARCH.last)
            assert len(list(store.days(shelf, container, found, MARCH))) == 1
        return shelf, container

    shelf, container = read()
    assert len(container.reads) == 2
    assert shelf.notes().files == 2
    shelf, container = read()
    assert container.reads == []
    upload(azurite_source, "box", {V1: csv((1, "a"), (2, "b"), (3, "c"))})
    shelf, container = read()
    assert [start > 0 for start, _ in container.reads] == [False, True]


# Many days.


def test_a_long_window_takes_no_more_memory_than_a_short_one(tmp_path, monkeypatch):
    live, most = set(), 0

    def count(frames):
        nonlocal most
        live.add(object())
        most = max(most, len(live))
        return pd.DataFrame()

    for day in range(1, 31):
        blob = Blob(tmp_path, V1.replace("/05/", f"/{day:02}/"))
        blob.write(csv((1, "a")))
    (collection,) = catalog.collections(blob.container).collections
    found = catalog.blobs(blob.container, collection, MARCH.first, MARCH.last)
    reading = store.reading.folded(
        store.Shelf(1), blob.container, found, MARCH, "test", lambda frames: count(frames)
    )
    taken = 0
    for _ in reading:
        live.pop()
        taken += 1
    assert taken == 30
    assert most <= store.reading.AHEAD + 1


def test_a_source_in_a_folder_and_its_profiles_have_nothing_to_do_with_each_other(tmp_path):
    blob = Blob(tmp_path, V1)
    blob.write(csv((1, "a")))
    before = sorted((tmp_path / "account").rglob("*"))
    blob.days()
    assert sorted((tmp_path / "account").rglob("*")) == before
    assert Source("s", folder=str(tmp_path)).folder not in blob.files()[0].name
