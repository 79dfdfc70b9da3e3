"""What is worth a sentence whatever the distance says: missing cells, new values, columns gone.

A signal needs a change that matters and that chance does not explain. Chance is
allowed the thresholds' `q` over all features together (Bonferroni), since one page
shows all signals. Sides with fewer rows than the thresholds ask for only tell of
columns.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lib import profile
from lib.drift import chance
from lib.drift.bins import below, shared_kind, tally
from lib.drift.thresholds import Thresholds
from lib.profile import Feature, Profile

CODES: dict[str, str] = {
    "missing": "the share of missing cells has changed",
    "new categories": "more rows than expected have values that the reference does not have",
    "vanished categories": "values that the reference often has do not come any more",
    "out of range": "more rows than expected are below or above all of the reference",
    "type errors": "more cells than before hold something of another kind",
    "new column": "the reference does not have this column",
    "column gone": "only the reference has this column",
    "kind changed": "the column holds another kind of values than before",
    "cardinality": "values repeat more or less often than before",
    "constant": "a column that varied has one value only",
    "row volume": "there are many more or many fewer rows per day",
}
"""What each code means, in one line."""

POINTS = {"missing": (0.02, 0.005), "type errors": (0.005, 0.001)}
"""Shares by which one has to change to matter; and from none at all."""

LEAST = 0.001
"""Share of the rows below which values out of range, and new ones, do not matter."""

OFTEN = 0.01
"""Share of the reference from which on a value is missed."""

VOLUME = 0.3
"""Change of the rows per day that matters."""


@dataclass(frozen=True)
class Signal:
    """A change of one feature, or of all rows (`feature` is then empty).

    `before` and `now` are shares of the rows; of "cardinality" distinct values per
    row, of "row volume" rows per day, of "kind changed" NaN. `text` says it to people.
    """

    feature: str
    code: str
    before: float
    now: float
    text: str


@dataclass(frozen=True, eq=False)
class _Sides:
    """Both sides of a feature, its kind, and the chance that a signal may be wrong."""

    name: str
    kind: str
    reference: Feature
    current: Feature
    alpha: float


def signals(
    reference: Profile,
    current: Profile,
    kinds: Mapping[str, str],
    thresholds: Thresholds,
    days: tuple[int, int] | None = None,
) -> list[Signal]:
    """Return what stands out, in the order of the features, rows first.

    `days` are the days of the reference and of the current side; without them nothing
    is said of the rows per day. Raises ValueError if `kinds` has a kind that there is not.
    """
    found = list(_row_volume(reference, current, days))
    names = list(dict.fromkeys([*reference.features, *current.features]))
    alpha = thresholds.q / max(len(names), 1)
    for name in names:
        before, now = reference.features.get(name), current.features.get(name)
        if before is None or now is None:
            found += _columns(name, reference, current)
        elif min(before.rows, now.rows) >= thresholds.fewest:
            override = kinds.get(name)
            kind = shared_kind(before, now, override)
            sides = _Sides(name, kind, before, now, alpha)
            if override is None:
                found += _kind_changed(sides, thresholds.fewest)
            found += _of_feature(sides)
    return found


def _of_feature(sides: _Sides) -> Iterator[Signal]:
    yield from _missing(sides)
    yield from _type_errors(sides)
    if not sides.reference.present or not sides.current.present:
        return
    if sides.kind in ("categorical", "boolean"):
        before, now = (tally(side, sides.kind) for side in (sides.reference, sides.current))
        yield from _new_categories(sides, before, now)
        yield from _vanished(sides, before, now)
    elif sides.kind == "numeric":
        yield from _out_of_range(sides)
    elif sides.kind == "identifier":
        yield from _cardinality(sides)
    yield from _constant(sides)


def _row_volume(
    reference: Profile, current: Profile, days: tuple[int, int] | None
) -> Iterator[Signal]:
    if days is None or min(days) < 1 or not reference.rows:
        return
    before, now = reference.rows / days[0], current.rows / days[1]
    change = now / before - 1
    if abs(change) > VOLUME:
        text = f"There are {now:,.0f} rows per day, {_percent(abs(change))} "
        text += f"{'more' if change > 0 else 'fewer'} than the {before:,.0f} of the reference."
        yield Signal("", "row volume", before, now, text)


def _columns(name: str, reference: Profile, current: Profile) -> Iterator[Signal]:
    # Beside a side that has nothing at all, every column would be new.
    if not reference.rows or not current.rows:
        return
    if name in current.features:
        now = current.features[name].rows / current.rows
        text = f"{_quoted(name)} is new: the reference does not have this column."
        yield Signal(name, "new column", 0.0, now, text)
    else:
        before = reference.features[name].rows / reference.rows
        text = f"{_quoted(name)} is gone: only the reference has this column."
        yield Signal(name, "column gone", before, 0.0, text)


def _kind_changed(sides: _Sides, fewest: int) -> Iterator[Signal]:
    """Of few cells the kind is not certain; a category becomes an identifier with more rows."""
    if min(sides.reference.present, sides.current.present) < fewest:
        return
    before, now = profile.kind(sides.reference), profile.kind(sides.current)
    if before != now and {before, now} != {"categorical", "identifier"}:
        text = f"{_quoted(sides.name)} was {before} and is {now}."
        yield Signal(sides.name, "kind changed", math.nan, math.nan, text)


def _missing(sides: _Sides) -> Iterator[Signal]:
    """Chi-square of two proportions; by 2 points, or from none to 0.5 %."""
    a, n = sides.reference.missing, sides.reference.rows
    b, m = sides.current.missing, sides.current.rows
    if _matters("missing", a / n, b / m) and chance.of_shares(a, n, b, m) <= sides.alpha:
        text = f"{_quoted(sides.name)} is missing in {_percent(b / m)} of the rows, before in "
        text += f"{_percent(a / n)}."
        yield Signal(sides.name, "missing", a / n, b / m, text)


def _type_errors(sides: _Sides) -> Iterator[Signal]:
    """Chi-square of two proportions of the present cells; more by 0.5 points, or from none."""
    a, b = (profile.type_errors(side, sides.kind) for side in (sides.reference, sides.current))
    n, m = sides.reference.present, sides.current.present
    if not n or not m or b / m <= a / n or not _matters("type errors", a / n, b / m):
        return
    if chance.of_shares(a, n, b, m) <= sides.alpha:
        text = (
            f"{_quoted(sides.name)} is {sides.kind}, but {_percent(b / m)} of its cells are not, "
        )
        text += f"before {_percent(a / n)}."
        yield Signal(sides.name, "type errors", a / n, b / m, text)


def _new_categories(sides: _Sides, before: Counter[str], now: Counter[str]) -> Iterator[Signal]:
    """More rows with unseen values than Good and Turing expect of values seen once."""
    if not profile.distinct(sides.reference)[1]:
        return
    new = Counter({value: rows for value, rows in now.items() if value not in before})
    rows, n, m = new.total(), sides.reference.present, sides.current.present
    once, twice = (sum(1 for seen in before.values() if seen == times) for times in (1, 2))
    p = chance.of_unseen(rows, m, once, twice, n, sides.alpha)
    if rows >= LEAST * m and p <= sides.alpha:
        text = f"{_quoted(sides.name)} has values that the reference does not have in "
        text += f"{_percent(rows / m)} of its cells: {_named(new)}."
        yield Signal(sides.name, "new categories", once / n, rows / m, text)


def _vanished(sides: _Sides, before: Counter[str], now: Counter[str]) -> Iterator[Signal]:
    """Values of 1 % of the reference or more that chance alone would not put all on one side."""
    if not profile.distinct(sides.current)[1]:
        return
    n, m = sides.reference.present, sides.current.present
    alpha = sides.alpha * OFTEN  # so many values can be this frequent
    gone = Counter(
        {
            value: rows
            for value, rows in before.items()
            if value not in now and rows >= OFTEN * n and chance.of_one_side(rows, n, m) <= alpha
        }
    )
    if gone:
        share = gone.total() / n
        text = (
            f"{_quoted(sides.name)} has lost values that were in {_percent(share)} of its cells: "
        )
        yield Signal(sides.name, "vanished categories", share, 0.0, f"{text}{_named(gone)}.")


def _out_of_range(sides: _Sides) -> Iterator[Signal]:
    """More rows beyond the reference's smallest or largest number than of the same source.

    Of n + m exchangeable numbers the k largest all are among the m with a chance of
    about (m / (n + m))^k, whatever the distribution (Wilks 1959).
    """
    before, now = sides.reference, sides.current
    n, m = (side.numbers.count + side.infinite for side in (before, now))
    if not before.numbers.count or not m:
        return
    low, high = (float(before.numbers.values[at]) for at in (0, -1))
    with np.errstate(over="ignore"):
        edges = np.array([low, np.nextafter(high, np.inf)])
    under, upto = below(now.numbers, edges).tolist()
    over = now.numbers.count - upto
    # An infinity is outside, unless the reference has it too.
    under += 0 if before.below else now.below
    over += 0 if before.above else now.above
    rows = sum(k for k in (under, over) if chance.of_one_side(k, m, n) <= sides.alpha / 2)
    if rows >= LEAST * m:
        text = f"{_quoted(sides.name)} is outside of the reference's {low:,.6g} to {high:,.6g} "
        text += f"in {_percent(rows / m)} of its cells."
        yield Signal(sides.name, "out of range", 0.0, rows / m, text)


def _cardinality(sides: _Sides) -> Iterator[Signal]:
    """Far more or fewer different values than of the same source with as many rows.

    A quarter beyond what is expected is left to chance and estimates; sides that
    differ tenfold in rows are not compared.
    """
    n, m = sides.reference.present, sides.current.present
    before, now = (profile.distinct(side)[0] for side in (sides.reference, sides.current))
    if not 0.1 <= m / n <= 10:
        return
    fewest, most = chance.different(before, n, m)
    if not 0.75 * fewest <= now <= most / 0.75:
        text = f"{_quoted(sides.name)} has {now:,} different values in {m:,} cells, before "
        text += f"{before:,} in {n:,}."
        yield Signal(sides.name, "cardinality", before / n, now / m, text)


def _constant(sides: _Sides) -> Iterator[Signal]:
    """One value only, where chance would not put all rows with other values on one side."""
    if profile.distinct(sides.current)[0] != 1 or profile.distinct(sides.reference)[0] == 1:
        return
    n, m = sides.reference.present, sides.current.present
    value = next(iter(tally(sides.current, sides.kind)))
    rows = tally(sides.reference, sides.kind)[value]
    if chance.of_one_side(n - rows, n, m) <= sides.alpha:
        text = f"{_quoted(sides.name)} has only one value, {_quoted(value)}, before in "
        text += f"{_percent(rows / n)} of its cells."
        yield Signal(sides.name, "constant", rows / n, 1.0, text)


def _matters(code: str, before: float, now: float) -> bool:
    """Return whether a share changed by enough; from none at all, less is enough."""
    change, from_none = POINTS[code]
    return abs(now - before) >= change or (before == 0 and now >= from_none)


def _named(values: Counter[str]) -> str:
    """Return the most frequent values with their rows, and how many more there are."""
    named = [f"{_quoted(value)} ({rows:,} rows)" for value, rows in values.most_common(3)]
    more = len(values) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def _quoted(text: str) -> str:
    """Return a name or a value in quotes, cut off where it would fill the sentence."""
    return f'"{text}"' if len(text) <= 60 else f'"{text[:59]}…"'


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "under 0.1 %"
    return f"{share * 100:.3g} %"
