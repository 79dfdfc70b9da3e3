"""What the drift page measures: a window against its reference, per feature and per day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import streamlit as st

from lib import drift, ui
from lib.catalog import Collection
from lib.drift import Change, Grid, Signal, Thresholds, Weekly
from lib.profile import Feature, Profile
from lib.store import Day
from lib.ui import distributions, link, problems, reading, scope
from lib.ui.distributions import Compared
from lib.ui.scope import Scope

ANSWERS = ("predictions", "model_outputs", "response")
"""Identifiers under which people collect what a model answered."""

USUAL = Thresholds()

LIMITS = ("watch", "drift", "strong", "q", "fewest")
"""What counts as drift, as it stands in the address."""

FEWEST_DAYS = 14
"""Days of a reference in which every weekday comes twice."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A window compared with its reference: per feature, and per feature and day.

    `key` tells apart what was compared: the same blobs as they were, of the same kinds.
    """

    key: int
    compared: Compared
    thresholds: Thresholds
    table: pd.DataFrame
    series: pd.DataFrame
    grids: Mapping[str, Grid]
    changes: Mapping[str, Change]
    weekly: Mapping[str, Weekly]
    signals: Sequence[Signal]

    @cached_property
    def parts(self) -> dict[str, dict[str, Feature]]:
        """Every feature as it is and as it was."""
        return {name: self.compared.parts(name) for name in self.table["feature"]}

    def row(self, name: str) -> pd.Series:
        """Return what was measured of one feature."""
        found: pd.Series = self.table[self.table["feature"] == name].iloc[0]
        return found


@dataclass(frozen=True)
class Found:
    """What a page shows: the chosen collection, and what the model answered beside it."""

    collection: Collection
    measured: Measured
    beside: tuple[tuple[Collection, Measured], ...]


def read(within: Scope, collection: Collection, thresholds: Thresholds) -> Found | None:
    """Read the window and its reference and measure; None where there is nothing to compare."""
    if within.reference is None:
        st.info(
            "Drift needs something to compare with: see “Compare with” in the sidebar.",
            icon=":material/compare_arrows:",
        )
        return None
    several = [collection, *_beside(within, collection)]
    wanted = [[(c, within.window), *scope.wanted(within.reference, c)] for c in several]
    flat = [part for parts in wanted for part in parts]
    if not reading.agreed(within, flat):
        return None
    read_days = iter(reading.days(within, flat))
    days = [[next(read_days) for _ in parts] for parts in wanted]
    if not days[0][0]:
        ui.nothing_in_window(within, collection)
        return None
    measured = [_of_days(within, parts, thresholds) for parts in days]
    if measured[0] and not measured[0].compared.names:
        problems.no_features(within, days[0][0], collection.identifier)
        return None
    if measured[0] is None:
        st.warning(
            f"There are no rows to compare with ({within.reference.label}). Choose other days or "
            "another reference in the sidebar.",
            icon=":material/compare_arrows:",
        )
        return None
    beside = zip(several[1:], measured[1:], strict=True)
    return Found(collection, measured[0], tuple((c, m) for c, m in beside if m))


def quietly(within: Scope, collection: Collection) -> Measured | None:
    """Return the measures of a collection, or None where there is nothing to compare."""
    wanted = [(collection, within.window), *scope.wanted(within.reference, collection)]
    if within.reference is None or not reading.agreed(within, wanted):
        return None
    return _of_days(within, reading.days(within, wanted), USUAL)


def _of_days(
    within: Scope, days: Sequence[Sequence[Day]], thresholds: Thresholds
) -> Measured | None:
    """Measure what was read of a collection: its window first, then its reference's windows."""
    current, *earlier = days
    compared = distributions.compared(within, current, earlier)
    if not current or not compared.label:
        return None
    return measure(within, compared, thresholds)


