"""The KQL files, judged by Microsoft's language service, and how their parameters are filled."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import telemetry
from lib.telemetry import QUESTIONS, Complaint, check, fill, result_columns

FOLDER = Path(__file__).parents[1] / "lib" / "kql"
FILES = sorted(FOLDER.glob("*.kql"))
DAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_right_kql_and_answers_with_the_columns_it_declares(name: str) -> None:
    text = QUESTIONS[name].text
    assert check(text) == []
    declared = {column: what.type for column, what in QUESTIONS[name].columns.items()}
    assert list(result_columns(text).items()) == list(declared.items())


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_says_what_it_asks(name: str) -> None:
    question = QUESTIONS[name]
    assert re.match("[A-Z]", question.title)
    assert question.columns
    assert all(column.meaning for column in question.columns.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_keeps_to_what_azure_and_the_archive_both_know(path: Path) -> None:
    text = path.read_text("utf-8")
    assert max(len(line) for line in text.splitlines()) <= 100
    code = re.sub(r"^//.*", "", text, flags=re.MULTILINE)
    unknown = r"make-series|percentilesw?\(|\bprev\(|\bnext\(|\bevaluate\b|series_|\bbetween\b"
    assert re.findall(unknown, code) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sampled_tables_are_counted_by_item_count(path: Path) -> None:
    code = re.sub(r"^//.*", "", path.read_text("utf-8"), flags=re.MULTILINE)
    counted = re.findall(r"(\w+) = count(?:if)?\(", code)
    if "AmlTraffic" not in code and "AmlOnlineEndpoint" not in code:
        assert set(counted) <= {"rows", "untold", "Services"}
    assert not re.search(r"\bavg\((?:Ms|DurationMs)\)|percentile\((?:Ms|DurationMs)", code)


def test_the_raw_requests_are_read_in_one_place_only() -> None:
    reading = {
        path.stem
        for path in FILES
        if re.search(r"^AppRequests|= AppRequests", path.read_text("utf-8"), re.M)
    }
    assert reading == {"_requests"}


# --- complaints


def test_a_misspelt_column_is_named_with_its_place() -> None:
    text = "// é 😀\nAppRequests\n| where DurationMss > 3"
    [found] = check(text)
    assert (found.line, found.column, found.code) == (3, 9, "KS142")
    assert "DurationMss" in found.message
    assert text.splitlines()[2][found.column - 1 :].startswith("DurationMss")


def test_a_place_after_an_astral_character_is_right() -> None:
    text = "print x = '😀', y = Nothing"
    [found] = check(text)
    assert text[found.column - 1 :] == "Nothing"


def test_a_table_that_no_workspace_has_is_named() -> None:
    [found] = check("requests | count")
    assert found.line == 1
    assert "requests" in found.message


def test_what_is_no_kql_has_complaints() -> None:
    assert check("SELECT * FROM AppRequests WHERE (")


def test_complaints_come_in_order_of_place() -> None:
    found = check("AppTraces\n| where B == 1\n| where A == 1")
    assert [complaint.line for complaint in found] == [2, 3]
    assert all(isinstance(complaint, Complaint) for complaint in found)


def test_many_threads_may_ask_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(check, ["AppTraces | where X > 1", "AppTraces | take 1"] * 8))
    assert [len(complaints) for complaints in found] == [1, 0] * 8


def test_the_service_lets_the_process_end() -> None:
    code = "from lib import telemetry; print(telemetry.check('AppRequests | take 1'))"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(
        command, cwd=FOLDER.parents[1], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "[]\n"


# --- parameters


def test_a_text_names_its_parameters_first_and_each_once() -> None:
    for question in QUESTIONS.values():
        for name in question.parameters:
            assert len(re.findall(rf"^let {name} = ", question.text, re.MULTILINE)) == 1


def test_only_what_is_given_changes() -> None:
    before = QUESTIONS["latency"].text.splitlines()
    after = fill("latency", grain=timedelta(minutes=5), start_time=DAY).splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [old.split(" = ")[0] for old, _ in changed] == ["let start_time", "let grain"]
    assert changed[0][1] == "let start_time = datetime(2026-11-23T00:00:00.000000Z);"


def test_a_list_may_hold_what_looks_like_kql() -> None:
    text = fill("request_rate", roles=['a"]); AppTraces | take 1 //', "ü\n|"])
    assert check(text) == []
    assert text.count("\n") == QUESTIONS["request_rate"].text.count("\n")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=12), max_size=3))
def test_whatever_a_name_is_it_stays_a_literal(names: list[str]) -> None:
    text = fill("request_rate", services=names)
    lines, asked = text.split("\n"), QUESTIONS["request_rate"].text.split("\n")
    assert [old for old, new in zip(asked, lines, strict=True) if old != new] in (
        [],
        ["let services = dynamic([]);"],
    )
    assert result_columns(text) == result_columns(QUESTIONS["request_rate"].text)


def test_a_filled_text_is_right_for_every_kind_of_value() -> None:
    text = fill(
        "requests_behind",
        start_time=DAY - timedelta(days=1),
        end_time=DAY,
        roles=("a", "b"),
        from_ms=0.5,
        to_ms=1000.0,
        only_failed=True,
    )
    assert check(text) == []
    assert "let only_failed = true;" in text


def test_a_parameter_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TypeError, match="latency does not take colour"):
        fill("latency", colour="red")


def test_a_question_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("nothing")


def test_shared_parts_are_no_questions() -> None:
    assert not [name for name in telemetry.QUESTIONS if name.startswith("_")]
    assert len(FILES) == len(QUESTIONS) + 6
