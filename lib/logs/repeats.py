"""Which rows are stored: each event once, however often it was exported.

What the same line once more means depends on who wrote it:

* A diagnostic setting appends each event once. Equal lines within a blob are events of their own
  (a log line without an id, five times within the same tick); the same line in another blob is
  the hour's end, written again. So there are as many as the blob with most of them has.
* A data export rule may write a batch again, into the same blob or the next, for twelve hours.
  Equal lines are one event.
* Continuous export gave each event an id of its own. Equal lines are one event.

A blob that is read anew replaces what was read of it. Where two layouts hold the same event, by
its time and names (`row_hash`), as many count as the layout with most of them has; the others
are an overlap. Lines that are not stored are remembered, since they count where the blob goes
away that has the stored ones.
"""

from collections.abc import Iterable

import duckdb

from lib.logs import records
from lib.logs.layouts import Layout

CREATE = (
    "CREATE TABLE IF NOT EXISTS stored.repeats (table_name VARCHAR, layout VARCHAR, blob INTEGER, "
    "line_hash UBIGINT, row_hash UBIGINT, TimeGenerated TIMESTAMP, is_overlap BOOLEAN)"
)
_KEYS = "layout, blob, line_hash, row_hash"


def insert(
    cursor: duckdb.DuckDBPyConnection, table: str, layout: Layout
) -> dict[int, tuple[int, int, int]]:
    """Store the rows of the temporary table `incoming`, each event once.

    Returns of each blob how many rows are new, how many repeat and how many overlap.
    """
    [(first, last, rows, distinct)] = cursor.execute(
        "SELECT min(TimeGenerated), max(TimeGenerated), count(*), count(DISTINCT line_hash) "
        "FROM incoming"
    ).fetchall()
    if not rows:
        return {}
    # The same event has the same time, and constants let DuckDB skip what has others.
    between = f"TimeGenerated BETWEEN {records.timestamp(first)} AND {records.timestamp(last)}"
    [(known,)] = cursor.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT * FROM ("
        f'SELECT {_KEYS}, true AS is_row, true AS counts FROM stored."{table}" WHERE {between} '
        f"UNION ALL SELECT {_KEYS}, false, is_overlap FROM stored.repeats "
        f"WHERE table_name = '{table}' AND {between}) "
        "WHERE line_hash IN (SELECT line_hash FROM incoming) "
        "OR row_hash IN (SELECT row_hash FROM incoming)"
    ).fetchall()
    if not known and distinct == rows:
        cursor.execute(f"INSERT INTO stored.\"{table}\" SELECT '{layout}', * FROM incoming")
        counted = cursor.execute("SELECT blob, count(*) FROM incoming GROUP BY blob").fetchall()
        return {blob: (count, 0, 0) for blob, count in counted}
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(layout)}")
    cursor.execute(
        f"INSERT INTO stored.\"{table}\" SELECT '{layout}', * FROM incoming "
        "WHERE rowid IN (SELECT id FROM judged WHERE is_row)"
    )
    cursor.execute(
        f"INSERT INTO stored.repeats SELECT '{table}', '{layout}', i.blob, i.line_hash, "
        "i.row_hash, i.TimeGenerated, counts "
        "FROM incoming AS i JOIN judged ON i.rowid = judged.id WHERE NOT is_row"
    )
    counted = cursor.execute(
        "SELECT blob, count(*) FILTER (WHERE is_row), count(*) FILTER (WHERE NOT counts), "
        "count(*) FILTER (WHERE counts AND NOT is_row) FROM judged GROUP BY blob"
    ).fetchall()
    return {blob: (new, duplicates, overlaps) for blob, new, duplicates, overlaps in counted}


def forget(cursor: duckdb.DuckDBPyConnection, table: str, ids: Iterable[int]) -> set[int]:
    """Remove the rows of blobs, and of those that left rows out because these had them.

    Returns these others, which are to be read again.
    """
    waiting, gone = set(ids), set(ids)
    while waiting:
        listed = f"({', '.join(map(str, waiting))})"
        rows = f'FROM stored."{table}" WHERE blob IN {listed}'
        found = cursor.execute(
            f"SELECT DISTINCT blob FROM stored.repeats WHERE table_name = '{table}' AND ("
            f"line_hash IN (SELECT line_hash {rows}) OR row_hash IN (SELECT row_hash {rows}))"
        ).fetchall()
        cursor.execute(f"DELETE {rows}")
        cursor.execute(
            f"DELETE FROM stored.repeats WHERE table_name = '{table}' AND blob IN {listed}"
        )
        waiting = {blob for (blob,) in found} - gone
        gone |= waiting
    return gone - set(ids)


def _judged(layout: Layout) -> str:
    """The SQL that says of each incoming row whether it counts in its layout, and is stored.

    `nth` is how many such lines its blob has by then, and `had` how many count already; `mth`
    and `stored` are the same of the event, over all of the layout and over all layouts.
    """
    is_one_of_many = layout == "diagnostic"
    nth = "row_number() OVER (PARTITION BY i.blob, i.line_hash ORDER BY i.rowid) + coalesce(b.n, 0)"
    return f"""
        WITH mine AS (FROM known WHERE layout = '{layout}'),
        of_blob AS (SELECT blob, line_hash, count(*) AS n FROM mine GROUP BY ALL),
        of_line AS (SELECT line_hash, count(*) AS n FROM mine WHERE counts GROUP BY ALL),
        of_event AS (SELECT row_hash, count(*) AS n FROM mine WHERE counts GROUP BY ALL),
        everywhere AS (SELECT row_hash, count(*) AS n FROM known WHERE is_row GROUP BY ALL),
        numbered AS (
            SELECT i.rowid AS id, i.blob, i.line_hash, i.row_hash,
                {nth if is_one_of_many else 1} AS nth, coalesce(l.n, 0) AS had
            FROM incoming AS i LEFT JOIN of_blob AS b USING (blob, line_hash)
            LEFT JOIN of_line AS l USING (line_hash)),
        counted AS (
            SELECT *, nth > had AND row_number() OVER (PARTITION BY line_hash, nth ORDER BY id) = 1
                AS counts
            FROM numbered)
        SELECT id, blob, counts, counts AND
            sum(counts::INT) OVER (PARTITION BY row_hash ORDER BY id) + coalesce(e.n, 0)
            > coalesce(a.n, 0) AS is_row
        FROM counted LEFT JOIN of_event AS e USING (row_hash)
        LEFT JOIN everywhere AS a USING (row_hash)"""
