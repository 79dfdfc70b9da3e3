"""Which collections a container holds, found by asking for folders and never for all blobs.

A container such as `azureml-blobstore-…` also holds the logs, snapshots and data of every
run, so it is never listed flat; and the years below a collection hold nearly all of its
folders, so they are never entered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from lib.catalog.paths import CollectedBlob, Collection, by_layout, parse
from lib.errors import NotAllowed, NotFound, SourceError

if TYPE_CHECKING:
    from lib.blobs import Container

AT_ONCE = 8
"""Calls under way at the same time: more gains little and provokes throttling."""

PAGE = 5_000
"""Names that one list call gives at most (Azure's List Blobs)."""

YEAR = re.compile(r"20[0-9]{2}")

DEEPEST = 12

_NARROWER = (
    "If this folder is not meant to be read here, name narrower places in the setting `containers`."
)


@dataclass(frozen=True)
class Tree:
    """The collections found, sorted; how many folders were asked; and whether that was all.

    `complete` is False when folders were left unasked, for their number or their depth.
    `unlisted` are folders that may not be listed, each with the refusal: what they hold is
    not known.
    """

    collections: tuple[Collection, ...]
    folders: int
    complete: bool
    unlisted: tuple[tuple[str, SourceError], ...] = ()


def collections(
    container: Container,
    root: str = "",
    workspace: str = "",
    most_folders: int = 5_000,
    progress: Callable[[int], None] | None = None,
) -> Tree:
    """Return the collections at or below `root`, which is "" or ends with "/".

    `workspace` names the workspace of v2 data (else the container does). `progress` is told
    the number of folders asked so far, in the caller's thread. Goes 12 levels down.

    A folder below `root` that may not be listed costs itself. Raises SourceError for what
    every folder would meet.

    Calls: one for each folder from `root` down to the collections, eight at a time, and one
    more for a folder of years on a path of the user's own, to see what its files are.
    """
    found: list[Collection] = []
    unlisted: list[tuple[str, SourceError]] = []
    asked, waiting = 0, [root]
    look = partial(_look_or_refusal, container, workspace, root)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(DEEPEST + 1):
            asking, waiting = waiting[: most_folders - asked], waiting[most_folders - asked :]
            for prefix, looked in zip(asking, pool.map(look, asking), strict=True):
                asked += 1
                if isinstance(looked, SourceError):
                    unlisted.append((prefix, looked))
                else:
                    collection, below = looked
                    found += [collection] if collection else []
                    waiting += below
                if progress:
                    progress(asked)
            if not waiting or asked >= most_folders:
                break
    return Tree(tuple(sorted(found)), asked, not waiting, tuple(unlisted))


def _look_or_refusal(
    container: Container, workspace: str, root: str, prefix: str
) -> tuple[Collection | None, list[str]] | SourceError:
    """Look at a folder; one below the root that is closed gives its refusal instead.

    An account with hierarchical namespace has access lists for each folder.
    """
    try:
        return _look(container, workspace, prefix)
    except (NotAllowed, NotFound) as error:
        if prefix == root:
            raise
        return type(error)(error.message, f"{error.next_step} {_NARROWER}")


def _look(container: Container, workspace: str, prefix: str) -> tuple[Collection | None, list[str]]:
    """Return the collection that a folder is, if it is one, and the folders to look at next."""
    children = [child for child in container.folders(prefix) if child]
    years = [child for child in children if YEAR.fullmatch(child)]
    below = [f"{prefix}{child}/" for child in children if child not in years]
    if not years:
        return None, below
    collection = by_layout(prefix, name_of(container), workspace)
    if collection is None:
        blob = first_collected(container, f"{prefix}{max(years)}/", workspace)
        if blob and blob.collection.prefix != prefix:
            # The year was no date but a name, as of a model called 2024: go on below it.
            return None, below + [f"{prefix}{year}/" for year in years]
        collection = blob.collection if blob else None
    return collection, below


def first_collected(container: Container, prefix: str, workspace: str = "") -> CollectedBlob | None:
    """Return the first file of collected data below a prefix, looking at one page of names."""
    parsed = (
        parse(blob.name, name_of(container), workspace)
        for blob in islice(container.blobs(prefix), PAGE)
    )
    return next((blob for blob in parsed if blob), None)


def name_of(container: Container) -> str:
    """Return a container's own name, without that of its account."""
    return container.label.rpartition("/")[2]


def tell_apart(collections: Iterable[Collection]) -> list[Collection]:
    """Return the collections in order, none named as another is.

    Workspaces of one name in two subscriptions, or an archive beside the container
    that it was copied from, would pass for one: the workspace of such collections is
    followed by where it lies, `contoso-ws (modeldata/0a1b…/contoso-ml-rg)`.
    """
    named: dict[tuple[str, ...], list[Collection]] = {}
    for collection in collections:
        key = (collection.workspace, collection.service, collection.model)
        named.setdefault((*key, collection.version, collection.identifier), []).append(collection)
    shared = {same[0].workspace for same in named.values() if len(set(same)) > 1}
    return sorted(
        replace(each, workspace=f"{each.workspace} ({_place(each)})")
        if each.workspace in shared
        else each
        for each in {each for same in named.values() for each in same}
    )


def _place(collection: Collection) -> str:
    """Return where a workspace lies: the container and the folders above the names."""
    names = [n for n in (collection.service, collection.model, collection.version) if n]
    above = collection.prefix.split("/")[: -len(names) - 2]
    return "/".join([collection.container, *above]).removesuffix(f"/{collection.workspace}")
