"""The same text gives the same answer: over files, by the client over HTTP, and by pandas."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import logs
from lib.errors import DriftlineError, QueryError, Unreachable
from lib.logs import Answer, Archive, AzureMonitor, Span, azure_monitor, classic, literal
from lib.logs import schema as schemas
from lib.logs.archive import archive
from lib.settings import Source, Telemetry
from tests import exported
from tests.loopback import COMPONENT, WORKSPACE, Fault, loopback

ROWS = exported.tables()
REQUESTS = ROWS["AppRequests"]
ALL = Span(exported.FIRST.to_pydatetime(), exported.LAST.to_pydatetime())
WINDOW = f"""let startTime = {literal(exported.FIRST.to_pydatetime())};
let endTime = {literal(exported.LAST.to_pydatetime())};
let grain = 1h;
"""
INSIDE = "| where TimeGenerated >= startTime and TimeGenerated < endTime\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("account")
    for table, rows in ROWS.items():
        for name, data in exported.diagnostic(table, rows).items():
            path = folder / f"insights-logs-{table.lower()}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    source = Source("laptop", folder=str(folder))
    made = archive(logs.containers(source), str(tmp_path_factory.mktemp("copy")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(store: Archive) -> Iterator[AzureMonitor]:
    with loopback(store) as server:
        yield azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=server.url))


# Ten questions and what pandas says. Counts are of items, and percentiles weighted by them.


def hourly(frame: pd.DataFrame) -> pd.Series:
    return frame["TimeGenerated"].dt.floor("h").dt.as_unit("us").rename("TimeGenerated")


def items(frame: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    return frame["ItemCount"].groupby(by).sum().reset_index()


def weighted(values: pd.Series, weights: pd.Series, percent: float) -> float:
    order = np.argsort(values.to_numpy(), kind="stable")
    until = weights.to_numpy()[order].cumsum()
    return float(values.to_numpy()[order][np.searchsorted(until, until[-1] * percent / 100)])


def rate() -> pd.DataFrame:
    found = items(REQUESTS, hourly(REQUESTS))
    return found.assign(PerMinute=found["ItemCount"] / 60)


def percentiles() -> pd.DataFrame:
    groups = REQUESTS.groupby(hourly(REQUESTS))
    return pd.DataFrame(
        [
            (hour, *(weighted(each["DurationMs"], each["ItemCount"], p) for p in (50, 95, 99)))
            for hour, each in groups
        ]
    )


def failure_rate() -> pd.DataFrame:
    failed = REQUESTS["ItemCount"].where(~REQUESTS["Success"], 0)
    found = items(REQUESTS, hourly(REQUESTS))
    found["Failed"] = failed.groupby(hourly(REQUESTS)).sum().to_numpy()
    return found.assign(Rate=100.0 * found["Failed"] / found["ItemCount"])


def result_codes() -> pd.DataFrame:
    bad = REQUESTS[~REQUESTS["Success"]]
    return bad.groupby(["ResultCode", hourly(bad)])["ItemCount"].sum().reset_index()


def problems() -> pd.DataFrame:
    rows = ROWS["AppExceptions"].sort_values("TimeGenerated")
    groups = rows.groupby(["ExceptionType", "ProblemId"])
    found = groups.agg(
        n=("ItemCount", "sum"),
        first=("TimeGenerated", "min"),
        last=("TimeGenerated", "max"),
        message=("OuterMessage", "last"),
    )
    return found.reset_index()


def new_problems() -> pd.DataFrame:
    rows = ROWS["AppExceptions"]
    cut = exported.LAST - pd.Timedelta("1D")
    known = set(rows["ProblemId"][rows["TimeGenerated"] < cut])
    new = rows[(rows["TimeGenerated"] >= cut) & ~rows["ProblemId"].isin(known)]
    return new.groupby("ProblemId")["ItemCount"].sum().reset_index()


def dependency_share() -> pd.DataFrame:
    spent = ROWS["AppDependencies"].groupby(["OperationId", "Target"])["DurationMs"].sum()
    joined = REQUESTS[["OperationId", "AppRoleName", "DurationMs", "ItemCount"]].merge(
        spent.rename("Spent").reset_index(), on="OperationId"
    )
    return (
        joined.groupby(["AppRoleName", "Target"])
        .agg(n=("ItemCount", "sum"), request=("DurationMs", "mean"), spent=("Spent", "mean"))
        .reset_index()
    )


def without_gaps() -> pd.DataFrame:
    hours = pd.date_range(exported.FIRST, exported.LAST, freq="h", inclusive="left", unit="us")
    bad = REQUESTS[REQUESTS["ResultCode"] == "429"]
    counted = items(bad, hourly(bad)).set_index("TimeGenerated")["ItemCount"]
    return counted.reindex(hours, fill_value=0).reset_index()


def put_right() -> pd.DataFrame:
    frame = REQUESTS.assign(
        Service=[each["Service Name"] for each in REQUESTS["Properties"]],
        Ms=[
            pd.Timedelta(each["duration"]) / pd.Timedelta("1ms") for each in REQUESTS["Properties"]
        ],
        Operation=REQUESTS["Name"].replace("", "unnamed"),
    )
    return pd.DataFrame(
        [
            (*key, each["ItemCount"].sum(), weighted(each["Ms"], each["ItemCount"], 50))
            for key, each in frame.groupby(["Service", "Operation"])
        ]
    )


def blame() -> pd.DataFrame:
    rows = ROWS["AmlOnlineEndpointTrafficLog"]
    bad = rows[rows["ResponseCode"] >= 400]
    origin = np.where(bad["ModelStatusCode"].fillna(0) >= 400, "model", "platform")
    groups = bad.assign(Origin=origin).groupby(["DeploymentName", "Origin", "ResponseCode"])
    return groups.agg(n=("XRequestId", "size"), ms=("TotalDurationMs", "mean")).reset_index()


QUESTIONS: dict[str, tuple[str, Callable[[], pd.DataFrame]]] = {
    "rate": (
        f"""AppRequests
{INSIDE}| summarize Requests = sum(ItemCount) by bin(TimeGenerated, grain)
| extend PerMinute = Requests / (grain / 1m)
| order by TimeGenerated asc
| render timechart""",
        rate,
    ),
    "percentiles": (
        f"""AppRequests
{INSIDE}| summarize P50 = percentilew(DurationMs, ItemCount, 50),
    P95 = percentilew(DurationMs, ItemCount, 95), P99 = percentilew(DurationMs, ItemCount, 99)
    by bin(TimeGenerated, grain)
