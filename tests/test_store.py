"""What is kept of blobs, when they are read again, and what happens to one that cannot be read."""

import gzip
from datetime import UTC, date, datetime

import pytest

from lib import blobs, catalog, errors, export, store
from lib.settings import Source
from lib.store.memory import Memory
from lib.window import Window

PREFIX = "sub/rg/ws/svc/m/1/inputs/"
MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
TAIL = (
    "$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,"
    "$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id"
)


def csv(*values: object, day: int = 5) -> bytes:
    """Return a file of one feature `x`, as the collector writes it."""
    rows = [
        f"{value},id-{n},2026-03-{day:02}T10:00:0{n}.5,1440,sub/rg/ws,svc,m,1,"
        for n, value in enumerate(values)
    ]
    return "\r\n".join([f"x,{TAIL}", *rows, ""]).encode()


class Counting:
    """A container that counts what is read from it, and may fail."""

    def __init__(self, inner: blobs.Container) -> None:
        self.inner = inner
        self.label = inner.label
        self.reads: list[str] = []
        self.failing: dict[str, errors.SourceError] = {}

    def folders(self, prefix):
        return self.inner.folders(prefix)

    def blobs(self, prefix):
        return self.inner.blobs(prefix)

    def read(self, name, start=0, end=None):
        self.reads.append(name)
        if name in self.failing:
            raise self.failing[name]
        return self.inner.read(name, start, end)


@pytest.fixture
def account(tmp_path):
    """Return a folder to write blobs into, and its container."""

    def write(name: str, data: bytes) -> None:
        path = tmp_path / "modeldata" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    write(f"{PREFIX}2026/03/05/inputs.csv", csv(1, 2, day=5))
    write(f"{PREFIX}2026/03/07/inputs.csv", csv(3, day=7))
    return write, Counting(blobs.open(Source("s", folder=str(tmp_path)), "modeldata"))


def found(container, window=MARCH):
    (collection,) = catalog.collections(container).collections
    return catalog.blobs(container, collection, window.first, window.last)


def read(memory, container, window=MARCH):
    return list(store.days(memory, container, found(container, window), window))


@pytest.fixture
def memory():
    return store.Shelf(10 * 2**20)


def test_days_come_in_order_with_their_rows_and_profiles(account, memory):
    _, container = account
    first, second = read(memory, container)
    assert (first.day, first.rows, second.day, second.rows) == (
        date(2026, 3, 5),
        2,
        date(2026, 3, 7),
        1,
    )
    assert first.profile.features["x"].numbers.values.tolist() == [1, 2]
    assert [blob.name for blob in first.blobs] == [f"{PREFIX}2026/03/05/inputs.csv"]


def test_a_blob_is_read_once_for_each_version_of_it(account, memory):
    write, container = account
    read(memory, container)
    assert len(container.reads) == 2
    read(memory, container)
    assert len(container.reads) == 2
    write(f"{PREFIX}2026/03/07/inputs.csv", csv(3, 4, day=7))
    assert [item.day.day for item in store.unread(memory, container, found(container))] == [7]
    assert [day.rows for day in read(memory, container)] == [2, 2]
    assert container.reads[2:] == [f"{PREFIX}2026/03/07/inputs.csv"]


def test_several_blobs_of_a_day_add_up(account, memory):
    write, container = account
    write(f"{PREFIX}2026/03/05/more.csv", csv(9, 9, 9))
    day = read(memory, container)[0]
    assert day.rows == 5
    assert day.profile.features["x"].numbers.values.tolist() == [1, 2, 9]


def test_a_blob_that_vanished_is_a_problem_of_its_day_and_is_tried_again(account, memory):
    _, container = account
    name = f"{PREFIX}2026/03/05/inputs.csv"
    container.failing[name] = errors.NotFound("It is gone.", "Look again.")
    first, second = read(memory, container)
    assert (first.rows, second.rows) == (0, 1)
    assert first.problems[["kind", "blob", "message"]].values.tolist() == [
        ["unread", name, "It is gone. Look again."]
    ]
    container.failing.clear()
    assert [day.rows for day in read(memory, container)] == [2, 1]


