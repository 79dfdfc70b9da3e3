"""CSV: headers that are missing, short, old or repeated; rows of many shapes; broken bytes."""

import csv
import io
import json
from collections.abc import Sequence
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib import collected
from lib.collected import KINDS, Collected, frame, rows, v1
from lib.collected.header import LEAD, TAIL
from lib.collected.problems import Report
from lib.collected.text import clean

NAMES = ",".join(TAIL)
NO_REQUEST = "00000000-0000-0000-0000-000000000000"


def tail(correlation_id: str, second: int = 5, request_id: str = NO_REQUEST) -> str:
    """The metadata cells of a row, as azureml-monitoring 0.1.0a21 writes them."""
    scored_at = f"2026-03-01T10:00:{second:02}.424614"
    return f"{correlation_id},{scored_at},1440,sub/rg/ws,svc,model,3,{request_id}"


def read(*lines: str, end: str = "\r\n") -> Collected:
    return collected.read("".join(line + end for line in lines).encode(), "x/inputs.csv")


def kinds(result: Collected) -> dict[str, int]:
    return dict(zip(result.problems["kind"], result.problems["count"], strict=True))


def problem(result: Collected, kind: str) -> pd.Series:
    return result.problems.set_index("kind").loc[kind]


def cells(result: Collected, *names: str) -> list[list[object]]:
    """The values of some columns by row, None where missing."""
    values = result.frame[list(names) or result.features].astype(object)
    return values.where(values.notna(), None).to_numpy().tolist()


def test_a_regular_file() -> None:
    result = read(f"a,b,{NAMES}", f"1,x,{tail('c1')}", f"2,,{tail('c2', 6, 'ae249167-1')}")
    assert cells(result) == [[1, "x"], [2, None]]
    assert result.frame["correlation_id"].tolist() == ["c1", "c2"]
    assert result.frame["scored_at"].dt.second.tolist() == [5, 6]
    assert result.frame["request_id"].fillna("").tolist() == ["", "ae249167-1"]
    assert kinds(result) == {}


def test_rows_of_one_request_are_numbered() -> None:
    result = read(f"a,{NAMES}", *(f"1,{tail(c)}" for c in ("x", "x", "y", "x", "", "", "z")))
    assert result.frame["position"].tolist() == [0, 1, 0, 0, 0, 0, 0]


def test_a_time_of_scoring_without_fraction() -> None:
    whole = tail("c").replace(".424614", "")
    result = read(f"a,{NAMES}", f"1,{whole}", f"1,{tail('d')}")
    assert result.frame["scored_at"].dt.microsecond.tolist() == [0, 424614]


def test_a_header_that_lost_the_metadata_names_still_names_the_features() -> None:
    result = read("p_no,p_yes", f"0.25,0.75,{tail('c1')}", f"0.5,0.5,{tail('c2')}")
    assert cells(result) == [[0.25, 0.75], [0.5, 0.5]]
    assert result.features == ["p_no", "p_yes"]
    assert result.frame["correlation_id"].tolist() == ["c1", "c2"]
    assert kinds(result) == {"short_header": 2}
    assert "header of 2 cells" in problem(result, "short_header")["message"]


def test_narrower_rows_under_an_old_header_do_not_shift() -> None:
    result = read(f"a,b,c,{NAMES}", f"1,2,3,{tail('c1')}", f"4,5,{tail('c2')}")
    assert result.features == ["a", "b", "c", "col_0", "col_1"]
    assert cells(result) == [[1, 2, 3, None, None], [None, None, None, 4, 5]]
    assert result.frame["correlation_id"].tolist() == ["c1", "c2"]
    assert kinds(result) == {"other_width": 1}
    assert problem(result, "other_width")["first_line"] == 3


def test_rows_stay_in_the_order_of_the_file_and_of_their_request() -> None:
    lines = [f"{n},{n},{tail('c')}" if n % 2 else f"{n},{tail('c')}" for n in range(6)]
    result = read(f"a,{NAMES}", *lines)
    assert cells(result, "a", "col_0") == [[None, n] if n % 2 else [n, None] for n in range(6)]
    assert result.frame["position"].tolist() == [0, 1, 2, 3, 4, 5]


