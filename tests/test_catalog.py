"""What blob names say, and how few calls it takes to find collections, days and folders."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import FrozenInstanceError, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import catalog
from lib.catalog import paths
from lib.errors import NotAllowed, NotFound, Throttled, UnexpectedAnswer, Unreachable

SAMPLES = Path(__file__).parent / "samples"
SUB = "0a1b2c3d-1111-2222-3333-444455556666"
V1 = f"{SUB}/contoso-ml-rg/contoso-ws/credit-svc/credit_risk/3/inputs/"
V2 = "modelDataCollector/credit-default/blue/model_inputs/"
MONDAY = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Blob:
    name: str
    size: int = 100
    etag: str = "1"
    changed: datetime | None = MONDAY


class Memory:
    """A container in memory that writes down every call, a flat listing once for each page."""

    def __init__(self, blobs: Iterable[Blob | str], name: str = "modeldata", page: int = 5_000):
        self.label = f"contoso/{name}"
        self.page = page
        self.all = sorted(
            (Blob(each) if isinstance(each, str) else each for each in blobs),
            key=lambda blob: blob.name,
        )
        self.calls: list[str] = []

    def folders(self, prefix: str) -> list[str]:
        self.calls.append(f"folders {prefix}")
        rests = [b.name.removeprefix(prefix) for b in self.all if b.name.startswith(prefix)]
        return sorted({rest.partition("/")[0] for rest in rests if "/" in rest})

    def blobs(self, prefix: str) -> Iterator[Blob]:
        found = [blob for blob in self.all if blob.name.startswith(prefix)]
        for start in range(0, max(len(found), 1), self.page):
            self.calls.append(f"blobs {prefix}")
            yield from found[start : start + self.page]

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        raise AssertionError(f"{name} was read, though its name says all")


def sample(path: str) -> Memory:
    """Return a container of the samples, held in memory."""
    root = SAMPLES / path
    return Memory(
        (Blob(f.relative_to(root).as_posix(), f.stat().st_size) for f in root.rglob("*.*")),
        name=root.name,
    )


@pytest.fixture
def v1() -> Memory:
    return sample("v1/modeldata")


@pytest.fixture
def v2() -> Memory:
    return sample(f"v2/azureml-blobstore-{SUB}")


def only(container: Memory) -> catalog.Collection:
    """Return the one collection of a container, and forget the calls that it took."""
    (collection,) = catalog.collections(container).collections
    container.calls.clear()
    return collection


def names(found: list[catalog.DayBlob]) -> list[str]:
    return [each.blob.name for each in found]


# What a name says


@pytest.mark.parametrize(
    ("name", "generation", "said", "start", "span"),
    [
        (
            f"{SUB}/rg/mma/irisapp/7f3e-model.pkl-2/df_raw/2018/04/20/data.csv",
            "v1-workbench",
            ("mma", "irisapp", "7f3e-model.pkl", "2", "df_raw"),
            datetime(2018, 4, 20, tzinfo=UTC),
            "day",
        ),
        (
            f"{V1}2026/03/05/inputs.csv",
            "v1",
            ("contoso-ws", "credit-svc", "credit_risk", "3", "inputs"),
            datetime(2026, 3, 5, tzinfo=UTC),
            "day",
        ),
        (
            f"{V1}2026/03/05/23/inputs.csv",
            "v1",
            ("contoso-ws", "credit-svc", "credit_risk", "3", "inputs"),
            datetime(2026, 3, 5, 23, tzinfo=UTC),
            "hour",
        ),
        (
            "default/default/default/svc/model/default/inputs/2020/08/27/inputs.csv",
            "v1",
            ("default", "svc", "model", "default", "inputs"),
            datetime(2020, 8, 27, tzinfo=UTC),
            "day",
        ),
        (
            "mine/inputs/2020/08/27/inputs.csv",
            "v1",
            ("", "", "", "mine", "inputs"),
            datetime(2020, 8, 27, tzinfo=UTC),
            "day",
        ),
        (
            "inputs/2020/08/27/inputs.csv",
            "v1",
            ("", "", "", "", "inputs"),
            datetime(2020, 8, 27, tzinfo=UTC),
            "day",
        ),
        (
            "a/b/my-own-service/m/3/inputs/2020/08/27/inputs.csv",
            "v1",
            ("b", "my-own-service", "m", "3", "inputs"),
            datetime(2020, 8, 27, tzinfo=UTC),
            "day",
        ),
        (
            f"{V2}2026/03/05/22/07/4fda.jsonl",
            "v2",
            ("", "credit-default", "", "blue", "model_inputs"),
            datetime(2026, 3, 5, 22, 7, tzinfo=UTC),
            "minute",
        ),
        (
            f"{V2}2026/03/4fda.jsonl",
            "v2",
            ("", "credit-default", "", "blue", "model_inputs"),
            datetime(2026, 3, 1, tzinfo=UTC),
            "month",
        ),
        (
            "far/below/modelDataCollector/outputs/2026/4fda.jsonl",
            "v2",
            ("", "", "", "", "outputs"),
            datetime(2026, 1, 1, tzinfo=UTC),
            "year",
        ),
        (
            "mine/2024/2025/2026/03/05/4fda.jsonl",
            "v2",
            ("", "mine", "", "2024", "2025"),
            datetime(2026, 3, 5, tzinfo=UTC),
            "day",
        ),
    ],
)
def test_a_name_says_what_was_collected_and_when(name, generation, said, start, span):
    blob = catalog.parse(name)
    found = blob.collection
    assert (blob.name, blob.start, blob.span, found.generation) == (name, start, span, generation)
    names = (found.workspace, found.service, found.model, found.version, found.identifier)
    assert names == said


@pytest.mark.parametrize(
    "name",
    [
        f"{V1}2026/03/05/aml_telemetry.csv",
        f"{V1}2026/03/05/inputs.txt",
        f"{V1}2026/03/05/",
        f"{V1}2026/03/05/.csv",
        f"{V1}2026/03/inputs.csv",
        f"{V1}2026/03/05/23/59/inputs.csv",
        f"{V1}2026/3/5/inputs.csv",
        f"{V1}2026/02/31/inputs.csv",
        f"{V1}2026/13/01/inputs.csv",
        f"{V1}2026/00/01/inputs.csv",
        f"{V1}2026/03/05/24/inputs.csv",
        f"{V1}1999/03/05/inputs.csv",
        f"{V1}2100/03/05/inputs.csv",
        f"{V1}２０２６/03/05/inputs.csv",
        f"{V1}2026/٠٣/05/inputs.csv",
        f"{V1}2026/03/05/inputs.csv\n",
        f"/{V1}2026/03/05/inputs.csv",
        f"{V1}/2026/03/05/inputs.csv",
        f"{V2}2026/03/05/22/60/4fda.jsonl",
        f"{V2}2026/03/05/22/07/01/4fda.jsonl",
        f"{V2}2026/03/05/22/ba993308-f630-4fe2-833f-481b2e4d169a",
        f"{V2}2026/03/05/22/f2b524a7.json",
        "2026/03/05/inputs.csv",
        "inputs.csv",
        "",
    ],
)
def test_what_is_no_file_of_collected_data_says_nothing(name):
    assert catalog.parse(name) is None


def test_the_29th_of_february_exists_only_in_leap_years():
    assert catalog.parse(f"{V1}2024/02/29/inputs.csv").start.day == 29
    assert catalog.parse(f"{V1}2026/02/29/inputs.csv") is None


def test_the_container_stands_for_the_workspace_that_a_v2_name_does_not_hold():
    name = f"{V2}2026/4fda.jsonl"
    assert catalog.parse(name, "store").collection.workspace == "store"
    assert catalog.parse(name, "store", "contoso-ws").collection.workspace == "contoso-ws"
    assert catalog.parse(f"{V1}2026/03/05/x.csv", "store", "w").collection.workspace == "contoso-ws"


@pytest.mark.parametrize(
    ("dated", "end"),
    [
        ("2027", datetime(2028, 1, 1, tzinfo=UTC)),
        ("2026/12", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2024/02", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2026/12/31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026/12/31/23", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026/12/31/23/59", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_file_ends_where_the_next_of_its_span_begins(dated, end):
    assert catalog.parse(f"{V2}{dated}/4fda.jsonl").end == end


def test_what_was_parsed_is_frozen_hashable_and_in_order_of_time():
    later, sooner = (catalog.parse(f"{V2}2026/03/{day}/4fda.jsonl") for day in ("06", "05"))
    assert sorted({later, sooner}) == [sooner, later]
    with pytest.raises(FrozenInstanceError):
        later.file = "other.jsonl"


segments = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=12)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59))


@settings(deadline=None, max_examples=200)
@given(st.lists(segments, min_size=1, max_size=9), moments, st.integers(1, 5), segments)
def test_a_v2_name_comes_back_as_it_was(folders, moment, depth, stem):
    dated = moment.strftime("%Y/%m/%d/%H/%M").split("/")[:depth]
    name = "/".join([*folders, *dated, f"{stem}.jsonl"])
    blob = catalog.parse(name)
    assert blob.name == name
    assert blob.span == catalog.SPANS[depth - 1]
    assert blob.collection.identifier == folders[-1]
    assert blob.start <= moment.replace(tzinfo=UTC) < blob.end


@settings(deadline=None, max_examples=200)
@given(st.lists(segments, min_size=7, max_size=7), moments, st.booleans(), segments)
def test_a_v1_name_comes_back_as_it_was(folders, moment, hourly, stem):
    name = "/".join([*folders, moment.strftime("%Y/%m/%d/%H" if hourly else "%Y/%m/%d"), stem])
    blob = catalog.parse(f"{name}.csv")
    found = blob.collection
    assert blob.name == f"{name}.csv"
    assert found.prefix == "/".join(folders) + "/"
    said = [found.workspace, found.service, found.model, found.version, found.identifier]
    assert said == folders[2:]


@settings(deadline=None, max_examples=100)
@given(st.lists(segments, min_size=5, max_size=5), segments, segments, segments, moments)
def test_a_workbench_name_comes_back_as_it_was(folders, key, model, version, moment):
    version = version.replace("-", "_")
    folders.insert(4, f"{key}-{model}-{version}")
    name = "/".join([*folders, moment.strftime("%Y/%m/%d"), "data.csv"])
    blob = catalog.parse(name)
    assert blob.name == name
    assert blob.collection.generation == "v1-workbench"
    assert (blob.collection.model, blob.collection.version) == (f"{key}-{model}", version)


pieces = st.sampled_from(
    ["2026", "2024", "02", "12", "31", "24", "00", "", "a", "modelDataCollector", SUB, "default",
     "x.csv", "x.jsonl", "aml_telemetry.csv", "é 'q\" %2F", "7-m-1"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.text() | st.lists(pieces, max_size=14).map("/".join))
def test_any_text_at_all_is_either_no_data_or_comes_back_as_it_was(text):
    blob = catalog.parse(text)
    assert blob is None or (blob.name == text and "" not in text.split("/"))


@pytest.mark.parametrize("end", ["2026/a.jsonl", "2026/03/05/a.jsonl", "2026/03/05/23/a.jsonl"])
def test_years_right_below_the_collectors_folder_bear_its_name(end):
    collection = catalog.parse(f"modelDataCollector/{end}", "c").collection
    assert (collection.service, collection.version) == ("", "")
    assert collection.identifier == "modelDataCollector"


def test_a_folder_above_the_collectors_lends_its_name_to_nothing():
    collection = catalog.parse("a/b/modelDataCollector/2026/03/05/x.jsonl").collection
    assert (collection.service, collection.version) == ("", "")
    assert collection.identifier == "modelDataCollector"


REAL = (
    f"{V1}2026/03/05/inputs.csv",
    f"{V1}2026/03/05/23/inputs.csv",
    f"{V2}2026/03/05/10/07/4fda.jsonl",
    f"{V2}2026/4fda.jsonl",
    f"{SUB}/rg/mma/irisapp/7f3e-model.pkl-2/df_raw/2018/04/20/data.csv",
    f"archive/{V2}2026/03/4fda.jsonl",
)


@st.composite
def nearly_real(draw):
    """Draw a real name with some folders dropped, doubled, exchanged or replaced."""
    folders = draw(st.sampled_from(REAL)).split("/")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(folders) - 1)) if folders else 0
        other = draw(pieces | st.text(max_size=4) | st.sampled_from(["2026", "13", "2", "99"]))
        action = draw(st.sampled_from(["drop", "double", "replace", "insert", "cut"]))
        here = folders[at : at + 1]
        folders[at : at + 1] = {
            "drop": [],
            "double": here * 2,
            "replace": [other],
            "insert": [other, *here],
            "cut": [name[:-1] for name in here],
        }[action]
    return "/".join(folders)


@settings(deadline=None, max_examples=300)
@given(nearly_real())
def test_a_name_that_is_nearly_a_real_one_is_no_data_or_comes_back_as_it_was(name):
    blob = catalog.parse(name, "c", "w")
    assert blob is None or (blob.name == name and blob.start < blob.end)


@settings(deadline=None, max_examples=300)
@given(st.text() | nearly_real(), st.booleans())
def test_any_prefix_is_named_and_both_ways_to_name_it_agree(prefix, jsonl):
    assert paths.named(prefix, jsonl, "c", "w").prefix == prefix
    collection = paths.by_layout(prefix, "c", "w")
    assert collection in (None, *(paths.named(prefix, each, "c", "w") for each in (True, False)))


@settings(deadline=None, max_examples=150)
@given(st.sets(nearly_real() | st.text("a/2.016csvjonl", max_size=30), max_size=6))
def test_any_files_at_all_are_walked_listed_and_counted(files):
    container = Memory(name for name in files if name and not name.endswith("/"))
    parsed = [blob for blob in (catalog.parse(blob.name) for blob in container.all) if blob]
    tree = catalog.collections(container)
    for collection in tree.collections:
        own = [blob for blob in parsed if blob.collection.prefix == collection.prefix]
        listed = catalog.blobs(container, collection, date(2000, 1, 1), date(2099, 12, 31))
        assert names(listed) == sorted(blob.name for blob in own)
        first, last = (
            catalog.first_day(container, collection),
            catalog.last_day(container, collection),
        )
        assert (first is None) == (last is None) == (not own)
        if own:
            assert first <= last
    if tree.collections:
        sizes = catalog.sizes(container, tree.collections)
        assert set(sizes) == set(tree.collections)


# Which collections there are


@pytest.mark.parametrize("kind", [NotAllowed, NotFound])
def test_a_folder_that_may_not_be_listed_costs_itself_and_is_named(v1, kind):
    whole = catalog.collections(v1)
    refusal, right = kind("It is closed.", "Ask."), v1.folders
    closed = f"{SUB}/contoso-ml-rg/contoso-ws/credit-svc/"

    def folders(prefix):
        if prefix == closed:
            raise refusal
        return right(prefix)

    v1.folders = folders
    tree = catalog.collections(v1)
    ((folder, error),) = tree.unlisted
    assert (folder, type(error), error.message) == (closed, kind, "It is closed.")
    assert error.next_step.startswith("Ask. ")
    assert "narrower places in the setting `containers`" in error.next_step
    rest = tuple(each for each in whole.collections if each.service != "credit-svc")
    assert 0 < len(rest) < len(whole.collections)
    assert tree.collections == rest


@pytest.mark.parametrize("kind", [Unreachable, Throttled, UnexpectedAnswer])
def test_what_every_folder_would_meet_is_raised(v1, kind):
    def folders(prefix):
        raise kind("No.", "Wait.")

    v1.folders = folders
    with pytest.raises(kind):
        catalog.collections(v1)


def test_a_root_that_may_not_be_listed_is_an_error(v1):
    def folders(prefix):
        raise NotAllowed("No.", "Ask.")

    v1.folders = folders
    with pytest.raises(NotAllowed):
        catalog.collections(v1)


def test_the_samples_hold_the_collections_that_their_paths_name(v1, v2):
    assert [
        (c.generation, c.workspace, c.service, c.model, c.version, c.identifier)
        for c in catalog.collections(v1).collections
    ] == [
        ("v1-workbench", "contoso-mma", "irisapp", "7f3e-model.pkl", "2", "df_raw"),
        ("v1-workbench", "contoso-mma", "irisapp", "7f3e-model.pkl", "2", "inputs"),
        ("v1-workbench", "contoso-mma", "irisapp", "7f3e-model.pkl", "2", "prediction"),
        ("v1", "contoso-ws", "aks-w-collv9", "best_model", "10", "RawInput"),
        ("v1", "contoso-ws", "aks-w-collv9", "best_model", "10", "inputs"),
        ("v1", "contoso-ws", "aks-w-collv9", "best_model", "10", "predictions"),
        ("v1", "contoso-ws", "credit-svc", "credit_risk", "3", "inputs"),
        ("v1", "contoso-ws", "credit-svc", "credit_risk", "3", "predictions"),
        ("v1", "contoso-ws", "hdr-svc", "hdr_change", "1", "inputs"),
        ("v1", "contoso-ws", "hour-svc", "hourly", "1", "inputs"),
        ("v1", "contoso-ws", "hour-svc", "hourly", "1", "predictions"),
        ("v1", "contoso-ws", "kill-svc", "killed_term", "1", "inputs"),
        ("v1", "contoso-ws", "late-svc", "late_header", "1", "inputs"),
        ("v1", "contoso-ws", "late-svc", "late_header", "1", "predictions"),
        ("v1", "contoso-ws", "misc-svc", "misc", "1", "general"),
        ("v1", "contoso-ws", "misc-svc", "misc", "1", "labels"),
        ("v1", "contoso-ws", "misc-svc", "misc", "1", "signals"),
        ("v1", "contoso-ws", "noheader-svc", "noheader_model", "1", "inputs"),
        ("v1", "contoso-ws", "noheader-svc", "noheader_model", "1", "predictions"),
        ("v1", "contoso-ws", "odd-svc", "odd_values", "1", "inputs"),
        ("v1", "contoso-ws", "roll-svc", "roll_list", "1", "inputs"),
        ("v1", "contoso-ws", "roll-svc", "roll_list", "1", "predictions"),
        ("v1", "contoso-ws", "roll-svc", "roll_pandas", "1", "inputs"),
        ("v1", "contoso-ws", "roll-svc", "roll_plain", "1", "predictions"),
    ]
    assert [
        (c.generation, c.workspace, c.service, c.model, c.version, c.identifier)
        for c in catalog.collections(v2, workspace="contoso-ws").collections
    ] == [
        ("v2", "contoso-ws", "credit-default", "", "blue", "model_inputs"),
        ("v2", "contoso-ws", "credit-default", "", "blue", "model_inputs_outputs"),
        ("v2", "contoso-ws", "credit-default", "", "blue", "model_outputs"),
        ("v2", "contoso-ws", "credit-default", "", "green-day", "model_inputs"),
        ("v2", "contoso-ws", "credit-default", "", "green-day", "model_inputs_outputs"),
        ("v2", "contoso-ws", "credit-default", "", "green-day", "model_outputs"),
        ("v2", "contoso-ws", "dataref-ep", "", "blue", "model_inputs"),
        ("v2", "contoso-ws", "payload-ep", "", "blue", "request"),
        ("v2", "contoso-ws", "payload-ep", "", "blue", "response"),
        ("v2", "contoso-ws", "torn-ep", "", "blue", "model_inputs"),
    ]


def test_walking_and_parsing_name_the_same_collections(v1, v2):
    for container, workspace in ((v1, ""), (v2, "contoso-ws"), (v2, "")):
        name = container.label.split("/")[1]
        parsed = [catalog.parse(blob.name, name, workspace) for blob in container.all]
        walked = catalog.collections(container, workspace=workspace).collections
        assert set(walked) == {blob.collection for blob in parsed if blob}


def test_a_walk_asks_each_folder_above_the_years_once_and_lists_nothing(v1):
    tree = catalog.collections(v1)
    folders = {""}
    for collection in tree.collections:
        parts = collection.prefix.removesuffix("/").split("/")
        folders |= {"/".join(parts[: n + 1]) + "/" for n in range(len(parts))}
    assert sorted(v1.calls) == sorted(f"folders {folder}" for folder in folders)
    assert tree.folders == len(v1.calls)
    assert tree.complete


def test_a_walk_begins_at_its_root(v2):
    tree = catalog.collections(v2, "modelDataCollector/payload-ep/")
    assert [c.identifier for c in tree.collections] == ["request", "response"]
    assert tree.collections[0].service == "payload-ep"
    assert len(v2.calls) == 4
    assert catalog.collections(v2, tree.collections[0].prefix).collections == tree.collections[:1]


def test_a_walk_stops_at_the_limit_and_says_so(v1):
    told: list[int] = []
    tree = catalog.collections(v1, most_folders=30, progress=told.append)
    assert (tree.folders, tree.complete, len(v1.calls)) == (30, False, 30)
    assert told == list(range(1, 31))
    everything = catalog.collections(v1)
    exactly = catalog.collections(v1, most_folders=everything.folders)
    assert exactly == everything
    assert everything.complete


def test_a_walk_goes_twelve_folders_down_and_says_that_there_is_more():
    deep = "/".join("abcdefghijkl")
    assert catalog.collections(Memory([f"{deep}/2026/x.jsonl"])).collections
    tree = catalog.collections(Memory([f"{deep}/m/2026/x.jsonl"]))
    assert (tree.collections, tree.folders, tree.complete) == ((), 13, False)


def test_an_empty_container_holds_no_collections():
    assert catalog.collections(Memory([])) == catalog.Tree((), 1, True)


@pytest.mark.parametrize(
    ("file", "generation"), [("05/inputs.csv", "v1"), ("05/10/4fda.jsonl", "v2")]
)
def test_on_a_path_of_the_users_own_one_look_at_the_newest_year_tells_the_kind(file, generation):
    years = [f"mine/svc/m/3/inputs/{year}/03/{file}" for year in (2024, 2025, 2026)]
    container = Memory(years)
    (collection,) = catalog.collections(container).collections
    assert collection.generation == generation
    assert container.calls[-1] == "blobs mine/svc/m/3/inputs/2026/"
    assert len(container.calls) == 7


def test_years_of_other_files_are_no_collection_and_are_not_entered():
    container = Memory([f"logs/2026/03/{day:02}/run.log" for day in range(1, 29)])
    tree = catalog.collections(container)
    assert tree == catalog.Tree((), 2, True)
    assert container.calls == ["folders ", "folders logs/", "blobs logs/2026/"]


def test_a_model_may_be_called_like_a_year():
    name = f"{SUB}/rg/ws/svc/2024/3/inputs/2026/03/05/inputs.csv"
    (collection,) = catalog.collections(Memory([name])).collections
    assert (collection.model, collection.version) == ("2024", "3")


def test_a_collection_may_lie_beside_the_years_of_another():
    container = Memory(["mine/2026/03/05/x.jsonl", "mine/other/2026/03/05/x.jsonl"])
    prefixes = [c.prefix for c in catalog.collections(container).collections]
    assert prefixes == ["mine/", "mine/other/"]


def test_v2_below_a_folder_of_the_users_own_is_known_without_a_look():
    container = Memory([f"archive/{V2}2026/03/05/x.jsonl"])
    assert only(container).service == "credit-default"
    assert catalog.collections(container, "archive/").folders == 5
    assert not [call for call in container.calls if call.startswith("blobs")]


def test_names_are_left_as_they_are():
    odd = "modelDataCollector/é 'q\" %2F/<b>/模型/2026/03/05/x.jsonl"
    collection = only(Memory([odd]))
    assert (collection.service, collection.version) == ("é 'q\" %2F", "<b>")
    assert collection.identifier == "模型"


# The blobs of a window


def dated(span: str, first: date, last: date) -> set[str]:
    """Return the date folders that a collector fills between two days."""
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    pattern = {"year": "%Y", "month": "%Y/%m", "day": "%Y/%m/%d"}.get(span)
    if pattern:
        return {day.strftime(pattern) for day in days}
    tail = {"hour": "", "minute": "/07"}[span]
    return {f"{day:%Y/%m/%d}/{hour:02}{tail}" for day in days for hour in (0, 23)}


def rolled(span: str, first: date, last: date, prefix: str = V2) -> Memory:
    """Return a container with one collection that has a file for each span between two days."""
    file = "inputs.csv" if prefix == V1 else "4fda2efaa7364394a89c37989af9db93000000.jsonl"
    return Memory(f"{prefix}{folder}/{file}" for folder in dated(span, first, last))


def covering(container: Memory, first: date, last: date) -> list[str]:
    """Return the names that a window must find, by looking at every blob there is."""
    parsed = [blob for blob in (catalog.parse(b.name) for b in container.all) if blob]
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    stop = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return [blob.name for blob in parsed if blob.start < stop and blob.end > begin]


FULL = (date(2025, 1, 1), date(2026, 12, 31))
DAY = (date(2026, 3, 5), date(2026, 3, 5))
THREE_DAYS = (date(2026, 3, 5), date(2026, 3, 7))
FOUR_DAYS = (date(2026, 3, 5), date(2026, 3, 8))
SIX_MONTHS = (date(2026, 3, 31), date(2026, 8, 1))
SEVEN_MONTHS = (date(2026, 3, 31), date(2026, 9, 1))


@pytest.mark.parametrize(
    ("prefix", "span", "window", "calls"),
    [
        (V1, "day", DAY, 1),
        (V1, "hour", THREE_DAYS, 1),
        (V1, "day", SIX_MONTHS, 6),
        (V1, "day", SEVEN_MONTHS, 1),
        (V2, "hour", DAY, 1),
        (V2, "minute", THREE_DAYS, 3),
        (V2, "day", FOUR_DAYS, 1),
        (V2, "hour", SIX_MONTHS, 6),
        (V2, "hour", SEVEN_MONTHS, 1),
        (V2, "month", DAY, 2),
        (V2, "month", THREE_DAYS, 4),
        (V2, "month", SIX_MONTHS, 6),
        (V2, "month", SEVEN_MONTHS, 1),
        (V2, "year", DAY, 4),
        (V2, "year", THREE_DAYS, 6),
        (V2, "year", SIX_MONTHS, 8),
        (V2, "year", SEVEN_MONTHS, 1),
        (V2, "hour", (date(2025, 12, 31), date(2026, 1, 1)), 2),
        (V2, "hour", (date(2025, 12, 1), date(2026, 1, 31)), 2),
        (V2, "hour", (date(2000, 1, 1), date(2099, 12, 31)), 3),
    ],
)
def test_a_window_costs_the_calls_that_the_table_says(prefix, span, window, calls):
    container = rolled(span, *FULL, prefix=prefix)
    collection = only(container)
    found = catalog.blobs(container, collection, *window)
    assert len(container.calls) == calls
    assert names(found) == covering(container, *window)
    assert found


@pytest.mark.parametrize(
    ("prefix", "window", "calls"),
    [(V1, DAY, 1), (V2, DAY, 3), (V2, THREE_DAYS, 5), (V2, FOUR_DAYS, 2), (V2, SEVEN_MONTHS, 1)],
)
def test_an_empty_window_costs_the_calls_that_the_table_says(prefix, window, calls):
    container = rolled("day", date(2026, 2, 1), date(2026, 2, 28), prefix=prefix)
    collection = only(container)
    assert catalog.blobs(container, collection, *window) == []
    assert len(container.calls) == calls


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(catalog.SPANS),
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    st.integers(0, 400) | st.integers(0, 5),
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    st.integers(0, 300) | st.integers(0, 5),
)
def test_no_window_misses_or_invents_a_blob(span, start, length, first, days):
    container = rolled(span, start, start + timedelta(days=length))
    collection = only(container)
    last = first + timedelta(days=days)
    found = catalog.blobs(container, collection, first, last)
    assert names(found) == covering(container, first, last)
    assert {each.span for each in found} <= {span}


def test_each_blob_comes_with_the_day_on_which_it_begins():
    container = rolled("month", date(2026, 3, 1), date(2026, 3, 31))
    (found,) = catalog.blobs(container, only(container), *THREE_DAYS)
    assert (found.day, found.span) == (date(2026, 3, 1), "month")
    assert found.blob == container.all[0]


def test_a_month_whose_rolling_rate_changed_keeps_its_coarser_file_where_it_alone_has_data():
    late = [f"{V2}2026/03/{day}/10/4fda.jsonl" for day in range(20, 32)]
    container = Memory([f"{V2}2026/03/9fda.jsonl", *late])
    collection = only(container)
    month = f"{V2}2026/03/9fda.jsonl"
    assert names(catalog.blobs(container, collection, *THREE_DAYS)) == [month]
    everything = catalog.blobs(container, collection, date(2026, 3, 1), date(2026, 3, 31))
    assert names(everything) == [*late, month]


def test_each_year_has_a_layout_of_its_own_and_names_stay_in_order():
    year, hour = f"{V2}2025/4fda.jsonl", f"{V2}2026/01/01/00/4fda.jsonl"
    container = Memory([year, hour])
    collection = only(container)
    for window in ((date(2025, 12, 31), date(2026, 1, 1)), (date(2025, 12, 1), date(2026, 1, 31))):
        assert names(catalog.blobs(container, collection, *window)) == [year, hour]


def test_only_the_collections_own_files_of_data_are_taken():
    own = f"{V1}2026/03/05/inputs.csv"
    container = Memory([own, f"{V1}2026/03/05/aml_telemetry.csv", f"{V1}2026/03/05/notes.txt"])
    (collection,) = catalog.collections(container).collections
    container.all.insert(0, Blob(f"{V1}2026/03/nested/2026/03/05/inputs.csv"))
    for window in (DAY, FOUR_DAYS, (date(2026, 1, 1), date(2026, 12, 31))):
        assert names(catalog.blobs(container, collection, *window)) == [own]


def test_a_window_that_ends_before_it_begins_is_empty_and_costs_nothing():
    container = rolled("hour", *DAY)
    collection = only(container)
    assert catalog.blobs(container, collection, date(2026, 3, 6), date(2026, 3, 5)) == []
    assert catalog.blobs(container, collection, date(2029, 3, 6), date(2026, 3, 5)) == []
    assert container.calls == []


def test_payloads_beside_the_data_are_not_taken(v2):
    request = "modelDataCollector/payload-ep/blue/request/"
    (collection,) = catalog.collections(v2, request).collections
    assert names(catalog.blobs(v2, collection, *DAY)) == [
        f"{request}2026/03/05/08/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf000000.jsonl"
    ]


# The first day and the last


@pytest.mark.parametrize("span", ["minute", "hour", "day"])
@pytest.mark.parametrize("prefix", [V1, V2])
def test_the_first_and_the_last_day_take_four_calls(prefix, span):
    if prefix == V1 and span == "minute":
        span = "day"
    container = rolled(span, date(2024, 11, 9), date(2026, 2, 10), prefix=prefix)
    collection = only(container)
    assert catalog.first_day(container, collection) == date(2024, 11, 9)
    assert len(container.calls) == 4
    assert catalog.last_day(container, collection) == date(2026, 2, 10)
    assert len(container.calls) == 8


@pytest.mark.parametrize(("span", "calls"), [("month", 4), ("year", 3)])
def test_a_coarse_file_has_data_from_its_start_to_its_last_change(span, calls):
    container = rolled(span, date(2026, 3, 1), date(2026, 3, 31))
    collection = only(container)
    assert catalog.last_day(container, collection) == MONDAY.date()
    assert len(container.calls) == calls
    assert catalog.first_day(container, collection) == date(2026, 3 if span == "month" else 1, 1)


@pytest.mark.parametrize(
    ("changed", "day"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), 28),
        (None, 28),
        (datetime(2026, 2, 3, 4, 5, tzinfo=UTC), 3),
        (datetime(2026, 1, 31, tzinfo=UTC), 1),
    ],
)
def test_the_last_day_of_a_coarse_file_lies_within_its_span(changed, day):
    container = Memory([Blob(f"{V2}2026/02/4fda.jsonl", changed=changed)])
    assert catalog.last_day(container, only(container)) == date(2026, 2, day)


def test_empty_folders_and_companions_do_not_count_as_days():
    container = Memory(
        [
            f"{V1}2023/01/01/.folder",
            f"{V1}2024/05/06/inputs.csv",
            f"{V1}2024/05/07/inputs.csv",
            f"{V1}2024/05/08/aml_telemetry.csv",
            f"{V1}2024/99/01/inputs.csv",
            f"{V1}2025/01/01/.folder",
        ]
    )
    collection = only(container)
    assert catalog.first_day(container, collection) == date(2024, 5, 6)
    assert catalog.last_day(container, collection) == date(2024, 5, 7)


def test_without_data_there_is_neither_a_first_nor_a_last_day():
    collection = only(rolled("day", *DAY))
    for container in (Memory([]), Memory([f"{V2}2026/03/05/x.json"])):
        assert catalog.first_day(container, collection) is None
        assert catalog.last_day(container, collection) is None


# Collections of one name


def test_workspaces_of_one_name_are_told_apart_by_where_they_lie():
    other = SUB.replace("0a1b", "9f9f")
    names = [V1, V1.replace(SUB, other), V1.replace("contoso-ws", "third-ws")]
    container = Memory([f"{name}2026/03/05/inputs.csv" for name in names])
    apart = catalog.tell_apart(catalog.collections(container).collections)
    assert [collection.workspace for collection in apart] == [
        f"contoso-ws (modeldata/{SUB}/contoso-ml-rg)",
        "third-ws",
        f"contoso-ws (modeldata/{other}/contoso-ml-rg)",
    ]


def test_one_workspace_may_lie_in_two_containers_and_be_found_twice(v1, v2):
    found = catalog.collections(v1).collections
    found += catalog.collections(v2, workspace="contoso-ws").collections
    assert catalog.tell_apart([*found, *found]) == sorted(found)


# How much lies in collections


def test_the_sizes_of_a_version_take_one_flat_listing_and_leave_companions_out(v1):
    tree = catalog.collections(v1).collections
    version = [c for c in tree if c.service == "credit-svc"]
    v1.calls.clear()
    sizes = catalog.sizes(v1, version)
    below = f"{SUB}/contoso-ml-rg/contoso-ws/credit-svc/credit_risk/3/"
    assert v1.calls == [f"blobs {below}"]
    assert [(c.identifier, size.files) for c, size in sizes.items()] == [
        ("inputs", 3),
        ("predictions", 3),
    ]
    on_disk = [f.stat().st_size for f in (SAMPLES / "v1/modeldata" / below).rglob("inputs.csv")]
    assert sizes[version[0]].bytes == sum(on_disk) > 0
    assert sizes[version[0]].changed == MONDAY


def test_empty_files_of_data_count_and_payloads_do_not():
    container = Memory(
        [
            Blob(f"{V2}2026/03/05/b.jsonl", 7, changed=MONDAY - timedelta(days=1)),
            Blob(f"{V2}2026/03/05/empty.jsonl", 0),
            Blob(f"{V2}2026/03/05/payload", 1_000, changed=MONDAY + timedelta(days=1)),
        ]
    )
    assert list(catalog.sizes(container, [only(container)]).values()) == [
        catalog.Size(2, 7, MONDAY)
    ]


def test_sizes_take_one_call_for_each_page_of_names():
    days = calendar.monthrange(2026, 3)[1]
    container = Memory((f"{V2}2026/03/{day + 1:02}/x.jsonl" for day in range(days)), page=10)
    (size,) = catalog.sizes(container, [only(container)]).values()
    assert (size.files, len(container.calls)) == (31, 4)


def test_past_the_limit_collections_not_counted_to_their_end_have_no_size():
    folders = [f"modelDataCollector/e/{d}/model_inputs" for d in ("a", "b-", "b", "c")]
    container = Memory(f"{f}/2026/03/{n:02}/x.jsonl" for f in folders for n in range(1, 11))
    container.page = 5
    tree = catalog.collections(container).collections
    container.calls.clear()
    sizes = catalog.sizes(container, tree, most_names=24)
    assert {c.version: size.files for c, size in sizes.items()} == {"a": 10, "b-": 10}
    assert len(container.calls) == 5


def test_sizes_add_up():
    sizes = [catalog.Size(1, 10, MONDAY), catalog.Size(2, 5, None), catalog.Size()]
    assert sum(sizes, catalog.Size()) == catalog.Size(3, 15, MONDAY)


def test_collections_without_a_folder_in_common_are_counted_from_the_root():
    container = Memory(["a/inputs/2026/03/05/x.csv", "b/inputs/2026/03/05/x.csv"])
    tree = catalog.collections(container).collections
    assert [size.files for size in catalog.sizes(container, tree).values()] == [1, 1]


@pytest.mark.parametrize("closed", ["a/", "b/"])
def test_a_closed_folder_has_no_size_and_costs_the_others_nothing(closed):
    container = Memory([f"{name}/inputs/2026/03/05/x.csv" for name in ("a", "b", "c")])
    tree = catalog.collections(container).collections
    right = container.blobs

    def blobs(prefix):
        for blob in right(prefix):
            if blob.name.startswith(closed):
                raise NotAllowed("It is closed.", "Ask.")
            yield blob

    container.blobs = blobs
    sizes = catalog.sizes(container, tree)
    assert [each.prefix[:2] for each in sizes] == [n for n in ("a/", "b/", "c/") if n != closed]
    assert {size.files for size in sizes.values()} == {1}
    own = [each for each in tree if each.prefix.startswith(closed)]
    with pytest.raises(NotAllowed):
        catalog.sizes(container, own)
