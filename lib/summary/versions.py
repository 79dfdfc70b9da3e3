"""Which versions collect, how much, and whether it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from lib import drift
from lib.store import Day
from lib.summary import words
from lib.summary.days import by_day, gaps
from lib.summary.drift import TESTED
from lib.window import Window

LATE_DAYS = 2
"""Days without data after which a version counts as silent: just after midnight one is normal."""

MOST_FACTS = 3
"""Sentences of a kind in the headline; with three names each, none of them gets long."""


@dataclass(frozen=True)
class Version:
    """What is known of one version: its names, its newest day, and its days in the window."""

    workspace: str
    service: str
    model: str
    version: str
    last_day: date | None
    days: tuple[Day, ...]  # of what the model was asked
    others: tuple[Day, ...]  # of everything else that was collected
    verdicts: pd.DataFrame | None = None  # on what the model was asked, against the time before

    @property
    def rows(self) -> int:
        """Rows of what the model was asked, in the window."""
        return sum(day.rows for day in self.days)

    @property
    def problems(self) -> int:
        """How many times something was found wrong in any of its files, in the window."""
        return sum(int(day.faults["count"].sum()) for day in (*self.days, *self.others))


def versions(found: Sequence[Version], window: Window, today: date) -> pd.DataFrame:
    """Return one row per version, the newest data first; `rows_per_day` holds a list per row."""
    live = {(v.workspace, v.service) for v in found if _behind(v, today) < LATE_DAYS}
    rows = [
        {
            "workspace": v.workspace,
            "service": v.service,
            "model": v.model,
            "version": v.version,
            "state": state(v, today, (v.workspace, v.service) in live),
            "last_day": v.last_day,
            "drift": worst(v.verdicts),
            "drifted": drifted(v.verdicts),
            "rows_per_day": [float(n) for n in by_day(v.days, window)["rows"].fillna(0)],
            "rows": v.rows,
            "days_missing": len(gaps(v.days, window)),
            "features": len({name for day in v.days for name in day.profile.features}),
            "problems": v.problems,
        }
        for v in found
    ]
    table = pd.DataFrame(rows, columns=VERSION_COLUMNS)
    return table.sort_values(
        ["last_day", "rows"], ascending=False, na_position="last", ignore_index=True
    )


VERSION_COLUMNS = (
    "workspace",
    "service",
    "model",
    "version",
    "state",
    "last_day",
    "drift",
    "drifted",
    "rows_per_day",
    "rows",
    "days_missing",
    "features",
    "problems",
)


def state(version: Version, today: date, service_is_live: bool) -> str:
    """Say how fresh a version's data are, in words that end the question."""
    behind = _behind(version, today)
    if version.last_day is None:
        return "no data"
    if behind < LATE_DAYS:
        return "collecting"
    return "replaced" if service_is_live else f"silent for {behind} days"


def worst(verdicts: pd.DataFrame | None) -> str:
    """Return the most urgent verdict of a version, "" if nothing was compared."""
    return "" if verdicts is None or verdicts.empty else str(verdicts["verdict"].iloc[0])


def drifted(verdicts: pd.DataFrame | None) -> str:
    """Say how many features drifted against the time before: `3 of 18: income, age and age_2`."""
    if verdicts is None:
        return "nothing to compare"
    tested = verdicts[verdicts["verdict"].isin(TESTED)]
    names = tested["feature"][tested["verdict"].isin(drift.DRIFTED)].tolist()
    text = f"{len(names)} of {len(tested)}" if len(tested) else ""
    return f"{text}: {words.several(names, 2)}" if names else text


def headline(table: pd.DataFrame, window: Window, failing: str = "") -> str:
    """Say in a few sentences (Markdown) how things stand, from the table of versions.

    `failing` is the sentence that says which service fails more, if any does.
    """
    live = table[table["state"] == "collecting"]
    services = len(live[["workspace", "service"]].drop_duplicates())
    text = "**No version is collecting.**"
    if services:
        verb = "is" if len(live) == 1 else "are"
        text = f"**{words.count(len(live), 'version')} of {words.count(services, 'service')} "
        text += f"{verb} collecting.**"
    if not table["rows"].sum():
        text += f" There are no rows in {window}."
    names, states = _names(table), table["state"]
    silent, never = states[states.str.startswith("silent")], states[states == "no data"]
    gaps = table["days_missing"].sort_values(ascending=False, kind="stable")
    between = gaps[gaps > 0].map(lambda days: f"no data on {words.count(days, 'day')} in between")
    moved = names[table["drift"].isin(drift.DRIFTED)]
    if len(moved):
        text += f" **Drift** in {words.several(moved.tolist())}."
    text += f" {failing}" if failing else ""
    text += _alike(names, silent.map("been {}".format), "been silent for some time")
    text += _alike(names, never.map("{} yet".format), "no data yet")
    return text + _alike(names, between, "no data on some days in between")


def _alike(names: pd.Series, facts: pd.Series, rest: str) -> str:
    """Say what versions have, once for all that have the same; `rest` of the fourth fact on."""
    groups = [sorted(names[same.index]) for _, same in facts.groupby(facts, sort=False)]
    text = "".join(
        f" {words.several(same)} {'has' if len(same) == 1 else 'have'} {fact}."
        for same, fact in zip(groups[:MOST_FACTS], facts.unique(), strict=False)
    )
    left = sum(len(same) for same in groups[MOST_FACTS:])
    return text + (f" {left:,} more {'has' if left == 1 else 'have'} {rest}." if left else "")


def _names(table: pd.DataFrame) -> pd.Series:
    """Return the versions' names as code: as much of them as tells them all apart."""
    every = ["workspace", "service", "model", "version"]
    shorter = (["service", "version"], ["service", "model", "version"])
    columns = next((some for some in shorter if not table.duplicated(some).any()), every)
    rows = table[columns].itertuples(index=False)
    return pd.Series([words.code(" ".join(filter(None, row))) for row in rows], table.index)


def _behind(version: Version, today: date) -> int:
    """Return the days between the newest data and today."""
    return (today - version.last_day).days if version.last_day else 10**6
