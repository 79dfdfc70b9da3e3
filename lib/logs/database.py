"""The DuckDB file that holds exported telemetry, so that each blob is read once.

It is a copy that can be made again at any time; `database_file` opens it. Queries see a view of
each table, limited to their span, on a connection of their own.
"""

import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb
import pyarrow as pa

from lib.errors import Unreachable
from lib.logs import records, repeats, schema, staging
from lib.logs.answer import Span
from lib.logs.layouts import Layout

_NUMBERS = itertools.count()  # of tables that are kept


COUNTED = (*("rows", "duplicates", "overlapped", "broken", "unusable", "misplaced", "odd", "half"),)
"""What is counted of a blob: rows; lines that repeat, by `repeats`, or make no row, by `staging`;
rows with odd parts; and whether its last line is only half there."""


@dataclass(frozen=True)
class Kept:
    """What is known of a blob: so many bytes `loaded`, of which `tail` are the last few."""

    id: int
    name: str
    etag: str
    loaded: int = 0
    tail: bytes = b""
    rows: int = 0
    duplicates: int = 0
    overlapped: int = 0
    broken: int = 0
    unusable: int = 0
    misplaced: int = 0
    odd: int = 0
    half: int = 0

    def unread(self) -> "Kept":
        """The same blob as if nothing of it had been read."""
        return Kept(self.id, self.name, "")


@dataclass(frozen=True)
class Part:
    """Whole lines of a blob, and what is known of it once they are stored."""

    kept: Kept
    data: bytes
    is_new_content: bool  # what was loaded before is to be forgotten
    times: tuple[datetime, datetime]  # when its rows may be