@pytest.mark.parametrize("kind", errors.OF_ONE_BLOB)
def test_a_blob_that_cannot_be_read_costs_itself_and_is_named(account, memory, kind):
    _, container = account
    name = f"{PREFIX}2026/03/05/inputs.csv"
    container.failing[name] = kind("It is closed.", "Open it.")
    first, second = read(memory, container)
    assert (first.whole, first.rows, first.readable) == (False, 0, ())
    assert [(each.blob, each.message) for each in first.unread] == [(name, "It is closed.")]
    assert (second.whole, second.rows, second.unread) == (True, 1, ())
    assert store.KINDS["unread"].lost


def test_a_closed_blob_among_small_ones_of_its_day_costs_itself(account, memory):
    write, container = account
    write(f"{PREFIX}2026/03/05/more.csv", csv(8, 9))
    container.failing[f"{PREFIX}2026/03/05/inputs.csv"] = errors.BlobUnreadable("No.", "Ask.")
    day = read(memory, container)[0]
    assert (day.rows, [blob.name[-8:] for blob in day.readable]) == (2, ["more.csv"])


def test_what_is_closed_is_not_tried_at_every_look_but_when_asked_to_forget(account, memory):
    _, container = account
    name = f"{PREFIX}2026/03/05/inputs.csv"
    container.failing[name] = errors.BlobUnreadable("It is archived.", "Move it.")
    for _ in range(3):
        assert [day.rows for day in read(memory, container)] == [0, 1]
        assert store.unread(memory, container, found(container)) == []
    assert container.reads.count(name) == 1
    container.failing.clear()
    memory.forget_incomplete()
    assert [day.rows for day in read(memory, container)] == [2, 1]


def test_nothing_made_of_a_day_that_lacks_a_blob_stands_for_the_whole_day(account, memory):
    _, container = account
    name = f"{PREFIX}2026/03/05/inputs.csv"
    container.failing[name] = errors.Changed("It was replaced.", "Look again.")
    less = store.merged(memory, read(memory, container))
    halves = dict(store.splits(memory, container, found(container), MARCH, "x", ("1", "3")))
    container.failing.clear()
    assert (less.rows, store.merged(memory, read(memory, container)).rows) == (1, 3)
    again = dict(store.splits(memory, container, found(container), MARCH, "x", ("1", "3")))
    assert sum(part.rows for day in halves.values() for part in day.values()) == 1
    assert sum(part.rows for day in again.values() for part in day.values()) == 3


def test_a_blob_that_became_shorter_than_listed_is_unread_and_not_kept(account, memory):
    write, container = account
    listed = found(container)
    name = f"{PREFIX}2026/03/05/inputs.csv"
    whole = container.inner.read(name)
    write(name, b"")
    [short, _] = store.days(memory, container, listed, MARCH)
    assert short.rows == 0
    assert short.problems["kind"].tolist() == ["unread"]
    assert "became shorter" in short.problems["message"][0]
    write(name, whole)
    assert [day.rows for day in store.days(memory, container, listed, MARCH)] == [2, 1]


def test_data_of_which_nothing_can_be_read_are_an_error_after_a_few_tries(account, memory):
    write, container = account
    for day in range(1, 32):
        write(f"{PREFIX}2026/03/{day:02}/inputs.csv", csv(*range(9), day=day))
    every = {item.blob.name for item in found(container)}
    container.failing = dict.fromkeys(every, errors.NotAllowed("It is forbidden.", "Ask."))
    with pytest.raises(errors.NotReadable, match=r"None of the 16 files tried .+ It is forbidden"):
        read(memory, container)
    assert len(container.reads) <= 16 + 16  # those under way when the sixteenth was refused


