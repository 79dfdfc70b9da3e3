"""What reports say in words, for terminals, pull requests and channels alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lib.check.report import COMPARED, Report, Side
from lib.summary import words

FEW = 3
"""Signals of one code that have a line each."""


def headline(reports: Sequence[Report]) -> str:
    """Return in a sentence what came out of all checks together."""
    found = sum(bool(len(report.found)) for report in reports)
    judged = sum(report.judged for report in reports)
    failed = len(reports) - judged
    level = " or ".join(sorted({report.question.fail_on for report in reports}))
    if not judged:
        return f"Nothing could be checked, of {words.count(len(reports), 'data set')}."
    text = f"Nothing at or above “{level}” in {words.count(judged, 'data set')}."
    if found:
        text = f"Drift in {found} of {words.count(judged, 'data set')}."
    return f"{text} {failed:,} could not be compared." if failed else text


def outcome(report: Report) -> str:
    """Return the verdicts of a report in a few words: `1 strong, 2 watch, 9 stable`."""
    if report.state != COMPARED:
        return report.state
    counts = [f"{count:,} {verdict}" for verdict, count in report.counts.items() if count]
    text = ", ".join(counts) or "no features"
    share = report.drifted_share
    if not report.question.importance or math.isnan(share):
        return text
    return f"{text}; {words.percent(share)} of the importance drifted"


def mark(report: Report) -> str:
    """Return the word that a report begins with."""
    if len(report.found):
        return report.worst
    return "ok" if report.judged else "no check"


def windows(report: Report) -> str:
    """Return what was compared with what, with the rows of each."""
    now, before = report.current, report.reference
    return f"{now.label} ({_amount(now)}) against {before.label} ({_amount(before)})"


def shown(report: Report, most: int) -> list[dict[str, Any]]:
    """Return the features that are worth a line, the most urgent first: those that moved."""
    rows = report.at_least("watch").iloc[:most].to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def unshown(report: Report, most: int) -> int:
    """Return how many more features moved."""
    return max(len(report.at_least("watch")) - most, 0)


def unread(report: Report) -> list[str]:
    """Return which files of either side could not be read, a line each side."""
    sides = (report.current, report.reference)
    return [f"{side.label}: {side.unread_text}" for side in sides if side.unread_text]


def noted(report: Report, most: int) -> list[str]:
    """Return the signals in sentences, at most so many; many of one code are one line."""
    of_code: dict[str, list[str]] = {}
    for signal in report.signals:
        of_code.setdefault(signal.code, []).append(signal.feature)
    lines: dict[str, None] = {}
    for signal in report.signals:
        names = of_code[signal.code]
        together = f"{signal.code.capitalize()}: {words.several(names, FEW)}."
        lines[signal.text if len(names) <= FEW else together] = None
    texts = list(lines)
    more = len(texts) - most
    return [*texts[:most], f"and {words.count(more, 'signal')} more"] if more > 0 else texts


def distance(row: Mapping[str, Any]) -> str:
    """Return in a few words how far a feature is from its reference, and what changed."""
    text = f"distance {row['js_debiased']:.3f}"
    return f"{text}, {row['change']}" if row["change"] else text


def _amount(side: Side) -> str:
    rows = words.count(side.rows, "row")
    return f"{words.count(side.days, 'day')}, {rows}" if side.days else rows