def test_rows_without_metadata_among_rows_that_have_them() -> None:
    result = read(f"a,b,{NAMES}", f"1,2,{tail('c1')}", "3,4")
    assert cells(result, "a", "b", "correlation_id") == [[1, 2, "c1"], [3, 4, None]]
    assert kinds(result) == {"no_metadata": 1}


def test_a_row_of_the_usual_width_that_is_all_features() -> None:
    # As wide as the others by accident: 10 features, no metadata.
    ten = "0,1,2,3,4,5,6,7,8,9"
    result = read(f"a,b,{NAMES}", f"1,2,{tail('c1')}", ten, f"3,4,{tail('c2')}")
    assert cells(result, "a", "col_0", "col_9") == [[1, None, None], [None, 0, 9], [3, None, None]]
    assert kinds(result) == {"other_width": 1, "no_metadata": 1}


def test_an_array_of_predictions_with_metadata_is_one_wide_row() -> None:
    result = read(f"score,{NAMES}", f"0.5,{tail('c1')}", f"0.1,0.2,{tail('c2')}")
    assert cells(result) == [[0.5, None, None], [None, 0.1, 0.2]]


def test_ragged_predictions_without_header() -> None:
    result = read("0,1,1", "0", "2", "1,0")
    assert cells(result) == [[0, 1, 1], [0, None, None], [2, None, None], [1, 0, None]]
    assert kinds(result) == {"no_header": 4, "other_width": 2}
    assert "(2 cells: 1 row, 3 cells: 1 row) than most (1)" in str(
        problem(result, "other_width")["message"]
    )


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        ("0,1,1", ["0,0,1"]),
        ("5.1,setosa", ["4.9,virginica"]),
        ("nan", ["1.5"]),
        ("2024-01-02,x", ["2024-01-03,y"]),
        ("True", ["False"]),
        ("x,0,0", ["y,1,0"]),
        ("x,,", ["y,1,0"]),
        ("0,1,2", ["3,4,5"]),
        ("setosa", ["virginica", "setosa", "setosa", "setosa"]),
        (f"x,{tail('c')}", [f"y,{tail('d')}"]),
    ],
)
def test_a_first_line_that_is_data(first: str, rest: list[str]) -> None:
    result = read(first, *rest)
    assert result.rows_read == 1 + len(rest)
    assert kinds(result)["no_header"] == 1 + len(rest)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("y", "0"),
        ("a,b", "1,2"),
        ("region,0,1", "north,1,0"),
        (f"0,1,{NAMES}", f"5,6,{tail('c')}"),
        ("$aml_dc_correlation_id,truth", "c1,yes"),
        ("species", "setosa"),
    ],
)
def test_a_first_line_that_is_a_header(first: str, second: str) -> None:
    result = read(first, second)
    assert result.rows_read == 1
    assert "no_header" not in kinds(result)


def test_the_names_of_a_frame_without_names_are_known_by_their_line_ends() -> None:
    # The collector ends headers with CR LF and the rows of a DataFrame with LF.
    result = collected.read(b"0,1\r\n0.5,0.6\n0.7,0.8\n", "p.csv")
    assert result.features == ["0", "1"]
    assert cells(result) == [[0.5, 0.6], [0.7, 0.8]]
    result = collected.read(b"0,1\r\n0,1\r\n", "p.csv")
    assert cells(result) == [[0, 1], [0, 1]]


def test_a_repeated_header_is_skipped_and_counted() -> None:
    result = read(f"a,{NAMES}", f"1,{tail('c1')}", f"a,{NAMES}", f"2,{tail('c2')}")
    assert cells(result) == [[1], [2]]
    assert kinds(result) == {"repeated_header": 1}
    assert problem(result, "repeated_header")["first_line"] == 3
    assert kinds(read("a,b", "x,y", "a,b", "x,z")) == {"repeated_header": 1}


