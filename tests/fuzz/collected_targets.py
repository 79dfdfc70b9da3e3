"""Readers of collected data: names, walking, both formats, and the way that a page takes."""

import csv
import json
import re
from collections import Counter
from datetime import date
from random import Random

from lib import catalog, collected, drift, export, profile, store, summary
from lib.collected import lines
from lib.profile import Profile
from lib.window import Window
from tests.fuzz import mutations, samples
from tests.fuzz.memory import Memory
from tests.fuzz.target import Target

EVER = Window(date(2000, 1, 1), date(2099, 12, 31))
V1 = "sub/rg/ws/svc/m/1/inputs/2026/03/05/inputs.csv"
V2 = "modelDataCollector/e/d/model_inputs/2026/03/05/10/a.jsonl"
LOST = [name for name, kind in store.KINDS.items() if kind.lost and name in collected.KINDS]


# Names.


def make_name(random: Random) -> bytes:
    """The name of a blob, nearly or wholly that of collected data."""
    name = random.choice(samples.names())
    for _ in range(random.choice((0, 1, 1, 2, 4))):
        parts = name.split("/")
        at = random.randrange(len(parts))
        match random.randrange(5):
            case 0:
                parts[at] = mutations.odd_text(random, parts[at])
            case 1:
                del parts[at]
            case 2:
                parts.insert(
                    at, random.choice(["2026", "13", "00", "31", "", "modelDataCollector"])
                )
            case 3:
                parts[at] = random.choice(random.choice(samples.names()).split("/"))
            case _:
                parts = parts[at:]
        name = "/".join(parts)
    return name.encode("utf-8", "surrogatepass")


def check_name(case: bytes) -> None:
    """A name is understood wholly, or not at all."""
    name = case.decode("utf-8", "surrogatepass")
    found = catalog.parse(name, "box", "ws")
    if found is None:
        return
    assert found.name == name
    assert found.start < found.end
    assert name.startswith(found.collection.prefix)
    assert found.collection.container == "box"


def make_account(random: Random) -> bytes:
    """The names of some blobs of one container."""
    return b"\0".join({make_name(random) for _ in range(random.randrange(1, 12))})


def check_account(case: bytes) -> None:
    """Walking finds each blob at most once; one in a usual place is found."""
    names = {part.decode("utf-8", "surrogatepass") for part in case.split(b"\0")}
    container = Memory({name: b"x" for name in names if name})
    tree = catalog.collections(container)
    assert len(set(tree.collections)) == len(tree.collections)
    told_apart = catalog.tell_apart(tree.collections)
    assert len(told_apart) == len(tree.collections)
    listed: Counter[str] = Counter()
    for collection in tree.collections:
        found = catalog.blobs(container, collection, EVER.first, EVER.last)
        listed.update(item.blob.name for item in found)
        first = catalog.first_day(container, collection)
        last = catalog.last_day(container, collection)
        assert (first is None) == (last is None)
        assert first is None or first <= last
    assert not listed or max(listed.values()) == 1
    assert set(listed) <= names
    if tree.collections:
        sizes = catalog.sizes(container, tree.collections)
        assert sum(size.files for size in sizes.values()) >= len(listed)


# Files.


def make_csv(random: Random) -> bytes:
    """A file of v1 with something changed."""
    files = samples.files("csv")
    return mutations.of_bytes(random, random.choice(files), files)


def make_jsonl(random: Random) -> bytes:
    """A file of v2 with values or bytes changed."""
    files = samples.files("jsonl")
    return mutations.lines(random, random.choice(files), files)


def check_csv(case: bytes) -> None:
    """Every row of the file is a row of the frame, or named."""
    read = collected.read(case, V1)
    counts = _counts(read)
    assert len(read.frame) == read.rows_read
    text = _text(case)
    named = counts["repeated_header"] + sum(counts[kind] for kind in LOST)
    if '"' not in text:
        rows = sum(bool(line) for line in re.split("\r\n|\n|\r", text))
        assert rows - named - read.rows_read in (0, 1), (rows, named, read.rows_read)
    elif not counts["torn_line"]:
        rows = sum(map(bool, csv.reader(lines.of(text.encode()))))
        assert rows - named - read.rows_read in (0, 1), (rows, named, read.rows_read)
    else:
        whole = sum(bool(line) for line in re.split("\r\n|\n|\r", text))
        assert read.rows_read + named <= whole


