"""The failures page in process, over a demo account whose services fail in known ways."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
import streamlit as st
from test_pages import TODAY, markdown, page_over

from lib import demo, errors, logs, telemetry
from lib.telemetry import Goal, Scope
from lib.ui import asked, behind, objective, pending, raised, scope, sources

GREEN = {"service": "fraud-scoring", "version": "green"}
BLUE = {"service": "fraud-scoring", "version": "blue"}
CREDIT = {"service": "credit-risk-svc", "model": "credit_risk", "version": "4"}
CHURN = {"service": "churn-svc", "version": "8"}
TWO_WEEKS = {"window": "14 days"}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return the folder of a demo account of the last 16 days, with telemetry."""
    folder = tmp_path_factory.mktemp("demo") / "account"
    return demo.write(folder, TODAY, days=16, telemetry=True).folder


@pytest.fixture
def failures_page(account, monkeypatch):
    """Return `failures_page(**parameters)`, which runs the page over the account."""
    return page_over(monkeypatch, account, "failures", telemetry=True)


def table(app, *columns):
    """Return the first table that has these columns."""
    return next(each.value for each in app.dataframe if set(columns) <= set(each.value.columns))


def metrics(app):
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def said(app):
    return markdown(app) + "\n".join(each.value for each in app.caption)


# What is said on top


def test_the_sentence_names_what_failed_most_and_since_when_it_is_new(failures_page):
    text = markdown(failures_page(**GREEN, **TWO_WEEKS))
    assert "12 of 302 requests failed** (4.0 %, no requests before)" in text
    assert "; `KeyError` in `score.py` most, new since 16 Nov 2026." in text


def test_failures_that_were_recorded_as_successes_are_pointed_out_with_the_rule(failures_page):
    app = failures_page(**GREEN, **TWO_WEEKS)
    assert "**12 failures were recorded as successes**" in markdown(app)
    found = table(app, "failed_as_told", "hidden")
    assert found[["failed", "failed_as_told", "hidden"]].to_numpy().tolist() == [[12, 0, 12]]
    (rule,) = [each.value for each in app.code if "AmlRequests" in each.value]
    assert "fraud-scoring-green" in rule
    assert telemetry.check(rule) == []


def test_rows_that_are_right_are_not_accused(failures_page):
    app = failures_page(**CREDIT, window="7 days")
    assert "recorded as" not in markdown(app)
    assert "rows stand for" in said(app)


def test_the_numbers_on_top_are_those_of_the_tables(failures_page):
    app = failures_page(**BLUE, **TWO_WEEKS)
    shown = metrics(app)
    assert int(shown["Failed"][0]) == table(app, "failed", "failed_pct")["failed"].sum()
    assert int(shown["Exceptions"][0]) == table(app, "problem", "instances")["exceptions"].sum()
    assert shown["Share failed"][1].startswith("before: ")


def test_no_failure_is_good_news(failures_page):
    app = failures_page(**GREEN, window=scope.CUSTOM, dates=["2026-11-14", "2026-11-15"])
    assert "**None of " in markdown(app)
    assert ":material/check_circle:" in markdown(app)
    assert "Where they failed" not in markdown(app)
    assert not app.error


def test_no_request_is_said_and_what_to_look_at(failures_page):
    app = failures_page(**CREDIT, window=scope.CUSTOM, dates=["2026-10-01", "2026-10-02"])
    assert "No requests in this window" in app.info[0].value
    assert not app.metric


# Why they failed


def test_problems_are_what_the_script_raised_and_new_ones_are_marked(failures_page):
    found = table(failures_page(**GREEN, **TWO_WEEKS), "problem", "new").set_index("problem")
    assert found.index.tolist() == ["KeyError in run", "ValueError in run"]
    assert found["exceptions"].tolist() == [9, 3]
    assert found["new"].map(list).tolist() == [["new"], ["new"]]
    assert found["first_seen"].iloc[0].date().isoformat() == "2026-11-16"


def test_a_problem_that_was_there_before_is_not_new(failures_page):
    found = table(failures_page(**CREDIT, window="7 days"), "problem", "new")
    assert found["new"].map(len).tolist() == [0]


def test_the_most_frequent_problem_is_shown_with_its_stack(failures_page):
    app = failures_page(**GREEN, **TWO_WEEKS)
    assert "`KeyError` in `/var/azureml-app/score.py`**: `'merchant_risk'`" in markdown(app)
    (stack,) = [each.value for each in app.code if "Traceback" in each.value]
    assert "KeyError: 'merchant_risk'" in stack


def test_failed_requests_are_explained_by_their_exceptions(failures_page):
    app = failures_page(**GREEN, **TWO_WEEKS)
    assert "one was found for 12 of 12 failed requests" in markdown(app)
    assert table(app, "code", "problem")["failed"].tolist() == [9, 3]