@dataclass(frozen=True)
class Database:
    """An open file. Whoever writes to it holds `lock`."""

    connection: duckdb.DuckDBPyConnection = field(repr=False)
    path: str
    lock: threading.RLock = field(repr=False)

    def kept(self, place: str, prefix: str) -> dict[str, Kept]:
        """The blobs of a place that were loaded, by name, so far as their names begin so."""
        rows = self._read(
            f"SELECT id, name, etag, loaded, tail, {', '.join(COUNTED)} "
            "FROM stored.blobs WHERE place = ? AND starts_with(name, ?)",
            [place, prefix],
        )
        return {row[1]: Kept(*row) for row in rows}

    def new_ids(self) -> Iterator[int]:
        """Ids that no blob has, rising."""
        [(last,)] = self._read("SELECT coalesce(max(id), 0) FROM stored.blobs", [])
        yield from range(last + 1, 2**31)

    def counts(self, tables: Sequence[str]) -> dict[str, int]:
        """How many blobs of these tables were loaded, and what was counted of them."""
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTED)
        [row] = self._read(
            f"SELECT count(*), {sums} FROM stored.blobs WHERE list_contains(?, table_name)",
            [list(tables)],
        )
        return dict(zip(("blobs", *COUNTED), map(int, row), strict=True))

    def is_to_be_read_again(self, table: str) -> bool:
        """Whether there are blobs of which all was forgotten because another one went away."""
        return bool(
            self._read(
                "FROM stored.blobs WHERE table_name = ? AND loaded = 0 AND etag = ''", [table]
            )
        )

    def forget(self, table: str, ids: Iterable[int]) -> None:
        """Remove blobs and their rows."""
        ids = list(ids)
        if not ids:
            return
        with self.writing() as cursor:
            cursor.begin()
            self._forget(cursor, table, ids)
            cursor.execute("DELETE FROM stored.blobs WHERE list_contains(?, id)", [ids])

    def store(
        self, place: str, table: str, layout: Layout, parts: Sequence[Part], lines: pa.Table
    ) -> set[int]:
        """Add the rows of these lines, all or none; returns which blobs are to be read again."""
        if not parts:
            return set()
        times = [
            {"blob": part.kept.id, "first": part.times[0], "last": part.times[1]} for part in parts
        ]
        with self.writing() as cursor:
            unused = staging.stage(cursor, table, layout, lines, times)
            cursor.begin()
            replaced = [part.kept.id for part in parts if part.is_new_content]
            again = self._forget(cursor, table, replaced) if replaced else set()
            if again:
                cursor.execute("DELETE FROM incoming WHERE list_contains(?, blob)", [list(again)])
            stored = repeats.insert(cursor, table, layout)
            kept = [
                _with_counts(part.kept, stored, unused[part.kept.id])
                if part.kept.id in unused
                else part.kept
                for part in parts
                if part.kept.id not in again
            ]
            _remember(cursor, place, table, kept)
        return again

    def _forget(
        self, cursor: duckdb.DuckDBPyConnection, table: str, ids: Sequence[int]
    ) -> set[int]:
        """Remove the rows of blobs; returns the blobs that are to be read again for it."""
        again = repeats.forget(cursor, table, ids)
        counts = ", ".join(f"{name} = 0" for name in COUNTED)
        cursor.execute(
            f"UPDATE stored.blobs SET etag = '', loaded = 0, tail = '', {counts} "
            "WHERE list_contains(?, id)",
            [list(again)],
        )
        return again

    def reading(
        self, tables: Iterable[str], span: Span, shared: Mapping[str, str]
    ) -> duckdb.DuckDBPyConnection:
        """A connection on which each of some tables is a view of its rows of a span.

        `shared` names views of tables that were kept.
        """
        try:
            cursor = self._cursor()
            for name, table in shared.items():
                cursor.execute(f'CREATE TEMP VIEW "{name}" AS SELECT * FROM shared.{table}')
            for table in tables:
                listed = ", ".join(f'"{column}"' for column in schema.tables()[table])
                cursor.execute(
                    f'CREATE TEMP VIEW "{table}" AS SELECT {listed} FROM stored."{table}" '
                    f"WHERE TimeGenerated >= {records.timestamp(span.first)} "
                    f"AND TimeGenerated < {records.timestamp(span.last)}"
                )
        except duckdb.Error as error:
            raise self._failed(error) from None
        return cursor

    def keep(
        self, connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]
    ) -> tuple[str, list[str], int]:
        """Make a table of a query's rows, which is no part of the file.

        Returns its name, its columns, and how many rows it has. Raises duckdb.Error.
        """
        table = f"t{next(_NUMBERS)}"
        [(rows,)] = connection.execute(
            f"CREATE TABLE shared.{table} AS {sql}", values or None
        ).fetchall()
        return table, connection.table(f"shared.{table}").columns, rows

    def drop(self, table: str) -> None:
        """Drop a table that was kept; whoever is reading it reads on."""
        cursor = self._cursor()
        cursor.execute(f"DROP TABLE shared.{table}")
        cursor.close()

    def version(self) -> int:
        """A number that changes whenever other blobs, or other parts of them, are loaded."""
        [(blobs,)] = self._read("SELECT hash(list(t ORDER BY t.id)) FROM stored.blobs AS t", [])
        return int(blobs)

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection whose changes, once it has begun, hold all together or not at all."""
        try:
            with self._cursor() as cursor:  # which rolls back what was not committed
                yield cursor
                cursor.commit()
        except duckdb.Error as error:
            raise self._failed(error) from None

    def _failed(self, error: duckdb.Error) -> Unreachable:
        reason = str(error).splitlines()[0]
        if isinstance(error, duckdb.OutOfMemoryException):
            step = "Set a smaller batch of files, or give the app more memory."
        elif isinstance(error, duckdb.OperationalError):
            step = "Check that its disk has room, or delete the file: it is made again."
        else:
            step = "Restart the app. If it happens again, delete the file: it is made again."
        return Unreachable(
            f"The copy of the archive in {self.path} could not be used: {reason}.", step
        )

    def close(self) -> None:
        """Close the file; the database is of no use any more."""
        self.connection.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self.connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        return cursor

    def _read(self, sql: str, values: list[object]) -> list[tuple]:  # type: ignore[type-arg]
        try:
            with self.connection.cursor() as cursor:
                return cursor.execute(sql, values).fetchall()
        except duckdb.Error as error:
            raise self._failed(error) from None


_KEPT = pa.schema(
    {
        "id": pa.int32(),
        "name": pa.string(),
        "etag": pa.string(),
        "loaded": pa.int64(),
        "tail": pa.binary(),
        **dict.fromkeys(COUNTED, pa.int64()),
    }
)


def _with_counts(
    kept: Kept, stored: Mapping[int, tuple[int, int, int]], unused: staging.Counted
) -> Kept:
    rows, duplicates, overlaps = stored.get(kept.id, (0, 0, 0))
    more = {"rows": rows, "duplicates": duplicates, "overlapped": overlaps, **vars(unused)}
    return replace(kept, **{name: getattr(kept, name) + count for name, count in more.items()})


def _remember(
    cursor: duckdb.DuckDBPyConnection, place: str, table: str, kept: Sequence[Kept]
) -> None:
    cursor.register("changed", pa.Table.from_pylist([vars(each) for each in kept], _KEPT))
    cursor.execute(
        "INSERT OR REPLACE INTO stored.blobs BY NAME "
        "SELECT ? AS place, ? AS table_name, * FROM changed",
        [place, table],
    )