def check_jsonl(case: bytes) -> None:
    """Every line is an event, of which no row is lost, or named."""
    read = collected.read(case, V2)
    counts = _counts(read)
    assert len(read.frame) == read.rows_read
    events, rows, found = 0, 0, 0
    for line in _text(case).encode().split(b"\n"):
        if not line.strip():
            continue
        found += 1
        event = _event(line)
        if event is None:
            continue
        events += 1
        data = event.get("data")
        whole = isinstance(data, list) and data and all(isinstance(r, dict) and r for r in data)
        rows += len(data) if whole else 0
    lost = sum(counts[kind] for kind in LOST)
    assert found - events <= lost, (found, events, lost)
    # An event without rows of its own has at least one, or is named.
    assert read.rows_read >= rows
    assert read.rows_read + lost + counts["no_rows"] >= found
    assert lost + counts["no_rows"] <= max(found, 1)


def _event(line: bytes) -> dict | None:
    try:
        event = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    usable = isinstance(event, dict) and event.keys() & {"data", "dataref"}
    if not usable or str(event.get("datainblob")).lower() == "true":
        return None
    return None if event.get("data") is None and event.get("dataref") is not None else event


def _text(case: bytes) -> str:
    return case.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _counts(read: collected.Collected) -> Counter[str]:
    return Counter(dict(zip(read.problems["kind"], map(int, read.problems["count"]), strict=True)))


# The way of a page.


def make_days(random: Random) -> bytes:
    """Two days of files of one collection, the first of the names deciding of which kind."""
    make, name = random.choice([(make_csv, V1), (make_jsonl, V2)])
    others = [name, name.replace("/05/", "/06/"), name.replace("inputs.csv", "b.csv")]
    files = {each: make(random).hex() for each in others[: random.randrange(1, 4)]}
    return json.dumps(files).encode()


def check_days(case: bytes) -> None:
    """All rows of all files are in the days, in their profiles, in the table and in exports."""
    files = {name: bytes.fromhex(data) for name, data in json.loads(case).items()}
    container = Memory(files)
    alone = {name: collected.read(data, name, container.read) for name, data in files.items()}
    [collection] = catalog.collections(container).collections
    shelf = store.Shelf(2**24)
    found = catalog.blobs(container, collection, EVER.first, EVER.last)
    assert {item.blob.name for item in found} == set(files)
    days = list(store.days(shelf, container, found, EVER))
    rows = sum(read.rows_read for read in alone.values())
    assert sum(day.rows for day in days) == rows
    for day in days:
        assert day.profile.rows == day.rows
    problems = summary.problems(days)
    named = sum((_counts(read) for read in alone.values()), Counter[str]())
    named = Counter({kind: n for kind, n in named.items() if not store.KINDS[kind].note})
    assert problems.groupby("kind")["count"].sum().to_dict() == dict(named)
    whole = store.merged(shelf, days)
    _summarised(whole, days)
    table = store.all_rows(container, [item.blob for item in found], shelf)
    assert len(table) == rows
    assert table.columns.is_unique
    export.csv(table)
    export.parquet(table)


def _summarised(whole: Profile, days: list[store.Day]) -> None:
    """Make the tables and sentences that a page shows of it."""
    window = Window(days[0].day, days[-1].day)
    summary.by_day(days, window)
    summary.window_sentence(days, window, "inputs")
    before = days[0].profile
    summary.statistics(whole, before, {})
    for name, feature in whole.features.items():
        assert feature.rows <= whole.rows
        parts = {"current": feature}
        if name in before.features:
            parts["reference"] = before.features[name]
        kind = profile.kind(feature)
        summary.feature_sentence(name, parts, kind)
        summary.card_line(parts, kind)
        summary.key_numbers(parts, kind)
        summary.missing_per_day(days, window, name)
        summary.categories_per_day(days, name)
        summary.quantiles_per_day(days, window, name, kind)
    table = drift.compare(before, whole)
    assert set(table["feature"]) <= whole.features.keys() | before.features.keys()
    drift.signals(before, whole, {}, drift.Thresholds())


TARGETS = {
    "names": Target(make_name, check_name, 4, 3_000),
    "account": Target(make_account, check_account, 4, 60),
    "v1": Target(make_csv, check_csv, 12, 100),
    "v2": Target(make_jsonl, check_jsonl, 12, 100),
    "days": Target(make_days, check_days, 20, 15),
}
