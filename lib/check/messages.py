"""Reports as messages to a webhook: as JSON, as a card in Teams, as blocks in Slack.

* Teams: what a workflow with the trigger “When a Teams webhook request is received” takes, an
  Adaptive Card in a message of at most 28 kB. Texts of a `TextRun` are no Markdown.
  https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
* Slack: incoming webhooks, with at most 50 blocks, 3,000 characters in a section and 13,000 in
  all; &, < and > are escaped, without which a name could call everybody.
  https://api.slack.com/reference/surfaces/formatting#escaping
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from lib.check import document, sentences
from lib.check.document import urgent_first
from lib.check.report import COMPARED, Report
from lib.summary import words

FORMATS = ("json", "teams", "slack")

MOST_BYTES = {"json": 256_000, "teams": 24_000, "slack": 12_000}
"""Bytes of a whole message, below what each service takes."""

MOST_NAME, MOST_SECTION = 80, 2_900
"""Characters of a name, and of a section in Slack."""


def message(reports: Sequence[Report], form: str) -> bytes:
    """Return reports as a message in one of `FORMATS`, as much of them as it has room for."""
    makers = {"json": document.document, "teams": _teams, "slack": _slack}
    return document.bounded(lambda most: makers[form](reports, most), MOST_BYTES[form])


def form_of(url: str) -> str:
    """Return the format that a webhook takes, told by its host; JSON if it is unknown."""
    host = urlsplit(url).hostname or ""
    if host == "hooks.slack.com":
        return "slack"
    ends = (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com")
    return "teams" if host.endswith(ends) else "json"


def _teams(reports: Sequence[Report], most: int) -> dict[str, Any]:
    listed = _listed(reports, most)
    body: list[dict[str, Any]] = [
        {
            "type": "TextBlock",
            "text": f"Driftline: {sentences.headline(reports)}",
            "size": "Large",
            "weight": "Bolder",
            "wrap": True,
        }
    ]
    for report in listed:
        body.append(_runs(str(report.scope), sentences.outcome(report), "Medium"))
        body += [_runs(name, said, "Default") for name, said in _lines(report, most)]
    if len(reports) > len(listed):
        body.append(_runs("", f"and {_more(reports, listed)}", "Default"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    content = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [content]}


def _runs(name: str, said: str, size: str) -> dict[str, Any]:
    """Return a paragraph that begins with a name in bold; nothing in it is Markdown."""
    bold = [{"type": "TextRun", "text": f"{_short(name)}  ", "weight": "Bolder", "size": size}]
    plain = {"type": "TextRun", "text": said, "size": size}
    spacing = "Large" if size == "Medium" else "Small"
    return {
        "type": "RichTextBlock",
        "spacing": spacing,
        "inlines": [*(bold if name else []), plain],
    }


def _slack(reports: Sequence[Report], most: int) -> dict[str, Any]:
    listed = _listed(reports, min(most, 45))
    text = f"Driftline: {sentences.headline(reports)}"
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": text[:150]}}
    ]
    for report in listed:
        lines = [(str(report.scope), sentences.outcome(report)), *_lines(report, most)]
        blocks.append(_section([_line(name, said) for name, said in lines]))
    if len(reports) > len(listed):
        blocks.append(_section([f"and {_more(reports, listed)}"]))
    return {"text": _escaped(text), "blocks": blocks}


def _line(name: str, said: str) -> str:
    return f"*{_escaped(_short(name))}*  {_escaped(said)}" if name else _escaped(said)


def _section(lines: list[str]) -> dict[str, Any]:
    """Return a section of as many whole lines as it may have."""
    written = lines[0]
    for line in lines[1:]:
        if len(written) + len(line) + 3 > MOST_SECTION:
            written += "\n…"
            break
        written += f"\n{line}"
    return {"type": "section", "text": {"type": "mrkdwn", "text": written}}


def _listed(reports: Sequence[Report], most: int) -> list[Report]:
    """Return the reports to tell of: those with something found or amiss, else the first ones."""
    told = [report for report in reports if len(report.found) or not report.judged]
    return urgent_first(told or reports)[:most]


def _lines(report: Report, most: int) -> list[tuple[str, str]]:
    """Return a report's lines, a name and what is said of it; `most` features and signals."""
    if report.state != COMPARED:
        return [("", _cut(report.message, 300))]
    lines = [("", _cut(sentences.windows(report), 300))]
    lines += [("", _cut(text, 300)) for text in sentences.unread(report)]
    for row in sentences.shown(report, most):
        lines.append(
            (str(row["feature"]), _cut(f"{row['verdict']}, {sentences.distance(row)}", 300))
        )
    more = sentences.unshown(report, most)
    lines += [("", f"and {words.count(more, 'feature')} more")] if more else []
    return lines + [("", _cut(text, 300)) for text in sentences.noted(report, most)]


def _more(reports: Sequence[Report], listed: Sequence[Report]) -> str:
    return f"{words.count(len(reports) - len(listed), 'data set')} more"


def _short(name: str) -> str:
    return _cut(name, MOST_NAME)


def _cut(text: str, most: int) -> str:
    text = words.UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