def answer(**columns):
    frame = pd.DataFrame(columns)
    return logs.Answer(frame, False, "", {}, datetime.now(UTC), 0.0, "here")


def moments(*texts):
    return pd.to_datetime(list(texts), utc=True)


def answers(before):
    return {
        "totals": answer(period=["now", "before"], requests=[9, before], failed=[2, 0]),
        "failure_rate": answer(moment=moments("2026-11-14", "2026-11-15")),
        "new_problems": answer(
            service=["a", "a"],
            problem=["x", "y"],
            first_seen=moments("2026-11-14 12:00", "2026-11-15 12:00"),
        ),
    }


def test_a_version_without_a_past_has_no_new_problems_on_its_first_day():
    assert list(raised.news(answers(before=0))) == [("a", "y")]
    assert list(raised.news(answers(before=5))) == [("a", "x"), ("a", "y")]


# Which requests


@pytest.mark.parametrize("code", ["", "500"])
def test_the_requests_of_a_bin_are_listed_without_what_they_were_answered(failures_page, code):
    whose = telemetry.Filter().scope("fraud-scoring", ["green"])
    chosen = behind.Chosen(whose, datetime(2026, 11, 16, 12, tzinfo=UTC), code)
    app = failures_page({behind.KEY: chosen}, **GREEN, **TWO_WEEKS)
    found = table(app, "request_id", "client_id")
    assert len(found) == 6
    assert found["moment"].dt.hour.between(12, 14).all()
    assert "response" not in found
    assert "16 Nov 2026, 12:00 to 15:00 UTC" in markdown(app)
    next(each for each in app.toggle if each.key == "behind-answers").set_value(True).run()
    assert table(app, "request_id", "response")["response"].str.len().gt(0).all()


def test_the_requests_of_an_operation_are_those_of_its_service(failures_page):
    whose = telemetry.Filter().scope("fraud-scoring", ["blue", "green"])
    chosen = behind.Chosen(whose, None, "500", "fraud-scoring-blue", "/score")
    parameters = GREEN | TWO_WEEKS | {"whose": asked.SERVICE}
    app = failures_page({behind.KEY: chosen}, **parameters)
    found = table(app, "request_id", "client_id")
    by_operation = table(app, "failed", "failed_pct").set_index("service")["failed"]
    assert len(found) == by_operation["fraud-scoring-blue"]


def test_what_was_chosen_of_other_rows_is_forgotten(failures_page):
    chosen = behind.Chosen(Scope(("somebody",)), datetime(2026, 11, 16, 12, tzinfo=UTC))
    app = failures_page({behind.KEY: chosen}, **GREEN, **TWO_WEEKS)
    assert "Click into a chart" in said(app)
    assert "Failed requests of" not in said(app)


HOURS = asked.Asking(
    None,
    Scope(("a", "b")),
    logs.Span(datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)),
    timedelta(hours=1),
    None,
)
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def selection(**chosen):
    return SimpleNamespace(selection=SimpleNamespace(**chosen))


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([{"customdata": "2026-11-16T12:00Z"}], behind.Chosen(HOURS.whose, NOON)),
        ([{"customdata": ["2026-11-16T12:00Z", "503"]}], behind.Chosen(HOURS.whose, NOON, "503")),
        ([{"x": "a mark, not a bin"}], None),
        ([], None),
    ],
)
def test_a_click_chooses_a_bin_and_another_takes_it_back(monkeypatch, points, expected):
    state = {"chart": selection(points=points), behind.KEY: "before"}
    monkeypatch.setattr(st, "session_state", state)
    behind.choose_bin("chart", HOURS)
    assert state[behind.KEY] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([1], behind.Chosen(HOURS.whose, None, "500", "b", "/score")), ([], None)],
)
def test_a_row_chooses_an_operation_and_another_click_takes_it_back(monkeypatch, rows, expected):
    found = pd.DataFrame({"service": ["a", "b"], "operation": "/score", "code": ["424", "500"]})
    state = {"table-failing_operations": selection(rows=rows), behind.KEY: "before"}
    monkeypatch.setattr(st, "session_state", state)
    behind.choose_row("failing_operations", found, HOURS)
    assert state[behind.KEY] == expected


# The error budget


def test_the_objective_of_the_link_decides_what_may_fail(failures_page):
    usual = failures_page(**GREEN, **TWO_WEEKS)
    strict = failures_page(**GREEN, **TWO_WEEKS, objective="99.9 %")
    assert metrics(usual)["Error budget left"] == ("−695 %", "12 bad, 1.5 allowed")
    assert metrics(strict)["Error budget left"][1] == "12 bad, 0.3 allowed"
    assert "99.9 % of requests are to be good" in markdown(strict)


