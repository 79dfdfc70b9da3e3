"""The typing rule, cell by cell and column by column."""

import itertools
import math
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.collected import types, values


def column(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([cell or None for cell in cells], pa.string())])


def kind(*cells: str | None) -> str:
    """The type of a column, in one word."""
    return str(types.typed(column(*cells))[0].type).partition("[")[0]


def result(*cells: str | None) -> list[Any]:
    return types.typed(column(*cells))[0].to_pylist()


@pytest.mark.parametrize("cell", ["0", "5", "-5", "10", "-0", "9223372036854775807"])
def test_integers(cell: str) -> None:
    assert kind(cell, "1") == "int64"
    assert result(cell, "1") == [int(cell), 1]


@pytest.mark.parametrize(
    "cell", ["0.5", "-0.5", "1e-20", "1.5e+30", "1E5", "5.", "0.0", "-0.0", "0e0", "12.50", "inf"]
)
def test_numbers_with_a_fraction_or_an_exponent(cell: str) -> None:
    assert kind(cell, "1") == "double"
    assert result(cell, "1") == [float(cell), 1.0]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "01234",
            "-01",
            "00",
            "01.5",
            "+5",
            " 5",
            "5 ",
            "1_000",
            "0x1F",
            ".5",
            "-.5",
            "1,5",
            "1e",
            "-",
        ),
        *(
            "NA",
            "NULL",
            "NaN",
            "NAN",
            "Infinity",
            "INF",
            "-nan",
            "+inf",
            "None",
            "<NA>",
            "١",
            "5\n",
        ),
    ],
)
def test_what_is_no_number_keeps_its_column_text(cell: str) -> None:
    assert kind("1", cell) == kind(cell, "1") == kind("1.5", cell, None) == "string"
    assert result("1", cell, "0.50") == ["1", cell, "0.50"]


def test_one_cell_of_text_keeps_all_of_the_column() -> None:
    assert result("1", "2", "x", None) == ["1", "2", "x", None]


def test_nan_is_missing_among_numbers_and_infinities_stay() -> None:
    numbers = result("1", "nan", None, "-inf", "inf")
    assert math.isnan(numbers[1])
    assert numbers[2] is None
    assert numbers[3:] == [-math.inf, math.inf]
    assert kind("nan", None) == "double"


def test_integers_with_missing_cells_are_floating_point() -> None:
    assert kind("1", None, "3") == "double"


def test_an_identifier_too_long_for_floating_point_stays_exact() -> None:
    assert result("9007199254740993", "1") == [9007199254740993, 1]
    text, found = types.typed(column("9007199254740993", None, "1"))
    assert text.to_pylist() == ["9007199254740993", None, "1"]
    assert found == types.Finding("large_integers", 1, 0)
    # 2^53 + 2 is a floating point number, so nothing is lost.
    assert kind("9007199254740994", None) == "double"


def test_integers_beyond_64_bits_are_rounded_and_reported() -> None:
    numbers, found = types.typed(column("5", "9223372036854775807123", str(10**30)))
    assert numbers.to_pylist() == [5.0, 9.223372036854775807e21, 1e30]
    assert found == types.Finding("rounded", 2, 1)


def test_booleans_need_every_cell() -> None:
    assert result("True", "False") == [True, False]
    assert result("True", None) == ["True", None]
    assert result("True", "true") == ["True", "true"]
    assert result("True", "1") == ["True", "1"]
    assert result("1", "True") == ["1", "True"]


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2024-01-02", "2024-01-02 00:00:00+00:00"),
        ("2024-01-02 03:04:05", "2024-01-02 03:04:05+00:00"),
        ("2024-01-02T03:04:05", "2024-01-02 03:04:05+00:00"),
        ("2024-01-02T03:04:05.5", "2024-01-02 03:04:05.500000+00:00"),
        ("2024-01-02T03:04:05.123456789", "2024-01-02 03:04:05.123456+00:00"),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05+00:00"),
        ("2024-01-02 03:04:05+01:30", "2024-01-02 01:34:05+00:00"),
        ("1500-02-03", "1500-02-03 00:00:00+00:00"),
    ],
)
def test_times(cell: str, time: str) -> None:
    assert [str(value) for value in result(cell)] == [time]
    assert [str(value) for value in result(cell, None, "2024-05-06")] == [
        time,
        "None",
        "2024-05-06 00:00:00+00:00",
    ]


def test_times_with_and_without_zone_in_one_column() -> None:
    times = result("2024-01-02 03:04:05", "2024-01-02 03:04:05-02:00", "2024-01-02")
    assert [str(time) for time in times] == [
        "2024-01-02 03:04:05+00:00",
        "2024-01-02 05:04:05+00:00",
        "2024-01-02 00:00:00+00:00",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-02-30", "2024-01-02 03", "2024-01-02 03:04", "2024-1-2", "20240102", "2024"),
        *(
            "2024-01-02T03:04:05+0100",
            "2024-01-02 24:00:00",
            "02/01/2024",
            "2024-01-02 ",
            "03:04:05",
        ),
    ],
)
def test_what_is_no_time_keeps_its_column_text(cell: str) -> None:
    assert kind("2024-01-02", cell) == kind(cell, "2024-01-02 03:04:05Z") == "string"


