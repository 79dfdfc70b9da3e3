"""What kind of feature a column holds, decided from what was kept of it.

The rule looks at shares, names and shapes, and at how many values are more than a
profile lists; never at distinct values per row. So it does not depend on how many
rows there are: the same rows twice have the same kind. More *different* values can
only turn a category into an identifier, never the reverse.

In this order:

1. empty: no cell holds anything.
2. datetime, numeric: 9 of 10 cells are instants, or numbers. Whole numbers stay
   numeric however few there are (a rule on distinct values per row would make an
   age a category as soon as there are rows enough), with two exceptions that lead
   to 6: the name says that it is an identifier, or 1 of 100 cells are digits that
   begin with 0, which makes all of them codes.
3. boolean: 9 of 10 cells are True or False.
4. identifier: 9 of 10 texts are GUIDs or hashes.
5. text: at least half of the cells are texts, and these have more than 40
   characters on average, or half of them four words or more.
6. identifier: more than 10,000 different texts or 1,024 different numbers; if the
   name says so, more than 1,000 texts. Else categorical.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from lib.profile import weighted
from lib.profile.feature import Feature
from lib.profile.weighted import Weighted

KINDS = ("numeric", "categorical", "boolean", "datetime", "text", "identifier", "empty")

MOST = 0.9
"""Share of the cells that decides; the others are type errors."""

LONG = 40
"""Characters in the mean above which texts are text, not categories."""

MANY = 1_000
"""Different texts above which a name that says so makes an identifier."""

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_ID_WORDS = {"id", "ids", "guid", "uuid", "key"}
# Written in one word, as SQL columns are; "paid" and "grid" are why "…id" is not enough.
_ID_ENDING = re.compile(
    r"(account|case|client|customer|device|employee|event|item|member|order|patient|policy"
    r"|product|record|request|row|session|store|transaction|user)(id|key|guid|uuid)$"
)


def kind(feature: Feature, override: str | None = None) -> str:
    """Return what kind of feature it is, one of `KINDS`: the override, or by the rule above.

    Raises ValueError for an override that is not one of `KINDS`.
    """
    if override is not None:
        if override not in KINDS:
            raise ValueError(f"{override!r} is no kind of feature; kinds are {', '.join(KINDS)}")
        return override
    if not feature.present:
        return "empty"
    enough = MOST * feature.present
    if feature.instants.count >= enough:
        return "datetime"
    if feature.numbers.count + feature.infinite >= enough and not _holds_codes(feature):
        return "numeric"
    if feature.shapes.truths >= enough:
        return "boolean"
    return _kind_of_texts(feature)


def numbers_of(feature: Feature, kind: str) -> Weighted:
    """Return the numbers that a feature of this kind is measured by; of other kinds, none.

    Numeric: its finite numbers. Datetime: its instants, in seconds since 1970 in
    UTC; if it holds more numbers than instants, these are taken as time since 1970
    in nanoseconds, microseconds, milliseconds or seconds: beyond 1e17, 1e14, 1e11
    and below, so that each covers the years from 1973 to 5138.
    """
    if kind == "numeric":
        return feature.numbers
    if kind == "datetime":
        return _instants(feature)
    return weighted.EMPTY


def type_errors(feature: Feature, kind: str) -> int:
    """Return the cells that hold something else than the kind says.

    Any cell can be a category, a text or an identifier, so these have none.
    """
    if kind == "numeric":
        return feature.present - feature.numbers.count - feature.infinite
    if kind == "datetime":
        return feature.present - _instants(feature).count
    if kind == "boolean":
        return feature.present - feature.shapes.truths
    return feature.present if kind == "empty" else 0


def distinct(feature: Feature) -> tuple[int, bool]:
    """Return the number of different values, and whether it is exact or an estimate.

    Estimates have a standard error of some 3 %. Infinities are values too.
    """
    parts = (feature.numbers, feature.instants, feature.texts)
    infinities = (feature.below > 0) + (feature.above > 0)
    return sum(part.distinct for part in parts) + infinities, all(part.exact for part in parts)


def _holds_codes(feature: Feature) -> bool:
    """Return whether the numbers are no quantities: by their name, or by padding zeros."""
    if feature.shapes.padded >= 0.01 * feature.present:
        return True
    return _says_id(feature.name) and feature.shapes.whole >= MOST * feature.present


def _kind_of_texts(feature: Feature) -> str:
    """Return the kind of a feature that holds neither numbers, instants nor truth values."""
    texts, shapes = feature.texts.count, feature.shapes
    if 2 * texts >= feature.present:
        if shapes.coded >= MOST * texts:
            return "identifier"
        if shapes.characters > LONG * texts or 2 * shapes.wordy >= texts:
            return "text"
    if _says_id(feature.name) and feature.texts.distinct > MANY:
        return "identifier"
    return "categorical" if distinct(feature)[1] else "identifier"


def _says_id(name: str) -> bool:
    """Return whether a name says that it is an identifier: customer_id, rowId, ID, policyid."""
    words = [word.lower() for word in _PARTS.findall(name)]
    if not words:
        return False
    return not _ID_WORDS.isdisjoint((words[0], words[-1])) or bool(_ID_ENDING.search(words[-1]))


def _instants(feature: Feature) -> Weighted:
    """Return a feature's instants in seconds, from numbers if it holds more of these."""
    numbers = feature.numbers
    if feature.instants.count >= numbers.count:
        return feature.instants
    size = np.abs(numbers.values)
    units = np.select([size > 1e17, size > 1e14, size > 1e11], [1e9, 1e6, 1e3], 1.0)
    if (units == units[0]).all():
        unit = float(units[0])
        return replace(
            numbers,
            values=numbers.values / unit,
            mean=numbers.mean / unit,
            m2=numbers.m2 / unit**2,
        )
    # In several units the order is another, and the moments are those of the groups.
    seconds = weighted.of_counted(numbers.values / units, numbers.counts)
    return replace(seconds, exact=numbers.exact, distinct=numbers.distinct, sketch=numbers.sketch)
