"""Lines of exported telemetry as rows that are ready to be stored.

A line that cannot be used costs itself and is counted by kind:

* broken: no JSON object;
* unusable: an object without a time or without what its table holds, or one that DuckDB refuses;
* misplaced: a row whose time cannot be that of its blob (`layouts.times`);
* odd: a row of which a part could not be used. It is stored without that part.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from lib.logs import records
from lib.logs.layouts import Layout

OF_THE_MACHINE = (duckdb.OperationalError, duckdb.FatalException, duckdb.InterruptException)
"""Errors that no line is guilty of: disk, memory, connection."""

_OBJECTS = "SELECT * FROM raw WHERE left(ltrim(line), 1) = '{' AND json_valid(line)"


@dataclass(frozen=True)
class Counted:
    """The lines of one blob that make no row, by kind, and the rows with odd parts."""

    broken: int = 0
    unusable: int = 0
    misplaced: int = 0
    odd: int = 0


def stage(
    cursor: duckdb.DuckDBPyConnection,
    table: str,
    layout: Layout,
    lines: pa.Table,
    times: Sequence[Mapping[str, object]],
) -> dict[int, Counted]:
    """Make the temporary table `incoming` of the rows of some lines (blob, line).

    `times` has for each blob the `first` and `last` of when its rows may be. Returns the counts
    of each blob. Raises duckdb.Error for what is no line's fault.
    """
    for macro in records.MACROS:
        cursor.execute(macro)
    statement = records.select(table, layout)
    cursor.register("raw", lines.slice(0, 0))
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS WITH lines AS (FROM raw) {statement}")
    refused = Counter(_fill(cursor, f"WITH lines AS ({_OBJECTS}) {statement}", lines))
    cursor.register("raw", lines)
    cursor.register("times", pa.Table.from_pylist(list(times), _TIMES))
    is_placed = "TimeGenerated >= first AND TimeGenerated < last"
    counted = cursor.execute(
        "SELECT blob, lines, coalesce(objects, 0), coalesce(timed, 0), coalesce(placed, 0), "
        "coalesce(odd, 0) FROM "
        "(SELECT blob, count(*) AS lines FROM raw WHERE regexp_matches(line, '\\S') GROUP BY blob) "
        "LEFT JOIN (SELECT blob, count(*) AS objects, count(TimeGenerated) AS timed, "
        f"count(*) FILTER (WHERE {is_placed}) AS placed, "
        f"count(*) FILTER (WHERE {is_placed} AND is_odd) AS odd "
        "FROM incoming JOIN times USING (blob) GROUP BY blob) USING (blob)"
    ).fetchall()
    if any(objects > placed for _, _, objects, _, placed, _ in counted):
        cursor.execute(
            "DELETE FROM incoming USING times WHERE incoming.blob = times.blob "
            f"AND ({is_placed}) IS NOT TRUE"
        )
    return {
        blob: Counted(
            broken=count - objects - refused[blob],
            unusable=objects - timed + refused[blob],
            misplaced=timed - placed,
            odd=odd,
        )
        for blob, count, objects, timed, placed, odd in counted
    }


_TIMES = pa.schema(
    {"blob": pa.int32(), "first": pa.timestamp("us"), "last": pa.timestamp("us")},
)


def _fill(cursor: duckdb.DuckDBPyConnection, statement: str, lines: pa.Table) -> list[int]:
    """Add the rows of lines; returns the blob of each line that DuckDB refuses.

    What is known of odd lines stands in the statement. For all else there is this: where some
    line spoils the others, each half is tried by itself.
    """
    cursor.register("raw", lines)
    try:
        cursor.execute(f"INSERT INTO incoming {statement}")
    except OF_THE_MACHINE:
        raise
    except duckdb.Error:
        if len(lines) == 1:
            return [int(lines["blob"][0].as_py())]
        half = len(lines) // 2
        first = _fill(cursor, statement, lines.slice(0, half))
        return first + _fill(cursor, statement, lines.slice(half))
    return []
