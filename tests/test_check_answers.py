"""Reports as text, Markdown, JSON, cards and blocks: complete, bounded, and safe to show."""

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from lib import drift, profile
from lib.check import Question, Report, Scope, Side, document, messages, pages, sentences
from lib.window import Window

WEEK = Window(date(2026, 11, 12), date(2026, 11, 18))
HOSTILE = (
    "::error::gotcha",
    "##vso[task.setvariable variable=x]1",
    "\x1b[31mred\x1b[0m",
    "a|b`c",
    "[link](http://evil.example)",
    "<!channel> & <script>",
    "two\nlines",
    "\u202egnp.exe",
)


def report(features, state="compared", service="credit-risk-svc", message=""):
    """A report on features that drifted strongly, by the room that the app asks."""
    rng = np.random.default_rng(7)
    before = pd.DataFrame({name: rng.normal(0, 1, 300) for name in features})
    now = pd.DataFrame({name: rng.normal(3, 1, 300) for name in features})
    return Report(
        Scope("here", "contoso-ml", service, "credit_risk", "4", "inputs"),
        Question(WEEK),
        state,
        Side(str(WEEK), (WEEK,), 7, 300),
        Side(str(WEEK.previous), (WEEK.previous,), 7, 300),
        drift.compare(before, now).assign(change="median 0 → 3", importance=np.nan)
        if features
        else pd.DataFrame(),
        tuple(drift.signals(*map(profile.profile, (before, now)), {}, drift.Thresholds())),
        message,
    )


@pytest.fixture(scope="module")
def hostile():
    return [report(HOSTILE, service="##vso[x]"), report((), "unread", message="::error::\x1b[0m")]


# Text and Markdown.


def test_no_line_of_text_begins_with_a_name_or_holds_an_order(hostile):
    text = pages.table(hostile)
    assert "strong" in text
    assert not re.search(r"^\s*(::|##)|##vso|\x1b|\u202e", text, re.MULTILINE)
    assert text.count("\n") == len(text.splitlines())
    # The words are all there, so that nobody wonders which feature it was.
    assert "two lines" in text
    assert "error::gotcha" in text


def test_markdown_shows_names_as_they_are(hostile):
    text = pages.markdown(hostile)
    rows = [line for line in text.splitlines() if line.startswith("| strong")]
    assert len(rows) == len(HOSTILE)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(pages.COLUMNS) + 1}
    assert "| `[link](http://evil.example)` |" in text
    assert not re.search(r"^\s*::|##vso|\x1b|\u202e", text, re.MULTILINE)


def test_many_features_and_signals_are_cut_and_counted():
    many = report([f"f{n:03}" for n in range(100)])
    text = pages.table([many])
    assert text.count("\n  strong  ") == pages.MOST
    assert "and 70 features more" in text
    assert "  - Out of range: f000, f001, f002 and 97 more." in text
    assert "and 70 features more" in pages.markdown([many])


def test_what_was_found_comes_first_and_what_was_not_read_next():
    quiet = report(())
    unread = report((), "unread")
    no_data = report((), "no data")
    found = report(["income"])
    assert document.urgent_first([quiet, no_data, unread, found])[:2] == [found, unread]


STABLE = report(["a"]).features.assign(verdict="stable")


@pytest.mark.parametrize(
    ("reports", "text"),
    [
        ([report(["a"]), report(["b"])], "Drift in 2 of 2 data sets."),
        ([replace(report(["a"]), features=STABLE)], "Nothing at or above “drift” in 1 data set."),
        ([report((), "no data")], "Nothing could be checked, of 1 data set."),
        (
            [report(["a"]), report((), "unread")],
            "Drift in 1 of 1 data set. 1 could not be compared.",
        ),
    ],
)
def test_the_headline_says_what_came_out(reports, text):
    assert sentences.headline(reports) == text


@pytest.mark.parametrize(
    ("importance", "text"),
    [
        ((), "2 strong"),
        ((("a", 1.0), ("c", 1.0)), "2 strong; 100 % of the importance drifted"),
        ((("c", 1.0),), "2 strong"),
    ],
)
def test_importance_is_told_where_a_feature_has_some(importance, text):
    weighed = replace(report(["a", "b"]), question=Question(WEEK, importance=importance))
    assert sentences.outcome(weighed) == text


