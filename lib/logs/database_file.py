"""Opening the DuckDB file of an archive: one for each process, and made anew where it is spoilt."""

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import cache

import duckdb

from lib.errors import Unreachable
from lib.logs import repeats, schema
from lib.logs.database import COUNTED, Database

# One file for each process that has the archive open: DuckDB lets only one write a file.
_MOST_PROCESSES = 8
# Raised whenever rows would be read otherwise than before.
_FORM = 2


def open_database(folder: str, labels: Sequence[str], memory_mb: int) -> Database:
    """The database for containers with these labels, in a file in `folder`.

    It may use two threads and `memory_mb` of memory, and no file but its own: queries are
    untrusted, and in DuckDB a table's name can be a path. Raises Unreachable.
    """
    content = "\n".join([str(_FORM), *sorted(labels), repr(schema.tables())])
    name = f"telemetry-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    reason = "too many processes have it open"
    try:
        os.makedirs(folder, exist_ok=True)
        for number in range(_MOST_PROCESSES):
            path = os.path.join(os.path.realpath(folder), f"{name}-{number}.duckdb")
            with _lock(path):
                if connection := _connect(path, memory_mb):
                    return Database(connection, path, _lock(path))
    except (duckdb.Error, OSError) as error:
        reason = str(error).splitlines()[0]
    step = "Check that the folder can be written to and its disk has room."
    raise Unreachable(f"The copy of the archive in {folder} cannot be opened: {reason}.", step)


@cache
def _lock(path: str) -> threading.RLock:
    """The lock of a file, however often this process opens it."""
    return threading.RLock()


def _connect(path: str, memory_mb: int) -> duckdb.DuckDBPyConnection | None:
    """A connection to a file, made anew if it is none of DuckDB's; None if another has it."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "memory_limit": f"{memory_mb}MB",
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        connection = duckdb.connect(path, config=config)
    except duckdb.Error as error:
        if "lock" in str(error):
            return None
        for leftover in (path, f"{path}.wal"):
            if os.path.exists(leftover):
                os.remove(leftover)
        connection = duckdb.connect(path, config=config)
    _prepare(connection)
    return connection


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("ATTACH ':memory:' AS shared")
    connection.begin()
    connection.execute("CREATE SCHEMA IF NOT EXISTS stored")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS stored.blobs (id INTEGER PRIMARY KEY, place VARCHAR, "
        "table_name VARCHAR, name VARCHAR, etag VARCHAR, loaded BIGINT, tail BLOB, "
        f"{', '.join(f'{name} BIGINT' for name in COUNTED)})"
    )
    connection.execute(repeats.CREATE)
    for table, columns in schema.tables().items():
        listed = ", ".join(f'"{name}" {schema.stored(kind)}' for name, kind in columns.items())
        connection.execute(
            f'CREATE TABLE IF NOT EXISTS stored."{table}" '
            "(layout VARCHAR, blob INTEGER, line_hash UBIGINT, row_hash UBIGINT, is_odd BOOLEAN, "
            f"{listed})"
        )
    connection.commit()
