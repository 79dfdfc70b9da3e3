"""Azure Monitor by the real client library, against a server on this machine."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from lib.errors import (
    DriftlineError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    QueryError,
    Throttled,
    UnexpectedAnswer,
    Unreachable,
)
from lib.logs import Answer, AzureMonitor, Span, azure_monitor
from lib.logs import monitor as monitor_module
from lib.settings import Telemetry
from tests.loopback import COMPONENT, WORKSPACE, Fault, Loopback, error, loopback

DAY = Span(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
TOO_MANY = {
    "code": "PartialError",
    "message": "There were some errors when processing your query.",
    "details": [
        {
            "code": "EngineError",
            "message": "Something went wrong processing your query on the server.",
            "innererror": {
                "code": "-2133196797",
                "message": "The results of this query exceed the set limit of 500000 records, so "
                "not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003).",
            },
        }
    ],
}


class Credential:
    """Gives a token that is none, and remembers what for."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes += scopes
        return AccessToken("pretended", int(time.time()) + 3600)


class Hours:
    """A store that has one row for each hour of a span."""

    label = "hours"

    def run(self, query: str, span: Span, sliceable: bool = False) -> Answer:
        first = span.first.replace(minute=0, second=0, microsecond=0)
        hours = [first + timedelta(hours=at) for at in range(25)]
        inside = [hour for hour in hours if span.first <= hour < span.last]
        frame = pd.DataFrame({"TimeGenerated": pd.Series(inside, dtype="datetime64[us, UTC]")})
        return Answer(frame, False, "", {}, span.first, 0.0, self.label)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback(Hours()) as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def logs(server: Loopback, pauses: list[float]) -> AzureMonitor:
    made = azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=server.url), Credential())
    return AzureMonitor(made.client, made.telemetry, made.asked, pauses.append)


def refusal(logs: AzureMonitor, query: str = "AppRequests") -> DriftlineError:
    with pytest.raises(DriftlineError) as caught:
        logs.run(query, DAY)
    return caught.value


def served(columns: dict[str, str], *rows: list[object]) -> dict[str, Any]:
    named = [{"name": name, "type": kind} for name, kind in columns.items()]
    return {"tables": [{"name": "PrimaryResult", "columns": named, "rows": rows}]}


# What is asked.


def test_a_workspace_is_asked_for_the_span_with_its_last_moment_outside(
    server: Loopback, logs: AzureMonitor
) -> None:
    answer = logs.run("AppRequests | take 1", DAY)
    [asked] = server.asked
    assert asked.path == f"/v1/workspaces/{WORKSPACE}/query"
    assert asked.query == "AppRequests | take 1"
    assert asked.timespan == "2026-11-20T00:00:00.000Z/2026-11-20T23:59:59.999999Z"
    assert asked.headers["Prefer"] == "wait=180,include-statistics=true"
    assert asked.headers["User-Agent"].startswith("driftline")
    assert len(answer.frame) == 24
    assert not answer.partial
    assert answer.source == f"{server.url.removeprefix('http://')}/{WORKSPACE}"
    assert answer.statistics["query"]["executionTime"] == 0
    assert answer.duration_ms > 0
    assert abs(datetime.now(UTC) - answer.asked_at) < timedelta(minutes=1)


def test_a_component_alone_is_asked_with_classic_tables_in_front(server: Loopback) -> None:
    logs = azure_monitor(Telemetry(component_id=COMPONENT, endpoint=server.url))
    logs.run("AppRequests\n| take 1", DAY)
    [asked] = server.asked
    assert asked.path == f"/v1{COMPONENT}/query"
    first, rest = asked.query.split("\n", 1)
    assert first.startswith("let AppRequests = requests | project ")
    assert rest == "AppRequests\n| take 1"


def test_a_place_in_the_text_is_counted_without_the_line_in_front(server: Loopback) -> None:
    logs = azure_monitor(Telemetry(component_id=COMPONENT, endpoint=server.url))
    inner = {"code": "SYN0002", "message": "Query could not be parsed", "line": 3, "pos": 7}
    server.faults = [Fault(400, error("BadArgumentError", "Invalid", inner))]
    with pytest.raises(QueryError) as caught:
        logs.run("AppRequests\n| wher x", DAY)
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_the_audience_decides_what_the_token_is_for(server: Loopback) -> None:
    credential = Credential()
    settings = Telemetry(
        workspace_id=WORKSPACE, endpoint=server.url, audience="https://api.loganalytics.us"
    )
    azure_monitor(settings, credential).run("AppRequests", DAY)
    assert credential.scopes == ["https://api.loganalytics.us/.default"]