def test_slow_requests_use_up_the_budget_where_there_is_a_limit(failures_page):
    app = failures_page(**BLUE, **TWO_WEEKS, good_ms="200")
    bad = int(metrics(app)["Error budget left"][1].split()[0].replace(",", ""))
    assert bad > 4 * int(metrics(app)["Failed"][0])
    assert "and within 200 ms" in markdown(app)


def test_bad_requests_over_time_add_up_to_those_of_the_budget(account, tmp_path):
    archive = logs.archive(logs.containers(sources.Source("demo", folder=str(account))), tmp_path)
    span = logs.Span(datetime(2026, 11, 7, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
    names = ("error_budget", "budget_history")
    found = telemetry.ask(archive, names, span=span, target_ms=200.0)
    whole, history = (found[name].frame for name in names)
    for column in ("requests", "bad"):
        assert history[column].sum() == whole[column].sum() > 0


def test_a_fast_burn_calls_for_somebody():
    windows = list(objective.WINDOWS)
    burns = pd.DataFrame({"service": "a", "window": windows, "requests": 1_000, "bad": [200] * 6})
    found = objective.burning(burns, Goal(0.99))
    assert found["verdict"].tolist() == ["act now"]
    assert found["5 minutes"].iloc[0] == pytest.approx(20)


def test_services_in_alarm_are_named_first():
    burns = pd.DataFrame(
        {
            "service": ["a"] * 6 + ["b"] * 6 + ["c"] * 6,
            "window": list(objective.WINDOWS) * 3,
            "requests": 1_000,
            "bad": [0] * 6 + [200] * 6 + [0] * 6,
        }
    )
    found = objective.burning(burns, Goal(0.99))
    assert found["service"].tolist() == ["b", "a", "c"]
    assert objective.alarms(found) == "act now for `b`; no alarm for 2 services"


def test_a_window_without_requests_has_no_burn():
    burns = pd.DataFrame(
        {"service": ["a"], "window": [list(objective.WINDOWS)[-1]], "requests": [50], "bad": [0]}
    )
    found = objective.burning(burns, Goal(0.99))
    assert found["verdict"].tolist() == ["no alarm"]
    assert found["5 minutes"].isna().all()
    assert found["3 days"].tolist() == [0.0]


# The front end of an endpoint


def test_what_the_platform_turned_away_is_told_from_what_the_model_failed(failures_page):
    app = failures_page(**BLUE, **TWO_WEEKS)
    found = table(app, "origin", "model_code").groupby("origin")["failed"].sum()
    assert found["model"] == int(metrics(app)["Failed"][0])
    text = f"{found['platform']:,} in the platform ({found['platform']:,} × 429 "
    assert text in markdown(app)
    assert {"BackOff", "Unhealthy"} <= set(table(app, "event", "events")["event"])


def test_a_v1_service_has_no_front_end_to_be_asked(failures_page):
    app = failures_page(**CHURN, window="7 days")
    assert "front end logged" not in said(app)
    assert not [each for each in app.dataframe if "endpoint" in each.value]


# What goes wrong


def test_one_question_that_fails_leaves_the_others_alone(failures_page, monkeypatch):
    ask = telemetry.ask

    def one_fails(store, names, *rest, **values):
        found = ask(store, names, *rest, **values)
        broken = errors.QueryError("It took too long.", "Choose a shorter window.")
        return found | ({"exceptions": broken} if "exceptions" in found else {})

    monkeypatch.setattr(telemetry, "ask", one_fails)
    pending.questions.clear()
    app = failures_page(**GREEN, **TWO_WEEKS)
    assert ["It took too long" in each.value for each in app.error] == [True]
    assert "12 of 302 requests failed" in markdown(app)
    assert "Exceptions" not in metrics(app)
    assert "front end logged 12 failed calls" in markdown(app)


def test_nothing_is_known_where_no_question_is_answered(failures_page, monkeypatch):
    broken = errors.QueryError("It took too long.", "Choose a shorter window.")
    pending.questions.clear()
    monkeypatch.setattr(
        telemetry, "ask", lambda store, names, *rest, **values: dict.fromkeys(names, broken)
    )
    app = failures_page(**GREEN, window="7 days")
    assert len(app.error) == 1
    assert not app.metric


def test_without_telemetry_the_page_says_how_to_get_it(failures_page, monkeypatch):
    page = failures_page
    monkeypatch.delenv("DRIFTLINE_TELEMETRY_ARCHIVE")
    assert "No telemetry is configured" in page(**GREEN).info[0].value
