"""KQL over DuckDB: an answer's rows with their types, and errors in words."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import duckdb
import pandas as pd
import pyarrow as pa
from duckdb_kql.errors import KqlError, KqlSyntaxError, KqlUnsupportedError

from lib.errors import DriftlineError, QueryError, Unreachable
from lib.logs import frames, translation
from lib.logs.answer import MOST_ROWS
from lib.logs.translation import Tables

LIMIT_S = 120.0
"""How long a query may take, if nothing else is said."""

# DuckDB's types as KQL's, and how a column is handed over.
_TYPES = (
    (r".*\[\d*\]|(STRUCT|MAP|JSON|UNION).*", "dynamic", "CAST(to_json({0}) AS VARCHAR)"),
    (r"U?HUGEINT|UBIGINT|BIGINT|UINTEGER", "long", "CAST({0} AS BIGINT)"),
    (r"U?(INTEGER|SMALLINT|TINYINT)", "int", "CAST({0} AS BIGINT)"),
    (r"DOUBLE|FLOAT", "real", "CAST({0} AS DOUBLE)"),
    (r"DECIMAL.*", "decimal", "CAST({0} AS DOUBLE)"),
    (r"(TIMESTAMP|DATE).*", "datetime", "CAST({0} AS TIMESTAMP)"),
    (r"INTERVAL", "timespan", "CAST(epoch_us({0}) AS BIGINT)"),
    (r"BOOLEAN", "bool", "{0}"),
    (r"UUID", "guid", "CAST({0} AS VARCHAR)"),
    (r".*", "string", "CAST({0} AS VARCHAR)"),
)

_NO_TABLES: Tables = MappingProxyType({})


def run(
    connection: duckdb.DuckDBPyConnection, query: str, limit_s: float, tables: Tables = _NO_TABLES
) -> tuple[pd.DataFrame, bool]:
    """The rows of a query, and whether there were more than an answer may have.

    Raises QueryError, and Unreachable for a query that takes longer than `limit_s` seconds.
    """
    try:
        with limited(connection, limit_s):
            sql, values = translation.to_sql(query, tables)
            connection.execute(translation.weights_alike(query))
            try:
                table, kql_types = _rows(connection, sql, values)
            except duckdb.InvalidInputException as error:
                if translation.DIFFERENT not in str(error):
                    raise
                connection.execute(translation.WEIGHTS_DIFFER)
                table, kql_types = _rows(connection, sql, values)
        return frames.of_arrow(table[:MOST_ROWS], kql_types), table.num_rows > MOST_ROWS
    except (KqlError, duckdb.Error) as error:
        raise _translated(error, query) from None
    except (RecursionError, NotImplementedError, pa.ArrowException, OverflowError, ValueError):
        # Of duckdb-kql, for brackets in thousands or times past 9999; of pandas, for the same.
        step = "Nest it less deeply, and leave out values that are out of range."
        raise QueryError("The archive cannot run this query.", step) from None


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, limit_s: float) -> Iterator[None]:
    """Interrupt what the connection does, which raises duckdb.Error, after so many seconds."""
    timer = threading.Timer(limit_s, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]
) -> tuple[pa.Table, list[str]]:
    """The rows, one more than an answer may have, and the KQL type of each column."""
    relation = connection.sql(sql, params=values or None)
    kinds = [_kind(str(each)) for each in relation.types]
    listed = ", ".join(
        f"{cast.format(_quoted(name))} AS {_quoted(name)}"
        for name, (_, cast) in zip(relation.columns, kinds, strict=True)
    )
    table = relation.project(listed).limit(MOST_ROWS + 1).to_arrow_table()
    return table, [kql_type for kql_type, _ in kinds]


def _kind(duckdb_type: str) -> tuple[str, str]:
    return next(
        (kql_type, cast) for rule, kql_type, cast in _TYPES if re.fullmatch(rule, duckdb_type)
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _translated(error: KqlError | duckdb.Error, query: str) -> DriftlineError:
    text = str(error)
    if isinstance(error, KqlSyntaxError) and error.diagnostics:
        first = error.diagnostics[0]
        return _wrong(first.message, first.span.line, first.span.column + 1)
    if isinstance(error, KqlUnsupportedError):
        message = f"The archive cannot run {error.construct!r}"
        line = error.span.line if error.span else None
        column = error.span.column + 1 if error.span else None
        step = "Word it otherwise, or ask Azure Monitor itself."
        return QueryError(f"{message}{_where(line, column)}.", step, line, column)
    if isinstance(error, duckdb.InterruptException):
        return Unreachable(
            "The archive did not finish the query in time.", "Choose a shorter window."
        )
    if isinstance(error, duckdb.InternalException):
        # DuckDB's own fault, such as with a lambda, as toint() makes one, inside of percentilew.
        step = "Work out what stands inside of an aggregate by an extend before it."
        return QueryError("The archive cannot run this query.", step)
    if isinstance(error, duckdb.OutOfMemoryException):
        step = "Choose a shorter window."
        return QueryError("The query needs more memory than the archive may use.", step)
    if missing := re.search(r'column "([^"]+)" not found', text):
        near = re.search(r"Candidate bindings: (.+)", text)
        hint = f" Did you mean {near[1].split(', ')[0]}?" if near else ""
        return _wrong(
            f"There is no column {missing[1]!r} here.{hint}", *_position(query, missing[1])
        )
    if missing := re.search(r"Table with name (\S+) does not exist", text):
        return _wrong(f"There is no table {missing[1]!r}.", *_position(query, missing[1]))
    return _wrong(" ".join(text.partition("\n\nLINE ")[0].split())[:400])


def _wrong(message: str, line: int | None = None, column: int | None = None) -> QueryError:
    step = "Check the query's text and the names of its columns."
    return QueryError(f"The query was refused{_where(line, column)}: {message}", step, line, column)


def _where(line: int | None, column: int | None) -> str:
    return f" (line {line}, column {column})" if line else ""


def _position(query: str, name: str) -> tuple[int | None, int | None]:
    found = re.search(rf"\b{re.escape(name)}\b", query)
    if not found:
        return None, None
    before = query[: found.start()]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
