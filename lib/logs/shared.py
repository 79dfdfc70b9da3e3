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
_LIMIT_S = 120.0


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
class _Batch:
    """Queries that are asked together: for which time, of which blobs, and what they hold."""

    span: Span
    version: int
    held: list[Shared] = field(default_factory=list)


@dataclass(frozen=True)
class Sharing:
    """The shared tables of a database."""

    database: Database
    most_rows: int = _MOST_ROWS
    limit_s: float = _LIMIT_S
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    # The longest unused first.
    _kept: dict[Meaning, Shared] = field(default_factory=dict, repr=False)

    @contextmanager
    def among(self, queries: Sequence[str], span: Span) -> Iterator[list[Asked]]:
        """The queries as they are to be run, one for each; their tables are held meanwhile."""
        scripts = [lets.parse(query) for query in queries]
        batch = _Batch(span, self.database.version())
        try:
            with self._lock:
                self._drop(batch.version)
                worth = _worth([script for script in scripts if script], batch, self._kept.keys())
                asked = [
                    self._asked(query, script, worth, batch)
                    for query, script in zip(queries, scripts, strict=True)
                ]
            yield asked
        finally:
            with self._lock:
                for shared in batch.held:
                    shared.readers -= 1
                self._drop(self.database.version())

    def _asked(
        self, query: str, script: Script | None, worth: set[Meaning], batch: _Batch
    ) -> Asked:
        if script is None:
            return Asked(query)
        try:
            tables = self._tables(script, script.asks, worth, batch)
        except (KqlError, duckdb.Error):
            # By itself, each query says what is wrong, and where; it may have taken long already.
            worth.clear()
            return Asked(query)
        return Asked(script.without(tables), tables)

    def _tables(
        self, script: Script, words: Collection[str], worth: Collection[Meaning], batch: _Batch
    ) -> Tables:
        """The tables that words lead to, by the names they have there; made if there are none."""
        tables = {}
        for name, meaning in _met(script, words, worth, batch).items():
            shared = self._kept.pop(meaning, None)
            if shared is None:
                given = self._tables(script, script.lets[name].words, worth, batch)
                shared = self._made(Asked(script.rows(name, given), given), batch.span)
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


def _worth(scripts: Sequence[Script], batch: _Batch, kept: Collection[Meaning]) -> set[Meaning]:
    """What is to be a table: rows that two queries, or other such tables, read; and those kept."""
    defined = Counter(meaning for each in scripts for meaning in _meanings(each, batch).values())
    common = {meaning for meaning, count in defined.items() if count > 1} | set(kept)
    readers: Counter[Meaning] = Counter()
    waiting = [(script, script.asks) for script in scripts]
    while waiting:
        script, words = waiting.pop()
        for name, meaning in _met(script, words, common, batch).items():
            readers[meaning] += 1
            if readers[meaning] == 1:
                waiting.append((script, script.lets[name].words))
    return {meaning for meaning, count in readers.items() if count > 1 or meaning in kept}


def _met(
    script: Script, words: Collection[str], meanings: Collection[Meaning], batch: _Batch
) -> dict[str, Meaning]:
    """Those of some meanings that words lead to, by their names."""
    known = {name: each for name, each in _meanings(script, batch).items() if each in meanings}
    return {name: known[name] for name in script.needed(words, known) if name in known}


def _meanings(script: Script, batch: _Batch) -> dict[str, Meaning]:
    """What the rows are that a query defines."""
    found = {}
    for name, let in script.lets.items():
        if let.is_rows:
            own = script.span(name)
            is_whole = own and batch.span.first <= own.first and own.last <= batch.span.last
            cut_by = None if is_whole else batch.span
            found[name] = Meaning(script.meaning(name), batch.version, cut_by)
    return found
