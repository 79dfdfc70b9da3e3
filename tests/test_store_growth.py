"""A blob that has grown is read on from where it was left, and says what the whole would say."""

import numpy as np
import pytest
from growing import (
    CELLS,
    MARCH,
    SAMPLES,
    V1,
    V2,
    Blob,
    assert_same,
    collected_samples,
    csv,
    event,
    fresh_blob,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import blobs, catalog, store
from lib.store import growth


@pytest.fixture
def blob(tmp_path):
    return lambda name=V1: Blob(tmp_path, name)


@pytest.mark.parametrize("sample", collected_samples(), ids=lambda path: "/".join(path.parts[-7:]))
def test_a_sample_cut_at_any_newline_is_read_on_as_if_read_whole(tmp_path_factory, sample):
    data = sample.read_bytes()
    name = str(sample.relative_to(SAMPLES)).split("/", 2)[2]
    cuts = [at + 1 for at, byte in enumerate(data[:-1]) if byte == ord("\n")]
    for cut in sorted({cuts[len(cuts) * part // 6] for part in range(6)}):
        with fresh_blob(tmp_path_factory, name) as blob:
            assert_same(*blob.grow(data[:cut], data))


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS)), min_size=2, max_size=8
    ),
    at=st.integers(0, 100),
)
@settings(deadline=None, max_examples=60)
def test_any_cells_of_csv_cut_at_any_newline(tmp_path_factory, rows, at):
    data = csv(*rows)
    cuts = [place + 1 for place, byte in enumerate(data[:-1]) if byte == ord("\n")]
    cut = cuts[at % len(cuts)]
    with fresh_blob(tmp_path_factory, V1) as blob:
        assert_same(*blob.grow(data[:cut], data))


VALUES = [None, 1, 2.5, 2**53 + 1, 2**70, True, "", "a", "5", "True", "[", "2026-03-01"]
VALUES += [[1], {"a": 1}, float("nan"), "NaN"]


@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from("ab"), st.sampled_from(VALUES), min_size=1),
        min_size=2,
        max_size=8,
    ),
    ids=st.lists(st.integers(0, 50), min_size=8, max_size=8),
    at=st.integers(1, 7),
)
@settings(deadline=None, max_examples=60)
def test_any_values_of_json_lines_cut_at_any_newline(tmp_path_factory, rows, ids, at):
    lines = [event(n, **data) for n, data in zip(ids, rows, strict=False)]
    cut = min(at, len(lines) - 1)
    with fresh_blob(tmp_path_factory, V2) as blob:
        assert_same(*blob.grow(b"".join(lines[:cut]), b"".join(lines)))


# What is read.


def long(rows, first=0):
    return [(n * 0.5, f"value {n % 7}") for n in range(first, first + rows)]


def test_of_csv_the_header_the_overlap_and_what_is_new_are_read(blob):
    blob = blob()
    before, after = csv(*long(3_000)), csv(*long(3_100))
    assert len(before) > 2 * growth.OVERLAP
    assert_grown(*blob.grow(before, after))
    header = before.index(b"\n") + 1
    assert blob.reads == [(0, header), (len(before) - growth.OVERLAP, len(after))]


def test_of_json_lines_the_overlap_and_what_is_new_are_read(blob):
    blob = blob(V2)
    lines = [event(n, x=n / 3, s="a") for n in range(2_100)]
    before, after = b"".join(lines[:2_000]), b"".join(lines)
    assert_grown(*blob.grow(before, after))
    assert blob.reads == [(len(before) - growth.OVERLAP, len(after))]


def assert_grown(found, wanted):
    """Assert that days agree in what does not depend on how many numbers are listed."""
    for one, other in zip(found, wanted, strict=True):
        assert one.rows == other.rows
        x, y = one.profile.features["x"], other.profile.features["x"]
        assert (x.rows, x.missing, x.shapes) == (y.rows, y.missing, y.shapes)
        assert x.numbers.count == y.numbers.count
        assert x.numbers.mean == pytest.approx(y.numbers.mean, rel=1e-12)
        assert x.numbers.m2 == pytest.approx(y.numbers.m2, rel=1e-9)
        assert x.numbers.values[[0, -1]].tolist() == y.numbers.values[[0, -1]].tolist()
        s, t = one.profile.features["s"], other.profile.features["s"]
        assert list(s.texts.items()) == list(t.texts.items())


def test_a_blob_is_read_on_again_and_again_and_the_distribution_stays_sharp(blob):
    blob = blob()
    values = np.random.default_rng(1).lognormal(size=6_000)
    rows = [(value, "a") for value in values]
    blob.write(csv(*rows[:1_000]))
    blob.days()
    for upto in range(1_100, 6_001, 100):
        blob.write(csv(*rows[:upto]))
        (day,) = blob.days()
        assert len(blob.container.reads) == 2
        assert blob.container.reads[1][0] > 0 or upto < 1_300
    numbers = day.profile.features["x"].numbers
    assert numbers.count == 6_000
    share = np.searchsorted(np.sort(values), numbers.values, side="right") / 6_000
    assert np.abs(np.cumsum(numbers.counts) / 6_000 - share).max() < 0.004


