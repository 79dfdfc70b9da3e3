"""Exported telemetry, answered as Azure Monitor would answer it.

A query loads what it needs first: the blobs that may hold rows of its tables and its span, each
once for every version of it, and of one that has grown the new bytes only.
"""

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from lib.blobs import Blob, Container
from lib.errors import DriftlineError, NotFound
from lib.logs import answer, database_file, engine, layouts, lines, schema
from lib.logs.answer import MOST_ROWS, Answer, Span
from lib.logs.database import Database, Kept, Part
from lib.logs.layouts import Place
from lib.logs.shared import Asked, Sharing

# Bytes that are read at once and become one change of the database.
_BATCH_BYTES = 16 * 1024 * 1024
_READERS = 8
# As many of the last bytes loaded tell an append from a replacement.
_TAIL_BYTES = 512
# A blob that goes away may leave others to be read again, and these others still.
_MOST_PASSES = 3


@dataclass(frozen=True)
class Archive:
    """Containers with exported telemetry, and the copy of it that queries run on."""

    label: str
    containers: Sequence[tuple[Container, str]] = field(repr=False)
    database: Database
    sharing: Sharing
    fresh_s: float = 30.0  # a listing is taken for true so long
    batch_bytes: int = _BATCH_BYTES
    limit_s: float = engine.LIMIT_S
    # When what was listed last: the places of a table, and the blobs below a prefix.
    _places: dict[str, tuple[float, list[Place]]] = field(default_factory=dict, repr=False)
    _listed: dict[tuple[str, str, str], tuple[float, list[Blob]]] = field(
        default_factory=dict, repr=False
    )

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        """The answer over the loaded rows; a sliceable query has no need to be sliced here."""
        return self._run(query, span, Asked(query), self._failed([query], span))

    def run_many(
        self, queries: Mapping[str, str], span: Span
    ) -> dict[str, Answer | DriftlineError]:
        """The answers to several queries, at most four at a time; what they share is shared."""
        failed = self._failed(queries.values(), span)
        with self.sharing.among(list(queries.values()), span) as asked:
            return answer.together(
                {
                    name: partial(self._run, query, span, each, failed)
                    for (name, query), each in zip(queries.items(), asked, strict=True)
                }
            )

    def _failed(self, queries: Iterable[str], span: Span) -> dict[str, DriftlineError]:
        """Load the tables that queries name; returns what each met that could not be loaded."""
        failed: dict[str, DriftlineError] = {}
        for table in {table for query in queries for table in schema.named_in(query)}:
            try:
                self.load(table, span)
            except DriftlineError as error:
                failed[table] = error
        return failed

    def _run(
        self, query: str, span: Span, asked: Asked, failed: Mapping[str, DriftlineError]
    ) -> Answer:
        asked_at, began = datetime.now(UTC), time.perf_counter()
        tables = schema.named_in(query)
        if met := next((failed[table] for table in tables if table in failed), None):
            raise met
        connection = self.database.reading(tables, span, asked.places)
        try:
            frame, is_cut = engine.run(connection, asked.query, self.limit_s, asked.columns)
        finally:
            connection.close()
        return Answer(
            frame=frame,
            partial=is_cut,
            reason=f"Only the first {MOST_ROWS:,} rows are here." if is_cut else "",
            statistics=self.database.counts(tables),
            asked_at=asked_at,
            duration_ms=(time.perf_counter() - began) * 1000,
            source=self.label,
        )

    def unread(self, table: str, span: Span) -> int:
        """How many bytes `load` would read, by the sizes of the blobs."""
        with self.database.lock:
            self._drop_old_listings()
            return sum(
                _left(blob, known) for _, blobs, known in self._new(table, span) for blob in blobs
            )

    def load(self, table: str, span: Span) -> None:
        """Load what there is of a table and a span, and forget what is no longer there."""
        for _ in self.loading(table, span):
            pass

    def loading(self, table: str, span: Span) -> Generator[int]:
        """Load as `load` does, and say after each batch how many bytes it had.

        What is loaded stays if nobody asks for more: close the iterator, for others wait.
        """
        with self.database.lock:
            self._drop_old_listings()
            for _ in range(_MOST_PASSES):
                for place, blobs, known in self._new(table, span):
                    yield from self._read(place, blobs, known)
                if not self.database.is_to_be_read_again(table):
                    break

    def forget_listings(self) -> None:
        """Look again at what there is, the next time."""
        with self.database.lock:
            self._places.clear()
            self._listed.clear()

    def close(self) -> None:
        """Close the copy, so that another process can use it."""
        self.database.close()

    def _places_of(self, table: str) -> list[Place]:
        listed_at, found = self._places.get(table, (-self.fresh_s, []))
        if time.monotonic() - listed_at >= self.fresh_s:
            found = [
                place
                for container, prefix in self.containers
                if layouts.may_hold(container, prefix, table)
                for place in layouts.places(container, prefix, [table])
            ]
            self._places[table] = time.monotonic(), found
        return found

    def _drop_old_listings(self) -> None:
        now = time.monotonic()
        for key in [key for key, (at, _) in self._listed.items() if now - at >= self.fresh_s]:
            del self._listed[key]

    def _new(
        self, table: str, span: Span
    ) -> Iterator[tuple[Place, list[Blob], Mapping[str, Kept]]]:
        """The blobs of each place that are to be read, and what is known of those there."""
        for place in self._places_of(table):
            for prefix in layouts.prefixes(place, span):
                found, known = self._found(place, prefix)
                asked = [
                    blob
                    for blob in found
                    if layouts.is_asked(place, blob, span)
                    and (blob.name not in known or known[blob.name].etag != blob.etag)
                ]
                yield place, asked, known

    def _found(self, place: Place, prefix: str) -> tuple[list[Blob], Mapping[str, Kept]]:
        """The blobs below a prefix, and those loaded; of these the ones that are gone are not."""
        key = place.container.label, place.prefix, prefix
        is_new = key not in self._listed
        if is_new:
            self._listed[key] = time.monotonic(), list(layouts.blobs(place, prefix))
        found = self._listed[key][1]
        known = self.database.kept(_key(place), prefix)
        if is_new:
            gone = known.keys() - {blob.name for blob in found}
            if gone:
                self.database.forget(place.table, [known[name].id for name in gone])
                known = self.database.kept(_key(place), prefix)
        return found, known

    def _read(self, place: Place, blobs: list[Blob], known: Mapping[str, Kept]) -> Generator[int]:
        """Read blobs batch by batch; of one larger than a batch, piece by piece."""
        if not blobs:
            return
        ids = self.database.new_ids()
        waiting = deque(
            (blob, known.get(blob.name) or Kept(next(ids), blob.name, "")) for blob in blobs
        )
        with ThreadPoolExecutor(_READERS, "archive") as pool:
            while waiting:
                batch: list[tuple[Blob, Kept]] = []
                size = 0
                while waiting and (not batch or size < self.batch_bytes):
                    size += min(waiting[0][0].size, self.batch_bytes)
                    batch.append(waiting.popleft())
                found = list(pool.map(lambda each: self._part(place, *each), batch))
                parts = [part for part in found if part]
                rows = lines.table([(part.kept.id, part.data) for part in parts])
                key = _key(place)
                again = self.database.store(key, place.table, place.layout, parts, rows)
                # What is to be read from its beginning waits for the next pass.
                waiting = deque(each for each in waiting if each[1].id not in again)
                for (blob, _), part in zip(batch, found, strict=True):
                    if part and not part.kept.etag and part.kept.id not in again:
                        waiting.appendleft((blob, self._stored(place, part.kept)))
                yield sum(len(part.data) for part in parts)

    def _stored(self, place: Place, kept: Kept) -> Kept:
        return self.database.kept(_key(place), kept.name)[kept.name]

    def _part(self, place: Place, blob: Blob, kept: Kept) -> Part | None:
        """The next lines of a blob; None if it is gone."""
        try:
            return _next_lines(place, blob, kept, self.batch_bytes)
        except NotFound:
            return None


