"""Every question, asked of exported telemetry, against pandas on the same rows."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import demo, logs, telemetry
from lib.logs.shared import Sharing
from lib.settings import Source
from lib.telemetry import QUESTIONS, Filter, Scope

UNTIL = date(2026, 11, 23)
FIRST = datetime(2026, 11, 19, tzinfo=UTC)
LAST = datetime(2026, 11, 24, tzinfo=UTC)
SPAN = logs.Span(FIRST, LAST)
HOUR = timedelta(hours=1)
TARGET_MS = 120.0
FAILING_DAY = logs.Span(FIRST, FIRST + timedelta(days=1))

Ask = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo.write(tmp_path_factory.mktemp("demo"), UNTIL, days=6, telemetry=True).folder


@pytest.fixture(scope="module")
def archive(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> logs.Archive:
    containers = logs.containers(Source("demo", folder=str(folder)))
    return logs.archive(containers, str(tmp_path_factory.mktemp("archive")))


@pytest.fixture(scope="module")
def answers(archive: logs.Archive) -> dict[str, pd.DataFrame]:
    """All questions at once, over five of six days."""
    given = {"target_ms": TARGET_MS, "request_id": "nobody"}
    found = telemetry.ask(
        archive, QUESTIONS, span=SPAN, grain=HOUR, shift=timedelta(days=1), **given
    )
    assert [name for name, answer in found.items() if not isinstance(answer, logs.Answer)] == []
    return {name: answer.frame for name, answer in found.items() if isinstance(answer, logs.Answer)}


@pytest.fixture(scope="module")
def ask(archive: logs.Archive) -> Ask:
    def one(
        name: str,
        scope: Scope = telemetry.EVERYTHING,
        span: logs.Span = SPAN,
        **values: telemetry.questions.Value,
    ) -> pd.DataFrame:
        answer = telemetry.ask(archive, [name], scope, span=span, grain=HOUR, **values)[name]
        assert isinstance(answer, logs.Answer), answer
        return answer.frame

    return one


def rows_of(folder: Path, table: str) -> pd.DataFrame:
    """The exported rows of a table as they lie in the files, all six days."""
    files = sorted((folder / f"insights-logs-{table.lower()}").rglob("PT1H.json"))
    records = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    plain = [record | record.pop("properties", {}) for record in records]
    frame = pd.DataFrame(plain)
    frame["time"] = pd.to_datetime(frame["time"], utc=True).dt.as_unit("us")
    return frame


@pytest.fixture(scope="module")
def everything(folder: Path) -> pd.DataFrame:
    """The requests, put right in Python."""
    rows = rows_of(folder, "AppRequests")
    told = pd.DataFrame(rows["Properties"].map(lambda each: each or {}).tolist())
    clock = pd.to_timedelta(told["duration"], errors="coerce").dt.total_seconds() * 1000
    name = rows["Name"] if "Name" in rows else pd.Series("", index=rows.index)
    return pd.DataFrame(
        {
            "time": rows["time"],
            "service": told["Service Name"].fillna(rows["AppRoleName"]),
            "operation": name.fillna(told["name"]),
            "code": told["resultCode"].fillna(rows["ResultCode"]),
            "ok": told["success"].map({"True": True, "False": False}).fillna(rows["Success"]),
            "said_ok": rows["Success"],
            "said_ms": rows["DurationMs"],
            "nameless": name.isna(),
            "ms": clock.fillna(rows["DurationMs"]),
            "id": told["Request Id"].fillna(rows["Id"]),
            "n": rows["ItemCount"],
            "instance": rows["AppRoleInstance"],
        }
    ).astype({"ok": bool})


@pytest.fixture(scope="module")
def requests(everything: pd.DataFrame) -> pd.DataFrame:
    return within(everything)


def within(frame: pd.DataFrame, first: datetime = FIRST, last: datetime = LAST) -> pd.DataFrame:
    return frame[(frame["time"] >= first) & (frame["time"] < last)]


def quantile(frame: pd.DataFrame, percent: float, value: str = "ms", weight: str = "n") -> float:
    """The least value up to which that share of the weight lies (Kusto's nearest rank)."""
    ordered = frame.sort_values(value)
    reached = ordered[weight].cumsum().to_numpy()
    at = np.searchsorted(reached, percent / 100 * reached[-1] - 1e-9)
    return float(ordered[value].to_numpy()[at])


def by(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Counts and percentiles of groups of requests, sorted by their keys."""
    if "moment" in keys:
        frame = frame.assign(moment=frame["time"].dt.floor("h"))
    found = [
        (
            *key,
            group["n"].sum(),
            group.loc[~group["ok"], "n"].sum(),
            quantile(group, 50),
            quantile(group, 95),
        )
        for key, group in frame.groupby(list(keys))
    ]
    return pd.DataFrame(found, columns=[*keys, "requests", "failed", "p50_ms", "p95_ms"])


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, *keys: str) -> None:
    """Whatever columns both have are equal, row by row once both are sorted."""
    shared = [name for name in expected.columns if name in found.columns]
    assert set(keys) <= set(shared)
    left = found[shared].sort_values(list(keys), ignore_index=True)
    right = expected[shared].sort_values(list(keys), ignore_index=True)
    pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=1e-9)


# --- all of them


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_an_answer_of_the_declared_types(
    name: str, answers: dict[str, pd.DataFrame]
) -> None:
    frame = answers[name]
    kinds = {"datetime": "M", "timespan": "m", "long": "iu", "int": "iu", "real": "f", "bool": "b"}
    assert list(frame) == list(QUESTIONS[name].columns)
    assert frame.empty == (name in ("one_request", "nameless"))
    for column, declared in QUESTIONS[name].columns.items():
        assert frame[column].dtype.kind in kinds.get(declared.type, "OUT"), column


# --- requests over time


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_among_others_is_answered_as_by_itself(
    answers: dict[str, pd.DataFrame], archive: logs.Archive, name: str
) -> None:
    given = {"target_ms": TARGET_MS, "request_id": "nobody"}
    given = {key: value for key, value in given.items() if key in QUESTIONS[name].parameters}
    fresh = replace(archive, sharing=Sharing(archive.database))
    [alone] = telemetry.ask(
        fresh, [name], span=SPAN, grain=HOUR, shift=timedelta(days=1), **given
    ).values()
    assert isinstance(alone, logs.Answer), alone
    # Which one of several is free, and so is the order of equals.
    named = [each for each in alone.frame.columns if each not in {"message", "stack", "client_id"}]
    left, right = (
        frame[named].sort_values(named, ignore_index=True) for frame in (answers[name], alone.frame)
    )
    pd.testing.assert_frame_equal(left, right)


def test_request_rate(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    expected = by(requests, "moment")
    found = answers["request_rate"]
    assert_same(found, expected[["moment", "requests"]], "moment")
    assert found["per_minute"].tolist() == pytest.approx((found["requests"] / 60).tolist())
    assert found["rows"].sum() == len(requests) < found["requests"].sum()


def test_latency(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["latency"]
    assert_same(found, by(requests, "moment"), "moment")
    weighted = requests.assign(total=requests["ms"] * requests["n"])
    hours = weighted.groupby(weighted["time"].dt.floor("h"))
    mean = hours["total"].sum() / hours["n"].sum()
    assert found["mean_ms"].tolist() == pytest.approx(mean.tolist())
    assert found["max_ms"].tolist() == pytest.approx(hours["ms"].max().tolist())
    for column, percent in (("p90_ms", 90), ("p99_ms", 99)):
        expected = [quantile(group, percent) for _, group in hours]
        assert found[column].tolist() == pytest.approx(expected)


def test_over_time_has_the_time_before_too(
    answers: dict[str, pd.DataFrame], ask: Ask, requests: pd.DataFrame
) -> None:
    found = answers["over_time"]
    now = found[found["moment"] >= FIRST].reset_index(drop=True)
    assert len(found) > len(now)
    assert found["moment"].min() == pd.Timestamp(FIRST - timedelta(days=1))
    rate = ["moment", "requests", "failed", "failed_pct", "hidden"]
    pd.testing.assert_frame_equal(now[rate], answers["failure_rate"][rate])
    times = ["p50_ms", "p95_ms", "p99_ms"]
    pd.testing.assert_frame_equal(now[times], answers["latency"][times])
    before = ask("failure_rate", span=logs.Span(FIRST - timedelta(days=1), FIRST))
    earlier = found[found["moment"] < FIRST].reset_index(drop=True)
    pd.testing.assert_frame_equal(earlier[rate], before[rate])


def test_latency_heatmap(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["latency_heatmap"]
    assert found["requests"].sum() == requests["n"].sum()
    assert np.allclose(found["to_ms"] / found["from_ms"], 10 ** (1 / 8))
    assert found["from_ms"].min() >= 1
    step = np.floor(8 * np.log10(requests["ms"].clip(lower=1.0)))
    cells = requests.groupby([requests["time"].dt.floor("h"), step])["n"].sum()
    assert found["requests"].tolist() == cells.tolist()
    assert found["from_ms"].tolist() == pytest.approx(
        (10 ** (cells.index.get_level_values(1).to_numpy() / 8)).tolist()
    )


def test_failure_rate(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["failure_rate"]
    assert_same(found, by(requests, "moment")[["moment", "requests", "failed"]], "moment")
    hidden = requests.loc[~requests["ok"] & requests["said_ok"], "n"].sum()
    assert found["hidden"].sum() == hidden > 0
    expected = (100 * found["failed"] / found["requests"]).tolist()
    assert found["failed_pct"].tolist() == pytest.approx(expected)


def test_result_codes(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    expected = by(requests, "moment", "code")[["moment", "code", "requests", "failed"]]
    assert_same(answers["result_codes"], expected, "moment", "code")
    assert set(expected["code"]) == {"200", "500"}


def test_week_over_week_puts_hours_beside_those_seven_days_before(
    ask: Ask, everything: pd.DataFrame
) -> None:
    day = logs.Span(LAST - timedelta(days=1), LAST)
    found = ask("week_over_week", span=day)
    now = by(within(everything, day.first), "moment")
    assert_same(found, now[["moment", "requests", "failed", "p95_ms"]], "moment")
    # The demo has six days.
    assert set(found["requests_before"]) == {0}
    assert found["change_pct"].isna().all()


def test_hour_of_week(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    days = requests.assign(
        weekday=(requests["time"].dt.day_of_week + 1) % 7, hour=requests["time"].dt.hour
    )
    assert_same(answers["hour_of_week"], by(days, "weekday", "hour"), "weekday", "hour")


# --- requests by what they were


def test_operations(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    expected = by(requests, "service", "operation")
    found = answers["operations"]
    assert_same(found, expected, "service", "operation")
    assert {"/score", "/swagger.json"} == set(found["operation"])
    assert found["total_s"].sum() == pytest.approx((requests["ms"] * requests["n"]).sum() / 1000)
    assert found["total_s"].is_monotonic_decreasing


def test_failing_operations(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    bad = requests[~requests["ok"]]
    expected = bad.groupby(["service", "operation", "code"], as_index=False)["n"].sum()
    expected = expected.rename(columns={"n": "failed"})
    found = answers["failing_operations"]
    assert_same(found, expected, "service", "operation", "code")
    whole = by(requests, "service", "operation").set_index(["service", "operation"])["requests"]
    keys = list(zip(found["service"], found["operation"], strict=True))
    assert found["requests"].tolist() == whole.loc[keys].tolist()


def test_instances(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    expected = by(requests, "service", "instance")
    times = requests.groupby(["service", "instance"])["time"].agg(["min", "max"])
    expected = expected.assign(
        first_seen=times["min"].to_numpy(), last_seen=times["max"].to_numpy()
    )
    expected["first_seen"] = pd.to_datetime(expected["first_seen"], utc=True)
    expected["last_seen"] = pd.to_datetime(expected["last_seen"], utc=True)
    assert_same(answers["instances"], expected, "service", "instance")


def test_slowest_requests(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["slowest_requests"]
    expected = requests.nlargest(100, "ms")
    assert found["duration_ms"].tolist() == pytest.approx(expected["ms"].tolist())
    assert found["request_id"].iloc[0] == expected["id"].iloc[0]


def test_requests_behind_a_point_come_without_what_was_answered(
    ask: Ask, requests: pd.DataFrame
) -> None:
    point = logs.Span(FIRST + 10 * HOUR, FIRST + 11 * HOUR)
    found = ask("requests_behind", span=point, from_ms=20.0, to_ms=80.0)
    inside = within(requests, point.first, point.last)
    inside = inside[(inside["ms"] >= 20) & (inside["ms"] < 80)]
    newest = inside.sort_values("time", ascending=False)[:100]
    assert set(found["request_id"]) == set(newest["id"])
    assert set(found["response"]) == {""}
    failed = ask("requests_behind", span=point, only_failed=True, with_response=True)
    assert set(failed["code"]) == {"500"}
    assert set(failed["service"]) >= {"fraud-scoring-green"}
    assert "'merchant_risk'" in set(failed["response"])


def test_overview(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["overview"]
    assert_same(found, by(requests, "service"), "service")
    assert set(found["service"]) == {
        "credit-risk-svc",
        "churn-svc",
        "fraud-scoring-blue",
        "fraud-scoring-green",
    }
    assert found["exceptions"].tolist() == found["failed"].tolist()


def test_totals_stand_beside_the_time_before(
    answers: dict[str, pd.DataFrame], everything: pd.DataFrame
) -> None:
    found = answers["totals"].set_index("period")
    spans = {"now": (FIRST, LAST), "before": (FIRST - timedelta(days=1), FIRST)}
    assert list(found.index) == ["now", "before"]
    for period, (first, last) in spans.items():
        part = within(everything, first, last)
        assert found.loc[period, "requests"] == part["n"].sum()
        assert found.loc[period, "failed"] == part.loc[~part["ok"], "n"].sum()
        assert found.loc[period, "p95_ms"] == pytest.approx(quantile(part, 95))
    sentence = telemetry.headline(answers["totals"])
    assert re.fullmatch(
        r"[\d,]+ requests, p95 \d+ ms \(was \d+ ms\), [\d.]+ % failed \(was [\d.]+ %\); "
        r"\d+ failures were recorded as successes",
        sentence,
    )


def test_disagreement(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["disagreement"].set_index("service")
    assert found["server"].to_dict() == {
        "credit-risk-svc": "as written",
        "churn-svc": "0.5 to 1.4",
        "fraud-scoring-blue": "1.5 or later",
        "fraud-scoring-green": "1.5 or later",
    }
    for service, rows in requests.groupby("service"):
        bad = ~rows["ok"]
        assert found.loc[service, "failed"] == rows.loc[bad, "n"].sum()
        assert found.loc[service, "failed_as_told"] == rows.loc[~rows["said_ok"], "n"].sum()
        assert found.loc[service, "hidden"] == rows.loc[bad & rows["said_ok"], "n"].sum()
        assert found.loc[service, "zero_ms"] == rows.loc[rows["said_ms"] == 0, "n"].sum()
        assert found.loc[service, "nameless"] == rows.loc[rows["nameless"], "n"].sum()
    assert found.loc["fraud-scoring-green", "hidden"] >= 5
    assert found.loc["credit-risk-svc", "hidden"] == 0


# --- objectives


def test_error_budget(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    bad = ~requests["ok"] | (requests["ms"] > TARGET_MS)
    counts = requests.assign(bad=requests["n"].where(bad, 0)).groupby("service")[["n", "bad"]]
    expected = counts.sum().rename(columns={"n": "requests"}).reset_index()
    found = answers["error_budget"]
    assert_same(found, expected, "service")
    for row in found.itertuples():
        budget = telemetry.budget(int(row.requests), int(row.bad), telemetry.Goal(0.995))
        assert row.allowed == pytest.approx(budget.allowed)
        assert row.left == pytest.approx(budget.left)
        assert row.used_pct == pytest.approx(100 * budget.used_share)


def test_burn_rate(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    found = answers["burn_rate"]
    assert found["window"].max() == timedelta(days=3)
    for row in found.itertuples():
        window = requests[requests["time"] >= LAST - row.window]
        rows = window[window["service"] == row.service]
        bad = ~rows["ok"] | (rows["ms"] > TARGET_MS)
        assert (row.requests, row.bad) == (rows["n"].sum(), rows.loc[bad, "n"].sum())
        burn = telemetry.burn(row.requests, row.bad, telemetry.Goal(0.995))
        assert row.burn == pytest.approx(burn)


def test_apdex(answers: dict[str, pd.DataFrame], requests: pd.DataFrame) -> None:
    ms, ok, n = requests["ms"], requests["ok"], requests["n"]
    graded = requests.assign(
        satisfied=n.where(ok & (ms <= TARGET_MS), 0),
        tolerating=n.where(ok & (ms > TARGET_MS) & (ms <= 4 * TARGET_MS), 0),
        frustrated=n.where(~ok | (ms > 4 * TARGET_MS), 0),
    )
    columns = ["satisfied", "tolerating", "frustrated", "n"]
    expected = graded.groupby(["service", "operation"])[columns].sum().reset_index()
    expected["apdex"] = (expected["satisfied"] + expected["tolerating"] / 2) / expected["n"]
    assert_same(answers["apdex"], expected, "service", "operation")


# --- exceptions


def test_exceptions_name_what_the_script_raised(answers: dict[str, pd.DataFrame]) -> None:
    found = answers["exceptions"].set_index(["service", "error"])
    missing = found.loc[("fraud-scoring-green", "KeyError")]
    assert missing["problem"] == "KeyError in run"
    assert missing["message"] == "'merchant_risk'"
    assert missing["place"] == "/var/azureml-app/score.py"
    assert missing["stack"].startswith("Traceback (most recent call last):\n")
    assert "The above exception was the direct cause" in missing["stack"]
    assert FIRST + 9 * HOUR <= missing["first_seen"] <= missing["last_seen"] < FIRST + 16 * HOUR
    assert not {"UserScriptException"} & set(answers["exceptions"]["error"])


def test_an_exception_of_every_generation_leads_to_its_request(
    answers: dict[str, pd.DataFrame], requests: pd.DataFrame
) -> None:
    found = answers["exceptions"]
    failed = requests[~requests["ok"]]
    assert set(found["service"]) == set(failed["service"])
    whose = failed.set_index("id")["service"]
    assert whose.loc[found["request_id"]].tolist() == found["service"].tolist()
    sums = found.groupby("service")["exceptions"].sum()
    assert sums.to_dict() == failed.groupby("service")["n"].sum().to_dict()


def test_failures_are_explained_by_request_id(
    answers: dict[str, pd.DataFrame], requests: pd.DataFrame
) -> None:
    found = answers["failures_explained"]
    assert found["failed"].sum() == requests.loc[~requests["ok"], "n"].sum()
    assert "" not in set(found["problem"])
    assert set(found["code"]) == {"500"}


def test_exception_history(answers: dict[str, pd.DataFrame]) -> None:
    found, problems = answers["exception_history"], answers["exceptions"]
    assert found["exceptions"].sum() == problems["exceptions"].sum()
    expected = problems.groupby("problem")["exceptions"].sum()
    assert found.groupby("problem")["exceptions"].sum().to_dict() == expected.to_dict()
    assert (found["moment"].dt.minute == 0).all()


def test_new_problems_are_those_that_were_not_there_before(ask: Ask) -> None:
    problems = ask("new_problems", span=logs.Span(FIRST, LAST), shift=timedelta(days=1))
    seen_before = ask("exceptions", span=logs.Span(FIRST - timedelta(days=1), FIRST))
    seen = ask("exceptions")
    key = ["service", "problem"]
    new = seen.merge(seen_before[key], on=key, how="left", indicator=True)
    expected = new.loc[new["_merge"] == "left_only", [*key, "exceptions", "message"]]
    assert_same(problems, expected, *key)
    assert ("fraud-scoring-green", "KeyError in run") in set(
        zip(problems["service"], problems["problem"], strict=True)
    )


def test_one_request_from_the_front_door_to_the_exception(ask: Ask) -> None:
    failed = ask(
        "requests_behind",
        Filter().scope("fraud-scoring", ["green"]),
        FAILING_DAY,
        only_failed=True,
    )
    found = ask("one_request", span=FAILING_DAY, request_id=failed["request_id"].iloc[0])
    assert set(found["source"]) == {"front end", "request", "exception"}
    by_source = found.set_index("source")
    assert by_source.loc["front end", "detail"] == "424 Failed Dependency"
    assert by_source.loc["request", "detail"] == "500"
    assert by_source.loc["exception", "what"] == "KeyError"
    assert not found["ok"].any()


# --- dependencies


def test_dependencies(
    answers: dict[str, pd.DataFrame], folder: Path, requests: pd.DataFrame
) -> None:
    calls = within(rows_of(folder, "AppDependencies"))
    found = answers["dependencies"]
    for row in found.itertuples():
        mine = calls[(calls["AppRoleName"] == row.service) & (calls["Target"] == row.target)]
        weight = mine["ItemCount"]
        total = (mine["DurationMs"] * weight).sum()
        assert row.calls == weight.sum()
        assert row.failed == weight[~mine["Success"]].sum()
        assert row.p95_ms == pytest.approx(quantile(mine, 95, "DurationMs", "ItemCount"))
        asked = requests[requests["service"] == row.service]
        assert row.share_pct == pytest.approx(100 * total / (asked["ms"] * asked["n"]).sum())
    assert found["calls"].sum() == calls["ItemCount"].sum()


def test_dependency_history_shows_when_the_bureau_timed_out(
    answers: dict[str, pd.DataFrame],
) -> None:
    found = answers["dependency_history"]
    late = found[found["failed"] > 0]
    assert set(late["target"]) == {"bureau.contoso.example"}
    assert sorted(set(late["moment"].dt.strftime("%d %H"))) == ["20 10", "20 11", "20 12", "20 13"]
    assert late["p95_ms"].min() > 2_000


# --- endpoints


def test_endpoint_traffic(answers: dict[str, pd.DataFrame], folder: Path) -> None:
    rows = within(rows_of(folder, "AmlOnlineEndpointTrafficLog"))
    rows = rows.assign(
        moment=rows["time"].dt.floor("h"),
        deployment=rows["deploymentName"],
        failed=rows["responseCode"] >= 400,
    )
    groups = rows.groupby(["moment", "deployment"])
    expected = groups["failed"].agg(["size", "sum"]).reset_index()
    expected.columns = ["moment", "deployment", "requests", "failed"]
    expected["p95_ms"] = [quantile(group.assign(n=1), 95, "totalDurationMs") for _, group in groups]
    assert_same(answers["endpoint_traffic"], expected, "moment", "deployment")
    assert answers["endpoint_traffic"]["sent_mb"].sum() == pytest.approx(
        rows["requestPayloadSize"].sum() / 2**20
    )


def test_endpoint_failures_are_the_models(answers: dict[str, pd.DataFrame]) -> None:
    found = answers["endpoint_failures"]
    assert set(found["origin"]) == {"model"}
    assert set(found["code"]) == {424}
    assert set(found["model_code"]) == {500}
    assert found["failed"].sum() == answers["endpoint_traffic"]["failed"].sum()


def test_container_events(answers: dict[str, pd.DataFrame], folder: Path) -> None:
    rows = within(rows_of(folder, "AmlOnlineEndpointEventLog"))
    found = answers["container_events"]
    assert found["events"].sum() == len(rows)
    assert set(found["endpoint"]) == {"fraud-scoring"}


# --- the telemetry itself


def test_sampling(answers: dict[str, pd.DataFrame], folder: Path) -> None:
    found = answers["sampling"].set_index("table_name")
    for table in ("AppRequests", "AppExceptions", "AppDependencies", "AppTraces"):
        rows = within(rows_of(folder, table))
        assert found.loc[table, "rows"] == len(rows)
        assert found.loc[table, "items"] == rows["ItemCount"].sum()
    assert found.loc["AppTraces", "retained_pct"] == 25
    assert set(found["untold"]) == {0}


def test_counters(answers: dict[str, pd.DataFrame], folder: Path) -> None:
    rows = within(rows_of(folder, "AppPerformanceCounters"))
    keys = [rows["time"].dt.floor("h"), rows["AppRoleInstance"], rows["Name"]]
    expected = rows.groupby(keys)["Value"].agg(["mean", "max"]).reset_index()
    expected.columns = ["moment", "instance", "counter", "mean", "highest"]
    assert_same(answers["counters"], expected, "moment", "instance", "counter")


def test_volume(answers: dict[str, pd.DataFrame], folder: Path) -> None:
    rows = within(rows_of(folder, "AppRequests"))
    found = answers["volume"]
    of_requests = found[found["table_name"] == "AppRequests"]
    days = rows.groupby(rows["time"].dt.floor("D"))["_BilledSize"]
    assert of_requests["rows"].tolist() == days.size().tolist()
    assert of_requests["mb"].tolist() == pytest.approx((days.sum() / 2**20).tolist())


def test_freshness(answers: dict[str, pd.DataFrame], folder: Path) -> None:
    found = answers["freshness"].set_index("table_name")
    newest = within(rows_of(folder, "AppRequests"))["time"].max()
    assert found.loc["AppRequests", "newest"] == newest
    assert found.loc["AppRequests", "lag_s"] == pytest.approx((LAST - newest).total_seconds())
    assert len(found) == 6


# --- scopes


@pytest.mark.parametrize(
    ("service", "versions", "named"),
    [
        ("credit-risk-svc", ("3", "4"), {"credit-risk-svc"}),
        ("churn-svc", (), {"churn-svc"}),
        ("fraud-scoring", ("green",), {"fraud-scoring-green"}),
        ("fraud-scoring", ("blue", "green"), {"fraud-scoring-blue", "fraud-scoring-green"}),
        ("unheard-of", ("1",), set()),
    ],
)
def test_a_scope_leaves_a_services_own(
    ask: Ask,
    answers: dict[str, pd.DataFrame],
    service: str,
    versions: tuple[str, ...],
    named: set[str],
) -> None:
    whole, found = answers["overview"], ask("overview", Filter().scope(service, versions))
    assert_same(found, whole[whole["service"].isin(named)], "service")


def test_a_scope_holds_for_exceptions_dependencies_and_traffic(ask: Ask) -> None:
    churn = Filter().scope("churn-svc", ["7", "8"])
    green = Filter().scope("fraud-scoring", ["green"])
    assert set(ask("exceptions", churn)["service"]) == {"churn-svc"}
    assert set(ask("exceptions", green)["service"]) == {"fraud-scoring-green"}
    assert set(ask("dependencies", green)["target"]) == {"features.contoso.example"}
    assert ask("dependencies", churn).empty
    assert set(ask("endpoint_traffic", green)["deployment"]) == {"green"}
    assert set(ask("counters", green)["instance"]) == {"aml-green-0"}


def test_operations_and_instances_narrow_a_question(ask: Ask, requests: pd.DataFrame) -> None:
    some = requests["instance"].iloc[0]
    found = ask("operations", operations=["/score"], instances=[some])
    mine = requests[(requests["instance"] == some) & (requests["operation"] == "/score")]
    assert found["requests"].tolist() == [mine["n"].sum()]
