"""Whatever keeps a column of text, the same is made of it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_columns import FORMS, cells

from lib import charts, profile, summary
from lib.profile import Feature, texts
from lib.profile.counts import LONGEST

forms = st.sampled_from(list(FORMS))
HALF = "\ud83d"


def of(column: pd.Series) -> Feature:
    return profile.profile(column.to_frame("f")).features["f"]


def known(feature: Feature) -> tuple[object, ...]:
    """Return all that is kept of a feature, to compare."""
    numbers = [
        (each.values.tolist(), each.counts.tolist()) for each in (feature.numbers, feature.instants)
    ]
    texts = (list(feature.texts.items()), feature.texts.distinct, feature.texts.other)
    counted = (feature.rows, feature.missing, feature.below, feature.above)
    return (*counted, *numbers, *texts, feature.shapes)


@given(form=forms, cells=cells)
@settings(max_examples=60, deadline=None)
def test_texts_are_the_cells(form, cells):
    assert texts.texts_of(FORMS[form](cells)).to_pylist() == cells
    assert texts.readable(FORMS[form](cells)).dropna().tolist() == [
        c for c in cells if c is not None
    ]


@given(form=forms, cells=cells)
@settings(max_examples=60, deadline=None)
def test_a_profile_does_not_depend_on_what_keeps_the_column(form, cells):
    feature = of(FORMS[form](cells))
    assert known(feature) == known(of(pd.Series(cells, dtype="object")))
    assert (feature.rows, feature.present + feature.missing) == (len(cells), len(cells))
    assert all(len(text) <= LONGEST for text, _ in feature.texts.items())


@given(one=forms, other=forms, cells=cells, more=cells)
@settings(max_examples=50, deadline=None)
def test_merging_two_forms_is_profiling_all_their_rows(one, other, cells, more):
    both = profile.merge_features([of(FORMS[one](cells)), of(FORMS[other](more))])
    assert known(both) == known(of(pd.Series([*cells, *more], dtype="object")))


@given(form=forms, cells=cells, most=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_every_row_is_in_one_group_whatever_keeps_the_column(form, cells, most):
    frame = pd.DataFrame({"f": FORMS[form](cells).array, "n": np.arange(len(cells))})
    groups = profile.split(frame, "f", most)
    assert sum(group.rows for group in groups.values()) == len(cells)
    plain = profile.split(frame.assign(f=pd.Series(cells, dtype="str")), "f", most)
    assert {name: group.rows for name, group in groups.items()} == {
        name: group.rows for name, group in plain.items()
    }


@given(form=forms, cells=cells)
@settings(max_examples=50, deadline=None)
def test_tables_sentences_and_charts_are_made_of_it(form, cells):
    whole = profile.profile(FORMS[form](cells).to_frame("f"))
    feature = whole.features["f"]
    top = profile.top(feature)
    assert top["count"].sum() == len(cells)
    assert profile.table(whole)["rows"].tolist() == [len(cells)]
    parts, kind = {"current": feature, "reference": feature}, profile.kind(feature)
    assert "`f`" in summary.feature_sentence("f", parts, kind)
    assert summary.key_numbers(parts, kind)[0][1] == str(len(cells))
    labels, rows = summary.side_by_side(parts, 9)
    assert [sum(each) for each in rows.values()] == [len(cells)] * 2
    assert len(charts.bars(labels, rows).to_json()) < 100_000
    numbers = {label: profile.numbers_of(part, kind) for label, part in parts.items()}
    edges = profile.edges(list(numbers.values()))
    drawn = {label: profile.histogram(part, edges) for label, part in numbers.items()}
    assert charts.histogram(edges, drawn).to_json()
    assert charts.ecdf({label: profile.ecdf(part) for label, part in numbers.items()}).to_json()


def test_what_is_no_unicode_is_replaced_and_counted():
    halves = [HALF, HALF + "a" * 200, "ok", None]
    for column in (
        pd.Series(halves, dtype="object"),
        pd.Series(halves, dtype=pd.StringDtype("python")),
    ):
        assert texts.texts_of(column).to_pylist() == ["?", "?" + "a" * 200, "ok", None]
        assert (of(column).rows, of(column).missing) == (4, 1)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_bytes_that_are_no_utf8_are_replaced(kind):
    width = np.int32 if kind == pa.string() else np.int64
    ends = pa.py_buffer(np.array([0, 1, 3], dtype=width))
    raw = pa.Array.from_buffers(kind, 2, [None, ends, pa.py_buffer(b"\xffok")])
    column = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([raw])))
    assert texts.texts_of(column).to_pylist() == ["\ufffd", "ok"]
    assert texts.readable(column).tolist() == ["\ufffd", "ok"]


def test_other_columns_stay_as_they_are():
    for column in (pd.Series([1, 2]), pd.Series([1.5]), pd.Series([{"a": 1}, 2])):
        assert texts.readable(column) is column
    assert texts.storable(pd.Series([1, "a", None], dtype="object")).tolist()[:2] == ["1", "a"]
