"""The aggregate that duckdb-kql lacks, against values repeated as often as they weigh."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import QueryError
from lib.logs import engine

OPEN: list[duckdb.DuckDBPyConnection] = []


@pytest.fixture(scope="module", autouse=True)
def connection() -> Iterator[None]:
    """One for all tests here; a cursor of it has its own names."""
    OPEN.append(duckdb.connect())
    yield
    OPEN.pop().close()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.none() | st.floats(-1e6, 1e6), st.none() | st.integers(-1, 50)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([0, 1, 25, 50, 90, 95, 99, 100]),
)
def test_weighted_percentiles_are_those_of_the_repeated_values(
    pairs: list[tuple[float | None, int | None]], percent: int
) -> None:
    repeated = sorted(
        value
        for value, weight in pairs
        if value is not None and weight is not None
        for _ in range(max(0, weight))
    )
    rows = ", ".join(
        f"{'real(null)' if value is None else f'real({value!r})'}, "
        f"{'int(null)' if weight is None else f'int({weight})'}"
        for value, weight in pairs
    )
    text = f"datatable(v: real, w: int) [{rows}] | summarize P = percentilew(v, w, {percent})"
    frame, _ = engine.run(OPEN[0].cursor(), text, 60)
    [found] = frame["P"]
    if not repeated:
        assert np.isnan(found)
    else:
        rank = max(1, int(np.ceil(round(percent / 100 * len(repeated), 9))))
        assert found == repeated[rank - 1]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=200),
    st.sampled_from([1, 4, 1000]),
    st.integers(0, 100),
)
def test_weights_that_are_alike_change_nothing(
    values: list[float | None], weight: int, percent: int
) -> None:
    rows = ", ".join("real(null)" if value is None else f"real({value!r})" for value in values)
    text = f"datatable(v: real) [{rows}] | summarize P = percentilew(v, {weight}, {percent})"
    frame, _ = engine.run(OPEN[0].cursor(), text, 60)
    [found] = frame["P"]
    told = sorted(value for value in values if value is not None)
    if not told:
        assert np.isnan(found)
    else:
        assert found == told[max(1, -(-percent * len(told) // 100)) - 1]


def test_groups_with_weights_alike_stand_beside_one_with_others() -> None:
    text = (
        'datatable(g: string, v: real, w: int) ["a", 1.0, 2, "a", 9.0, 2, "b", 1.0, 1, "b", 9.0, 7,'
        ' "c", 5.0, int(null)] | summarize P = percentilew(v, w, 50), Q = percentilew(v, w, 10)'
        " by g | order by g asc"
    )
    frame, _ = engine.run(OPEN[0].cursor(), text, 60)
    assert frame["P"].tolist()[:2] == [1.0, 9.0]
    assert frame["Q"].tolist()[:2] == [1.0, 1.0]
    assert frame["P"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    "asked",
    [
        "P = percentilew(v, 1, 50), Q = percentilew(v, 1, 95.0), R = percentilew(v * 2, 1, 50)",
        "P = percentilew(v, 1, 50), Q = percentilew(v, 1, 90 + 5), R = percentilew(v * 2, 1, 50)",
        "P = percentilew(v, strlen('a'), 50), Q = percentilew(v, 1, 95), "
        "R = percentilew(todouble(tostring(v * 2)), 1, 50)",
        "P = percentilew(v, 1, 50), Q = percentilew(v, 1, 95), R = percentilew(v + v, 1, 50), "
        "Said = take_any('percentilew(v, 1, 7)')",
    ],
)
def test_percentiles_that_are_worked_out_together_are_each_right(asked: str) -> None:
    rows = ", ".join(f"real({value})" for value in range(1, 101))
    text = f"datatable(v: real) [{rows}] | summarize {asked}"
    frame, _ = engine.run(OPEN[0].cursor(), text, 60)
    assert frame.loc[0, ["P", "Q", "R"]].tolist() == [50.0, 95.0, 100.0]


def test_percentiles_of_the_same_values_are_one_aggregate() -> None:
    """Each by itself takes the memory of all values again."""
    many = "range v from 1 to 3000000 step 1 | extend v = todouble((v * 7919) % 1000003)"
    several = ", ".join(f"P{at} = percentilew(v, 1, {at})" for at in range(1, 40))
    cursor = OPEN[0].cursor()
    cursor.execute("SET memory_limit = '250MB'")
    try:
        frame, _ = engine.run(cursor, f"{many} | summarize {several}", 60)
    finally:
        cursor.execute("RESET memory_limit")
    assert frame.iloc[0].is_monotonic_increasing


def test_what_the_archive_cannot_do_is_said_with_a_way_around_it() -> None:
    text = 'datatable(v: real, w: string) [1.0, "2", 3.0, "4"]'
    with pytest.raises(QueryError, match="extend before it") as met:
        engine.run(OPEN[0].cursor(), f"{text} | summarize P = percentilew(v, toint(w), 50)", 60)
    assert "Trace" not in str(met.value)
    around = f"{text} | extend w = toint(w) | summarize P = percentilew(v, w, 50)"
    frame, _ = engine.run(OPEN[0].cursor(), around, 60)
    assert frame["P"].tolist() == [3.0]
