"""Features as small tables: over days, and beside a reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib import profile
from lib.profile import Feature, Profile
from lib.store import Day
from lib.window import Window

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
"""The quantiles that are drawn per day."""

EVERY = 20_000
"""More values than a profile lists, to ask for all of them."""

MEASURED = ("numeric", "datetime")
"""Kinds with an order and distances; all others are compared value by value."""

OTHER, MISSING = "other", "missing"


def quantiles(feature: Feature | None, kind: str) -> dict[str, float]:
    """Return p05, p25, p50, p75 and p95 of a feature by name; empty where it has no numbers."""
    numbers = profile.numbers_of(feature, kind) if feature else None
    if numbers is None or not numbers.count:
        return {}
    found = profile.quantiles(numbers, list(QUANTILES.values())).tolist()
    return dict(zip(QUANTILES, found, strict=True))


def quantiles_per_day(days: Sequence[Day], window: Window, name: str, kind: str) -> pd.DataFrame:
    """Return `day` and the quantiles of a feature, NaN on days without numbers."""
    rows = {day.day: quantiles(day.profile.features.get(name), kind) for day in days}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(QUANTILES), dtype=float)
    return table.reindex(list(window)).rename_axis("day").reset_index()


def categories_per_day(days: Sequence[Day], name: str, most: int = 9) -> pd.DataFrame:
    """Return `day, category, share` of the most frequent values; the rest is "other".

    Cells without a value are "missing"; values that are called so themselves stand
    in quotation marks. Days without the feature have no rows.
    """
    features = {day.day: day.profile.features.get(name) for day in days}
    there = {day: feature for day, feature in features.items() if feature and feature.rows}
    listed = (
        list(rows_by_value(profile.merge_features(list(there.values())), most)) if there else []
    )
    labels = [*_told_apart(listed, OTHER, MISSING), OTHER, MISSING]
    rows = [
        (day, label, count / feature.rows)
        for day, feature in there.items()
        for label, count in zip(
            labels, _counts(feature, rows_by_value(feature), listed), strict=True
        )
        if count
    ]
    return pd.DataFrame(rows, columns=["day", "category", "share"])


def missing_per_day(days: Sequence[Day], window: Window, name: str) -> pd.DataFrame:
    """Return `day, share` of cells without a value; NaN on days without the feature."""
    shares = {
        day.day: missing_share(feature)
        for day in days
        if (feature := day.profile.features.get(name)) and feature.rows
    }
    table = pd.DataFrame({"share": shares}, dtype=float)
    return table.reindex(list(window)).rename_axis("day").reset_index()


def side_by_side(
    parts: Mapping[str, Feature], most: int
) -> tuple[list[str], dict[str, NDArray[np.float64]]]:
    """Return the most frequent values of some distributions together, and the rows of each.

    Order: by the largest share in any of them. Last come "(other)" and "(missing)" if
    there are such rows, so that the counts of each distribution are all its rows;
    values that are called so themselves stand in quotation marks.
    """
    there = {label: rows_by_value(part) for label, part in parts.items()}
    largest: dict[str, float] = {}
    for label, part in parts.items():
        for value, count in there[label].items():
            largest[value] = max(largest.get(value, 0.0), count / part.rows)
    listed = sorted(largest, key=lambda value: -largest[value])[:most]
    labels = [*_told_apart(listed, f"({OTHER})", f"({MISSING})"), f"({OTHER})", f"({MISSING})"]
    counts = {label: _counts(part, there[label], listed) for label, part in parts.items()}
    kept = np.arange(len(labels)) < len(listed)
    kept |= np.any([count > 0 for count in counts.values()], axis=0)
    shown = [label for label, keep in zip(labels, kept, strict=True) if keep]
    return shown, {label: count[kept] for label, count in counts.items()}


def statistics(
    current: Profile, reference: Profile | None, kinds: Mapping[str, str]
) -> pd.DataFrame:
    """Return `profile.table` of the window, the reference's median and missing share beside.

    What kind a feature is, if `kinds` does not say it, is decided from both together.
    """
    if reference is None or not reference.rows:
        return profile.table(current, kinds)
    before = reference.features
    chosen = {
        name: profile.kind(profile.merge_features([feature, before[name]]))
        for name, feature in current.features.items()
        if name in before
    } | dict(kinds)
    table = profile.table(current, chosen)
    then = profile.table(reference, chosen).set_index("feature")
    for column in ("median", "missing_share"):
        table[f"reference_{column}"] = table["feature"].map(then[column])
    return table


def change(feature: Feature, reference: Feature, kind: str) -> float:
    """Return how much two distributions differ, from 0 (same) to 1 (nothing in common).

    Numbers and times: the largest difference between the shares at or below a value
    (Kolmogorov and Smirnov's D), or that of the shares of missing cells, or of cells
    that are of another kind, if it is larger. All others: half the sum of the
    differences of the shares of each value, or of none (total variation). It orders
    features and is no verdict. NaN if there are no rows.
    """
    if not feature.rows or not reference.rows:
        return math.nan
    if kind in MEASURED:
        errors = [profile.type_errors(part, kind) / part.rows for part in (feature, reference)]
        missing = abs(missing_share(feature) - missing_share(reference))
        return max(missing, abs(errors[0] - errors[1]), _largest_gap(feature, reference, kind))
    _, counts = side_by_side({"now": feature, "then": reference}, 2 * EVERY)
    now, then = counts["now"] / feature.rows, counts["then"] / reference.rows
    return float(np.abs(now - then).sum() / 2)


def missing_share(feature: Feature) -> float:
    """Return the share of a feature's rows without a value; 0 of no rows."""
    return feature.missing / max(feature.rows, 1)


def rows_by_value(feature: Feature, most: int = EVERY) -> dict[str, int]:
    """Return the rows of each value that is listed, the most frequent first."""
    table = profile.top(feature, most)
    named = len(table) - int(table["special"].sum())  # the special ones come last
    pairs = zip(table["value"].tolist(), table["count"].tolist(), strict=True)
    return dict(islice(pairs, named))


def _counts(
    feature: Feature, there: Mapping[str, int], listed: Sequence[str]
) -> NDArray[np.float64]:
    """Return the rows of each listed value, of any other value, and of none."""
    counts = [there.get(value, 0) for value in listed]
    return np.array([*counts, feature.present - sum(counts), feature.missing], dtype=np.float64)


def _told_apart(listed: Sequence[str], *special: str) -> list[str]:
    """Return values as labels that cannot be taken for the special ones, nor for one another."""
    return [f"“{value}”" if value.strip("“”") in special else value for value in listed]


def _largest_gap(one: Feature, other: Feature, kind: str) -> float:
    """Return the largest difference between the shares of numbers at or below any number."""
    numbers = [_numbers(feature, kind) for feature in (one, other)]
    if not all(counts.sum() for _, counts in numbers):
        return 0.0
    points = np.concatenate([values for values, _ in numbers])
    below = [
        np.append(0, np.cumsum(counts))[np.searchsorted(values, points, side="right")]
        / counts.sum()
        for values, counts in numbers
    ]
    return float(np.abs(below[0] - below[1]).max())


def _numbers(feature: Feature, kind: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return a feature's numbers, ascending, and the rows of each; infinities are numbers too."""
    numbers = profile.numbers_of(feature, kind)
    if kind != "numeric":
        return numbers.values, numbers.counts
    ends = feature.below, feature.above
    return np.r_[-np.inf, numbers.values, np.inf], np.r_[ends[0], numbers.counts, ends[1]]
