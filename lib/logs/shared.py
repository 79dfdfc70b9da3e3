"""Rows that several queries read, worked out once: a page asks a dozen questions about requests.

What two queries define in the same words over the same blobs becomes a table for both. The
tables are in memory, or where DuckDB puts what does not fit there.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
from duckdb_kql.errors import KqlError

from lib.logs import engine, lets, schema, translation
from lib.logs.answer import Span
from lib.logs.database import Database
from lib.logs.lets import Script

# Rows kept for the next page, in all tables together; one request takes some 140 bytes.
_MOST_ROWS = 2_000_000


@dataclass(frozen=True)
class Meaning:
    """What makes rows the same: their text, the state of the blobs, and a span that cuts them."""

    text: str
    version: int
    cut_by: Span | None


@dataclass
class Shared:
    """One table, and how many read it now."""

    table: str
    columns: Sequence[str]
    rows: int
    readers: int = 0


Tables = Mapping[str, Shared]


@dataclass(frozen=True)
class Asked:
    """A query as it is to be run where there are these tables beside the usual ones."""

    query: str
    tables: Tables = field(default_factory=dict)

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """The columns of the tables."""
        return {name: shared.columns for name, shared in self.tables.items()}

    @property
    def places(self) -> Mapping[str, str]:
        """What the tables are called in the database."""
        return {name: shared.table for name, shared in self.tables.items()}


@dataclass(frozen=True)
class _Read:
    """A query, and what the rows are that it defines, by their names."""

    script: Script
    rows: Mapping[str, Meaning]

    def met(self, words: Collection[str], meanings: Collection[Meaning]) -> dict[str, Meaning]:
        """Those of some meanings that words lead to, by their names."""
        known = {name: each for name, each in self.rows.items() if each in meanings}
        return {name: known[name] for name in self.script.needed(words, known) if name in known}


@dataclass(frozen=True)
class _Batch:
    """Queries that are asked together: for which time, what is to be a table, what they hold."""

    span: Span
    worth: set[Meaning]
    held: list[Shared] = field(default_factory=list)


@dataclass(frozen=True)
class Sharing:
    """The shared tables of a database."""

    database: Database
    most_rows: int = _MOST_ROWS
    limit_s: float = engine.LIMIT_S
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    # The longest unused first.
    _kept: dict[Meaning, Shared] = field(default_factory=dict, repr=False)

    @contextmanager
    def among(self, queries: Sequence[str], span: Span) -> Iterator[list[Asked]]:
        """The queries as they are to be run, one for each; their tables are held meanwhile."""
        version = self.database.version()
        read = [_read(query, span, version) for query in queries]
        batch = _Batch(span, set())
        try:
            with self._lock:
                self._drop(version)
                batch.worth.update(_worth([each for each in read if each], self._kept.keys()))
                asked = [
                    self._asked(query, each, batch) if each else Asked(query)
                    for query, each in zip(queries, read, strict=True)
                ]
            yield asked
        finally:
            with self._lock:
                for shared in batch.held:
                    shared.readers -= 1
                self._drop(self.database.version())

    def _asked(self, query: str, read: _Read, batch: _Batch) -> Asked:
        try:
            tables = self._tables(read, read.script.asks, batch)
        except (KqlError, duckdb.Error, RecursionError, NotImplementedError, ValueError):
            # By itself, each query says what is wrong, and where; it may have taken long already.
            batch.worth.clear()
            return Asked(query)
        return Asked(read.script.without(tables), tables)

    def _tables(self, read: _Read, words: Collection[str], batch: _Batch) -> Tables:
        """The tables that words lead to, by the names they have there; made if there are none."""
        tables = {}
        for name, meaning in read.met(words, batch.worth).items():
            shared = self._kept.pop(meaning, None)
            if shared is None:
                given = self._tables(read, read.script.lets[name].words, batch)
                shared = self._made(Asked(read.script.rows(name, given), given), batch.span)
            self._kept[meaning] = shared  # now the last to be dropped
            shared.readers += 1
            batch.held.append(shared)
            tables[name] = shared
        return tables

    def _made(self, asked: Asked, span: Span) -> Shared:
        sql, values = translation.to_sql(asked.query, asked.columns)
        connection = self.database.reading(schema.named_in(asked.query), span, asked.places)
        try:
            with engine.limited(connection, self.limit_s):
                connection.execute(translation.WEIGHTS_DIFFER)
                return Shared(*self.database.keep(connection, sql, values))
        finally:
            connection.close()

    def _drop(self, version: int) -> None:
        """Drop tables that nobody reads: of other blobs than now, and all but the latest of many.

        The very latest stays however large it is, since the next question is likely about it.
        """
        rows = sum(shared.rows for shared in self._kept.values())
        latest = next(reversed(self._kept), None)
        for meaning, shared in list(self._kept.items()):
            is_one_too_many = rows > self.most_rows and meaning is not latest
            if not shared.readers and (meaning.version != version or is_one_too_many):
                rows -= shared.rows
                del self._kept[meaning]
                self.database.drop(shared.table)


def _read(query: str, span: Span, version: int) -> _Read | None:
    """What rows a query defines; None for one of another form."""
    script = lets.parse(query)
    if script is None:
        return None
    rows = {}
    for name, let in script.lets.items():
        if let.is_rows:
            own = script.span(name)
            is_whole = own and span.first <= own.first and own.last <= span.last
            rows[name] = Meaning(script.meaning(name), version, None if is_whole else span)
    return _Read(script, rows)


def _worth(queries: Sequence[_Read], kept: Collection[Meaning]) -> set[Meaning]:
    """What is to be a table: rows that two queries, or other such rows, read; and those kept."""
    common = {meaning for read in queries for meaning in read.rows.values()}
    readers: Counter[Meaning] = Counter()
    waiting = [(read, read.script.asks) for read in queries]
    while waiting:
        read, words = waiting.pop()
        for name, meaning in read.met(words, common).items():
            readers[meaning] += 1
            if readers[meaning] == 1:
                waiting.append((read, read.script.lets[name].words))
    return {meaning for meaning, count in readers.items() if count > 1 or meaning in kept}