| order by TimeGenerated asc""",
        percentiles,
    ),
    "failure rate": (
        f"""AppRequests
{INSIDE}| summarize Total = sum(ItemCount), Failed = sumif(ItemCount, Success == false)
    by bin(TimeGenerated, grain)
| extend Rate = 100.0 * Failed / Total
| order by TimeGenerated asc""",
        failure_rate,
    ),
    "result codes": (
        f"""AppRequests
{INSIDE}| where Success == false
| summarize Failed = sum(ItemCount) by ResultCode, bin(TimeGenerated, grain)
| order by ResultCode asc, TimeGenerated asc""",
        result_codes,
    ),
    "problems": (
        f"""AppExceptions
{INSIDE}| summarize Exceptions = sum(ItemCount), FirstSeen = min(TimeGenerated),
    arg_max(TimeGenerated, OuterMessage) by ExceptionType, ProblemId
| project ExceptionType, ProblemId, Exceptions, FirstSeen, LastSeen = TimeGenerated, OuterMessage
| order by ExceptionType asc, ProblemId asc""",
        problems,
    ),
    "new problems": (
        f"""let known = AppExceptions
| where TimeGenerated >= startTime and TimeGenerated < endTime - 1d
| distinct ProblemId;
AppExceptions
{INSIDE}| where ProblemId !in (known)
| summarize Exceptions = sum(ItemCount) by ProblemId
| order by ProblemId asc""",
        new_problems,
    ),
    "share of dependencies": (
        f"""AppRequests
{INSIDE}| project OperationId, AppRoleName, RequestMs = DurationMs, ItemCount
| join kind=inner (
    AppDependencies
    {INSIDE}    | summarize Spent = sum(DurationMs) by OperationId, Target
  ) on OperationId
| summarize Requests = sum(ItemCount), RequestMs = avg(RequestMs), Spent = avg(Spent)
    by AppRoleName, Target
| order by AppRoleName asc, Target asc""",
        dependency_share,
    ),
    "no gaps": (
        f"""range TimeGenerated from startTime to (endTime - grain) step grain
