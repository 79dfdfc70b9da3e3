"""Names for columns that lack them: of a file written across a redeployment, from a later one.

A model deployed anew within a day goes on in the day's file, whose header names the former
features. Its rows are in columns col_0, col_1, …; the next file has their header. Where as
many columns of the same kinds have names there, these are their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count, takewhile

from lib import profile
from lib.profile import Feature, Profile
from lib.store.days import Day
from lib.window import spell


def matched(days: Sequence[Day]) -> list[Day]:
    """Return the days of one collection, in order, with the names that later ones lend.

    Columns that nothing later fits stay as they are. A day's problems say from where it has
    the names.
    """
    return [_named(day, days[at + 1 :]) for at, day in enumerate(days)]


def _named(day: Day, later: Sequence[Day]) -> Day:
    unnamed = _unnamed(day.profile)
    if not unnamed:
        return day
    for other in later:
        names = list(other.profile.features)
        if len(names) == len(unnamed) and not _unnamed(other.profile):
            if not _fits(day.profile, unnamed, other.profile, names):
                return day
            return _lent(day, dict(zip(unnamed, names, strict=True)), other)
    return day


def _unnamed(whole: Profile) -> list[str]:
    """Return the names that the reader gave to columns without one: col_0 and so on."""
    given = (f"col_{at}" for at in count())
    return list(takewhile(whole.features.__contains__, given))


def _fits(one: Profile, unnamed: list[str], other: Profile, names: list[str]) -> bool:
    """Say whether each column is of the kind that the other of its place has."""
    pairs = zip(unnamed, names, strict=True)
    kinds = [
        # The name decides too, so that both have to bear the same.
        {profile.kind(replace(one.features[a], name=b)), profile.kind(other.features[b])}
        for a, b in pairs
    ]
    return all(len(kind - {"empty"}) <= 1 for kind in kinds)


def _lent(day: Day, names: dict[str, str], other: Day) -> Day:
    features: dict[str, list[Feature]] = {}
    for name, feature in day.profile.features.items():
        new = names.get(name, name)
        features.setdefault(new, []).append(replace(feature, name=new))
    # In the order of the file that has the names; what only the former header has comes last.
    order = [*names.values(), *(name for name in features if name not in names.values())]
    whole = {name: profile.merge_features(features[name]) for name in order}
    note = f" They are matched by their places with the names in the file of {spell(other.day)}."
    problems = day.problems.copy()
    of_shape = problems["kind"].isin(("other_width", "no_header"))
    problems.loc[of_shape, "message"] = problems.loc[of_shape, "message"] + note
    return replace(
        day,
        profile=Profile(day.profile.rows, whole),
        problems=problems,
        names=tuple(names.values()),
    )