def test_a_server_on_this_machine_gets_no_token_of_anybody(server: Loopback) -> None:
    azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=server.url)).run("AppRequests", DAY)
    assert server.asked[0].headers["Authorization"] == "Bearer none"


def test_a_sovereign_cloud_is_signed_in_to_at_its_own_authority() -> None:
    settings = Telemetry(workspace_id=WORKSPACE, authority="https://login.microsoftonline.us")
    inner = monitor_module.identity(settings).credentials  # type: ignore[attr-defined]
    hosts = {getattr(each, "_authority", None) for each in inner} - {None}
    assert not {host for host in hosts if "microsoftonline.com" in str(host)}


# Values.


def test_every_type_gets_its_dtype_and_its_nulls(server: Loopback, logs: AzureMonitor) -> None:
    columns = {
        "At": "datetime",
        "Name": "string",
        "N": "long",
        "Code": "int",
        "P95": "real",
        "Price": "decimal",
        "Ok": "bool",
        "Took": "timespan",
        "Id": "guid",
        "Properties": "dynamic",
    }
    guid = "74be27de-1e4e-49d9-b579-fe0b331d3642"
    body = served(
        columns,
        [
            "2026-11-22T10:05:00.1234567Z",
            "a",
            7,
            200,
            1.5,
            "12.5",
            True,
            "1.02:03:04.5",
            guid,
            "{}",
        ],
        [None, None, 8, None, "NaN", None, None, None, None, None],
        ["no time", "None", 9, "None", "Infinity", "None", "False", "None", "None", ""],
        ["0001-01-01T00:00:00Z", "", 2**62, 1, 2, 3, 0, "-00:00:01", "", {"a": [1]}],
    )
    server.faults = [Fault(200, body)]
    frame = logs.run("AppRequests", DAY).frame
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "At": "datetime64[us, UTC]",
        "Name": "str",
        "N": "int64",
        "Code": "Int64",
        "P95": "float64",
        "Price": "float64",
        "Ok": "boolean",
        "Took": "timedelta64[us]",
        "Id": "str",
        "Properties": "str",
    }
    assert frame["At"][0] == pd.Timestamp("2026-11-22T10:05:00.123456Z")
    assert frame["At"].isna().tolist() == [False, True, True, False]
    assert frame["Name"].tolist() == ["a", "", "None", ""]  # a text may be "None"
    assert frame["N"].tolist() == [7, 8, 9, 2**62]
    assert frame["Code"].isna().tolist() == [False, True, True, False]
    assert frame["P95"].isna().tolist() == [False, True, False, False]
    assert frame["Price"].tolist()[0] == 12.5
    assert frame["Ok"].tolist() == [True, pd.NA, False, False]
    assert frame["Took"][0] == pd.Timedelta("1 days 02:03:04.5")
    assert frame["Took"][3] == pd.Timedelta("-1s")
    assert frame["Id"].isna().tolist() == [False, True, True, True]
    assert frame["Properties"].isna().tolist() == [False, True, True, False]
    assert json.loads(frame["Properties"][3]) == {"a": [1]}


def test_an_answer_without_rows_has_its_columns_and_dtypes(
    server: Loopback, logs: AzureMonitor
) -> None:
    server.faults = [Fault(200, served({"At": "datetime", "N": "long", "Ok": "bool"}))]
    frame = logs.run("AppRequests", DAY).frame
    assert [str(dtype) for dtype in frame.dtypes] == ["datetime64[us, UTC]", "int64", "bool"]
    assert frame.empty


def test_half_a_character_in_a_name_and_a_time_with_an_offset_are_no_trouble(
    server: Loopback, logs: AzureMonitor
) -> None:
    body = served({"N\ud800": "long", "At": "datetime"}, [1, "2026-11-22T10:05:00.1+02:00Z"])
    server.faults = [Fault(200, body)]
    frame = logs.run("AppRequests", DAY).frame
    assert list(frame) == ["N?", "At"]
    assert frame["At"].isna().all()


# What goes wrong.