def archive(
    containers: Iterable[tuple[Container, str]],
    folder: str,
    label: str = "archive",
    memory_mb: int = 512,
) -> Archive:
    """The telemetry exported to containers (each with a prefix that is "" or ends with "/").

    The copy is a file in `folder`. Keep the archive for as long as the process lives: it knows
    what it has listed. Raises Unreachable where the copy cannot be opened.
    """
    asked = list(containers)
    labels = [f"{container.label}/{prefix}" for container, prefix in asked]
    opened = database_file.open_database(folder, labels, memory_mb)
    return Archive(label, asked, opened, Sharing(opened))


def _key(place: Place) -> str:
    return f"{place.container.label}/{place.prefix}"


def _left(blob: Blob, known: Mapping[str, Kept]) -> int:
    """How much of a blob was not loaded yet."""
    return blob.size - (_start(blob, known[blob.name]) if blob.name in known else 0)


def _start(blob: Blob, kept: Kept) -> int:
    """Where to read on; at the beginning of a blob that became shorter."""
    return kept.loaded if kept.loaded <= blob.size else 0


def _next_lines(place: Place, blob: Blob, kept: Kept, piece_bytes: int) -> Part:
    start = _start(blob, kept)
    is_new_content = bool(kept.loaded) and not start
    size = piece_bytes
    while True:
        end = min(blob.size, start + size)
        tail = kept.tail if start else b""
        data = place.container.read(blob.name, start - len(tail), end)
        if not data.startswith(tail):
            start, is_new_content = 0, True
            continue
        data = data[len(tail) :]
        is_end = end == blob.size
        taken = lines.whole(data, is_end)
        if taken or is_end:
            break
        size *= 2  # the line is longer than a piece
    before = kept.unread() if is_new_content else kept
    return Part(
        replace(
            before,
            etag=blob.etag if is_end else "",
            loaded=start + len(taken),
            tail=(tail + taken)[-_TAIL_BYTES:],
            half=int(bool(data[len(taken) :].strip())),
        ),
        taken,
        is_new_content,
        layouts.times(place, blob),
    )
