"""Two sides, feature by feature: how far apart they are, and what to call it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib import profile
from lib.drift import azure, measures
from lib.drift.bins import Bins, bins, count, shared_kind, tally
from lib.drift.signals import signals
from lib.drift.thresholds import DEFAULT, VERDICTS, Thresholds
from lib.profile import Feature, Profile

Floats = NDArray[np.float64]

NOT_ENOUGH, NOT_COMPARABLE = VERDICTS[-2:]

COLUMNS: dict[str, str] = {
    **dict.fromkeys(["feature", "kind", "verdict"], "str"),
    **dict.fromkeys(["js", "w1_sd", "psi", "ks", "linf", "hellinger", "js_debiased"], "float64"),
    **dict.fromkeys(["n_reference", "n_current", "bins"], "int64"),
    **dict.fromkeys(["p", "q", "missing_reference", "missing_current"], "float64"),
    "new_categories": "int64",
    **dict.fromkeys(["signals", "moved"], "str"),
}
"""The columns of `compare` and their types."""

_UNNAMED = re.compile(r"(Unnamed: )?\d*")


@dataclass(frozen=True, eq=False)
class Pair:
    """Both sides of one feature; without `bins` they are not to be compared."""

    name: str
    kind: str
    reference: Feature | None
    current: Feature | None
    bins: Bins | None

    @property
    def rows(self) -> tuple[int, int]:
        """The rows of either side; 0 for one that does not have the feature."""
        before, now = self.reference, self.current
        return (before.rows if before else 0), (now.rows if now else 0)


def compare(
    reference: Profile | pd.DataFrame,
    current: Profile | pd.DataFrame,
    thresholds: Thresholds = DEFAULT,
    kinds: Mapping[str, str] = {},
    mode: Literal["driftline", "azure-ml"] = "driftline",
) -> pd.DataFrame:
    """Return one row per feature of either side, the most drifted first.

    Columns: feature, kind, verdict (one of `VERDICTS`); js, psi, hellinger and
    js_debiased over the `bins` left after pooling, and p of their chi-square test, q
    the same corrected for all features that were judged; linf, the largest change of
    a bin's share, and `moved`, that bin; of numeric features w1_sd, the Wasserstein
    distance in standard deviations of the reference, and ks; n_reference and
    n_current, the feature's rows; missing_reference and missing_current, shares of
    these; new_categories, values that only the current has; `signals`, codes of
    `CODES`. What does not apply is NaN, 0 or "".

    A feature is "not comparable" if one side does not have it or has no rows, or if
    the kinds have nothing in common; "not enough data" with fewer rows on a side than
    the thresholds ask for; and stable unless it differs significantly (q) and by
    enough (js_debiased). Datetimes, identifiers, texts and empty features differ only
    in how much is missing. Raises ValueError if `kinds` has a kind that there is not.

    With the mode "azure-ml", kind, verdict, n_reference, n_current, bins, js, w1_sd,
    psi, ks and p are those of Azure ML's model monitoring (see `azure`; exact for
    frames), and there is no q.
    """
    before, now = _profiled(reference), _profiled(current)
    names = dict.fromkeys([*before.features, *now.features])
    pairs = [
        pair(name, before.features.get(name), now.features.get(name), kinds.get(name))
        for name in names
    ]
    columns = _columns(pairs, thresholds)
    codes: dict[str, list[str]] = {}
    for signal in signals(before, now, kinds, thresholds):
        codes.setdefault(signal.feature, []).append(signal.code)
    columns["signals"] = [", ".join(codes.get(name, ())) for name in names]
    if mode == "azure-ml":
        columns |= _as_azure(azure.numbers(reference, current, kinds), pairs)
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=t) for name, t in COLUMNS.items()})
    return table.iloc[_ranked(table)].reset_index(drop=True)


def pair(
    name: str, reference: Feature | None, current: Feature | None, override: str | None = None
) -> Pair:
    """Return both sides of a feature with the bins in which they are compared, if they can be."""
    kind = shared_kind(reference, current, override)
    found = None
    if reference and current and reference.rows and current.rows:
        own = {profile.kind(side, override) for side in (reference, current)} - {"empty"}
        # What is only counted as present or missing says nothing of a side of another kind.
        unlike = len(own) > 1 and own != {"categorical", "identifier"}
        if not (unlike and kind in ("datetime", "identifier", "text")):
            found = bins(reference, current, kind)
    return Pair(name, kind, reference, current, found)


def _profiled(side: Profile | pd.DataFrame) -> Profile:
    return profile.profile(side) if isinstance(side, pd.DataFrame) else side


def _columns(pairs: Sequence[Pair], thresholds: Thresholds) -> dict[str, object]:
    """Return all columns but the signals, in the order of the pairs."""
    counted = [_counted(pair) for pair in pairs]
    pooled = [
        measures.pooled(before, now, ordered=pair.kind == "numeric")
        for pair, (before, now) in zip(pairs, counted, strict=True)
    ]
    # All features at once: one row each, filled up with bins that have no rows.
    before, now = _stacked([one[0] for one in pooled]), _stacked([one[1] for one in pooled])
    all_before, all_now = (_stacked([sides[at] for sides in counted]) for at in (0, 1))
    linf, place = measures.linf(all_before, all_now)
    _, _, p = measures.chi2(before, now)
    js_debiased = measures.js_debiased(before, now)
    rows = np.array([pair.rows for pair in pairs], dtype=np.int64).reshape(-1, 2)
    compared = np.array([pair.bins is not None for pair in pairs], dtype=bool)
    judged = compared & (rows.min(axis=1) >= thresholds.fewest)
    q = measures.benjamini_hochberg(np.where(judged, p, np.nan))
    return {
        "feature": [pair.name for pair in pairs],
        "kind": [pair.kind for pair in pairs],
        "verdict": _verdicts(js_debiased, q, judged, compared, thresholds),
        "js": measures.js_distance(before, now),
        "psi": measures.psi(before, now),
        "linf": linf,
        "hellinger": measures.hellinger(before, now),
        "js_debiased": js_debiased,
        "n_reference": rows[:, 0],
        "n_current": rows[:, 1],
        "bins": ((before + now) > 0).sum(axis=1),
        "p": p,
        "q": q,
        "missing_reference": [_missing(pair.reference) for pair in pairs],
        "missing_current": [_missing(pair.current) for pair in pairs],
        "new_categories": [_new_categories(pair) for pair in pairs],
        "moved": [
            pair.bins.labels[at] if pair.bins and change > 0 else ""
            for pair, at, change in zip(pairs, place.tolist(), linf.tolist(), strict=True)
        ],
        **_of_numbers(pairs),
    }


def _as_azure(found: Mapping[str, azure.Numbers], pairs: Sequence[Pair]) -> dict[str, object]:
    """Return the columns that Azure ML has numbers for."""
    absent = azure.Numbers("", NOT_COMPARABLE)
    own = [found.get(pair.name, absent) for pair in pairs]
    columns: dict[str, object] = {
        field.name: [getattr(one, field.name) for one in own] for field in fields(azure.Numbers)
    }
    kinds = [one.kind or pair.kind for one, pair in zip(own, pairs, strict=True)]
    return columns | {"kind": kinds, "q": math.nan}


def _counted(pair: Pair) -> tuple[Floats, Floats]:
    """Return the rows of both sides in each bin; a single bin without rows if there are none."""
    if pair.bins is None:
        return np.zeros(1), np.zeros(1)
    return count(pair.bins, pair.reference), count(pair.bins, pair.current)


def _stacked(vectors: Sequence[Floats]) -> Floats:
    """Return vectors of several lengths as rows, filled up with zeros."""
    rows = np.zeros((len(vectors), max((len(vector) for vector in vectors), default=1)))
    for at, vector in enumerate(vectors):
        rows[at, : len(vector)] = vector
    return rows


def _of_numbers(pairs: Sequence[Pair]) -> dict[str, list[float]]:
    """Return the columns that only numeric features have."""
    found: dict[str, list[float]] = {"w1_sd": [], "ks": []}
    for pair in pairs:
        w1_sd = ks = math.nan
        if pair.kind == "numeric" and pair.reference and pair.current:
            sides = pair.reference.numbers, pair.current.numbers
            w1_sd, ks = measures.w1_sd(*sides), measures.ks(*sides)
        found["w1_sd"].append(w1_sd)
        found["ks"].append(ks)
    return found


def _verdicts(
    js_debiased: Floats,
    q: Floats,
    judged: NDArray[np.bool_],
    compared: NDArray[np.bool_],
    thresholds: Thresholds,
) -> list[str]:
    """Return the verdict on each feature: both significance and size make drift."""
    size = np.where(q <= thresholds.q, js_debiased, 0.0)
    found = np.select(
        [
            ~compared,
            ~judged,
            size >= thresholds.strong,
            size >= thresholds.drift,
            size >= thresholds.watch,
        ],
        [NOT_COMPARABLE, NOT_ENOUGH, *VERDICTS[:3]],
        "stable",
    )
    return [str(verdict) for verdict in found]


def _missing(feature: Feature | None) -> float:
    return feature.missing / feature.rows if feature and feature.rows else math.nan


def _new_categories(pair: Pair) -> int:
    """Return how many values only the current has; 0 unless the reference's are all known."""
    if pair.reference is None or pair.current is None or pair.bins is None:
        return 0
    if pair.kind not in ("categorical", "boolean") or not profile.distinct(pair.reference)[1]:
        return 0
    return len(tally(pair.current, pair.kind).keys() - tally(pair.reference, pair.kind).keys())


def _ranked(table: pd.DataFrame) -> list[int]:
    """Return the places of the rows, the most urgent first; nameless strays come last."""
    urgency = {verdict: at for at, verdict in enumerate(VERDICTS)}
    size = table["js_debiased"].fillna(-1.0).tolist()
    names, verdicts = table["feature"].tolist(), table["verdict"].tolist()
    sides = zip(table["n_reference"].tolist(), table["n_current"].tolist(), strict=True)
    stray = [
        0 in rows and _UNNAMED.fullmatch(name) is not None
        for rows, name in zip(sides, names, strict=True)
    ]
    return sorted(
        range(len(table)), key=lambda at: (urgency[verdicts[at]], stray[at], -size[at], names[at])
    )