def test_a_wrong_query_says_what_azure_said_and_where(server: Loopback, logs: AzureMonitor) -> None:
    inner: dict[str, Any] = {
        "code": "SemanticError",
        "message": "A semantic error occurred.",
        "innererror": {"code": "SEM0100", "message": "Failed to resolve 'DurationMss' [2:9]"},
    }
    server.faults = [Fault(400, error("BadArgumentError", "Invalid properties", inner))]
    problem = refusal(logs)
    assert isinstance(problem, QueryError)
    assert "Failed to resolve 'DurationMss'" in problem.message
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "word"),
    [
        (401, "AuthorizationRequiredError", NotAuthenticated, "az login"),
        (403, "InsufficientAccessError", NotAllowed, "Log Analytics Reader"),
        (404, "PathNotFoundError", NotFound, "workspace_id"),
        (400, "WorkspaceNotFoundError", NotFound, "workspace_id"),
        (500, "InternalServerError", Unreachable, "Try again"),
        (503, "ServiceUnavailable", Throttled, "Wait"),
        (504, "GatewayTimeout", Unreachable, "shorter window"),
        (413, "ResponseSizeError", QueryError, "shorter window"),
    ],
)
def test_a_refusal_says_what_to_do(
    server: Loopback,
    logs: AzureMonitor,
    status: int,
    code: str,
    kind: type[DriftlineError],
    word: str,
) -> None:
    server.faults = [Fault(status, error(code, "No."), times=99)]
    problem = refusal(logs)
    assert isinstance(problem, kind)
    assert word in problem.next_step
    assert "pretended" not in str(problem)


def test_a_component_needs_another_role(server: Loopback) -> None:
    logs = azure_monitor(Telemetry(component_id=COMPONENT, endpoint=server.url))
    server.faults = [Fault(403, error("InsufficientAccessError", "No."))]
    with pytest.raises(NotAllowed, match="Monitoring Reader on the component contoso-ai"):
        logs.run("AppRequests", DAY)


