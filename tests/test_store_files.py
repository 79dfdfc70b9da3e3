"""Profiles in files: what comes back, what outlives a process, and what happens to damaged ones."""

import io
import json
from datetime import date

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from growing import V1, V2, Blob, assert_same, csv, event
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import blobs, profile, store
from lib.store import files, seal
from lib.store.batches import Digest
from lib.store.files import Growth

DAY = date(2026, 3, 5)
NOTHING = pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in files.PROBLEMS.items()})


def kept(frame, growth=None, problems=NOTHING):
    """Return the digest of a frame, as it comes back from a file, and the file."""
    digests = {DAY: Digest(len(frame), profile.profile(frame), problems)}
    data = files.encode("account/box", [("a", "1", 10)], digests, growth)
    return digests[DAY], files.digests(files.opened(data, "account/box"))[0][DAY], data


def bits(part):
    """Return all that a distribution holds, bit by bit."""
    values = part.values.tolist() if hasattr(part.values, "tolist") else part.values.to_pylist()
    numbers = [part.counts, part.sketch]
    numbers += [np.array([part.mean, part.m2])] if hasattr(part, "mean") else []
    numbers += [np.array(values)] if values and isinstance(values[0], float) else []
    rest = (part.exact, part.distinct, getattr(part, "other", None))
    return values, [(array.dtype, array.tobytes()) for array in numbers], rest


def assert_bits(one, other):
    assert list(one.features) == list(other.features)
    assert one.rows == other.rows
    for a, b in zip(one.features.values(), other.features.values(), strict=True):
        assert (a.name, a.rows, a.missing, a.below, a.above) == (
            *(b.name, b.rows, b.missing, b.below, b.above),
        )
        assert a.shapes == b.shapes
        for name in ("numbers", "instants", "texts"):
            assert bits(getattr(a, name)) == bits(getattr(b, name)), (a.name, name)


CELLS = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.text(st.characters(codec="utf-8"), max_size=130),
    st.booleans(),
    st.datetimes().map(str),
)


@given(columns=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=4))
@settings(deadline=None, max_examples=50)
def test_whatever_was_in_the_cells_comes_back_to_the_last_bit(columns):
    frame = pd.DataFrame({f"c{at}": pd.Series(c, dtype=object) for at, c in enumerate(columns)})
    before, after, _ = kept(frame)
    assert_bits(before.kept, after.kept)


def test_groups_sketches_and_long_lists_come_back_to_the_last_bit():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "normal": random.normal(size=20_000),
            "huge": random.normal(size=20_000) * 1e300,
            "when": pd.to_datetime(random.integers(0, 2**40, 20_000), unit="us", utc=True),
            "id": [f"id-{n}" for n in random.integers(0, 2**40, 20_000)],
            "none": [np.nan] * 20_000,
        }
    )
    before, after, _ = kept(frame)
    assert not before.kept.features["id"].texts.exact
    assert np.isinf(before.kept.features["huge"].numbers.m2)
    assert_bits(before.kept, after.kept)
    merged = [profile.merge([each.kept, each.kept]) for each in (before, after)]
    assert_bits(*merged)


def test_problems_days_without_features_and_growth_come_back():
    problems = pd.DataFrame(
        {
            "kind": ["no_rows"],
            "count": [1],
            "first_line": [3],
            "sample": ["é\x00"],
            "message": ["…"],
            "blob": ["a"],
        }
    ).astype(files.PROBLEMS)
    before, after, _ = kept(pd.DataFrame(), problems=problems)
    pd.testing.assert_frame_equal(before.problems, after.problems)
    events = np.array([1, 2**64 - 1], np.uint64)
    told = Growth(10, 2, "ab", {"x": "number"}, events)
    _, _, data = kept(pd.DataFrame({"x": [1]}), told)
    found = files.growth(files.opened(data, "account/box"))
    assert (found.size, found.header, found.digest, found.columns) == (10, 2, "ab", {"x": "number"})
    assert found.events.tolist() == events.tolist()


def test_another_program_can_read_a_file():
    _, _, data = kept(pd.DataFrame({"x": [1.5, 2, 2], "s": ["a", "b", "b"]}))
    table = pd.read_parquet(io.BytesIO(data)).set_index("name")
    assert table["number_values"]["x"].tolist() == [1.5, 2]
    assert table["number_counts"]["x"].tolist() == [1, 2]
    assert table["text_values"]["s"].tolist() == ["b", "a"]
    assert table["day"].tolist() == [DAY, DAY]
    about = json.loads(pq.read_metadata(io.BytesIO(data)).metadata[b"driftline"])
    assert about["blobs"] == [{"name": "a", "etag": "1", "size": 10}]


