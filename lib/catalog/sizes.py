"""How much lies in collections, from one flat listing of the folder that they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from lib.catalog.paths import Collection, parse
from lib.errors import NotAllowed

if TYPE_CHECKING:
    from lib.blobs import Blob, Container


@dataclass(frozen=True)
class Size:
    """How many files of collected data there are, their bytes, and the last change of any."""

    files: int = 0
    bytes: int = 0
    changed: datetime | None = None

    def __add__(self, other: Size) -> Size:
        changes = [change for change in (self.changed, other.changed) if change]
        return Size(self.files + other.files, self.bytes + other.bytes, max(changes, default=None))


def sizes(
    container: Container, collections: Sequence[Collection], most_names: int = 20_000
) -> dict[Collection, Size]:
    """Return the size of each of some collections of one container.

    Calls: one for each 5,000 names below the folder that all share. Past `most_names`
    names the counting stops, and a collection that was not counted to its end is left
    out of the answer, as is one whose folder may not be listed: where that is so, each
    is listed by itself. Companions such as `aml_telemetry.csv` and payloads do not count.
    """
    by_prefix = {collection.prefix: collection for collection in collections}
    try:
        return _counted(container, by_prefix, _shared_folder(list(by_prefix)), most_names)
    except NotAllowed:
        if len(by_prefix) == 1:
            raise
    counted: dict[Collection, Size] = {}
    for prefix, collection in by_prefix.items():
        with suppress(NotAllowed):
            counted |= _counted(container, {prefix: collection}, prefix, most_names)
    return counted


def _counted(
    container: Container, by_prefix: Mapping[str, Collection], shared: str, most_names: int
) -> dict[Collection, Size]:
    """Return the sizes of the collections that were counted to their end, by one listing."""
    names = iter(container.blobs(shared))
    grouped: defaultdict[str, list[Blob]] = defaultdict(list)
    for blob in islice(names, most_names):
        if parsed := parse(blob.name):
            grouped[parsed.collection.prefix].append(blob)
    following = next(names, None)
    # Names come in order: what sorts behind the first one not read was not counted to its end.
    whole = [
        prefix
        for prefix in by_prefix
        if following is None or (prefix < following.name and not following.name.startswith(prefix))
    ]
    return {by_prefix[prefix]: _size(grouped[prefix]) for prefix in whole}


def _size(blobs: Sequence[Blob]) -> Size:
    return Size(
        len(blobs),
        sum(blob.size for blob in blobs),
        max((blob.changed for blob in blobs if blob.changed), default=None),
    )


def _shared_folder(prefixes: Sequence[str]) -> str:
    """Return the longest folder that all prefixes lie in, with its slash; "" if there is none."""
    # What the first and the last in order have in common, all between them have too.
    ends = zip(min(prefixes).split("/")[:-1], max(prefixes).split("/")[:-1], strict=False)
    return "".join(f"{one}/" for one, other in takewhile(lambda pair: pair[0] == pair[1], ends))