def test_a_query_that_timed_out_is_not_sent_again(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    server.faults = [Fault(504, error("GatewayTimeout", "The query timed out"), times=9)]
    assert isinstance(refusal(logs), Unreachable)
    assert (len(server.asked), pauses) == (1, [])


def test_throttling_is_waited_for_as_told(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    body = error("ThrottledError", "Rate limit is exceeded")
    server.faults = [Fault(429, body, {"Retry-After": "7"}, times=2)]
    assert len(logs.run("AppRequests", DAY).frame) == 24
    assert (len(server.asked), pauses) == (3, [7.0, 7.0])


def test_throttling_without_a_time_is_waited_for_too_but_not_for_ever(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    server.faults = [Fault(429, error("ThrottledError", "Too many requests"), times=99)]
    assert isinstance(refusal(logs), Throttled)
    assert (len(server.asked), pauses) == (4, [1.0, 2.0, 4.0])


def test_nobody_waits_for_an_hour(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    body = error("ThrottledError", "Rate limit is exceeded")
    server.faults = [Fault(429, body, {"Retry-After": "3600"})]
    assert isinstance(refusal(logs), Throttled)
    assert pauses == []


def test_a_page_instead_of_an_answer_is_told_as_such(server: Loopback, logs: AzureMonitor) -> None:
    server.faults = [Fault(502, "<html>Bad gateway</html>", times=9)]
    problem = refusal(logs)
    assert isinstance(problem, UnexpectedAnswer)
    assert "proxy" in problem.next_step
    assert len(server.asked) == 2  # a gateway's trouble passes, so it was asked once more


COLUMN = {"name": "N", "type": "long"}


def primary(columns: object, rows: object) -> dict[str, object]:
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<html>Please sign in</html>", "a web page"),
        ("\n <!DOCTYPE html>", "a web page"),
        ("", "an empty answer"),
        ("  ", "an empty answer"),
        ("Service Unavailable", "text that is not JSON"),
        ('{"tables": [{"name": "PrimaryResult", "col', "JSON that breaks off"),
        ("[" * 100_000, "JSON that breaks off"),
        ("null", "JSON without tables"),
        ("[]", "JSON without tables"),
        ("17", "JSON without tables"),
        ({"error": "x"}, "JSON without tables"),
        ({"value": []}, "JSON without tables"),
        ({"tables": {}}, "JSON without tables"),
        ({"tables": None}, "JSON without tables"),
        ({"tables": []}, "without any table"),
        ({"tables": [7]}, "tables that are no objects"),
        ({"tables": [{}]}, "a table without columns or rows"),
        (primary([COLUMN], None), "a table without columns or rows"),
        (primary("N", []), "a table without columns or rows"),
        (primary([{"type": "long"}], []), "columns without names"),
        (primary([COLUMN, COLUMN], []), "columns without names of their own"),
        (primary(["N"], []), "columns without names"),
        (primary([COLUMN], [[1, 2]]), "rows of another length"),
        (primary([COLUMN], [[]]), "rows of another length"),
        (primary([COLUMN], [{"N": 1}]), "rows of another length"),
        (primary([COLUMN], [1]), "rows of another length"),
    ],
)
def test_what_is_no_answer_is_named_and_asked_once_more(
    server: Loopback, logs: AzureMonitor, body: object, what: str
) -> None:
    server.faults = [Fault(200, body if body is not None else "null", times=9)]
    problem = refusal(logs)
    assert isinstance(problem, UnexpectedAnswer)
    assert what in problem.message
    assert "proxy" in problem.next_step
    assert len(server.asked) == 2
    server.faults = []
    assert len(logs.run("AppRequests", DAY).frame) == 24


@pytest.mark.parametrize("kind", ["string", "long", "real", "datetime", "timespan", "bool", "x"])
@pytest.mark.parametrize(
    "value",
    [None, "NaN", "-Infinity", 10**400, [1], {"a": 1}, True, "", "\ud800", "9" * 30 + ".00:00:00"],
)
def test_a_cell_of_any_kind_is_read_or_null(
    server: Loopback, logs: AzureMonitor, kind: str, value: object
) -> None:
    server.faults = [Fault(200, primary([{"name": "N", "type": kind}], [[value], [value]]))]
    assert len(logs.run("AppRequests", DAY).frame) == 2


@pytest.mark.parametrize("details", [None, 7, "x", {}, [1], [{"message": None}]])
def test_a_partial_answer_s_reason_may_have_any_form(
    server: Loopback, logs: AzureMonitor, details: object
) -> None:
    server.faults = [Fault(partial={"code": "PartialError", "details": details})]
    answer = logs.run("AppRequests", DAY)
    assert answer.partial
    assert answer.reason


# A connection that breaks.


def test_a_connection_that_breaks_is_tried_once_more(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    server.faults = [Fault(breaks_after=0)]
    assert len(logs.run("AppRequests", DAY).frame) == 24
    server.faults = [Fault(breaks_after=40)]
    assert len(logs.run("AppRequests", DAY).frame) == 24
    assert (len(server.asked), pauses) == (4, [1.0, 1.0])


@pytest.mark.parametrize("breaks_after", [0, 40])
def test_a_connection_that_breaks_twice_is_told(
    server: Loopback, logs: AzureMonitor, breaks_after: int
) -> None:
    server.faults = [Fault(breaks_after=breaks_after, times=9)]
    problem = refusal(logs)
    assert isinstance(problem, Unreachable | UnexpectedAnswer)
    assert problem.next_step
    assert len(server.asked) == 2


# Throttling holds all back.


def test_who_asks_while_the_service_wants_patience_waits_as_well(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    now = [100.0]
    logs.patience.clock = lambda: now[0]
    server.faults = [Fault(429, error("Throttled", "Slower"), {"Retry-After": "20"}, times=1)]
    logs.run("AppRequests", DAY)
    now[0] += 5
    logs.run("AppTraces", DAY)
    now[0] += 15
    logs.run("AppEvents", DAY)
    assert pauses == [20.0, 15.0]


def test_nobody_asks_while_the_service_wants_to_be_left_alone_for_long(
    server: Loopback, logs: AzureMonitor, pauses: list[float]
) -> None:
    now = [100.0]
    logs.patience.clock = lambda: now[0]
    server.faults = [Fault(429, error("Throttled", "Slower"), {"Retry-After": "60"}, times=1)]
    assert "Wait 60 seconds" in refusal(logs).next_step
    now[0] += 20.5
    assert "Wait 40 seconds" in refusal(logs).next_step
    assert len(server.asked) == 1
    now[0] += 40
    assert len(logs.run("AppRequests", DAY).frame) == 24
    assert pauses == []


def test_a_server_that_is_away_is_unreachable(pauses: list[float]) -> None:
    made = azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint="http://127.0.0.1:9"))
    logs = AzureMonitor(made.client, made.telemetry, made.asked, pauses.append)
    problem = refusal(logs)
    assert isinstance(problem, Unreachable)
    assert "it refused the connection" in problem.message
    assert pauses == [1.0]


def test_a_server_that_does_not_answer_in_time_is_asked_once(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor_module, "_READ_S", 0.2)
    logs = azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=server.url))
    server.faults = [Fault(wait_s=0.6)]
    problem = refusal(logs)
    assert isinstance(problem, Unreachable)
    assert "in time" in problem.message
    assert len(server.asked) == 1


