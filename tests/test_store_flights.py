"""Several readers of the same blobs at the same time: each blob is read once."""

import threading
from collections import Counter
from datetime import date

import pytest
from test_store import MARCH, PREFIX, csv, found

from lib import blobs, errors, store
from lib.settings import Source
from lib.store.flights import Budget, Flights

READERS = 10
LIMIT_S = 30


class Gated:
    """A container whose reads wait until they are let go, and are counted."""

    def __init__(self, inner):
        self.inner, self.label = inner, inner.label
        self.open = threading.Event()
        self.begun = threading.Event()
        self.reads = Counter()
        self.fails = 0

    def folders(self, prefix):
        return self.inner.folders(prefix)

    def blobs(self, prefix):
        return self.inner.blobs(prefix)

    def read(self, name, start=0, end=None):
        self.reads[name] += 1
        self.begun.set()
        assert self.open.wait(LIMIT_S)
        if self.fails:
            self.fails -= 1
            raise errors.Unreachable("The line broke.", "Try again.")
        return self.inner.read(name, start, end)


@pytest.fixture
def container(tmp_path):
    for day in range(1, 32):
        path = tmp_path / "modeldata" / f"{PREFIX}2026/03/{day:02}/inputs.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(csv(*range(day % 9 + 1), day=day))
    return Gated(blobs.open(Source("s", folder=str(tmp_path)), "modeldata"))


def readers(container, memory, number=READERS):
    """Start readers of one window; returns their threads and what each of them got."""
    listed, results = list(found(container)), []

    def read():
        try:
            results.append([day.rows for day in store.days(memory, container, listed, MARCH)])
        except errors.SourceError as error:
            results.append(error)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads, results


def ended(threads):
    for thread in threads:
        thread.join(LIMIT_S)
    return not any(thread.is_alive() for thread in threads)


ROWS = [day % 9 + 1 for day in range(1, 32)]


def test_ten_readers_of_one_cold_window_read_each_blob_once(container):
    threads, results = readers(container, store.Shelf(2**24))
    assert container.begun.wait(LIMIT_S)
    container.open.set()
    assert ended(threads)
    assert results == [ROWS] * READERS
    assert len(container.reads) == 31
    assert set(container.reads.values()) == {1}


def test_a_reader_that_leaves_does_not_take_the_others_along(container):
    memory = store.Shelf(2**24)
    listed = list(found(container))
    leaving = store.days(memory, container, listed, MARCH)
    container.open.set()
    assert next(leaving).day == date(2026, 3, 1)
    container.open.clear()
    threads, results = readers(container, memory, 3)
    leaving.close()
    container.open.set()
    assert ended(threads)
    assert results == [ROWS] * 3
    assert set(container.reads.values()) == {1}


def test_an_error_reaches_all_who_wait_and_the_next_look_reads_anew(container):
    memory = store.Shelf(2**24)
    container.fails = 1_000_000  # whoever comes late meets it, too
    threads, results = readers(container, memory, 4)
    container.open.set()
    assert ended(threads)
    assert [type(each) for each in results] == [errors.Unreachable] * 4
    container.fails = 0
    assert [day.rows for day in store.days(memory, container, found(container), MARCH)] == ROWS


def test_what_nobody_waits_for_any_longer_is_not_begun(container):
    memory = store.Shelf(2**24)
    leaving = store.days(memory, container, list(found(container)), MARCH)
    first = threading.Thread(target=lambda: next(leaving, None), daemon=True)
    first.start()
    assert container.begun.wait(LIMIT_S)
    container.open.set()
    assert ended([first])
    leaving.close()
    assert len(container.reads) < 31


def test_joined_work_is_done_once_and_anew_after_it_ended():
    flights, calls = Flights(2), []
    gate = threading.Event()

    def work():
        calls.append(1)
        assert gate.wait(LIMIT_S)
        return len(calls)

    tickets = [flights.join("key", work) for _ in range(5)]
    gate.set()
    assert [ticket.result() for ticket in tickets] == [1] * 5
    assert flights.join("key", work).result() == 2


def test_a_budget_lets_small_ones_in_together_and_a_large_one_alone():
    budget = Budget(10)
    with budget.spent(4), budget.spent(6):
        inside = threading.Event()

        def large():
            with budget.spent(1_000):
                inside.set()

        thread = threading.Thread(target=large, daemon=True)
        thread.start()
        assert not inside.is_set()
    assert inside.wait(LIMIT_S)
    assert ended([thread])
