"""Tables that a reader brings along."""

import io

import pandas as pd
import pytest

from lib import collected, errors, profile


def test_a_csv_keeps_its_cells_as_text_and_empty_ones_as_missing():
    frame = collected.given(b"amount,code\n1.50,007\n,NA\n", "training.csv")
    assert frame.columns.tolist() == ["amount", "code"]
    assert frame["code"].tolist() == ["007", "NA"]
    assert frame["amount"].isna().tolist() == [False, True]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_header(mark):
    data = f"a{mark}b\n1{mark}x\n".encode()
    assert collected.given(data, "t.csv").to_dict("list") == {"a": ["1"], "b": ["x"]}


def test_a_line_break_in_a_cell_is_part_of_it():
    assert collected.given(b'a,b\n"1\n2",x\n', "t.CSV")["a"].tolist() == ["1\n2"]


def test_a_csv_has_the_profile_of_the_same_numbers():
    numbers = profile.profile(pd.DataFrame({"a": [1.5, 2.0, None]})).features["a"]
    given = profile.profile(collected.given(b"a,b\n1.5,\n2.0,\n,\n", "t.csv")).features["a"]
    assert (given.missing, given.numbers.values.tolist()) == (1, numbers.numbers.values.tolist())


def test_parquet_keeps_its_types():
    written = pd.DataFrame({"a": [1, 2], "t": pd.to_datetime(["2026-01-01", "2026-01-02"])})
    buffer = io.BytesIO()
    written.to_parquet(buffer)
    pd.testing.assert_frame_equal(collected.given(buffer.getvalue(), "set.parquet"), written)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.csv"),
        (b"a,b\n1,2,3\n", "wide.csv"),
        (b"a\n\xff\xfe\n", "latin.csv"),
        (b"PK\x03\x04", "book.parquet"),
        (b"PAR1....PAR1", "broken.parquet"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_next_step(data, name):
    with pytest.raises(errors.NotReadable) as caught:
        collected.given(data, name)
    assert name in caught.value.message
    assert caught.value.next_step
