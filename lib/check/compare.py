"""A question, answered: every collection that it matches, beside its reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from lib import collected, drift, profile, store, summary, window
from lib.catalog import Collection
from lib.check import account as accounts
from lib.check.account import Account
from lib.check.question import Question, ignored, matches
from lib.check.report import COMPARED, NO_DATA, NO_REFERENCE, UNREAD, Report, Scope, Side
from lib.errors import DriftlineError, NotReadable
from lib.profile import Profile
from lib.settings import Settings
from lib.summary import words
from lib.window import Window

NAMES = ("workspace", "service", "model", "version", "identifier")


def run(
    told: Settings,
    question: Question,
    shelf: store.Shelf | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Report]:
    """Return a report for each collection that the question matches, in order of their names.

    What could not be read is a report too. `shelf` holds what was read before; `progress` is
    told what comes next. Raises DriftlineError if nothing matches, or for an unreadable file
    to compare with.
    """
    shelf = shelf or accounts.shelf(told)
    given = _given(question)
    reports: list[Report] = []
    there: list[Collection] = []
    for source in told.sources:
        if matches(source.name, question.source):
            account = Account(source, shelf)
            found, failures = _found(account, question)
            there += found
            for collection in _chosen(found, question):
                if progress:
                    progress(str(_scope(account, collection)))
                reports.append(_Check(account, question, given, found).report(collection))
            reports += failures
    if not reports:
        raise _nothing(told, question, there)
    return reports


@dataclass(frozen=True)
class _Check:
    """All that the collections of one source share: where to read, what to compare with."""

    account: Account
    question: Question
    given: Profile | None  # of the file to compare with
    there: Sequence[Collection]

    def report(self, collection: Collection) -> Report:
        """Compare one collection with its reference."""
        asked = self.question.window
        report = Report(
            _scope(self.account, collection),
            self.question,
            NO_DATA,
            Side(str(asked), (asked,)),
            Side(_label(self.question)),
        )
        try:
            days = self.account.days(collection, (asked,))
            report = replace(report, current=_side(report.current.label, (asked,), days))
            if not report.current.rows:
                return replace(report, message=f"Nothing was collected in {asked}.")
            if self.given:
                side = replace(report.reference, rows=self.given.rows)
                return self._compared(replace(report, reference=side), days, (), self.given)
            return self._beside_days(report, collection, days)
        except DriftlineError as error:
            return replace(report, state=UNREAD, message=str(error))

    def _beside_days(
        self, report: Report, collection: Collection, days: Sequence[store.Day]
    ) -> Report:
        other = self._other(collection)
        if other is None:
            message = f"There is no {_label(self.question)} with {collection.identifier}."
            return replace(report, state=NO_REFERENCE, message=message)
        label, windows = self._windows(other)
        before = self.account.days(other, windows)
        report = replace(report, reference=_side(label, windows, before))
        if not report.reference.rows:
            message = f"There are no rows to compare with in {label}."
            return replace(report, state=NO_REFERENCE, message=message)
        return self._compared(report, days, before, store.merged(self.account.shelf, before))

    def _other(self, collection: Collection) -> Collection | None:
        """Return the collection to compare with: the same, or that of another version."""
        if self.question.reference.kind != "version":
            return collection
        wanted = replace(collection, version=self.question.reference.name)
        return next((each for each in self.there if _names(each) == _names(wanted)), None)

    def _windows(self, other: Collection) -> tuple[str, tuple[Window, ...]]:
        """Return the reference's windows, and what to call it."""
        label, asked = _label(self.question), self.question.window
        if self.question.reference.kind != "version":
            return label, self.question.reference.windows(asked)
        last = self.account.last_day(other)
        if last is None or last >= asked.first:
            return label, (asked,)
        days = window.ending(last, len(asked))
        return f"{label}, its last days, {days}", (days,)

    def _compared(
        self,
        report: Report,
        days: Sequence[store.Day],
        before: Sequence[store.Day],
        reference: Profile,
    ) -> Report:
        now = _without(store.merged(self.account.shelf, days), self.question)
        reference = _without(reference, self.question)
        if self.given and not now.features.keys() & reference.features.keys():
            message = f"{_label(self.question)} has none of its features."
            return replace(report, state=NO_REFERENCE, message=message)
        kinds = dict(self.account.source.kinds) | dict(self.question.kinds)
        thresholds = self.question.thresholds
        features = drift.compare(reference, now, thresholds, kinds)
        counted = (len(before), len(days)) if before else None
        signals = drift.signals(reference, now, kinds, thresholds, days=counted)
        return replace(
            report,
            state=COMPARED,
            features=_told(features, reference, now, dict(self.question.importance)),
            signals=tuple(signals),
        )