def test_a_column_without_cells_is_missing_numbers() -> None:
    assert kind(None, None) == "double"
    assert result(None, None) == [None, None]
    assert kind() == "double"


def test_a_time_of_scoring_that_is_none_is_missing_and_counted() -> None:
    times, found = types.times_or_missing(
        column("2026-03-01T10:00:00.5", "soon", None, "2026-03-32T00:00:00", "0000-01-01")
    )
    assert [time is None for time in times.to_pylist()] == [False, True, True, True, True]
    assert found == types.Finding("bad_time", 3, 1)


RULE = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?|nan|-?inf")


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text("0019.-+eExnaif _", min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_rule_for_numbers_is_this_pattern(cells: list[str]) -> None:
    expected = all(RULE.fullmatch(cell) for cell in cells)
    assert (kind(*cells) in ("int64", "double")) == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(st.one_of(st.none(), st.floats()), min_size=1))
def test_numbers_written_by_python_come_back_the_same(numbers: list[float | None]) -> None:
    cells = [None if number is None else str(number) for number in numbers]
    expected = [math.nan if number is None else number for number in numbers]
    found = [math.nan if value is None else value for value in result(*cells)]
    assert np.array_equal(np.array(found, float), np.array(expected, float), equal_nan=True)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_written_by_python_come_back_the_same(numbers: list[int]) -> None:
    assert result(*map(str, numbers)) == numbers


@settings(deadline=None, max_examples=100)
@given(st.lists(st.one_of(st.none(), st.text(min_size=1)), min_size=1))
def test_every_present_cell_stays_present(cells: list[str | None]) -> None:
    typed = result(*cells)
    assert [cell is None for cell in cells] == [value is None for value in typed]
    if kind(*cells) == "string":
        assert typed == cells


def of_json(*cells: Any) -> tuple[str, list[Any]]:
    typed, _ = values.typed(list(cells))
    return str(typed.type).partition("[")[0], typed.to_pylist()


def test_types_of_json_are_kept() -> None:
    assert of_json(1, 2) == ("int64", [1, 2])
    assert of_json(2**53 + 1, 1) == ("int64", [2**53 + 1, 1])
    assert of_json(1, 2.5, None) == ("double", [1.0, 2.5, None])
    assert of_json(True, False) == ("bool", [True, False])
    assert of_json(True, None) == ("string", ["True", None])
    assert of_json("5", "6") == ("string", ["5", "6"])
    assert of_json(None, None) == ("double", [None, None])
    assert of_json([1, "ö"], {"a": None}) == ("string", ['[1, "ö"]', '{"a": null}'])
    assert of_json("", "x") == ("string", ["", "x"])
    assert of_json("2024-01-02", None)[0] == "timestamp"
    assert of_json("2024-01-02", "")[0] == "string"


def test_large_integers_of_json() -> None:
    typed, found = values.typed([2**53 + 1, None])
    assert typed.to_pylist() == ["9007199254740993", None]
    assert found == types.Finding("large_integers", 1, 0)
    typed, found = values.typed([1, 10**30, 10**400, -(10**400)])
    assert typed.to_pylist() == [1.0, 1e30, math.inf, -math.inf]
    assert found == types.Finding("rounded", 3, 1)


def test_mixed_json_is_text_and_says_how_mixed() -> None:
    typed, found = values.typed([1, 2.5, "x", None, True, [1]])
    assert typed.to_pylist() == ["1", "2.5", "x", None, "True", "[1]"]
    assert found is not None
    assert (found.kind, found.count, found.row) == ("mixed_types", 3, 2)
    assert found.words == "text in 1, true or false in 1, nested in 1 of 5 rows, otherwise number"


def test_half_a_surrogate_pair_does_not_lose_the_column() -> None:
    assert of_json("ok", "\ud83d", None) == ("string", ["ok", "?", None])


@given(st.lists(st.sampled_from(["", "a", "ß" * 40, "-", None]), max_size=12), st.data())
def test_unwanted_cells_are_missing_whatever_slices_a_column_is_made_of(cells, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(cells)), min_size=2, max_size=2)))
    whole = pa.array(cells, pa.string())
    slices = [whole[start:end] for start, end in itertools.pairwise([0, *cuts, len(cells)])]
    left = types.without(pa.chunked_array(slices), lambda chunk: pc.equal(chunk, "-"))
    for chunk in left.chunks:
        chunk[1:].validate(full=True)
    assert left.to_pylist() == [None if cell == "-" else cell for cell in cells]
