"""What is said of drift: in a sentence, as a ranking, and of one feature."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd

from lib import collected, drift
from lib.drift import Change, Signal, Weekly
from lib.errors import NotReadable
from lib.profile import Feature
from lib.summary import words
from lib.summary.features import missing_share, quantiles, rows_by_value
from lib.summary.sentences import times_larger
from lib.window import spell

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOVED = ("strong", "drift", "watch")
TESTED = (*MOVED, "stable")
"""Verdicts that were reached; the others say why there is none."""

SCHEMA = {"new column": "window", "column gone": "reference"}
"""Signals of columns that stand on one side only, and which side that is."""

Parts = Mapping[str, Feature]
"""A feature as it is (`current`) and as it was (`reference`), as far as it is there."""


def drift_headline(
    table: pd.DataFrame,
    changes: Mapping[str, Change],
    parts: Mapping[str, Parts],
    noun: str,
) -> str:
    """Say in a sentence (Markdown) how many features drifted, since when, and which one most."""
    tested = table[table["verdict"].isin(TESTED)]
    drifted = tested[tested["verdict"].isin(drift.DRIFTED)]
    if tested.empty:
        reasons = table["verdict"].value_counts()
        said = [f"{count} {reason}" for reason, count in reasons.items()]
        return f"**No verdict on any feature of {noun}**: {words.several(said) or 'no features'}."
    if drifted.empty:
        watched = int((tested["verdict"] == "watch").sum())
        text = f"**No feature of {noun} drifted**, of {len(tested)} compared."
        if rest := len(table) - len(tested):
            text += f" {words.count(rest, 'feature')} could not be compared."
        return text + (f" {words.count(watched, 'feature')} to watch." if watched else "")
    text = f"**{len(drifted)} of {words.count(len(tested), 'feature')} of {noun} drifted**"
    days = [changes[name].day for name in drifted["feature"] if name in changes]
    text += f" since {spell(min(days))}" if days else ""
    first = drifted.iloc[0]
    moved = what_moved(first, parts.get(first["feature"], {}))
    return f"{text}; {words.code(first['feature'])} most{f': {moved}' if moved else ''}."


def what_moved(row: pd.Series, parts: Parts) -> str:
    """Say in a few words (Markdown) what a feature was and is: `median 12 → 1,240 (×100)`."""
    now, then = parts.get("current"), parts.get("reference")
    if now is None or then is None:
        return "only in the reference" if now is None else "not in the reference"
    if row["kind"] not in ("numeric", "categorical", "boolean"):
        return _shares("missing", missing_share(then), missing_share(now))
    if str(row["moved"]) == "(missing)":
        return _shares("missing", missing_share(then), missing_share(now))
    if row["kind"] == "numeric":
        return _numbers_moved(row, now, then)
    if str(row["moved"]).startswith("("):
        return f"{row['moved'].strip('()')} values by {words.percent(row['linf'])} of rows"
    shares = [rows_by_value(side).get(row["moved"], 0) / max(side.rows, 1) for side in (then, now)]
    return _shares(words.code(str(row["moved"])), *shares)


def moved_text(row: pd.Series, parts: Parts) -> str:
    """Return `what_moved` as it stands in the cell of a table, which shows text as it is."""
    return what_moved(row, parts).replace("`", "")


def _numbers_moved(row: pd.Series, now: Feature, then: Feature) -> str:
    """Say what became of the median, or of the spread where that tells more."""
    found, before = quantiles(now, "numeric"), quantiles(then, "numeric")
    if not found or not before:
        return f"{row['moved'].strip('()')} by {words.percent(row['linf'])} of rows"
    middle = (before["p75"] - before["p25"]) or math.nan
    if abs(found["p50"] - before["p50"]) >= 0.1 * middle or math.isnan(middle):
        larger = times_larger(found["p50"], before["p50"])
        return f"median {words.number(before['p50'])} → {words.number(found['p50'])}{larger}"
    spread = (found["p95"] - found["p05"], before["p95"] - before["p05"])
    return f"middle 90 % spans {words.number(spread[1])} → {words.number(spread[0])}"


def _shares(what: str, then: float, now: float) -> str:
    return f"{what} {words.percent(then)} → {words.percent(now)}"


def ranking(
    table: pd.DataFrame,
    series: pd.DataFrame,
    changes: Mapping[str, Change],
    parts: Mapping[str, Parts],
) -> pd.DataFrame:
    """Return one row per feature for people, the most drifted first.

    Columns: feature, kind, verdict, distance, per_day (a list of distances), since, moved,
    shift_sd, missing_before, missing_now, signals.
    """
    days = series[series["part"] == "current"] if len(series) else series
    trend = (
        {
            name: [0.0 if math.isnan(value) else float(value) for value in part["js_debiased"]]
            for name, part in days.groupby("feature", sort=False)
        }
        if len(days)
        else {}
    )
    names = table["feature"].tolist()
    return pd.DataFrame(
        {
            "feature": names,
            "kind": table["kind"].tolist(),
            "verdict": table["verdict"].tolist(),
            "distance": table["js_debiased"].to_numpy(),
            "per_day": [trend.get(name, []) for name in names],
            "since": [
                changes[name].day if name in changes and verdict in MOVED else None
                for name, verdict in zip(names, table["verdict"], strict=True)
            ],
            "moved": [
                moved_text(row, parts.get(row["feature"], {}))
                if row["verdict"] in (*MOVED, "not comparable")
                else ""
                for _, row in table.iterrows()
            ],
            "shift_sd": table["w1_sd"].to_numpy(),
            "missing_before": table["missing_reference"].to_numpy(),
            "missing_now": table["missing_current"].to_numpy(),
            "signals": table["signals"].tolist(),
        }
    )


def drifted_share(table: pd.DataFrame, importance: Mapping[str, float] | None = None) -> float:
    """Return the share of compared features that drifted, each by its importance if given.

    Features without an importance count nothing then; NaN if nothing was compared.
    """
    tested = table[table["verdict"].isin(TESTED)]
    weights = (
        tested["feature"].map(importance).fillna(0.0)
        if importance
        else pd.Series(1.0, tested.index)
    )
    total = float(weights.abs().sum())
    drifted = tested["verdict"].isin(drift.DRIFTED)
    return float(weights.abs()[drifted].sum()) / total if total else math.nan


def verdict_sentence(
    row: pd.Series,
    parts: Parts,
    change: Change | None,
    weekly: Weekly | None,
) -> str:
    """Say in a few sentences (Markdown) what was found of one feature."""
    name = words.code(row["feature"])
    moved = what_moved(row, parts)
    text = {
        "strong": f"{name} has **drifted strongly**",
        "drift": f"{name} has **drifted**",
        "watch": f"{name} has moved a little: **watch** it",
        "stable": f"{name} is **stable**",
        "not enough data": f"There is **not enough data** of {name} for a verdict",
    }.get(row["verdict"], f"{name} is **not comparable**")
    text += f" ({moved})." if moved and row["verdict"] != "stable" else "."
    if change:
        text += f" {_changed(change)}"
    if weekly:
        text += f" {_weekly(weekly)}"
    return text


def _changed(change: Change) -> str:
    """Say when a feature changed, how sure that is, and whether it came back."""
    text = f"It changed on **{spell(change.day)}**"
    if change.earliest != change.latest:
        text += f" (between {spell(change.earliest)} and {spell(change.latest)})"
    if change.back:
        last = change.back - timedelta(days=1)
        return f"{text} and was as before again after {spell(last)}."
    return f"{text} and has stayed so."


def _weekly(weekly: Weekly) -> str:
    days = [f"{WEEKDAYS[day]}s" for day in weekly.low]
    names = "weekends" if weekly.low == (5, 6) else words.several(days, 7)
    return (
        f"It follows the week: {names} differ from the other days, so each day is compared with "
        "the same weekday where the reference has two weeks."
    )


def signals_table(found: Sequence[Signal]) -> pd.DataFrame:
    """Return `feature, signal, text` of what was noticed beside the distance.

    Columns that came or went together are one row.
    """
    rows = [
        (signal.feature or "(all rows)", signal.code, signal.text)
        for signal in found
        if signal.code not in SCHEMA
    ]
    for code, side in SCHEMA.items():
        names = [signal.feature for signal in found if signal.code == code]
        if names:
            columns = f"{words.count(len(names), 'column')} of the {side} only"
            rows.append((words.several(names), code, f"{columns}: {words.several(names, 20)}."))
    return pd.DataFrame(rows, columns=["feature", "signal", "text"])


def worst_per_day(series: pd.DataFrame) -> pd.DataFrame:
    """Return `day, js_debiased, verdict, feature` of the feature that moved most on each day.

    Only days of the window on which a feature could be judged.
    """
    judged = series[(series["part"] == "current") & series["verdict"].isin(TESTED)]
    worst = judged.sort_values("js_debiased", ascending=False, kind="stable").groupby("day").head(1)
    columns = ["day", "js_debiased", "verdict", "feature"]
    return worst.sort_values("day", ignore_index=True)[columns]


def mismatch(reference: Sequence[str], current: Sequence[str]) -> str:
    """Say (Markdown) which columns stand on one side only; "" if the sides have the same."""
    gone = [words.code(name) for name in reference if name not in set(current)]
    new = [words.code(name) for name in current if name not in set(reference)]
    parts = []
    if gone:
        parts.append(f"only the reference has {words.several(gone, 5)}")
    if new:
        parts.append(f"only the window has {words.several(new, 5)}")
    return f"Columns are matched by name: {' and '.join(parts)}." if parts else ""


def importances(data: bytes, name: str) -> dict[str, float]:
    """Return the importance of each feature from a CSV `feature, importance`.

    Without these names the first two columns are taken. Raises errors.NotReadable.
    """
    table = collected.given(data, name)
    columns = [str(column).strip().lower() for column in table]
    wanted = ["feature", "importance"]
    at = [columns.index(word) for word in wanted] if set(wanted) <= set(columns) else [0, 1]
    if len(columns) < 2:
        raise NotReadable(f"{name!r} has one column.", "Give two: feature and importance.")
    numbers = pd.to_numeric(table.iloc[:, at[1]], errors="coerce")
    found = dict(zip(table.iloc[:, at[0]].astype(str), numbers.astype(float), strict=True))
    found = {feature: value for feature, value in found.items() if math.isfinite(value)}
    if not found:
        raise NotReadable(
            f"{name!r} has no numbers in the column of importances.",
            "Write one line per feature: amount,0.31.",
        )
    return found
