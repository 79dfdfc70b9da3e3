"""Reports for people: a table for a terminal, Markdown for a pull request or a build's summary.

Names and messages come from blobs. A terminal would obey what hides in them, and a build
agent takes orders from lines that begin with `::` or hold `##vso[`: what cannot be seen is
left out, no line begins with a name, and two hashes are parted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.check import sentences
from lib.check.document import urgent_first
from lib.check.report import COMPARED, Report
from lib.summary import words

MOST = 30
"""Features and signals of one report that are listed; JSON has all."""

COLUMNS = ("verdict", "feature", "kind", "distance", "q", "rows", "what changed")


def table(reports: Sequence[Report]) -> str:
    """Return reports as plain text, the most urgent first."""
    parts = [_block(report) for report in urgent_first(reports)]
    return "\n\n".join([*parts, f"{sentences.headline(reports)}"]) + "\n"


def markdown(reports: Sequence[Report]) -> str:
    """Return reports as Markdown (GitHub's, with tables), the most urgent first."""
    parts = [f"## Driftline\n\n{sentences.headline(reports)}"]
    parts += [_section(report) for report in urgent_first(reports)]
    return "\n\n".join(parts) + "\n"


def _block(report: Report) -> str:
    lines = [f"{sentences.mark(report).upper()}  {seen(str(report.scope))}"]
    lines.append(f"  {seen(sentences.outcome(report))}")
    if report.state != COMPARED:
        return "\n".join([*lines, f"  - {seen(report.message)}"])
    lines.append(f"  {seen(sentences.windows(report))}")
    rows = [[seen(cell) for cell in row] for row in _rows(report)]
    if rows:
        lines += _aligned([list(COLUMNS), *rows])
    more = sentences.unshown(report, MOST)
    lines += [f"  and {words.count(more, 'feature')} more"] if more else []
    noted = [*sentences.unread(report), *sentences.noted(report, MOST)]
    return "\n".join([*lines, *(f"  - {seen(text)}" for text in noted)])


def _section(report: Report) -> str:
    lines = [f"### {sentences.mark(report)}: {_code(str(report.scope))}", ""]
    if report.state != COMPARED:
        return "\n".join([*lines, f"{report.state}. {words.plain(report.message)}"])
    lines.append(f"{sentences.outcome(report)}. {words.plain(sentences.windows(report))}.")
    rows = [_marked(row) for row in _rows(report)]
    if rows:
        lines += ["", _piped(COLUMNS), _piped(["---"] * len(COLUMNS)), *map(_piped, rows)]
    more = sentences.unshown(report, MOST)
    lines += ["", f"and {words.count(more, 'feature')} more"] if more else []
    texts = [*sentences.unread(report), *sentences.noted(report, MOST)]
    noted = [f"- {words.plain(text)}" for text in texts]
    return "\n".join([*lines, *(["", *noted] if noted else [])])


def _rows(report: Report) -> list[list[str]]:
    return [_cells(row) for row in sentences.shown(report, MOST)]


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        str(row["verdict"]),
        str(row["feature"]),
        str(row["kind"]),
        f"{row['js_debiased']:.3f}",
        f"{row['q']:.1e}" if row["q"] else "0",
        f"{row['n_current']:,.0f} / {row['n_reference']:,.0f}",
        str(row["change"]),
    ]


def _marked(cells: list[str]) -> list[str]:
    """Return a row as Markdown: the feature as code, and what may hold names as it is."""
    verdict, name, *figures, change = cells
    return [verdict, _code(name), *figures, words.plain(change) if change else ""]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = ([cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return ["  " + "  ".join(row).rstrip() for row in cells]


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def seen(text: str) -> str:
    """Return untrusted text in one line, without what a terminal or build agent would obey."""
    return _parted(words.UNPRINTABLE.sub(" ", text).strip())


def _code(text: str) -> str:
    # In a table of GitHub's a pipe ends the cell even in code.
    return _parted(words.code(text).replace("|", "\\|"))


def _parted(text: str) -> str:
    return text.replace("##", f"#{words.JOINER}#")
