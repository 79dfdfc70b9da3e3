"""What is kept of the rows of a frame: one `Feature` per column, and how they add up.

Every column is kept in the same way, whatever it holds: its numbers, its instants
and its texts side by side. What kind of feature it is, is decided later, from all
days together (`kinds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import add, attrgetter

from lib.profile import counts, weighted
from lib.profile.counts import Counts
from lib.profile.weighted import Weighted


@dataclass(frozen=True)
class Shapes:
    """How many cells have a shape that tells what a feature is.

    Of the numbers: `whole` have no fraction. Of the texts: `truths` are True or
    False in any case; `coded` are GUIDs or hashes; `padded` are digits that begin
    with 0, as postal codes do; `wordy` have four words or more. `characters` is
    the length of all texts together.
    """

    whole: int = 0
    truths: int = 0
    coded: int = 0
    padded: int = 0
    wordy: int = 0
    characters: int = 0

    def __add__(self, other: Shapes) -> Shapes:
        return Shapes(*map(add, _numbers_of(self), _numbers_of(other)))


# `astuple` copies deeply, which took half of the time of a merge.
_numbers_of = attrgetter(*(each.name for each in fields(Shapes)))


@dataclass(frozen=True, eq=False)
class Feature:
    """One column: `rows` = `missing` + its numbers, infinities, instants and texts.

    `below` and `above` count −∞ and +∞, which are numbers but have no place in
    `numbers`. `instants` are in seconds since 1970 in UTC. `texts` are all other
    cells; booleans are the texts "True" and "False".

    Numbers are kept as float64: whole ones beyond 2^53 are rounded, so that
    neighbours among 18-digit identifiers may count as one value.
    """

    name: str
    rows: int
    missing: int
    below: int = 0
    above: int = 0
    numbers: Weighted = weighted.EMPTY
    instants: Weighted = weighted.EMPTY
    texts: Counts = counts.EMPTY
    shapes: Shapes = Shapes()

    @property
    def present(self) -> int:
        """The cells that hold something."""
        return self.rows - self.missing

    @property
    def infinite(self) -> int:
        """The cells that are −∞ or +∞."""
        return self.below + self.above


@dataclass(frozen=True, eq=False)
class Profile:
    """A summary of rows: how many, and each feature by its name in column order.

    A feature's own `rows` are fewer than the profile's if some days did not have it.
    """

    rows: int = 0
    features: Mapping[str, Feature] = field(default_factory=dict)


def merge(profiles: Iterable[Profile]) -> Profile:
    """Return the profile of all rows of several; of none, one without rows.

    Features come in the order in which they are first seen; apart from that, the
    order of the profiles does not matter. The rows of a profile that does not have
    a feature are not missing cells of it: there was no such column.
    """
    profiles = list(profiles)
    found: dict[str, list[Feature]] = {}
    for part in profiles:
        for name, feature in part.features.items():
            found.setdefault(name, []).append(feature)
    return Profile(
        rows=sum(part.rows for part in profiles),
        features={name: merge_features(parts) for name, parts in found.items()},
    )


def merge_features(parts: Sequence[Feature]) -> Feature:
    """Return one feature from at least one part of it, such as its days."""
    if len(parts) == 1:
        return parts[0]
    return Feature(
        name=parts[0].name,
        rows=sum(part.rows for part in parts),
        missing=sum(part.missing for part in parts),
        below=sum(part.below for part in parts),
        above=sum(part.above for part in parts),
        numbers=weighted.merge([part.numbers for part in parts]),
        instants=weighted.merge([part.instants for part in parts]),
        texts=counts.merge([part.texts for part in parts]),
        shapes=sum((part.shapes for part in parts), Shapes()),
    )