def test_leading_metadata() -> None:
    stamp = "2018-04-20T10:00:02.119097"
    lines = [f"{stamp},loan-0,{NO_REQUEST},1,x", f"{stamp},,{NO_REQUEST},2,y"]
    for result in (read(",".join(LEAD) + ",a,b", *lines), read(*lines)):
        assert cells(result) == [[1, "x"], [2, "y"]]
        assert cells(result, "correlation_id", "position") == [["loan-0", 0], [None, 0]]
        assert result.frame["scored_at"].dt.year.tolist() == [2018, 2018]
        assert result.frame["request_id"].isna().all()


def test_leading_metadata_of_wider_rows() -> None:
    stamp = "2018-04-20T10:00:02.119097"
    result = read(",".join(LEAD) + ",a", f"{stamp},c,r,1", f"{stamp},d,r,2,3")
    assert cells(result, "a", "col_0", "col_1", "correlation_id") == [
        [1, None, None, "c"],
        [None, 2, 3, "d"],
    ]
    assert result.frame["request_id"].tolist() == ["r", "r"]


def test_labels_name_some_of_the_metadata_anywhere() -> None:
    header = "truth,$aml_request_id,$aml_model_name,$aml_dc_correlation_id"
    result = read(header, "yes,r1,m,c1", "no,r2,m,c2")
    assert cells(result, "truth", "correlation_id", "request_id") == [
        ["yes", "c1", "r1"],
        ["no", "c2", "r2"],
    ]
    assert result.features == ["truth"]
    assert result.frame["scored_at"].isna().all()


def test_labels_may_write_times_in_their_own_way_or_not_at_all() -> None:
    rest = f",sub/rg/ws,svc,model,3,{NO_REQUEST}"
    result = read(
        f"truth,{NAMES}",
        f"yes,c1,2026-03-01 10:00:00+01:00,1440{rest}",
        f"no,c2,,{rest}",
        f"no,{tail('c3')}",
    )
    assert cells(result, "truth", "correlation_id") == [["yes", "c1"], ["no", "c2"], ["no", "c3"]]
    assert result.frame["scored_at"][0] == pd.Timestamp("2026-03-01T09:00:00Z")
    assert pd.isna(result.frame["scored_at"][1])
    assert kinds(result) == {}


def test_a_time_that_cannot_be_is_reported() -> None:
    broken = tail("c1").replace("2026-03-01", "2026-02-30")
    result = read(f"a,{NAMES}", f"1,{tail('c0')}", f"2,{broken}")
    assert kinds(result) == {"bad_time": 1}
    assert problem(result, "bad_time")["first_line"] == 3
    assert cells(result, "a", "correlation_id") == [[1, "c0"], [2, "c1"]]


def test_names_that_are_taken_twice_reserved_or_empty() -> None:
    result = read("feat6,feat6,request_id,,feat6.1,position", "1,2,3,4,5,6")
    assert result.features == [
        "feat6",
        "feat6.2",
        "request_id.1",
        "col_3",
        "feat6.1",
        "position.1",
    ]
    assert cells(result) == [[1, 2, 3, 4, 5, 6]]
    assert kinds(result) == {"renamed": 4}
    assert "request_id → request_id.1" in problem(result, "renamed")["message"]


def test_line_ends_of_all_kinds_in_one_file() -> None:
    result = collected.read(b"a,b\r\n1,x\n\n2,y\r\n\r\n3,z\r4,w\n", "x.csv")
    assert cells(result) == [[1, "x"], [2, "y"], [3, "z"], [4, "w"]]
    assert kinds(result) == {}


def test_line_numbers_count_line_ends_inside_cells_and_blank_lines() -> None:
    result = read('"a\nb",c', '"1\r\n2",3', "", "4,5,6")
    assert problem(result, "other_width")["first_line"] == 6
    assert problem(result, "other_width")["sample"] == "4,5,6"
    plain = read("a,b", "1,2", "", "4,5,6")
    assert problem(plain, "other_width")["first_line"] == 4