def test_what_is_held_of_a_size_that_only_grew_is_not_asked_for_twice(blob):
    blob = blob()
    blob.write(csv(*long(1_000)))
    blob.days()
    size = blob.path.stat().st_size
    blob.write(csv(*long(1_200)))
    shelf = store.Shelf(2**24, blobs.open_place(blob.profiles))
    (collection,) = catalog.collections(blob.container).collections
    found = catalog.blobs(blob.container, collection, MARCH.first, MARCH.last)
    (left,) = store.unread(shelf, blob.container, found)
    assert left.blob.size == blob.path.stat().st_size - size
    assert len(blob.days(shelf)) == 1
    assert store.unread(shelf, blob.container, found) == []


# What must be read as a whole.


def whole(blob, after):
    """Return whether the last reading was of the whole blob, which is always the last read."""
    return blob.reads[-1] == (0, len(after))


def test_a_prefix_that_changed_is_read_as_a_whole(blob):
    blob = blob()
    before = csv(*long(100))
    after = csv(*[(value + 1, text) for value, text in long(150)])
    assert_same(*blob.grow(before, after))
    assert whole(blob, after)


def test_a_header_that_changed_is_read_as_a_whole(blob):
    blob = blob()
    after = csv(*long(3_100), header="y,s")
    assert_same(*blob.grow(csv(*long(3_000)), after))
    assert whole(blob, after)


@pytest.mark.parametrize("rows", [50, 100])
def test_a_blob_that_is_no_longer_is_read_as_a_whole(blob, rows):
    blob = blob()
    after = csv(*[(n, "z") for n in range(1_000, 1_000 + rows)])
    assert_same(*blob.grow(csv(*long(100)), after))
    assert whole(blob, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([(1, "a"), (2, "b")], [("abc", "a")]),
        ([("abc", "a")], [(1, "b")]),
        ([("5.", "a")], [("abc", "a")]),
        ([("True", "a")], [("x", "a")]),
        ([("2026-01-01", "a")], [("x", "a")]),
        ([(2**53 + 1, "a")], [("", "a")]),
        ([("", "a")], [(2**60 + 1, "a")]),
        ([(-(2**63), "a")], [("", "a")]),
    ],
)
def test_a_column_of_another_type_is_read_as_a_whole(blob, before, after):
    blob = blob()
    data = csv(*before, *after)
    assert_same(*blob.grow(csv(*before), data))
    assert whole(blob, data)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([(1, "a")], [("2.5", "a"), ("", "b")]),
        ([("", "a")], [("x", "a")]),
        ([("x", "a")], [("", "")]),
        ([(2**53 + 1, "a")], [(2**60 + 1, "a")]),
    ],
)
def test_a_column_of_the_same_type_is_read_on(blob, before, after):
    blob = blob()
    data = csv(*before, *after)
    assert_same(*blob.grow(csv(*before), data))
    assert not whole(blob, data)


def test_a_cell_whose_line_break_is_where_reading_ended_is_one_cell(blob):
    blob = blob()
    data = csv((1, '"a\nb"'), (2, "c"))
    days, again = blob.grow(data[: data.index(b"a\n") + 2], data)
    assert_same(days, again)
    assert dict(days[0].profile.features["s"].texts.items()) == {"a\nb": 1, "c": 1}


def test_a_second_header_is_no_row(blob):
    blob = blob()
    data = csv((1, "a")) + csv((2, "b"))
    days, again = blob.grow(csv((1, "a")), data)
    assert_same(days, again)
    assert days[0].rows == 2
    assert days[0].problems["kind"].tolist() == ["repeated_header"]


def test_rows_under_the_header_of_another_deployment_stay_apart(blob):
    blob = blob()
    data = csv((1, "a"), (2, "b", 3))
    days, again = blob.grow(csv((1, "a")), data)
    assert_same(days, again)
    assert "other_width" in set(days[0].problems["kind"])


def test_an_event_that_comes_again_is_noticed(blob):
    blob = blob(V2)
    lines = [event(1, x=1), event(2, x=2), event(1, x=3)]
    days, again = blob.grow(b"".join(lines[:2]), b"".join(lines))
    assert_same(days, again)
    assert days[0].problems["kind"].tolist() == ["repeated_event"]


def test_a_key_that_is_new_is_missing_in_the_rows_before(blob):
    blob = blob(V2)
    lines = [event(1, x=1), event(2, x=2, y=5)]
    days, again = blob.grow(lines[0], b"".join(lines))
    assert_same(days, again)
    assert days[0].profile.features["y"].missing == 1


def test_a_line_that_is_still_being_written_is_read_as_a_whole_next_time(blob):
    blob = blob(V2)
    lines = [event(n, x=n) for n in range(4)]
    half = b"".join(lines[:2]) + lines[2][:20]
    blob.write(lines[0])
    blob.days()
    blob.write(half)
    (day,) = blob.days()
    assert day.problems["kind"].tolist() == ["torn_line"]
    assert_same(*blob.grow(half, b"".join(lines)))


def test_a_month_that_grows_gains_days(blob):
    blob = blob("modelDataCollector/e/d/model_inputs/2026/03/a.jsonl")

    def on(day, n):
        return event(n, x=n).replace(b"2026-03-05", f"2026-03-{day:02}".encode())

    before = on(2, 1) + on(9, 2)
    days, again = blob.grow(before, before + on(9, 3) + on(4, 4))
    assert_same(days, again)
    assert [(day.day.day, day.rows) for day in days] == [(2, 1), (4, 1), (9, 2)]
    assert blob.reads == [(0, len(before) + len(on(9, 3) + on(4, 4)))]
