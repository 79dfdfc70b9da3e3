import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_columns import FORMS, cells

from lib import export


def test_a_formula_in_a_cell_or_a_name_is_disarmed():
    frame = pd.DataFrame({"=name": ["=cmd|calc", "+1", "-2+3", "@x", "\tx", "plain", None]})
    text = export.csv(frame).decode("utf-8-sig")
    assert text.splitlines() == [
        "'=name",
        "'=cmd|calc",
        "'+1",
        "'-2+3",
        "'@x",
        "'\tx",
        "plain",
        '""',
    ]


def test_numbers_and_times_are_left_alone():
    frame = pd.DataFrame({"n": [-1.5, 2.0], "t": pd.to_datetime(["2026-03-01T10:00Z", None])})
    assert export.csv(frame).decode("utf-8-sig") == "n,t\n-1.5,2026-03-01 10:00:00+00:00\n2.0,\n"


def test_the_frame_itself_is_not_changed_and_duplicate_names_survive():
    frame = pd.DataFrame([["=a", "b"]], columns=["x", "x"])
    assert export.csv(frame).decode("utf-8-sig") == "x,x\n'=a,b\n"
    assert frame.iloc[0, 0] == "=a"


def test_parquet_gives_the_same_frame_back():
    frame = pd.DataFrame(
        {
            "n": [1.5, None],
            "s": ["01234", None],
            "t": pd.to_datetime(["2026-03-01T00Z", None]),
        }
    )
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(export.parquet(frame))), frame)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("credit-svc", "3", "2026-11-04"), "credit-svc_3_2026-11-04.csv"),
        (("../../etc/passwd", ""), "etc-passwd.csv"),
        (("a/b\\c:d", "öst"), "a-b-c-d_öst.csv"),
        (("x" * 500,), "x" * 120 + ".csv"),
    ],
)
def test_a_file_name_is_safe_whatever_its_parts(parts, name):
    assert export.file_name(*parts, ending="csv") == name


@given(form=st.sampled_from(list(FORMS)), cells=cells)
@settings(max_examples=60, deadline=None)
def test_what_is_taken_away_does_not_depend_on_what_keeps_the_column(form, cells):
    frame = pd.DataFrame({"f": FORMS[form](cells).array})
    kept = pd.read_parquet(io.BytesIO(export.parquet(frame)))["f"]
    assert [None if pd.isna(cell) else cell for cell in kept] == cells
    plain = pd.DataFrame({"f": pd.Series(cells, dtype="object")})
    text = export.csv(frame)
    assert text == export.csv(plain)
    ran = [row[0] for row in csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")) if row]
    assert not [cell for cell in ran[1:] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_objects_that_no_file_can_hold_are_taken_away_as_text():
    frame = pd.DataFrame({"f": pd.Series([1, "a", "\ud83d", None], dtype="object")})
    kept = pd.read_parquet(io.BytesIO(export.parquet(frame)))["f"]
    assert [None if pd.isna(cell) else cell for cell in kept] == ["1", "a", "?", None]
    assert export.csv(frame).decode("utf-8-sig").splitlines() == ["f", "1", "a", "?", '""']