def test_of_many_small_blobs_of_one_day_only_the_first_are_tried_in_vain(account, memory):
    write, container = account
    for number in range(100):
        write(f"{PREFIX}2026/03/09/{number:03}.csv", csv(1, day=9))
    container.failing = {
        item.blob.name: errors.NotAllowed("No.", "Ask.")
        for item in found(container)
        if item.day.day == 9
    }
    *_, last = read(memory, container)
    assert (last.rows, len(last.unread), len(last.blobs)) == (0, 100, 100)
    assert len(container.reads) == 2 + 16


@pytest.mark.parametrize(
    ("packed", "how"), [(gzip.compress, "gzip"), (lambda data: b"PK\x03\x04" + data, "zip")]
)
def test_a_compressed_file_is_named_and_not_read_as_garbage(account, memory, packed, how):
    write, container = account
    write(f"{PREFIX}2026/03/05/inputs.csv", packed(csv(1, 2)))
    first, second = read(memory, container)
    assert (first.rows, second.rows) == (0, 1)
    assert f"is compressed ({how})" in first.unread[0].message


def test_an_error_that_every_blob_would_meet_is_raised_and_not_kept(account, memory):
    _, container = account
    container.failing[f"{PREFIX}2026/03/05/inputs.csv"] = errors.Unreachable("No.", "Ask.")
    with pytest.raises(errors.Unreachable):
        read(memory, container)
    container.failing.clear()
    assert [day.rows for day in read(memory, container)] == [2, 1]


def test_problems_carry_the_name_of_their_blob(account, memory):
    write, container = account
    write(f"{PREFIX}2026/03/05/inputs.csv", csv(1, 2) + b"torn")
    problems = read(memory, container)[0].problems
    assert set(problems["blob"]) == {f"{PREFIX}2026/03/05/inputs.csv"}
    assert problems["count"].sum() >= 1


def test_a_month_in_one_file_is_divided_by_the_days_of_its_rows(tmp_path, memory):
    line = (
        '{"specversion":"1.0","id":"%s","time":"%s","data":[{"x":%d}],'
        '"correlationid":"c","xrequestid":"c","type":"azureml.inference.model_inputs"}\n'
    )
    days = ["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", "2026-03-09T10:00:00Z"]
    name = "modelDataCollector/e/d/model_inputs/2026/03/a.jsonl"
    path = tmp_path / "azureml-blobstore-1" / name
    path.parent.mkdir(parents=True)
    path.write_text("".join(line % (n, day, n) for n, day in enumerate(days)))
    container = blobs.open(Source("s", folder=str(tmp_path)), "azureml-blobstore-1")
    assert [(day.day.day, day.rows) for day in read(memory, container)] == [(2, 2), (9, 1)]
    early = Window(date(2026, 3, 1), date(2026, 3, 5))
    assert [(day.day.day, day.rows) for day in read(memory, container, early)] == [(2, 2)]


def test_rows_are_split_by_the_values_of_a_feature_and_the_split_is_kept(account, memory):
    write, container = account
    write(f"{PREFIX}2026/03/05/inputs.csv", csv("a", "a", "b"))
    write(f"{PREFIX}2026/03/07/inputs.csv", csv("c", "", day=7))
    blobs_found = found(container)
    for _ in range(2):
        days = dict(store.splits(memory, container, blobs_found, MARCH, "x", ("a", "b")))
        rows = {
            day.day: {name: part.rows for name, part in parts.items()}
            for day, parts in days.items()
        }
        assert rows == {5: {"a": 2, "b": 1}, 7: {"other": 1, "missing": 1}}
    assert len(container.reads) == 2


def test_closing_the_iterator_stops_the_reading(account, memory):
    write, container = account
    for day in range(8, 28):
        write(f"{PREFIX}2026/03/{day:02}/inputs.csv", csv(*range(9), day=day))
    reading = store.days(memory, container, found(container), MARCH)
    assert next(reading).day == date(2026, 3, 5)
    reading.close()
    assert len(container.reads) < 22


def test_the_same_days_are_merged_once(account, memory):
    _, container = account
    days = read(memory, container)
    whole = store.merged(memory, days)
    assert whole.rows == 3
    assert whole.features["x"].numbers.values.tolist() == [1, 2, 3]
    assert store.merged(memory, read(memory, container)) is whole
    assert store.merged(memory, days[:1]).rows == 2