def test_a_failed_sign_in_is_told_as_such_and_tried_once() -> None:
    class Nobody:
        tries = 0

        def get_token(self, *_: str, **__: Any) -> AccessToken:
            self.tries += 1
            raise ClientAuthenticationError("AADSTS700016: secret of a tenant")

    nobody = Nobody()
    logs = azure_monitor(Telemetry(workspace_id=WORKSPACE), nobody)
    problem = refusal(logs)
    assert isinstance(problem, NotAuthenticated)
    assert "AADSTS700016" in problem.message
    assert "secret" not in str(problem)
    assert nobody.tries == 1


# Answers that are not whole.


def test_a_partial_answer_is_kept_with_its_reason(server: Loopback, logs: AzureMonitor) -> None:
    server.faults = [Fault(partial=TOO_MANY)]
    answer = logs.run("AppRequests", DAY)
    assert answer.partial
    assert "exceed the set limit of 500000 records" in answer.reason
    assert len(answer.frame) == 24


@pytest.mark.parametrize(
    "text",
    ["exceed the set limit of 500000 records", "exceed the set limit of 64000000 bytes"],
)
def test_a_sliceable_answer_that_is_too_large_is_fetched_in_parts(
    server: Loopback, logs: AzureMonitor, text: str
) -> None:
    partial = {"code": "PartialError", "message": f"The results of this query {text}."}
    # The whole day and its first half are too large, its quarters are not.
    server.faults = [Fault(partial=partial, times=2)]
    answer = logs.run("AppRequests", DAY, sliceable=True)
    assert not answer.partial
    assert [(each.span.first.hour, each.span.last.hour) for each in server.asked] == [
        (0, 0),
        (0, 12),
        (0, 6),
        (6, 12),
        (12, 0),
    ]
    expected = pd.date_range(DAY.first, periods=24, freq="h", unit="us")
    assert answer.frame["TimeGenerated"].tolist() == expected.tolist()


def test_an_answer_refused_for_its_size_is_fetched_in_parts_too(
    server: Loopback, logs: AzureMonitor
) -> None:
    server.faults = [Fault(413, error("ResponseSizeError", "Response size too large"))]
    assert len(logs.run("AppRequests", DAY, sliceable=True).frame) == 24
    assert len(server.asked) == 3


def test_parts_have_an_end_and_then_the_answer_stays_partial(
    server: Loopback, logs: AzureMonitor
) -> None:
    server.faults = [Fault(partial=TOO_MANY, times=10_000)]
    answer = logs.run("AppRequests", DAY, sliceable=True)
    assert answer.partial
    assert answer.reason.count("E_QUERY_RESULT_SET_TOO_LARGE") == 1
    assert len(answer.frame) == 24
    assert 64 <= len(server.asked) <= 2 * 64


def test_what_is_partial_for_another_reason_is_not_cut_up(
    server: Loopback, logs: AzureMonitor
) -> None:
    server.faults = [Fault(partial={"code": "PartialError", "message": "A shard was lost."})]
    answer = logs.run("AppRequests", DAY, sliceable=True)
    assert (answer.reason, len(server.asked)) == ("A shard was lost.", 1)


# Several at once.


def test_four_queries_at_most_are_asked_at_once(server: Loopback, logs: AzureMonitor) -> None:
    server.latency_s = 0.05
    answers = logs.run_many({str(at): f"AppRequests | take {at}" for at in range(12)}, DAY)
    assert list(answers) == [str(at) for at in range(12)]
    assert server.most_at_once == 4


def test_one_that_fails_does_not_take_the_others_with_it(
    server: Loopback, logs: AzureMonitor
) -> None:
    server.faults = [Fault(400, error("BadArgumentError", "No such column"), when="wrong")]
    answers = logs.run_many({"good": "AppRequests", "bad": "wrong", "more": "AppTraces"}, DAY)
    assert isinstance(answers["bad"], QueryError)
    assert isinstance(answers["good"], Answer)
    assert isinstance(answers["more"], Answer)


def test_nothing_at_all_may_be_asked(logs: AzureMonitor) -> None:
    assert logs.run_many({}, DAY) == {}


def test_a_span_has_a_timezone_and_a_length() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Span(datetime(2026, 1, 1), datetime(2026, 1, 2))
    with pytest.raises(ValueError, match="after it begins"):
        Span(DAY.last, DAY.first)


def test_no_secret_and_no_token_is_in_the_representation(logs: AzureMonitor) -> None:
    assert "pretended" not in repr(logs)
