"""What was found out about one collection of one version."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from lib import drift, summary
from lib.check.question import LEVELS, Question
from lib.drift import Signal
from lib.window import Window

COMPARED, NO_DATA, NO_REFERENCE, UNREAD = STATES = (
    "compared",
    "no data",
    "no reference",
    "unread",
)
"""How far it came: nothing in the window, nothing to compare with, or not readable at all."""

FAILED = 2
"""The exit code if something could not be checked, as of grep and diff."""


@dataclass(frozen=True)
class Scope:
    """What was checked; what a source as a whole is about has only the source."""

    source: str
    workspace: str = ""
    service: str = ""
    model: str = ""
    version: str = ""
    identifier: str = ""

    def __str__(self) -> str:
        version = " ".join(part for part in (self.model, self.version) if part)
        parts = (self.workspace, self.service, version, self.identifier)
        return " / ".join(part for part in parts if part) or self.source


@dataclass(frozen=True)
class Side:
    """One side of a comparison: in words, its windows, and what lies in them.

    `problems` is what was wrong in its files: kinds of `store.KINDS`, and how many rows or files.
    `unread` names the files that could not be read, each with the reason, and `unread_text`
    says it in a sentence.
    """

    label: str
    windows: tuple[Window, ...] = ()
    days: int = 0
    rows: int = 0
    problems: tuple[tuple[str, int], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    unread_text: str = ""


@dataclass(frozen=True, eq=False)
class Report:
    """One comparison, or why there is none (`state` is one of `STATES`, `message` in words).

    `features` is what `drift.compare` gives, with two last columns: `change`, what became of
    what in a few words, and `importance`, NaN where nobody told one.
    """

    scope: Scope
    question: Question
    state: str
    current: Side
    reference: Side
    features: pd.DataFrame = field(default_factory=pd.DataFrame)
    signals: tuple[Signal, ...] = ()
    message: str = ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many features have each verdict, the most urgent first."""
        if self.features.empty:
            return dict.fromkeys(drift.VERDICTS, 0)
        counted = self.features["verdict"].value_counts()
        return {verdict: int(counted.get(verdict, 0)) for verdict in drift.VERDICTS}

    @property
    def found(self) -> pd.DataFrame:
        """The features whose verdict is at or above the level that was asked for."""
        return self.at_least(self.question.fail_on)

    def at_least(self, level: str) -> pd.DataFrame:
        """Return the features whose verdict is at or above a level (one of `LEVELS`)."""
        if self.features.empty:
            return self.features
        return self.features[self.features["verdict"].isin(LEVELS[LEVELS.index(level) :])]

    @property
    def judged(self) -> bool:
        """Whether any feature got a verdict: some data are too few, or have nothing in common."""
        return any(self.counts[verdict] for verdict in summary.TESTED)

    @property
    def worst(self) -> str:
        """The highest level that a feature reaches, or ""."""
        return next((level for level in reversed(LEVELS) if self.counts[level]), "")

    @property
    def drifted_share(self) -> float:
        """The share of the features that drifted, by their importance if told; else NaN."""
        if self.features.empty:
            return math.nan
        return summary.drifted_share(self.features, dict(self.question.importance))


def exit_code(reports: Iterable[Report]) -> int:
    """Return 0 if nothing was found, 1 if something was, 2 if something could not be checked.

    Without data, or with too few, nothing can be found: that is no failure as long as
    anything was judged, unless the question requires data.
    """
    reports = list(reports)
    missed = any(
        report.state == UNREAD or (report.question.require_data and not report.judged)
        for report in reports
    )
    if missed or not any(report.judged for report in reports):
        return FAILED
    return int(any(len(report.found) for report in reports))
