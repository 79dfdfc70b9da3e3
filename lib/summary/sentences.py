"""What is said of one feature beside its charts, in Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from lib import profile
from lib.profile import Feature
from lib.summary import words
from lib.summary.features import missing_share, quantiles, rows_by_value
from lib.window import Window

EPOCH = date(1970, 1, 1)


def feature_sentence(name: str, parts: Mapping[str, Feature], kind: str) -> str:
    """Say in a sentence (Markdown) what became of a feature since the reference."""
    now, then = parts.get("current"), parts.get("reference")
    named = words.code(name)
    if now is None:
        return f"{named} is in the reference only: no row of the window has it."
    if then is None or not then.rows:
        return f"{named} is {_article(kind)} feature with {words.count(now.rows, 'row')}."
    became = _became(now, then, kind)
    return f"**{named}** {became}; missing {_missing(now)}, before {_missing(then)}."


def card_line(parts: Mapping[str, Feature], kind: str) -> str:
    """Say in a line what matters most of a feature, for a card."""
    now = parts.get("current")
    if now is None:
        return "only in the reference"
    if kind == "numeric":
        line = f"median {words.number(_median(now))}"
    else:
        line = _days(now) if kind == "datetime" else _distinct(now, "value")
    return f"{kind} · {line} · {_missing(now)} missing"


def spread_line(parts: Mapping[str, Feature]) -> str:
    """Say in a line how often values come again, for features with nearly as many as rows."""
    now = parts.get("current")
    if now is None or not now.present:
        return "No row has a value."
    different, _ = profile.distinct(now)
    times = now.present / max(different, 1)
    often = "once" if times < 1.05 else f"{words.number(times)} times"
    return (
        f"{_distinct(now, 'value')} in {words.count(now.present, 'row')}: each {often} on average."
    )


def key_numbers(parts: Mapping[str, Feature], kind: str) -> list[tuple[str, str, str | None, str]]:
    """Return (label, value, value before or None, explanation) of what people ask for first."""
    sides = [parts.get("current"), parts.get("reference")]

    def both(say: Callable[[Feature], str]) -> list[str | None]:
        return [None if side is None else say(side) for side in sides]

    numbers = [
        ("Rows", "Rows that have this column.", both(lambda side: f"{side.rows:,}")),
        ("Missing", "Cells without a value.", both(_missing)),
        ("Distinct", "Different values.", both(_distinct)),
    ]
    if kind == "numeric":
        found = [quantiles(side, kind) for side in sides]
        for label, share in (("5 %", "p05"), ("Median", "p50"), ("95 %", "p95")):
            text = "Half" if label == "Median" else label
            values = [words.number(side[share]) if share in side else None for side in found]
            numbers.append((label, f"{text} of the values are at or below this.", values))
    errors = both(lambda side: f"{profile.type_errors(side, kind):,}")
    if any(error not in (None, "0") for error in errors):
        numbers.append(("Type errors", f"Cells that are not {kind}.", errors))
    return [
        (label, values[0] or "–", f"before: {values[1]}" if values[1] else None, explanation)
        for label, explanation, values in numbers
    ]


def _became(now: Feature, then: Feature, kind: str) -> str:
    """Say what matters most of a feature of this kind, and what it was before."""
    if kind == "numeric":
        return _medians(_median(now), _median(then))
    if kind == "datetime":
        return f"covers **{_days(now)}**, before {_days(then)}"
    # What a list that is not whole lacks need not be new.
    if kind in ("categorical", "boolean") and profile.distinct(then)[1]:
        return _new_values(now, then)
    return f"has **{_distinct(now, 'different value')}**, before {_distinct(then)}"


def _medians(now: float, before: float) -> str:
    times = times_larger(now, before)
    return f"has a median of **{words.number(now)}**, before {words.number(before)}{times}"


def times_larger(now: float, before: float) -> str:
    """Say how many times larger or smaller, where that means something."""
    if not now * before > 0 or 0.8 < now / before < 1.25:
        return ""
    larger = abs(now) > abs(before)
    return f" (×{words.number(now / before)})" if larger else f" (÷{words.number(before / now)})"


def _new_values(now: Feature, then: Feature) -> str:
    """Say which values the reference does not have, the most frequent first."""
    known = rows_by_value(then)
    new = [words.code(value) for value in rows_by_value(now) if value not in known]
    if not new:
        return "has no new values"
    return f"has **{words.count(len(new), 'new value')}**: {words.several(new)}"


def _days(feature: Feature) -> str:
    """Return the first and the last day of a feature's times."""
    times = profile.numbers_of(feature, "datetime").values
    return str(Window(_day(times[0]), _day(times[-1]))) if len(times) else "no times"


def _day(seconds: float) -> date:
    """Return the day of a time since 1970, the nearest there is: not any number is a time."""
    first, last = ((end - EPOCH).days for end in (date.min, date.max))
    return EPOCH + timedelta(days=min(max(seconds // 86_400, first), last))


def _median(feature: Feature) -> float:
    """Return the median of a numeric feature, NaN if it has no numbers."""
    return quantiles(feature, "numeric").get("p50", math.nan)


def _distinct(feature: Feature, noun: str = "") -> str:
    """Return how many different values there are, with the noun for them if there is one."""
    different, exact = profile.distinct(feature)
    return ("" if exact else "≈ ") + (words.count(different, noun) if noun else f"{different:,}")


def _missing(feature: Feature) -> str:
    return words.percent(missing_share(feature))


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
