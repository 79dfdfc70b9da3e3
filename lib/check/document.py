r"""Reports as JSON for programs. Schema 1:

    schema         1; grows only by new names, another meaning gets another number
    generated_at   UTC, ISO 8601
    result         "found", "nothing found" or "could not be checked"
    exit_code      1, 0 or 2, as the process ends
    summary        how many checks: checks, judged (a verdict on any feature), found,
                   compared, no_data, no_reference, unread; and how many features have each
                   verdict: features {verdict: count}
    left_out       how many checks are not listed, to keep a message small (a file has all)
    checks         the comparisons, those with the most urgent verdict first:
      scope        source, workspace, service, model, version, identifier
      state        "compared", "no data", "no reference" or "unread"
      message      why it could not be compared, or ""
      fail_on      "watch", "drift" or "strong": from where on a feature counts as found
      found        the names of the features found
      drifted_share      share of the features that drifted, by importance if told, or null
      window       label, windows [{first, last}], days (with data), rows,
                   problems of its files {kind: count} (kinds of `store.KINDS`),
                   unread files [{blob, reason}], whose rows are not counted
      reference    kind (see `question.Reference`), and as window
      thresholds   watch, drift, strong, q, fewest
      summary      {verdict: count}
      left_out     how many features and signals are not listed
      features     the columns of `drift.compare`, then change (in words) and importance;
                   null: does not apply
      signals      feature, code, before, now, text

Dates are ISO 8601, both ends included. Numbers are finite or null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from lib import drift
from lib.check.report import COMPARED, STATES, UNREAD, Report, Side, exit_code
from lib.drift import Signal

SCHEMA = 1
RESULTS = ("nothing found", "found", "could not be checked")

FEWER = (1_000, 300, 100, 50, 30, 20, 12, 8, 5, 3, 2, 1)
"""How much of everything is listed, the most that is small enough."""


def urgent_first(reports: Sequence[Report]) -> list[Report]:
    """Return the reports with the most urgent first, then those that could not be read."""

    def rank(report: Report) -> tuple[bool, bool, tuple[int, ...]]:
        counts = tuple(-report.counts[verdict] for verdict in drift.VERDICTS)
        return not len(report.found), report.state != UNREAD, counts

    return sorted(reports, key=rank)


def document(reports: Sequence[Report], most: int | None = None) -> dict[str, Any]:
    """Return the document of some reports; with `most`, that many checks, features, signals."""
    code = exit_code(reports)
    listed = urgent_first(reports)[:most]
    return {
        "schema": SCHEMA,
        "generated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "result": RESULTS[code],
        "exit_code": code,
        "summary": _summary(reports),
        "left_out": len(reports) - len(listed),
        "checks": [_check(report, most) for report in listed],
    }


def text(value: object, indent: int | None = None) -> str:
    """Return a document as JSON that is also safe to print.

    Names are untrusted. Whatever is not ASCII is escaped, as a terminal may obey it, and so
    are two hashes, which JSON has only within texts: build agents obey `##vso[…]`.
    """
    written = json.dumps(value, indent=indent, allow_nan=False)
    return written.replace("##", "\\u0023\\u0023")


def bounded(make: Callable[[int], Any], most_bytes: int) -> bytes:
    """Return the largest JSON that `make` gives for one of `FEWER` within a size.

    The smallest is taken whatever its size. Halving the choice takes four tries of twelve.
    """
    first, last = 0, len(FEWER) - 1
    fits: dict[int, bytes] = {}
    while first < last:
        middle = (first + last) // 2
        written = text(make(FEWER[middle])).encode()
        if len(written) <= most_bytes:
            fits[middle], last = written, middle
        else:
            first = middle + 1
    return fits.get(first) or text(make(FEWER[first])).encode()


def _summary(reports: Sequence[Report]) -> dict[str, Any]:
    states = [report.state for report in reports]
    counts = [report.counts for report in reports]
    return {
        "checks": len(reports),
        "judged": sum(report.judged for report in reports),
        "found": sum(bool(len(report.found)) for report in reports),
        **{state.replace(" ", "_"): states.count(state) for state in STATES},
        "features": {v: sum(count[v] for count in counts) for v in drift.VERDICTS},
    }


def _check(report: Report, most: int | None) -> dict[str, Any]:
    features = report.features.iloc[:most]
    signals = report.signals[:most]
    return {
        "scope": {name: _cut(value, most) for name, value in asdict(report.scope).items()},
        "state": report.state,
        "message": _cut(report.message, most),
        "fail_on": report.question.fail_on,
        "found": [_cut(name, most) for name in report.found.get("feature", [])[:most]],
        "drifted_share": _finite(report.drifted_share),
        "window": _side(report.current, most),
        "reference": {"kind": report.question.reference.kind, **_side(report.reference, most)},
        "thresholds": asdict(report.question.thresholds),
        "summary": report.counts if report.state == COMPARED else {},
        "left_out": {
            "features": len(report.features) - len(features),
            "signals": len(report.signals) - len(signals),
        },
        "features": _features(features, most),
        "signals": [_signal(signal, most) for signal in signals],
    }


def _side(side: Side, most: int | None) -> dict[str, Any]:
    windows = [{"first": w.first.isoformat(), "last": w.last.isoformat()} for w in side.windows]
    label = _cut(side.label, most)
    return {
        "label": label,
        "windows": windows,
        "days": side.days,
        "rows": side.rows,
        "problems": dict(side.problems),
        "unread": [
            {"blob": _cut(name, most), "reason": _cut(reason, most)}
            for name, reason in side.unread[:most]
        ],
    }


def _features(features: pd.DataFrame, most: int | None) -> list[dict[str, Any]]:
    return [
        {str(name): _plain(value, most) for name, value in row.items()}
        for row in features.to_dict("records")
    ]


def _signal(signal: Signal, most: int | None) -> dict[str, Any]:
    return {name: _plain(getattr(signal, name), most) for name in SIGNAL}


SIGNAL = ("feature", "code", "before", "now", "text")


def _plain(value: Any, most: int | None) -> Any:
    """Return a cell as JSON has it: numpy's numbers as Python's, NaN and infinities as null."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return _finite(value)
    return _cut(value, most) if isinstance(value, str) else value


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _cut(value: str, most: int | None) -> str:
    """Return a text as it is, or cut to what a message has room for."""
    return value if most is None or len(value) <= 300 else f"{value[:299]}…"