| join kind=leftouter (
    AppRequests
    {INSIDE}    | where ResultCode == "429"
    | summarize Throttled = sum(ItemCount) by TimeGenerated = bin(TimeGenerated, grain)
  ) on TimeGenerated
| project TimeGenerated, Throttled = coalesce(Throttled, long(0))
| order by TimeGenerated asc""",
        without_gaps,
    ),
    "put right": (
        f"""AppRequests
{INSIDE}| extend Clock = tostring(Properties["duration"])
| extend Ms = iff(isempty(Clock), DurationMs, totimespan(Clock) / 1ms)
| summarize Requests = sum(ItemCount), P50 = percentilew(Ms, ItemCount, 50)
    by Service = tostring(Properties["Service Name"]),
    Operation = iff(isempty(Name), "unnamed", Name)
| order by Service asc, Operation asc""",
        put_right,
    ),
    "blame": (
        f"""AmlOnlineEndpointTrafficLog
{INSIDE}| where ResponseCode >= 400
| extend Origin = iff(ModelStatusCode >= 400, "model", "platform")
| summarize Requests = count(), TotalMs = avg(TotalDurationMs)
    by DeploymentName, Origin, ResponseCode
| order by DeploymentName asc, Origin asc, ResponseCode asc""",
        blame,
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_text_gives_the_same_answer_everywhere(
    store: Archive, client: AzureMonitor, name: str
) -> None:
    text, reference = QUESTIONS[name]
    local = store.run(WINDOW + text, ALL).frame
    remote = client.run(WINDOW + text, ALL).frame
    assert len(local)
    pd.testing.assert_frame_equal(local, remote)
    expected = reference()
    expected.columns = local.columns
    for column in expected.select_dtypes("datetimetz"):
        expected[column] = expected[column].dt.as_unit("us")
    pd.testing.assert_frame_equal(local, expected, check_dtype=False, rtol=1e-9)
    # Nothing comes back as an object or as floats where there were whole numbers.
    allowed = {"datetime64[us, UTC]", "int64", "float64", "str"}
    assert {str(dtype) for dtype in local.dtypes} <= allowed


def test_every_row_and_column_comes_over_the_wire_as_it_is(
    store: Archive, client: AzureMonitor
) -> None:
    for table in ROWS:
        text = f"{table} | order by TimeGenerated asc"
        pd.testing.assert_frame_equal(store.run(text, ALL).frame, client.run(text, ALL).frame)


def test_a_sliced_answer_is_the_whole_one(store: Archive) -> None:
    text = "AppRequests | order by TimeGenerated asc | project TimeGenerated, Id"
    partial = {"code": "PartialError", "message": "exceed the set limit of 500000 records"}
    with loopback(store) as server:
        sliced = azure_monitor(Telemetry(workspace_id=WORKSPACE, endpoint=server.url))
        server.faults = [Fault(partial=partial, times=5)]
        answer = sliced.run(text, ALL, sliceable=True)
        assert len(server.asked) == 11
    pd.testing.assert_frame_equal(answer.frame, store.run(text, ALL).frame)


def test_a_query_for_a_workspace_runs_over_a_component_s_classic_tables(store: Archive) -> None:
    """The classic tables are made of the others here, as the service has both."""
    reverse = {
        "AppRequests": {"Success": "iff(Success, 'True', 'False')"},
        "AppExceptions": {},
    }
    lets = []
    for table, special in reverse.items():
        parts = [
            f"{classic._source(table, column, kind)} = {special.get(column, column)}"
            for column, kind in schemas.tables()[table].items()
            if classic._source(table, column, kind).isidentifier() and column != "Success"
        ]
        parts += [f"success = {special['Success']}"] if special else []
        lets.append(f"let {classic._TABLES[table]} = {table} | project {', '.join(parts)};")
    # The names of the workspace's tables are taken, so the query is asked for others.
    for name in ("failure rate", "problems"):
        text = WINDOW + QUESTIONS[name][0]
        expected = store.run(text, ALL).frame
        asked = classic.preamble(text) + text
        table = next(each for each in reverse if each in text)
        renamed = asked.replace(table, f"{table}Again")
        let = next(each for each in lets if f"= {table} " in each)
        found = store.run(f"{let}\n{renamed}", ALL).frame
        pd.testing.assert_frame_equal(found, expected)


def test_a_preamble_names_what_the_text_does_and_is_one_line() -> None:
    assert classic.preamble("print 1") == ""
    assert classic.preamble("AmlOnlineEndpointTrafficLog") == ""
    both = classic.preamble("AppRequests | union AppTraces")
    assert both.count("let ") == 2
    assert both.index("\n") == len(both) - 1
    assert 'Success = success =~ "true"' in both
    assert "DurationMs = duration" in both
    everything = classic.preamble("union withsource=Table App*")
    assert everything.count("let ") == 10


def test_every_name_of_a_classic_table_is_one_that_it_has() -> None:
    """Compared with what Azure's own schema of the component's tables has."""
    made_up = {'"AppRequests"', '""', "dynamic(null)"}
    found = {
        column: classic._source("AppRequests", column, kind)
        for column, kind in schemas.tables()["AppRequests"].items()
    }
    names = {name for name in found.values() if name not in made_up and name.isidentifier()}
    assert names == {
        *("id", "source", "name", "url", "resultCode", "duration", "performanceBucket"),
        *("customMeasurements", "itemCount", "timestamp", "customDimensions", "operation_Name"),
        *("operation_Id", "operation_ParentId", "operation_SyntheticSource", "session_Id"),
        *("user_Id", "user_AuthenticatedId", "user_AccountId", "application_Version"),
        *("client_Type", "client_Model", "client_OS", "client_IP", "client_City"),
        *("client_StateOrProvince", "client_CountryOrRegion", "client_Browser"),
        *("cloud_RoleName", "cloud_RoleInstance", "iKey", "sdkVersion", "_ResourceId"),
    }


def test_a_wildcard_means_all_tables(store: Archive) -> None:
    found = store.run(
        "union withsource=Table App* | summarize Rows = count() by Table | order by Table asc", ALL
    ).frame
    assert dict(zip(found["Table"], found["Rows"], strict=True)) == {
        table: len(rows) for table, rows in ROWS.items() if table.startswith("App")
    }


def test_a_query_of_no_table_needs_none(store: Archive) -> None:
    assert store.run("print Answer = 40 + 2", ALL).frame["Answer"].tolist() == [42]


# Types.


def test_every_type_of_the_engine_has_its_dtype(store: Archive, client: AzureMonitor) -> None:
    text = """AppRequests
