"""KQL over DuckDB: duckdb-kql's translation, the aggregate it lacks, and its errors in words."""

import re
import threading

import duckdb
import duckdb_kql
import pandas as pd
import pyarrow as pa
from duckdb_kql.errors import KqlError, KqlSyntaxError, KqlUnsupportedError
from duckdb_kql.translate import TranslationResult, functions

from lib.errors import DriftlineError, QueryError, Unreachable
from lib.logs import frames, schema
from lib.logs.answer import MOST_ROWS

# percentilew(value, weight, percent): the least value at which the running sum of weights
# reaches that share of the whole, as Kusto documents it. The table of functions is private in
# duckdb-kql 1.1.2, which is therefore pinned.
functions.AGGREGATE_FUNCTIONS["percentilew"] = functions.AggregateSpec(
    "percentilew", "weighted_percentile({0}, {1}, {2})", (3,), rules=("R11",)
)
_GIVEN = "FILTER (WHERE vs IS NOT NULL AND ws > 0)"
_DIFFERENT = "weights differ"
# Weights are mostly alike: nothing is sampled, or all at one rate. DuckDB has that in a tenth of
# the time, so it is tried first.
_ALIKE = f"""CREATE TEMP MACRO weighted_percentile(vs, ws, percent) AS
    CASE WHEN min(ws) {_GIVEN} = max(ws) {_GIVEN}
    THEN quantile_disc(CAST(vs AS DOUBLE), percent / 100.0) {_GIVEN}
    WHEN count(*) {_GIVEN} > 0 THEN error('{_DIFFERENT}') END"""
# By halving, since adding up weight by weight in SQL takes half a minute for a million rows: as
# many of the sorted weights are passed, by powers of two, as together stay below the share.
_POWERS = ", ".join(str(2**exponent) for exponent in range(31, -1, -1))
_PASSING = f"""CREATE TEMP MACRO value_at(sorted, weights, share) AS
    sorted[1 + list_reduce([0, {_POWERS}]::BIGINT[], lambda passed, more:
        CASE WHEN passed + more < len(weights)
            AND list_sum(weights[1:passed + more]) < share - 1e-9
        THEN passed + more ELSE passed END)]"""
_WEIGHTED = f"""CREATE OR REPLACE TEMP MACRO weighted_percentile(vs, ws, percent) AS
    value_at(list(CAST(vs AS DOUBLE) ORDER BY vs) {_GIVEN},
        list(CAST(ws AS DOUBLE) ORDER BY vs) {_GIVEN}, sum(ws) {_GIVEN} * percent / 100.0)"""

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


def run(
    connection: duckdb.DuckDBPyConnection, query: str, limit_s: float
) -> tuple[pd.DataFrame, bool]:
    """The rows of a query, and whether there were more than an answer may have.

    Raises QueryError, and Unreachable for a query that takes longer than `limit_s` seconds.
    """
    timer = threading.Timer(limit_s, connection.interrupt)
    timer.start()
    try:
        sql = duckdb_kql.to_sql(_plain(query), schema=_SCHEMA, allow_write=False)
        connection.execute(_ALIKE)
        try:
            table, kql_types = _rows(connection, sql)
        except duckdb.InvalidInputException as error:
            if _DIFFERENT not in str(error):
                raise
            connection.execute(_PASSING)
            connection.execute(_WEIGHTED)
            table, kql_types = _rows(connection, sql)
    except (KqlError, duckdb.Error) as error:
        raise _translated(error, query) from None
    finally:
        timer.cancel()
    return frames.of_arrow(table[:MOST_ROWS], kql_types), table.num_rows > MOST_ROWS


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: TranslationResult
) -> tuple[pa.Table, list[str]]:
    """The rows, one more than an answer may have, and the KQL type of each column."""
    relation = connection.sql(sql, params=sql.parameters or None)
    kinds = [_kind(str(each)) for each in relation.types]
    listed = ", ".join(
        f"{cast.format(_quoted(name))} AS {_quoted(name)}"
        for name, (_, cast) in zip(relation.columns, kinds, strict=True)
    )
    table = relation.project(listed).limit(MOST_ROWS + 1).to_arrow_table()
    return table, [kql_type for kql_type, _ in kinds]


_SCHEMA = {table: list(columns) for table, columns in schema.tables().items()}


def _kind(duckdb_type: str) -> tuple[str, str]:
    return next(
        (kql_type, cast) for rule, kql_type, cast in _TYPES if re.fullmatch(rule, duckdb_type)
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plain(query: str) -> str:
    r"""The query without \uXXXX escapes, of which duckdb-kql drops the backslash only."""
    units = r"\\u([0-9a-fA-F]{4})"

    def plain(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        codes = re.findall(units, found[0])
        text = b"".join(bytes.fromhex(code) for code in codes).decode("utf-16-be", "replace")
        # What may not stand in a literal by itself has a short escape.
        return "".join(_SHORT.get(char, char) for char in text)

    return re.sub(rf"((?:{units})+)|\\.", plain, query)


_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\0": r"\0", '"': r"\"", "'": r"\'", "\\": r"\\"}


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