# JSON.


def test_json_is_valid_whole_and_holds_no_order(hostile):
    text = document.text(document.document(hostile), indent=2)
    assert "##vso" not in text
    assert text.isascii()
    told = json.loads(text, parse_constant=pytest.fail)
    found = next(check for check in told["checks"] if check["state"] == "compared")
    assert {feature["feature"] for feature in found["features"]} == set(HOSTILE)
    assert found["scope"]["service"] == "##vso[x]"
    assert found["left_out"] == {"features": 0, "signals": 0}
    assert (told["result"], told["exit_code"]) == ("could not be checked", 2)
    assert told["summary"]["unread"] == 1


def test_numbers_that_are_none_are_null():
    told = document.document([report(["a"])])
    assert told["checks"][0]["features"][0]["importance"] is None
    assert told["checks"][0]["drifted_share"] == 1.0
    assert document.document([report((), "no data")])["checks"][0]["drifted_share"] is None


# Messages.


@pytest.fixture(scope="module")
def large():
    names = [f"{'long ' * 60}{n}" for n in range(60)]
    one = report(names, service="s" * 1_000)
    return [one] * 40


@pytest.mark.parametrize("form", messages.FORMATS)
def test_a_message_is_bounded_whatever_was_found(large, hostile, form):
    for reports in (large, hostile, [report(["income"])]):
        body = messages.message(reports, form)
        assert len(body) <= messages.MOST_BYTES[form]
        assert json.loads(body)
    assert b"more" in messages.message(large, form) or form == "json"


def test_a_message_in_json_counts_what_it_leaves_out(large):
    told = json.loads(messages.message(large, "json"))
    assert told["summary"]["checks"] == 40
    assert told["left_out"] == 40 - len(told["checks"]) > 0
    assert told["checks"][0]["left_out"]["features"] == 60 - len(told["checks"][0]["features"])


def test_teams_gets_an_adaptive_card_in_which_names_are_no_markdown(hostile):
    told = json.loads(messages.message(hostile, "teams"))
    assert told["type"] == "message"
    [attachment] = told["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    texts = [block["text"] for block in card["body"] if block["type"] == "TextBlock"]
    assert texts == ["Driftline: Drift in 1 of 1 data set. 1 could not be compared."]
    runs = [
        run
        for block in card["body"]
        if block["type"] == "RichTextBlock"
        for run in block["inlines"]
    ]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert "[link](http://evil.example)  " in {run["text"] for run in runs}
    assert all(run["text"] for run in runs)


def test_slack_gets_blocks_in_which_nobody_is_called(hostile, large):
    told = json.loads(messages.message(hostile, "slack"))
    assert told["text"].startswith("Driftline: Drift in 1 of 1 data set.")
    texts = [block["text"]["text"] for block in told["blocks"]]
    assert not any("<" in text or ">" in text for text in texts)
    assert any("&lt;!channel&gt; &amp; &lt;script&gt;" in text for text in texts)
    for reports in (large, [report([f"f{n}" for n in range(300)])] * 80):
        blocks = json.loads(messages.message(reports, "slack"))["blocks"]
        assert len(blocks) <= 50
        assert max(len(block["text"]["text"]) for block in blocks) <= 3_000
        assert sum(len(block["text"]["text"]) for block in blocks) <= 13_000
        assert len(blocks[0]["text"]["text"]) <= 150


def test_a_message_tells_of_what_was_found_else_of_all():
    found = report(["income"])
    quiet = replace(report(["a"], service="churn-svc"), features=STABLE)
    assert b"churn-svc" not in messages.message([found, quiet], "teams")
    assert b"churn-svc" in messages.message([quiet], "teams")


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y", "teams"),
        ("https://abc.d.environment.api.powerplatform.com/powerautomate/x", "teams"),
        ("https://hooks.slack.com.example.com/services", "json"),
        ("https://example.com/drift", "json"),
    ],
)
def test_the_format_is_told_by_the_host(url, form):
    assert messages.form_of(url) == form