| take 1
| project At = TimeGenerated, N = 5, Sum = 1 + ItemCount, R = 0.5, Ok = Success, Text = Name,
    Took = 90m, Neg = -1d, Id = guid(74be27de-1e4e-49d9-b579-fe0b331d3642),
    Bag = Properties, List = dynamic([1, "a"]), Day = startofday(TimeGenerated),
    NoNumber = int(null), NoReal = real(null), NoTime = datetime(null), NoText = tostring(int(null))
"""
    frame = store.run(text, ALL).frame
    assert frame.dtypes.astype(str).to_dict() == {
        "At": "datetime64[us, UTC]",
        "N": "int64",
        "Sum": "int64",
        "R": "float64",
        "Ok": "bool",
        "Text": "str",
        "Took": "timedelta64[us]",
        "Neg": "timedelta64[us]",
        "Id": "str",
        "Bag": "str",
        "List": "str",
        "Day": "datetime64[us, UTC]",
        "NoNumber": "Int64",
        "NoReal": "float64",
        "NoTime": "datetime64[us, UTC]",
        "NoText": "str",
    }
    [row] = frame.to_dict("records")
    assert row["Took"] == pd.Timedelta("90min")
    assert row["Neg"] == pd.Timedelta("-1D")
    assert row["Id"] == "74be27de-1e4e-49d9-b579-fe0b331d3642"
    assert json.loads(row["List"]) == [1, "a"]
    assert row["NoText"] == ""
    pd.testing.assert_frame_equal(frame, client.run(text, ALL).frame)


def test_a_sum_that_is_too_large_is_an_error_and_no_wrong_number(store: Archive) -> None:
    with pytest.raises(QueryError):
        store.run("AppRequests | summarize S = sum(9000000000000000000)", ALL)


# What goes wrong.


def refusal(store: Archive, text: str) -> DriftlineError:
    with pytest.raises(DriftlineError) as caught:
        store.run(text, ALL)
    return caught.value


def test_a_misspelt_column_is_named_with_its_place_and_the_likely_one(store: Archive) -> None:
    problem = refusal(store, "AppRequests\n| where DurationMss > 1")
    assert isinstance(problem, QueryError)
    assert "'DurationMss'" in problem.message
    assert "DurationMs" in problem.message.split("Did you mean", 1)[1]
    assert (problem.line, problem.column) == (2, 9)


def test_a_misspelt_table_is_named_with_its_place(store: Archive) -> None:
    problem = refusal(store, "// all\nAppRequest | count")
    assert isinstance(problem, QueryError)
    assert "'AppRequest'" in problem.message
    assert (problem.line, problem.column) == (2, 1)


def test_what_does_not_parse_says_where(store: Archive) -> None:
    problem = refusal(store, "AppRequests\n| wher Id == 1")
    assert isinstance(problem, QueryError)
    assert problem.line == 2
    assert "line 2" in problem.message


def test_what_the_engine_does_not_know_says_so(store: Archive) -> None:
    problem = refusal(store, "AppRequests | make-series n = count() on TimeGenerated step 1h")
    assert isinstance(problem, QueryError)
    assert "Azure Monitor" in problem.next_step
    assert problem.line == 1


@pytest.mark.parametrize("text", ["", ";", "|", "let x =", "AppRequests | take -1", "'" * 99])
def test_no_text_brings_anything_but_an_error_of_ours(store: Archive, text: str) -> None:
    assert isinstance(refusal(store, text), QueryError)


def test_a_query_that_takes_too_long_is_stopped(store: Archive) -> None:
    hasty = replace(store, limit_s=0.3)
    text = (
        "range a from 1 to 100000 step 1 | extend k = 1 | join kind=inner "
        "(range b from 1 to 100000 step 1 | extend k = 1) on k | summarize max(a * b)"
    )
    problem = refusal(hasty, text)
    assert isinstance(problem, Unreachable)
    assert "in time" in problem.message


def test_an_answer_has_no_more_rows_than_azure_gives(store: Archive) -> None:
    answer = store.run("range a from 1 to 500001 step 1", ALL)
    assert (len(answer.frame), answer.partial) == (500_000, True)
    assert "500,000" in answer.reason
    whole = store.run("range a from 1 to 500000 step 1", ALL)
    assert (len(whole.frame), whole.partial, whole.reason) == (500_000, False, "")


def test_one_failing_query_does_not_take_the_others_with_it(store: Archive) -> None:
    answers = store.run_many({"good": "AppRequests | count", "bad": "AppRequests | x"}, ALL)
    good, bad = answers["good"], answers["bad"]
    assert isinstance(good, Answer)
    assert good.frame.iloc[0, 0] == len(REQUESTS)
    assert isinstance(bad, QueryError)


def test_many_queries_at_once_do_not_disturb_each_other(store: Archive) -> None:
    texts = {str(at): f"AppRequests | where Id == 'r{at:06}' | project Id" for at in range(40)}
    answers: Mapping[str, Answer | DriftlineError] = store.run_many(texts, ALL)
    for at, answer in enumerate(answers.values()):
        assert isinstance(answer, Answer)
        assert answer.frame["Id"].tolist() == [f"r{at:06}"]


# Which store settings mean.


def test_settings_open_what_they_describe(tmp_path: Path) -> None:
    remote = logs.open(Telemetry(component_id=COMPONENT, endpoint="http://127.0.0.1:9"), "")
    assert remote.label == f"127.0.0.1:9/{COMPONENT}"
    local = Source("contoso telemetry", folder=str(tmp_path))
    found = logs.open(Telemetry(archive=local), str(tmp_path / "copy"))
    assert isinstance(found, Archive)
    assert found.label == "contoso telemetry"
    found.close()


@pytest.mark.parametrize(
    "query", ["print x = " + "(" * 5_000 + "1" + ")" * 5_000, "print " + "(" * 5_000]
)
def test_what_is_nested_too_deeply_is_refused_in_words(store: Archive, query: str) -> None:
    with pytest.raises(QueryError, match="cannot run this query"):
        store.run(query, ALL)
    for answer in store.run_many({"a": query, "b": query}, ALL).values():
        assert isinstance(answer, QueryError)


def test_any_time_that_there_is_may_be_asked_for(store: Archive) -> None:
    ever = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert store.run("AppRequests | count", ever).frame["Count"].tolist() == [len(REQUESTS)]
