"""What is asked: which versions, in which days, beside what, and from where on it matters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase

from lib import window
from lib.drift import Thresholds
from lib.window import Window

LEVELS = ("watch", "drift", "strong")
"""From where on a verdict counts as found, the mildest first."""

DAYS = 14
"""Days of a window that nobody chose, as on the app's pages."""

ANY = "*"


@dataclass(frozen=True)
class Reference:
    """What a window is compared with.

    `kind` is "previous" (as many days just before), "same-weekdays" (the window shifted by
    whole weeks), "days" (those of `days`), "version" (the version `name`, in the window or, if
    it ended before, in its last days) or "file" (the CSV or Parquet file `name`).
    """

    kind: str = "previous"
    days: Window | None = None
    name: str = ""

    def windows(self, current: Window) -> tuple[Window, ...]:
        """Return the days of the reference for a window; () if a file is all of it."""
        if self.kind == "file":
            return ()
        if self.kind == "version":
            return (current,)
        if self.kind == "same-weekdays":
            return window.same_weekdays(current)
        return (self.days or current.previous,)


@dataclass(frozen=True)
class Question:
    """One check: names may be globs, and each collection that they match is compared.

    `kinds` overrule what a feature was found to be, and the source's own; features whose
    names match one of `ignore` are left out; `importance` weighs them, in any unit.
    """

    window: Window
    reference: Reference = field(default_factory=Reference)
    source: str = ANY
    workspace: str = ANY
    service: str = ANY
    model: str = ANY
    version: str = ANY
    identifier: str = ANY
    thresholds: Thresholds = field(default_factory=Thresholds)
    ignore: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    importance: tuple[tuple[str, float], ...] = ()
    fail_on: str = "drift"
    require_data: bool = False


def matches(name: str, pattern: str) -> bool:
    """Say whether a name is a pattern, or matches it as a glob; case counts."""
    return name == pattern or fnmatchcase(name, pattern)


def ignored(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a feature is left out."""
    return any(matches(name, pattern) for pattern in patterns)


def days(text: str) -> Window | int:
    """Return FIRST..LAST as a window, or a number of days. Raises ValueError that says so."""
    if re.fullmatch(r"[1-9][0-9]{0,3}", text):
        return int(text)
    if found := _span(text):
        return found
    raise ValueError(f"{text!r} is neither a number of days (from 1) nor FIRST..LAST")


def reference(text: str) -> Reference:
    """Return the reference that an option names. Raises ValueError that says so."""
    if text in ("previous", "same-weekdays"):
        return Reference(text)
    kind, colon, name = text.partition(":")
    if colon and name and kind in ("version", "file"):
        return Reference(kind, name=name)
    if found := _span(text):
        return Reference("days", found)
    raise ValueError(
        f"{text!r} is none of previous, same-weekdays, FIRST..LAST, version:NAME, file:PATH"
    )


def _span(text: str) -> Window | None:
    """Return the window FIRST..LAST, or None if that is none."""
    first, dots, last = text.partition("..")
    try:
        return Window(day(first), day(last)) if dots else None
    except ValueError:
        return None


def day(text: str) -> date:
    """Return a day of this century, the only ones that paths have. Raises ValueError."""
    found = date.fromisoformat(text)
    if not 2000 <= found.year < 2100:
        raise ValueError(f"{text!r} is not in this century")
    return found