def _found(account: Account, question: Question) -> tuple[list[Collection], list[Report]]:
    """Return the collections of a source, and a report for each part that was not readable."""
    try:
        found, failed, complete = account.collections()
    except DriftlineError as error:
        return [], [_unread(account, question, str(error))]
    said = [
        f"{root.container}/{root.prefix}".rstrip("/") + f" could not be read. {error}"
        for root, error in failed
    ]
    if not complete:
        said.append("There are more folders than are looked through. Name `containers`.")
    return found, [_unread(account, question, text) for text in said]


def _unread(account: Account, question: Question, message: str) -> Report:
    sides = Side(str(question.window), (question.window,)), Side(_label(question))
    return Report(Scope(account.source.name), question, UNREAD, *sides, message=message)


def _chosen(found: Sequence[Collection], question: Question) -> list[Collection]:
    """Return the collections that a question matches; a version is no reference to itself."""
    reference = question.reference.name if question.reference.kind == "version" else None
    return [
        each
        for each in sorted(found, key=_names)
        if each.version != reference
        and all(matches(getattr(each, name), getattr(question, name)) for name in NAMES)
    ]


def _names(collection: Collection) -> tuple[str, ...]:
    return tuple(getattr(collection, name) for name in NAMES)


def _scope(account: Account, collection: Collection) -> Scope:
    return Scope(account.source.name, *_names(collection))


def _side(label: str, windows: tuple[Window, ...], days: Sequence[store.Day]) -> Side:
    problems: Counter[str] = Counter()
    for day in days:
        for kind, count in zip(day.faults["kind"], day.faults["count"], strict=True):
            problems[str(kind)] += int(count)
    unread = tuple((each.blob, each.message) for day in days for each in day.unread)
    return Side(
        label,
        windows,
        len(days),
        sum(day.rows for day in days),
        tuple(sorted(problems.items())),
        unread,
        summary.unread_text(days),
    )


def _label(question: Question) -> str:
    """Return in words what a question compares with."""
    reference = question.reference
    if reference.kind == "file":
        return f"the file {Path(reference.name).name}"
    if reference.kind == "version":
        return f"version {reference.name}"
    windows = reference.windows(question.window)
    if reference.kind == "same-weekdays":
        return f"the same weekdays, {words.several([str(each) for each in windows], 4)}"
    return str(windows[0])


def _given(question: Question) -> Profile | None:
    """Return the profile of the file to compare with, if it is one."""
    if question.reference.kind != "file":
        return None
    path = Path(question.reference.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{str(path)!r} could not be read: {error.strerror}."
        raise NotReadable(message, "Name a CSV or Parquet file after `file:`.") from None
    found = profile.profile(collected.given(data, path.name))
    if not found.rows:
        raise NotReadable(f"{str(path)!r} has no rows.", "Name a file with a header and rows.")
    return found


def _without(whole: Profile, question: Question) -> Profile:
    features = whole.features.items()
    kept = {name: each for name, each in features if not ignored(name, question.ignore)}
    return replace(whole, features=kept)


def _told(
    features: pd.DataFrame, before: Profile, now: Profile, importance: dict[str, float]
) -> pd.DataFrame:
    """Return the features with what changed in words, and their importance.

    Within a verdict what weighs more comes first: the order is by distance × importance.
    """
    sides = {"current": now.features, "reference": before.features}
    changes = [
        summary.moved_text(
            row, {s: f[row["feature"]] for s, f in sides.items() if row["feature"] in f}
        )
        for _, row in features.iterrows()
    ]
    weights = features["feature"].map(lambda name: importance.get(name, np.nan)).astype("float64")
    features = features.assign(change=changes, importance=weights)
    if not importance:
        return features
    rank = features["verdict"].map(drift.VERDICTS.index)
    weight = features["js_debiased"].fillna(0) * weights.abs().fillna(0)
    order = np.lexsort((-weight.to_numpy(), rank.to_numpy()))
    return features.iloc[order].reset_index(drop=True)


def _nothing(told: Settings, question: Question, there: Sequence[Collection]) -> DriftlineError:
    """Return the error for a question that matches nothing, which says what there is."""
    names = sorted({source.name for source in told.sources})
    if not any(matches(name, question.source) for name in names):
        message = f"No source is called {question.source!r}."
        return DriftlineError(message, f"There are: {words.several(names, 10)}.")
    if not there:
        message = "No collected data were found in the source."
        return DriftlineError(message, "Name `containers` in its settings, or another --source.")
    asked = [f"--{n} {getattr(question, n)}" for n in NAMES if getattr(question, n) != "*"]
    message = f"Nothing collected matches {' '.join(asked) or 'what was asked'}."
    services = [
        f"{service} ({words.several(sorted({each.version for each in group}), 5)})"
        for service, group in groupby(sorted(there, key=_names), lambda each: each.service)
    ]
    step = f"There are: {words.several(list(dict.fromkeys(services)), 10)}."
    return DriftlineError(message, step)
