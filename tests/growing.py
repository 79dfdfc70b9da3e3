"""One blob that grows, read by processes that have only the kept files; shared by test_store_*."""

import json
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
from pandas.testing import assert_frame_equal

from lib import blobs, catalog, store
from lib.settings import Profiles, Source
from lib.window import Window

SAMPLES = Path(__file__).parent / "samples"
MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
EVER = Window(date(2018, 1, 1), date(2030, 1, 1))
V1 = "sub/rg/ws/svc/m/1/inputs/2026/03/05/inputs.csv"
V2 = "modelDataCollector/e/d/model_inputs/2026/03/05/10/a.jsonl"
TAIL = (
    "$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,"
    "$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id"
)


class Counting:
    """A container that notes which bytes were read."""

    def __init__(self, inner):
        self.inner, self.label = inner, inner.label
        self.reads = []

    def folders(self, prefix):
        return self.inner.folders(prefix)

    def blobs(self, prefix):
        return self.inner.blobs(prefix)

    def read(self, name, start=0, end=None):
        data = self.inner.read(name, start, end)
        self.reads.append((start, start + len(data)))
        return data


class Blob:
    """One blob in an account of its own, and a shelf that keeps its profile in a folder."""

    def __init__(self, folder, name):
        self.path = folder / "account" / "box" / name
        self.path.parent.mkdir(parents=True, exist_ok=True)
        inner = blobs.open(Source("s", folder=str(folder / "account")), "box")
        self.container = Counting(inner)
        self.profiles = Profiles(folder=str(folder / "kept"))
        self.writes = 0

    def write(self, data):
        self.path.write_bytes(data)
        self.writes += 1

    def files(self):
        """Return the kept files."""
        return sorted(Path(self.profiles.folder).glob("*"))

    def days(self, shelf=None):
        """Return the days as another process would see them, which has only the files."""
        if shelf is None:
            shelf = store.Shelf(2**24, blobs.open_place(self.profiles))
        (collection,) = catalog.collections(self.container).collections
        found = catalog.blobs(self.container, collection, EVER.first, EVER.last)
        self.container.reads.clear()
        return list(store.days(shelf, self.container, found, EVER))

    def grow(self, before, after):
        """Read `before`, then `after`; return that, as read on and as read whole."""
        self.write(before)
        self.days()
        self.write(after)
        extended = self.days()
        self.reads = list(self.container.reads)
        return extended, self.days(store.Shelf(2**24))


@contextmanager
def fresh_blob(factory, name):
    yield Blob(factory.mktemp("grown"), name)


def row(n, *cells):
    return f"{','.join(map(str, cells))},id-{n},2026-03-05T10:00:00.5,1440,sub/rg/ws,svc,m,1,\r\n"


def csv(*rows, header="x,s"):
    lines = [row(n, *cells) for n, cells in enumerate(rows)]
    return "".join([f"{header},{TAIL}\r\n", *lines]).encode()


def event(n, **data):
    about = {"id": f"e{n}", "time": "2026-03-05T10:00:00Z", "correlationid": f"c{n}"}
    return json.dumps(about | {"data": [data]}).encode() + b"\n"


def assert_same(found, wanted):
    """Assert that days say the same in all that is exact."""
    assert [(day.day, day.rows) for day in found] == [(day.day, day.rows) for day in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one.profile.rows == other.profile.rows
        assert list(one.profile.features) == list(other.profile.features)
        for name, feature in one.profile.features.items():
            assert_same_feature(feature, other.profile.features[name])
        assert_frame_equal(one.problems, other.problems)


def assert_same_feature(one, other):
    for name in ("name", "rows", "missing", "below", "above", "shapes"):
        assert getattr(one, name) == getattr(other, name), (one.name, name)
    for name in ("numbers", "instants"):
        a, b = getattr(one, name), getattr(other, name)
        assert a.values.tolist() == b.values.tolist()
        assert a.counts.tolist() == b.counts.tolist()
        assert (a.exact, a.distinct, a.sketch.tolist()) == (b.exact, b.distinct, b.sketch.tolist())
        assert np.array_equal([a.mean, a.m2], [b.mean, b.m2], equal_nan=True)
    assert list(one.texts.items()) == list(other.texts.items())
    assert (one.texts.other, one.texts.exact) == (other.texts.other, other.texts.exact)


def collected_samples():
    return sorted(
        path
        for path in [*SAMPLES.rglob("*.csv"), *SAMPLES.rglob("*.jsonl")]
        if path.name != "aml_telemetry.csv"
        and path.read_bytes().count(b"\n") > 1
        and catalog.parse(str(path.relative_to(SAMPLES)).split("/", 2)[2])
    )


CELLS = ["", "1", "2.5", "5.", "-0", "nan", "inf", "True", "False", "01", "abc", "2026-03-01"]
CELLS += ["2026-03-01T10:00:00Z", "9007199254740993", "9223372036854775808", "1e400"]
CELLS += ['"a\nb"', '"a\r\nb"', '"say ""x"""', "x", "'\"'"]