def measure(within: Scope, compared: Compared, thresholds: Thresholds) -> Measured:
    """Measure a comparison; the same days and thresholds are measured once."""
    reference = within.reference
    days = _versions((*compared.days, *compared.before))
    kinds = tuple(sorted(compared.kinds.items()))
    file = id(reference.profile) if reference and reference.profile else 0
    key = hash((days, len(compared.days), kinds, file))
    # How many rows another version gets is how traffic is split, and no news.
    same = bool(reference and reference.collections == within.collections)
    counted = (len(compared.before), len(compared.days)) if same and compared.before else None
    weekdays = bool(reference and reference.weekdays)
    return _measured(key, thresholds, weekdays, counted, compared)


@st.cache_resource(max_entries=32, show_spinner="Comparing …", hash_funcs={Thresholds: hash})
def _measured(
    key: int,
    thresholds: Thresholds,
    weekdays: bool,
    counted: tuple[int, int] | None,
    _compared: Compared,
) -> Measured:
    both = (_compared.reference, _compared.current)
    table = drift.compare(*both, thresholds, _compared.kinds)
    kinds = dict(zip(table["feature"], table["kind"], strict=True))
    days = {day.day: day.profile for day in _compared.days}
    before = {day.day: day.profile for day in _compared.before}
    # Another version's days are not the time before: there is no line through both.
    if before and max(before) >= min(days):
        before = {}
    grids = drift.grids(before, days, kinds, both)
    waves = {grid.feature: drift.weekly(grid) for grid in grids}
    # A day of a wave is unlike the other days of the week, which is no news.
    same = weekdays or (len(before) >= FEWEST_DAYS and [n for n, wave in waves.items() if wave])
    changes = {grid.feature: drift.change(grid, thresholds) for grid in grids}
    return Measured(
        key,
        _compared,
        thresholds,
        table,
        drift.series(grids, thresholds, same),
        {grid.feature: grid for grid in grids},
        {name: change for name, change in changes.items() if change},
        {name: wave for name, wave in waves.items() if wave},
        drift.signals(*both, _compared.kinds, thresholds, counted),
    )


def verdicts(
    within: Scope, days: Sequence[Day], before: Sequence[Day], levels: Thresholds = USUAL
) -> pd.DataFrame | None:
    """Return the verdict on each feature of some days against others; None without either."""
    if not days or not before:
        return None
    kinds = distributions.kinds(within)
    key = hash((_versions((*days, *before)), len(days), tuple(sorted(kinds.items()))))
    sides = (reading.merged(within, before), reading.merged(within, days))
    return _verdicts(key, levels, kinds, sides)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs={Thresholds: hash})
def _verdicts(
    key: int, levels: Thresholds, kinds: Mapping[str, str], _sides: tuple[Profile, Profile]
) -> pd.DataFrame:
    return drift.compare(*_sides, levels, kinds)


def _versions(days: Sequence[Day]) -> tuple[object, ...]:
    """Return what tells apart the contents of some days."""
    return tuple(day.contents for day in days)


def thresholds() -> Thresholds:
    """Draw the choice of what counts as drift, out of the way until asked for."""
    levels = {"watch": USUAL.watch, "drift": USUAL.drift, "strong": USUAL.strong}
    with st.popover("Thresholds", icon=":material/tune:"):
        st.markdown(
            "A feature has moved if chance does not explain it (*q*) **and** the distance is at "
            "least this large."
        )
        distances = [
            st.number_input(key.title(), 0.01, 0.99, value, 0.01, key=key, bind="query-params")
            for key, value in levels.items()
        ]
        q = st.number_input(
            "q at most",
            0.0001,
            0.5,
            USUAL.q,
            0.005,
            format="%.4f",
            key="q",
            bind="query-params",
            help="Share of false alarms among the features that are said to have moved.",
        )
        fewest = st.number_input(
            "Rows at least",
            10,
            100_000,
            USUAL.fewest,
            10,
            key="fewest",
            bind="query-params",
            help="With fewer rows on a side there is no verdict.",
        )
    for key, value in zip(LIMITS, (*distances, q, fewest), strict=True):
        link.check_number(key, value)
    watch, moved, strong = sorted(distances)
    return Thresholds(watch, moved, strong, q, int(fewest))


def _beside(within: Scope, collection: Collection) -> list[Collection]:
    """Return what the model answered, if the page is about what it was asked."""
    if collection.identifier in ANSWERS:
        return []
    return [c for c in within.collections if c.identifier in ANSWERS]