def test_a_last_line_cut_short_is_left_out_and_counted() -> None:
    whole = f"a,{NAMES}\r\n1,{tail('c1')}\r\n"
    result = collected.read(f"{whole}2,{tail('c2')[:20]}".encode(), "x.csv")
    assert cells(result) == [[1]]
    assert kinds(result) == {"torn_line": 1}
    assert problem(result, "torn_line")["first_line"] == 3
    assert "after 3 cells" in problem(result, "torn_line")["message"]


def test_a_last_line_that_only_lacks_its_end_is_kept() -> None:
    assert cells(collected.read(b"a,b\n1,2\n3,4", "x.csv")) == [[1, 2], [3, 4]]
    assert kinds(collected.read(b"a,b", "x.csv")) == {"no_rows": 1}


def test_an_open_quote_at_the_end_takes_its_row_only() -> None:
    result = collected.read(b'a,b\n1,"x"\n2,"open\nmore', "x.csv")
    assert cells(result) == [[1, "x"]]
    assert kinds(result) == {"torn_line": 2}
    assert problem(result, "torn_line")["first_line"] == 3


def test_a_stray_quote_does_not_swallow_the_rest_of_the_file() -> None:
    lines = [f"{n},x" for n in range(50)]
    lines[20] = '20,"x'
    result = read("a,b", *lines)
    assert result.frame["a"].tolist() == [n for n in range(50) if n != 20]
    assert kinds(result) == {"torn_line": 1}
    assert problem(result, "torn_line")["first_line"] == 22


def test_after_a_few_stray_quotes_the_rest_is_left_out() -> None:
    # Each of these closes the quote before it and opens the next.
    lines = [f"{n},x" for n in range(9)] + ['9,"x'] + ['y"z,"w'] * 20
    result = read("a,b", *lines)
    assert result.frame["a"].tolist() == list(range(9))
    assert kinds(result) == {"torn_line": 21}
    assert problem(result, "torn_line")["first_line"] == 11


