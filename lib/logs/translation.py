"""KQL as DuckDB's SQL: duckdb-kql's translation, the aggregate it lacks, and what it words slowly.

Tables of functions, and forms of SQL, are private in duckdb-kql 1.1.2, which is therefore pinned.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import duckdb_kql
from duckdb_kql import ir, translate
from duckdb_kql.translate import functions

from lib.logs import schema

# percentilew(value, weight, percent): the least value at which the running sum of weights
# reaches that share of the whole, as Kusto documents it.
functions.AGGREGATE_FUNCTIONS["percentilew"] = functions.AggregateSpec(
    "percentilew", "weighted_percentile({0}, {1}, {2})", (3,), rules=("R11",)
)
_GIVEN = "FILTER (WHERE vs IS NOT NULL AND ws > 0)"
DIFFERENT = "weights differ"
_PERCENTILE = re.compile(r"percentilew\((?:[^()]|\([^()]*\))*, *(\d+(?:\.\d+)?) *\)")
# By halving, since adding up weight by weight in SQL takes half a minute for a million rows: as
# many of the sorted weights are passed, by powers of two, as together stay below the share.
_POWERS = ", ".join(str(2**exponent) for exponent in range(31, -1, -1))
_VALUE_AT = f"""CREATE TEMP MACRO value_at(sorted, weights, share) AS
    sorted[1 + list_reduce([0, {_POWERS}]::BIGINT[], lambda passed, more:
        CASE WHEN passed + more < len(weights)
            AND list_sum(weights[1:passed + more]) < share - 1e-9
        THEN passed + more ELSE passed END)]"""
WEIGHTS_DIFFER = f"""{_VALUE_AT};
CREATE OR REPLACE TEMP MACRO weighted_percentile(vs, ws, percent) AS
    value_at(list(CAST(vs AS DOUBLE) ORDER BY vs) {_GIVEN},
        list(CAST(ws AS DOUBLE) ORDER BY vs) {_GIVEN}, sum(ws) {_GIVEN} * percent / 100.0)"""

# duckdb-kql needs three regular expressions for a text, half a second for a million, and refuses
# a seventh digit, which .NET writes; DuckDB leaves it out. What is written nearly always is
# recognised by one, and what is rare is left to duckdb-kql.
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,7})?"
_DAYS = r"([0-9]{1,8})[.]"
_totimespan = translate._SPECIAL_FORMS["totimespan"]


def _quick_totimespan(call: ir.FunctionCall) -> str | None:
    whole = _totimespan(call)
    if whole is None:
        return None
    [value] = map(translate.render_expr, call.args)
    text = f"CAST({value} AS VARCHAR)"
    return (
        f"CASE WHEN typeof({value}) <> 'VARCHAR' THEN {whole} "
        f"WHEN regexp_full_match({text}, '{_CLOCK}') THEN TRY_CAST({text} AS INTERVAL) "
        f"WHEN regexp_full_match({text}, '{_DAYS}{_CLOCK}') "
        rf"THEN TRY_CAST(regexp_replace({text}, '{_DAYS}', '\1 days ') AS INTERVAL) "
        f"ELSE {whole} END"
    )


translate._SPECIAL_FORMS["totimespan"] = _quick_totimespan

# Of a property first JSON is made and then text: two passes over the whole JSON.
_IN_TWO_STEPS = re.compile(r"""json_extract\(("\w+"), ('\$\.(?:\w+|"[^"'\\]*")')\) ->> '\$'""")


Tables = Mapping[str, Sequence[str]]
"""The columns of tables that there are beside those of a workspace."""


def weights_alike(query: str) -> str:
    """The SQL that defines weighted percentiles as if all weights of a query were alike.

    They mostly are: nothing is sampled, or all at one rate. DuckDB has such percentiles in a
    tenth of the time; where weights differ after all, it fails with the text DIFFERENT.
    """
    found = _PERCENTILE.findall(query)
    # Those with the same list are worked out together, with the memory of one.
    shares = [float(each) for each in dict.fromkeys(found)]
    one = f"quantile_disc(CAST(vs AS DOUBLE), percent / 100.0) {_GIVEN}"
    if shares and len(found) == query.count("percentilew"):
        listed = ", ".join(f"{share} / 100.0" for share in shares)
        at = f"list_position({shares}, CAST(percent AS DOUBLE))"
        one = f"(quantile_disc(CAST(vs AS DOUBLE), [{listed}]) {_GIVEN})[{at}]"
    return f"""CREATE OR REPLACE TEMP MACRO weighted_percentile(vs, ws, percent) AS
        CASE WHEN min(ws) {_GIVEN} = max(ws) {_GIVEN} THEN {one}
        WHEN count(*) {_GIVEN} > 0 THEN error('{DIFFERENT}') END"""


def to_sql(query: str, tables: Tables) -> tuple[str, Mapping[str, Any]]:
    """The SQL of a KQL query, and the values of its parameters. Raises duckdb-kql's KqlError.

    For texts that nobody writes it raises more: RecursionError, NotImplementedError, ValueError.
    """
    return _to_sql(query, tuple((name, tuple(columns)) for name, columns in tables.items()))


# A page asks the same of the next minutes, and translating takes longer than running.
@lru_cache(maxsize=256)
def _to_sql(
    query: str, tables: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[str, Mapping[str, Any]]:
    known = {name: list(columns) for name, columns in (*schema.tables().items(), *tables)}
    sql = duckdb_kql.to_sql(_plain(query), schema=known, allow_write=False)
    return _in_one_pass(str(sql)), sql.parameters


def _in_one_pass(sql: str) -> str:
    """The SQL with all properties of a column read at once: DuckDB works out what is alike once."""
    paths: dict[str, dict[str, None]] = {}
    for column, path in _IN_TWO_STEPS.findall(sql):
        paths.setdefault(column, {})[path] = None

    def read(found: re.Match[str]) -> str:
        column, listed = found[1], list(paths[found[1]])
        return f"json_extract_string({column}, [{', '.join(listed)}])[{listed.index(found[2]) + 1}]"

    return _IN_TWO_STEPS.sub(read, sql)


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