# Across processes.


def rewritten(data, change):
    """Return a kept file with other JSON in its metadata."""
    table = pq.read_table(io.BytesIO(data))
    about = json.loads(pq.read_metadata(io.BytesIO(data)).metadata[seal.KEY])
    change(about)
    file = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(seal.sealed(about)), file)
    return file.getvalue()


@pytest.fixture
def blob(tmp_path):
    blob = Blob(tmp_path, V1)
    blob.write(csv((1, "a"), ("", "b"), (2.5, "c")))
    return blob


def shelf_of(blob):
    return store.Shelf(2**24, blobs.open_place(blob.profiles))


def file_of(blob):
    (path,) = [path for path in blob.files() if path.name.endswith(".profile.parquet")]
    return path


def test_another_process_reads_no_blob_again(blob):
    first = blob.days()
    again = blob.days()
    assert blob.container.reads == []
    assert_same(again, first)


def test_what_changed_is_read_again_and_takes_the_place_of_what_it_was(blob):
    blob.days()
    blob.write(csv((7, "z")))
    (day,) = blob.days()
    assert len(blob.container.reads) == 1
    assert day.profile.features["x"].numbers.values.tolist() == [7]
    assert len(list(blob.files())) == 1
    blob.days()
    assert blob.container.reads == []


DAMAGE = {
    "empty": lambda data: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "no footer": lambda data: data[:-8],
    "a flipped bit": lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
    "something else": lambda data: b"name,rows\nx,3\n",
    "without metadata": lambda data: parquet(pd.DataFrame({"name": ["x"]})),
    "another number of rows": lambda data: data.replace(b'"rows": ', b'"rows": 1'),
    "an older version": lambda data: rewritten(data, lambda about: about.update(version=0)),
    "of another account": lambda data: rewritten(data, lambda about: about.update(container="x")),
    "a column too few": lambda data: without(data, "number_counts"),
    "no days": lambda data: rewritten(data, lambda about: about.update(days=[])),
    "no list of days": lambda data: rewritten(data, lambda about: about.update(days=7)),
}


def parquet(frame):
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def without(data, column):
    file = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(data)).drop_columns(column), file)
    return file.getvalue()


@pytest.mark.parametrize("how", DAMAGE)
def test_a_file_that_cannot_be_understood_is_made_anew_and_counted(blob, how):
    first = blob.days()
    path = file_of(blob)
    good = path.read_bytes()
    path.write_bytes(DAMAGE[how](good))
    shelf = shelf_of(blob)
    assert_same(blob.days(shelf), first)
    assert len(blob.container.reads) == 1
    assert shelf.notes().rebuilt >= 1
    assert path.read_bytes() == good
    assert_same(blob.days(), first)
    assert blob.container.reads == []


def test_growth_that_is_damaged_is_made_anew(tmp_path):
    blob = Blob(tmp_path, V2)
    blob.write(event(1, x=1))
    blob.days()
    path = file_of(blob)
    path.write_bytes(rewritten(path.read_bytes(), lambda about: about.update(growth={"size": 1})))
    blob.write(event(1, x=1) + event(2, x=2))
    shelf = shelf_of(blob)
    (day,) = blob.days(shelf)
    assert day.rows == 2
    assert shelf.notes().rebuilt == 1


def test_small_blobs_of_a_day_share_a_file(tmp_path):
    blob = Blob(tmp_path, V2)
    for hour in range(24):
        other = Blob(tmp_path, V2.replace("/10/", f"/{hour:02}/"))
        other.write(event(hour, x=hour))
    (day,) = blob.days()
    assert day.rows == 24
    assert len(list(blob.files())) == 1
    assert_same(blob.days(), [day])
    assert blob.container.reads == []


def test_what_is_not_whole_is_not_kept(blob, monkeypatch):
    from lib import errors

    def gone(*_):
        raise errors.NotFound("It is gone.", "Look again.")

    with monkeypatch.context() as patch:
        patch.setattr(blob.container, "read", gone)
        with pytest.raises(errors.NotReadable, match="It is gone"):
            blob.days()
    assert list(blob.files()) == []
    assert blob.days()[0].rows == 3


def test_without_a_place_nothing_is_written(blob):
    shelf = store.Shelf(2**24)
    blob.days(shelf)
    assert list(blob.files()) == []
    assert shelf.notes() == store.Notes("", 0, 0, 0, "", "")
