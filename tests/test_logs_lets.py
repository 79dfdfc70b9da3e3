"""What a query defines before it asks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import telemetry
from lib.logs import Span, lets, literal
from lib.logs.lets import Script

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUERY = f"""// What is asked; and so on
let first = {literal(NOON)};
let last = {literal(NOON + HOUR)};
let who = "a;b"; // let nobody = 1;
let unused = 3;
let Mine = AppRequests
| where TimeGenerated >= first and TimeGenerated < last
| where AppRoleName == who;
let Slow = Mine
| where DurationMs > 100.0;
Slow
| summarize N = sum(ItemCount)
"""


def parsed(query: str) -> Script:
    script = lets.parse(query)
    assert script is not None
    return script


def rows(query: str) -> list[str]:
    return [let.name for let in parsed(query).lets.values() if let.is_rows]


def test_statements_are_told_apart() -> None:
    script = parsed(QUERY)
    assert list(script.lets) == ["first", "last", "who", "unused", "Mine", "Slow"]
    assert script.lets["who"].value == '"a;b"'
    assert rows(QUERY) == ["Mine", "Slow"]


def test_a_name_needs_what_it_builds_on() -> None:
    script = parsed(QUERY)
    assert script.needed(["Slow"]) == ["first", "last", "who", "Mine", "Slow"]
    assert script.needed(["Slow"], ["Mine"]) == ["Mine", "Slow"]
    assert script.needed(["nothing"]) == []


def test_a_meaning_does_not_depend_on_what_else_is_said() -> None:
    other = (
        QUERY.replace("let unused = 3;\n", "").replace("// What", "// Who").replace("sum", "max")
    )
    assert parsed(other).meaning("Slow") == parsed(QUERY).meaning("Slow")
    assert parsed(QUERY.replace("a;b", "b;a")).meaning("Slow") != parsed(QUERY).meaning("Slow")


def test_a_query_without_what_is_there_already_has_the_rest_in_its_place() -> None:
    left = parsed(QUERY).without(["Slow"])
    assert left.split() == ["Slow", "|", "summarize", "N", "=", "sum(ItemCount)"]
    assert left.count("\n") == QUERY.count("\n")
    assert left.index("summarize") == QUERY.index("summarize")
    assert "let who" in parsed(QUERY).without(["nothing"])
    assert "unused" not in parsed(QUERY).without([])


def test_the_rows_of_a_name_are_a_query_of_their_own() -> None:
    script = parsed(QUERY)
    whole = parsed(script.rows("Slow", []))
    assert whole.meaning("Slow") == script.meaning("Slow")
    assert whole.asks == {"Slow"}
    assert list(parsed(script.rows("Slow", ["Mine"])).lets) == ["Slow"]


def test_rows_know_the_time_that_they_are_limited_to() -> None:
    assert parsed(QUERY).span("Slow") == Span(NOON, NOON + HOUR)
    both = QUERY.replace("let Slow = Mine", "let Slow = Mine | join AppTraces on OperationId")
    assert parsed(both).span("Slow") is None
    assert parsed(both).span("Mine") == Span(NOON, NOON + HOUR)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TimeGenerated < last", "TimeGenerated < last or true"),
        ("TimeGenerated < last", "TimeGenerated < now()"),
        (literal(NOON), "datetime(soon)"),
        (literal(NOON), "ago(1h)"),
        (literal(NOON), "datetime(2026-11-23)"),
        (literal(NOON), literal(NOON + 2 * HOUR)),
    ],
)
def test_any_other_limit_is_none(old: str, new: str) -> None:
    assert parsed(QUERY.replace(old, new)).span("Mine") is None


@pytest.mark.parametrize(
    "value",
    [
        "AppRequests | where TimeGenerated > ago(1h)",
        "AppRequests | take 5",
        "AppRequests | extend R = rand()",
        "AppRequests | where DurationMs > Limit",
        "toscalar(AppRequests | count)",
        "(x: long) { x + 1 }",
        "Unknown | take 1",
        "AppRequests",
        "3",
    ],
)
def test_what_may_change_or_is_no_pipe_is_not_rows_to_share(value: str) -> None:
    assert rows(f"let Limit = 2 * rand(); let X = {value}; X") == []


@pytest.mark.parametrize(
    "query",
    [
        "let a = 1; let a = 2; print a",
        "let AppRequests = AppTraces | where 1 == 1; AppRequests",
        "set notruncation; AppRequests",
        "declare query_parameters(a: long); print a",
        "let f = () { let x = 1; x }; print f()",
        "print 1; print 2",
        "let a = 1;",
        "let a = 1",
        "",
        " // nothing\n",
    ],
)
def test_another_form_is_left_alone(query: str) -> None:
    assert lets.parse(query) is None


@given(st.text(), st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]))))
def test_no_text_ends_a_statement(text: str, comment: list[str]) -> None:
    said = "".join(comment)
    query = f"let a = {literal(text)}; // {said}\nlet b = 'it\\'s;'; let c = @\"\\\"; print a, b, c"
    script = parsed(query)
    assert script.lets["a"].value == literal(text)
    assert list(script.lets) == ["a", "b", "c"]
    assert script.without([]) == query


@pytest.mark.parametrize("name", telemetry.QUESTIONS)
def test_every_question_is_of_the_form_that_can_be_shared(name: str) -> None:
    script = parsed(telemetry.QUESTIONS[name].text)
    for let in script.lets.values():
        if let.name.startswith("Aml"):
            # What a scope leaves of rows is in brackets: it is looked up in them each time.
            assert let.is_rows or let.value.startswith("(AmlAll")
            assert script.span(let.name) is not None