@pytest.mark.parametrize("data", [b"", b"\n\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_gives_an_empty_frame(data: bytes) -> None:
    result = collected.read(data, "x.csv")
    assert result.features == []
    assert list(result.frame.columns) == list(collected.META)
    assert kinds(result) == {"no_rows": 1}
    assert str(result.frame["scored_at"].dtype) == "datetime64[us, UTC]"


def test_a_header_without_rows_gives_an_empty_frame_with_its_names() -> None:
    result = read(f"a,b,{NAMES}")
    assert result.features == ["a", "b"]
    assert result.rows_read == 0
    assert kinds(result) == {"no_rows": 1}


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert collected.read(b"\xef\xbb\xbfa,b\n1,2\n", "x.csv").features == ["a", "b"]


def test_bytes_that_are_not_utf8_are_replaced_and_counted() -> None:
    result = collected.read(b"a,b\n1,caf\xe9\n2,\xff\xfe\n3,x\n", "x.csv")
    assert cells(result) == [[1, "caf\ufffd"], [2, "\ufffd\ufffd"], [3, "x"]]
    assert kinds(result) == {"invalid_utf8": 2}
    assert problem(result, "invalid_utf8")["first_line"] == 2


def test_nul_bytes_are_kept_and_counted() -> None:
    result = collected.read(b"a,b\n1,x\0y\n2,\0\n", "x.csv")
    assert cells(result) == [[1, "x\0y"], [2, "\0"]]
    assert kinds(result) == {"nul_bytes": 2}


def test_a_cell_larger_than_a_block() -> None:
    picture = "x" * 9_000_000
    result = read(f"a,b,{NAMES}", f"1,{picture},{tail('c1')}", f"2,y,{tail('c2')}", "3")
    assert [len(cell) for cell in result.frame["b"].dropna()] == [9_000_000, 1]
    assert kinds(result) == {"other_width": 1, "no_metadata": 1}


def test_one_row_of_many_cells_does_not_make_a_huge_frame() -> None:
    lines = ["1,2"] * 30_000
    lines[5] = ",".join(str(n) for n in range(2_000))
    result = read("a,b", *lines)
    assert result.frame.size < 22_000_000
    assert kinds(result) == {"other_width": 1, "rest": 1}
    most = frame.most_columns(30_000, 62_000)
    assert f"col_{most - 1}" in result.features
    rest = str(result.frame["rest"][5])
    assert rest.startswith(f'["{most}", "{most + 1}", ')
    assert rest.endswith('"1999"]')


def test_more_different_widths_than_a_table_can_hold() -> None:
    lines = [",".join(["0"] * wide) for wide in range(1, 301)]
    lines += [f"{line},{tail('c1')}" for line in lines]
    result = read("a,b", *lines[:-1], lines[-1])
    assert result.rows_read == 600
    assert len(result.features) < 220
    told = kinds(result)
    assert told["short_header"] == 1
    assert told["other_width"] == 598
    inside = result.frame[result.features[2:-1]].notna().sum().sum()
    beyond = sum(len(json.loads(cells)) for cells in result.frame["rest"].dropna())
    assert 2 * 2 + inside + beyond == 2 * sum(range(1, 301))
    assert result.frame["correlation_id"].isna().sum() == 300
    assert told["rest"] == result.frame["rest"].notna().sum()
    whole, problems = exactly("".join(f"{line}\r\n" for line in ["a,b", *lines]).encode())
    pd.testing.assert_frame_equal(result.frame, whole)
    pd.testing.assert_frame_equal(result.problems, problems)


def test_values_that_no_column_can_hold_are_reported_with_their_place() -> None:
    result = read("id,n", "9007199254740993,1", ",1", "5,123456789012345678901")
    assert cells(result, "id") == [["9007199254740993"], [None], ["5"]]
    assert kinds(result) == {"large_integers": 1, "rounded": 1}
    assert problem(result, "large_integers")["first_line"] == 2
    assert problem(result, "rounded")["first_line"] == 4


# --- properties -------------------------------------------------------------------------------

CELL = st.one_of(
    st.sampled_from(
        [
            *("1", "2.5", "", "nan", "True", "x", "01", "f1", "0", "1440", "60", "2026-03-01"),
            *('"a,b"', '"q""q"', '"n\nl"', '"r\r\n"', "é☃", "\ufeff", 'st"ray', '"open', "\0"),
        ]
    ),
    st.text(min_size=1, max_size=5),
)
META_CELLS = st.builds(tail, st.sampled_from(["c1", "c2", ""]), st.integers(0, 59))
LEADING = st.just(f"2018-04-20T10:00:02.119097,l,{NO_REQUEST}")
ROW = st.builds(
    lambda lead, row, meta: ",".join([*lead, *row, *meta]),
    st.lists(LEADING, max_size=1) | st.just([]),
    st.lists(CELL, min_size=1, max_size=4),
    st.lists(META_CELLS, max_size=1),
)
HEADER = st.sampled_from(
    [
        *("f1,f2", f"f1,f2,{NAMES}", f"f1,f1,position,{NAMES}", ",".join(LEAD) + ",f1", "0,1"),
        *("f1", "$aml_dc_correlation_id,$aml_dc_scoring_timestamp,truth", ""),
    ]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """CSV as it may be and as it should not be: shapes, line ends and quotes mixed, cut off."""
    lines = [draw(HEADER), *draw(st.lists(ROW, max_size=8))]
    lines += draw(st.lists(st.sampled_from(lines), max_size=4))
    ends = st.sampled_from(["\r\n", "\n", "\r", "\n\n"])
    data = "".join(line + draw(ends) for line in lines).encode(errors="replace")
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


def exactly(data: bytes) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the slow way: all rows by Python's csv module."""
    report = Report()
    whole, _ = v1.read(
        clean(data, report), report, lambda text, width, _: rows.split_exactly(text, width)
    )
    return whole, report.frame()


@settings(deadline=None, max_examples=300)
@given(files())
@example(b'a,b\n1,"open\n')
@example(b'"\n",\naaaa,""\n\n",a\na"a,"\n\na,a"a,"aaa')
def test_both_ways_of_reading_give_the_same_frame_and_problems(data: bytes) -> None:
    result = collected.read(data, "x.csv")
    whole, problems = exactly(data)
    pd.testing.assert_frame_equal(result.frame, whole)
    pd.testing.assert_frame_equal(result.problems, problems)


@settings(deadline=None, max_examples=100)
@given(files())
def test_both_ways_agree_where_there_are_too_many_widths(data: bytes) -> None:
    with mock.patch.multiple(rows, _MOST_WIDTHS=1, _BATCH_ROWS=3):
        result = collected.read(data, "x.csv")
        whole, problems = exactly(data)
    pd.testing.assert_frame_equal(result.frame, whole)
    pd.testing.assert_frame_equal(result.problems, problems)


def test_both_ways_agree_on_more_rows_than_a_batch() -> None:
    lines = [f"{n},x{n % 7},{tail(f'c{n // 3}')}" for n in range(45_000)]
    lines[30_000] = f"{lines[30_000]},1"
    lines[44_000] = f'"1\n2",{lines[44_000]}'
    data = "\n".join([f"a,b,{NAMES}", *lines, ""]).encode()
    result = collected.read(data, "x.csv")
    whole, problems = exactly(data)
    pd.testing.assert_frame_equal(result.frame, whole)
    pd.testing.assert_frame_equal(result.problems, problems)
    assert problem(result, "other_width")["first_line"] == 30_002
    assert np.array_equal(result.frame["position"][:30_000], np.arange(30_000) % 3)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.jsonl", "x"]))
def test_no_bytes_raise(data: bytes, name: str) -> None:
    result = collected.read(data, name)
    assert result.rows_read == len(result.frame)


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1)


def written(table: Sequence[Sequence[str]], end: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(table)
    return text.getvalue().encode()


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(PLAIN, min_size=1, max_size=4), max_size=10),
    st.sampled_from(["\r\n", "\n"]),
    st.data(),
)
def test_what_was_read_and_what_was_left_out_is_all_there_was(
    table: list[list[str]], end: str, data: st.DataObject
) -> None:
    meta = tail("c").split(",")
    whole = [[*row, *meta] for row in table]
    content = written([["f1", "f2", *TAIL], *whole], end)
    last = written([["1", "2", *meta]], end).decode()
    cut = data.draw(st.integers(0, last.rindex(",")))
    result = collected.read(content + last[:cut].encode(), "x.csv")
    lost = sum(count for kind, count in kinds(result).items() if KINDS[kind].lost)
    assert result.rows_read + lost == len(table) + (cut > 0)
    assert result.rows_read == len(table) or (not table and cut > 0)


def test_rows_of_another_width_come_as_a_part_without_the_columns_they_never_had() -> None:
    lines = [f"a,b,{NAMES}", f"1,2,{tail('x')}", f"3,4,5,{tail('y')}", f"6,7,{tail('z')}", ""]
    result = collected.read("\n".join(lines).encode(), "x.csv")
    old, new = result.parts()
    assert [name for name in old if name not in collected.META] == ["a", "b"]
    assert old[["a", "b"]].to_numpy().tolist() == [[1, 2], [6, 7]]
    assert [name for name in new if name not in collected.META] == ["col_0", "col_1", "col_2"]
    assert new["correlation_id"].tolist() == ["y"]


def test_rows_of_one_width_are_one_part() -> None:
    result = collected.read(f"a,b,{NAMES}\n1,2,{tail('x')}\n".encode(), "x.csv")
    (whole,) = result.parts()
    assert whole is result.frame


@settings(deadline=None, max_examples=100)
@given(files())
def test_the_parts_hold_each_row_once(data: bytes) -> None:
    result = collected.read(data, "x.csv")
    parts = result.parts()
    assert sum(map(len, parts)) == result.rows_read
    assert sorted(row for part in parts for row in part.index) == list(range(result.rows_read))
    for part in parts:
        others = result.frame.loc[part.index].drop(columns=part.columns)
        assert others.isna().to_numpy().all()
