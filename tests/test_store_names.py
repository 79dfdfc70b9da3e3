"""A file written across a redeployment: its nameless columns get the names of a later file."""

from datetime import date

import pytest
from test_pages import CREDIT, TODAY, page_over
from test_store import PREFIX, TAIL

from lib import blobs, catalog, demo, store
from lib.settings import Source
from lib.window import Window

MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))


def csv(header, *rows, day=5):
    """Return a file as the collector writes it; rows may be of other widths than the header."""
    lines = [
        f"{row},id-{n},2026-03-{day:02}T10:00:00.5,1440,s,svc,m,1," for n, row in enumerate(rows)
    ]
    return "\r\n".join([f"{header},{TAIL}", *lines, ""]).encode()


@pytest.fixture
def days(tmp_path):
    """Return `days(**files)`, the days of files that are given by `d05=…`."""

    def read(**files):
        for name, data in files.items():
            path = tmp_path / f"modeldata/{PREFIX}2026/03/{name[1:]}/inputs.csv"
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        container = blobs.open(Source("s", folder=str(tmp_path)), "modeldata")
        (collection,) = catalog.collections(container).collections
        found = catalog.blobs(container, collection, MARCH.first, MARCH.last)
        return list(store.days(store.Shelf(2**20), container, found, MARCH))

    return read


def rows(day):
    return {name: feature.rows for name, feature in day.profile.features.items()}


def test_rows_of_a_redeployment_get_the_names_of_the_next_file(days):
    two = days(
        d05=csv("a,b", "1,x", "2,y", "3,7.5,z"),
        d06=csv("a,new,b", "4,8.5,z", day=6),
    )
    assert rows(two[0]) == {"a": 2, "b": 2, "col_0": 1, "col_1": 1, "col_2": 1}
    first, second = store.matched(two)
    assert rows(first) == {"a": 3, "new": 1, "b": 3}
    assert first.profile.features["a"].numbers.values.tolist() == [1, 2, 3]
    assert dict(first.profile.features["b"].texts.items()) == {"x": 1, "y": 1, "z": 1}
    assert first.profile.rows == first.rows == 3
    assert "names in the file of 6 Mar 2026" in first.problems["message"][0]
    assert second is two[1]
    assert first.contents != two[0].contents


def test_a_feature_that_was_dropped_stays_with_its_rows(days):
    two = days(d05=csv("a,b,old", "1,x,0", "3,z"), d06=csv("a,b", "4,z", day=6))
    assert rows(store.matched(two)[0]) == {"a": 2, "b": 2, "old": 1}


@pytest.mark.parametrize(
    "later",
    [
        csv("a,b,c,d", "1,2,3,4", day=6),  # another number of columns
        csv("name,new,b", "anna,8.5,z", day=6),  # another kind in one of them
        csv("a,b", "1,2,3", day=6),  # no names either
    ],
    ids=["width", "kind", "nameless"],
)
def test_columns_that_nothing_later_fits_stay_as_they_are(days, later):
    two = days(d05=csv("a,b", "1,x", "3,7.5,z"), d06=later)
    assert rows(store.matched(two)[0]) == rows(two[0])


def test_names_come_from_a_later_file_only(days):
    two = days(d05=csv("a,new,b", "4,8.5,z"), d06=csv("a,b", "1,x", "3,7.5,z", day=6))
    assert rows(store.matched(two)[1]) == rows(two[1])


def test_the_demos_redeployment_is_no_drift_of_columns_and_all_pages_count_alike(
    tmp_path, monkeypatch
):
    account = demo.write(tmp_path / "account", TODAY, days=30).folder
    window = {"window": "30 days"}
    table = page_over(monkeypatch, account, "overview")(**window).dataframe[0].value
    chosen = table[(table["service"] == CREDIT["service"]) & (table["version"] == "4")]
    ones = page_over(monkeypatch, account, "distributions")(
        **CREDIT, **window, view="Statistics"
    ).dataframe[0]
    drift = page_over(monkeypatch, account, "drift")(**CREDIT, **window, compare="Version 3")
    names = set(ones.value["feature"])
    assert not [name for name in names if name.startswith("col_")]
    assert set(ones.value.loc[ones.value["feature"] == "income", "rows"]) == set(chosen["rows"])
    said = "\n".join(str(each.value) for each in (*drift.markdown, *drift.caption))
    assert "col_" not in said