def test_all_rows_of_several_blobs_come_in_one_frame(account):
    _, container = account
    frame = store.all_rows(container, [item.blob for item in found(container)])
    assert frame["x"].tolist() == [1, 2, 3]
    assert store.all_rows(container, []).empty


def test_a_column_that_is_text_in_one_blob_is_text_in_all_rows(account):
    write, container = account
    write(f"{PREFIX}2026/03/06/inputs.csv", csv("$1", "", day=6))
    frame = store.all_rows(container, [item.blob for item in found(container)])
    assert frame["x"].dtype == "str"
    assert frame["x"].fillna("-").tolist() == ["1", "2", "$1", "-", "3"]
    assert len(export.parquet(frame)) > 0


def test_memory_drops_what_was_used_least_recently():
    memory = Memory(3_000)
    for key in "abc":
        memory.put(key, key * 900)
    assert memory.get("a") == "a" * 900
    memory.put("d", "d" * 900)
    assert [memory.get(key) is not None for key in "abcd"] == [True, False, True, True]
    assert memory.bytes <= 3_000


def test_memory_keeps_one_value_however_large_and_counts_a_new_value_once():
    memory = Memory(10)
    memory.put("a", "x" * 1_000)
    assert memory.get("a") is not None
    before = memory.bytes
    memory.put("a", "x" * 1_000)
    assert memory.bytes == before


def test_the_rows_of_one_blob_come_as_they_were_collected(account):
    _, container = account
    whole = store.rows(container, found(container)[0].blob)
    assert whole.frame["x"].tolist() == [1, 2]
    assert whole.frame["scored_at"][0] == datetime(2026, 3, 5, 10, 0, 0, 500_000, tzinfo=UTC)


def test_rows_under_the_header_of_another_deployment_do_not_make_its_features_missing(
    account, memory
):
    write, container = account
    wide = f"1,2,id-9,2026-03-05T11:00:00.5,1440,sub/rg/ws,svc,m,1,{'0' * 8}\r\n"
    write(f"{PREFIX}2026/03/05/inputs.csv", csv(1, 2, 3) + wide.encode())
    day = read(memory, container)[0]
    assert day.rows == 4
    x = day.profile.features["x"]
    assert (x.rows, x.missing) == (3, 0)
    assert day.profile.features["col_0"].rows == 1


def test_small_blobs_of_a_day_are_read_together_and_large_ones_alone():
    def item(name, day, size, span="hour"):
        return catalog.DayBlob(date(2026, 3, day), blobs.Blob(name, size, "1", None), span)

    small, large = 2_000_000, 5_000_000
    found = [
        item("d", 6, small),
        item("a", 5, small),
        item("b", 5, small),
        item("c", 5, small),
        item("e", 6, large),
        item("f", 6, small),
        item("m", 7, small, "month"),
        item("n", 7, small),
    ]
    names = [[each.blob.name for each in batch] for batch in store.batches.batches(found)]
    assert names == [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["m"], ["n"]]


def test_hours_with_and_without_missing_cells_are_one_distribution(tmp_path, memory):
    line = (
        '{"id":"%d","time":"2026-03-02T1%d:00:00Z","data":[{"x":%s,"s":"a"}],"correlationid":"c"}\n'
    )
    for hour, value in enumerate(["1", "1.5", "null", '"text"']):
        path = tmp_path / f"b/modelDataCollector/e/d/model_inputs/2026/03/02/1{hour}/a.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(line % (hour, hour, value))
    container = blobs.open(Source("s", folder=str(tmp_path)), "b")
    (day,) = read(memory, container)
    x = day.profile.features["x"]
    assert (x.rows, x.missing, x.numbers.values.tolist()) == (4, 1, [1, 1.5])
    assert dict(x.texts.items()) == {"text": 1}
    assert day.profile.features["s"].rows == 4
