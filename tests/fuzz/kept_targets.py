"""Files that are kept of what was read: damaged ones are made anew, and never believed."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, BinaryIO

from pandas.testing import assert_frame_equal

from lib import catalog, store
from lib.blobs import Blob
from lib.errors import NotFound
from tests.fuzz import mutations, samples
from tests.fuzz.collected_targets import EVER, V1, V2
from tests.fuzz.memory import Memory
from tests.fuzz.target import Target
from tests.growing import assert_same


class Place:
    """A place for kept files, in memory."""

    label = "memory"

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.kept = dict(files or {})

    def open(self, name: str) -> BinaryIO:
        if name not in self.kept:
            raise NotFound("Not there.", "Look again.")
        return io.BytesIO(self.kept[name])

    def write(self, name: str, data: bytes) -> None:
        self.kept[name] = data

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def files(self) -> Iterator[Blob]:
        at = datetime(2026, 3, 6, tzinfo=UTC)
        return iter([Blob(name, len(data), "", at) for name, data in self.kept.items()])


@cache
def _accounts() -> list[Memory]:
    """Containers with one collection each, whose files have rows of several kinds."""
    csv, jsonl = samples.files("csv"), samples.files("jsonl")
    return [
        Memory({V1: csv[0], V1.replace("/05/", "/06/"): csv[1]}),
        Memory({V1: csv[2]}),
        Memory({V2: jsonl[0], V2.replace("a.jsonl", "b.jsonl"): jsonl[1]}),
        Memory({V2: jsonl[2]}),
    ]


@cache
def _right(at: int) -> tuple[dict[str, bytes], list[Any], Any]:
    """What is kept of an account, and what its days and rows are."""
    place = Place()
    days, rows = _read(at, place)
    return place.kept, days, rows


def _read(at: int, place: Place) -> tuple[list[Any], Any]:
    container = _accounts()[at]
    [collection] = catalog.collections(container).collections
    found = catalog.blobs(container, collection, EVER.first, EVER.last)
    shelf = store.Shelf(2**24, place)
    days = list(store.days(shelf, container, found, EVER))
    return days, store.all_rows(container, [item.blob for item in found], shelf)


def make_kept(random: Random) -> bytes:
    """The kept files of an account, one of them damaged, cut or another's."""
    at = random.randrange(len(_accounts()))
    kept, _, _ = _right(at)
    name = random.choice(sorted(kept))
    others = [data for n in range(len(_accounts())) for data in _right(n)[0].values()]
    return json.dumps([at, name, mutations.of_bytes(random, kept[name], others).hex()]).encode()


def check_kept(case: bytes) -> None:
    """The numbers are those of the blobs, whatever the file says."""
    at, name, data = json.loads(case)
    kept, days, rows = _right(at)
    found, table = _read(at, Place(kept | {name: bytes.fromhex(data)}))
    assert_same(found, days)
    assert_frame_equal(table, rows)


TARGETS = {"kept": Target(make_kept, check_kept, 8, 40)}
