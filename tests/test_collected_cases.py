"""Files that people really have, each with what must come out of it."""

import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import blobs, catalog, collected, profile, store, summary
from lib.settings import Source
from lib.window import Window

CASES = Path(__file__).parent / "cases"
DAY = "2026/03/05"


def read(name: str) -> collected.Collected:
    """Read a case as the file of 5 March 2026."""
    data = (CASES / "collected" / name).read_bytes()
    if name.endswith(".csv"):
        return collected.read(data, f"sub/rg/ws/svc/m/1/inputs/{DAY}/{name}")
    return collected.read(data, f"modelDataCollector/e/d/inputs/{DAY}/10/{name}")


def said(one: collected.Collected) -> dict[str, str]:
    return dict(zip(one.problems["kind"], one.problems["message"], strict=True))


def faults(one: collected.Collected) -> set[str]:
    return {kind for kind in one.problems["kind"] if not collected.KINDS[kind].note}


@pytest.mark.parametrize("name", ["aex2900_columnar.jsonl", "aex2900_columnar_top.jsonl"])
def test_an_object_of_equally_long_lists_is_a_row_per_position(name):
    frame = read(name).frame
    assert frame[["volt", "amp"]].head(4).values.tolist() == [[5.9, 1], [6.7, 2]] * 2
    assert frame["position"].tolist() == [0, 1] * 5


def test_lists_of_one_value_are_their_value():
    one = read("arr1.csv")
    assert one.frame["score"].dtype == np.float64
    assert len(one.frame) == 399
    assert one.frame["score"].between(0, 1).all()
    assert "lists of one value" in said(one)["list_values"]
    assert not faults(one)


def test_pythons_name_of_a_type_is_left_out():
    one = read("npfloat.csv")
    assert one.frame["score"].dtype == np.float64
    assert one.frame["score"].notna().all()
    assert not faults(one)


@pytest.mark.parametrize(
    ("name", "feature"), [("nplist.csv", "emb"), ("aex2900_nested.jsonl", "volt")]
)
def test_lists_of_one_length_are_vectors_judged_by_length_and_norm(name, feature):
    one = read(name)
    assert set(one.frame[f"{feature} (length)"]) == {2}
    first = [float(part) for part in one.frame[feature][0].strip("[]").split(",")]
    assert one.frame[f"{feature} (norm)"][0] == pytest.approx(np.hypot(*first))
    assert f"{feature} (read as vectors)" in said(one)["vectors"]
    features = profile.profile(one.frame).features
    assert list(features) == [f"{feature} (length)", f"{feature} (norm)"]


def test_numbers_with_a_decimal_comma_are_numbers_and_that_is_said():
    one = read("deccomma.csv")
    assert one.frame["x"].head(2).tolist() == [96.72, 92.95]
    assert one.frame["x"].dtype == np.float64
    assert "x (read with a decimal comma)" in said(one)["number_writing"]


def test_dates_are_read_in_the_writing_that_their_column_has():
    one = read("dates.csv")
    frame = one.frame
    assert [str(frame[name].dtype) for name in "abcd"] == ["datetime64[us, UTC]"] * 4
    assert frame["a"][0] == pd.Timestamp("2026-03-05 10:00", tz="UTC")
    assert frame["b"].dt.strftime("%m-%d").tolist() == [f"03-0{n}" for n in range(1, 7)]
    assert frame["c"][0] == pd.Timestamp("2026-03-01", tz="UTC")
    assert frame["d"][0] == pd.Timestamp("2026-03-05 23:30", tz="UTC")
    words = said(one)["date_writing"]
    for part in ("a (read as YYYY-MM-DD HH:MM)", "b (read as DD/MM/YYYY, day first as inferred"):
        assert part in words
    assert "c (read as YYYYMMDD)" in words
    assert "d (read as epoch milliseconds" in words


def test_the_time_of_an_envelope_is_read_in_four_writings():
    one = read("times.jsonl")
    assert one.frame["scored_at"].dt.strftime("%d %H:%M:%S.%f").tolist() == [
        "05 23:30:00.123456",
        "05 23:30:00.000000",
        "05 23:30:00.000000",
        "05 22:50:00.000000",
    ]
    assert not faults(one)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("tutorial_predictions.csv", "as predictions of batches have: then every cell is a pred"),
        ("nb1679.csv", "of which none fits: the features have more values than names"),
    ],
)
def test_the_cause_that_is_named_fits_the_file(name, cause):
    message = said(read(name))["other_width"]
    assert cause in message
    assert "deployed anew" not in message


def test_a_file_without_a_fault_has_none():
    assert said(read("tutorial_predictions2.csv")) == {}


@pytest.mark.parametrize("name", ["long_text.jsonl", "long_text_inputs.csv"])
def test_long_texts_are_texts(name):
    one = read(name)
    assert one.frame["prompt"].str.len().min() > 120
    assert profile.kind(profile.profile(one.frame).features["prompt"]) == "text"


def test_payloads_are_read_from_their_folder():
    blob = (
        "modelDataCollector/price-ep/green/request/2026/11/25/00/"
        "aaaabbbbccccddddeeeeffff00002222000001.jsonl"
    )
    parsed = catalog.parse(blob, "azureml-blobstore-x")
    assert (parsed.collection.service, parsed.collection.identifier) == ("price-ep", "request")


def test_uploaded_references_with_a_decimal_comma_are_numbers():
    first = (CASES / "reference/ref_semicolon_comma.csv").read_bytes()
    frame = collected.given(first, "ref.csv")
    assert frame[["plain", "f32", "ctrl"]].iloc[0].tolist() == [1.0236, 0.7, 0.6782]
    second = (CASES / "reference/ref_semicolon_decimal_comma.csv").read_bytes()
    features = profile.profile(collected.given(second, "ref.csv")).features
    kinds = {name: profile.kind(feature) for name, feature in features.items()}
    assert kinds == {
        "age": "numeric",
        "income": "numeric",
        "ok": "boolean",
        "city": "categorical",
        "when": "datetime",
    }


def test_one_text_in_two_unicode_forms_is_one_category():
    forms = [unicodedata.normalize(form, "Zürich") for form in ("NFC", "NFD")]
    rows = "\r\n".join(["city", *forms, *forms, ""]).encode()
    counted = profile.profile(collected.read(rows, "a.csv").frame).features["city"].texts
    assert list(counted.items()) == [("Zürich", 4)]


def test_how_columns_were_read_is_said_and_is_no_problem(tmp_path):
    path = tmp_path / f"modeldata/sub/rg/ws/svc/m/1/inputs/{DAY}/inputs.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes((CASES / "collected/deccomma.csv").read_bytes())
    container = blobs.open(Source("s", folder=str(tmp_path)), "modeldata")
    (collection,) = catalog.collections(container).collections
    window = Window(date(2026, 3, 5), date(2026, 3, 5))
    listed = catalog.blobs(container, collection, window.first, window.last)
    (day,) = store.days(store.Shelf(2**20), container, listed, window)
    assert summary.problems([day]).empty
    (note,) = summary.notes([day])
    assert "x (read with a decimal comma)" in note
    assert "5 Mar 2026" in note
    assert summary.by_day([day], window)["problems"].tolist() == [0]
