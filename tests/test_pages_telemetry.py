"""The pages about telemetry over what real servers and exporters wrote: what is said on top."""

import pytest
import telemetry_cases as cases
from test_pages import markdown, page_over

WHOLE = {"whose": "Whole service", "window": "7 days"}


@pytest.fixture
def open_case(tmp_path, monkeypatch):
    """Return `open_case(page, name, service)`, which runs a page over a recorded case."""

    def run(page, name, service, without=(), **parameters):
        account = cases.account(tmp_path / "account", name, service)
        for table in without:
            for path in account.glob(f"insights-logs-{table}/**/PT1H.json"):
                path.unlink()
        opened = page_over(monkeypatch, account, page, telemetry=True)
        monkeypatch.setenv("DRIFTLINE_TODAY", "2026-11-24")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        return opened(service=service, **(WHOLE | parameters))

    return run


def said(app):
    return markdown(app) + "\n".join(each.value for each in (*app.caption, *app.info))


def tables(app, *columns):
    """Return all tables that have these columns."""
    return [each.value for each in app.dataframe if set(columns) <= set(each.value.columns)]


def test_the_headline_names_errors_that_failed_requests_and_not_the_most_frequent(open_case):
    app = open_case("failures", "server_own_errors", "price-ep-green")
    text = said(app)
    assert "12 of 34 requests failed** (35.3 %, no requests before); `FeatureStoreError`" in text
    assert "`FeatureStoreError` in `feature_store.py` most" in text
    assert "one was found for 9 of 12 failed requests" in text
    assert "**3 errors of the inference server itself**" in text
    (own,) = [
        each for each in tables(app, "problem", "message", "last_seen") if "instances" not in each
    ]
    assert own[["problem", "exceptions"]].values.tolist() == [["TypeError in default", 3]]
    (scripts,) = tables(app, "problem", "instances")
    assert scripts["exceptions"].sum() == 9
    assert {metric.label: metric.value for metric in app.metric}["Exceptions"] == "9"


def test_a_chain_of_errors_is_named_by_its_last_and_its_place_is_the_script(open_case):
    text = said(open_case("failures", "chained_error", "price-ep-green"))
    assert "9 of 9 requests failed" in text
    assert "`FeatureStoreError` in `feature_store.py`" in text
    assert "in `/var/azureml-app/feature_store.py`**: `no features for customer 58:`" in text


def test_failures_without_exceptions_are_no_good_news_and_have_causes(open_case):
    text = said(open_case("failures", "server_1_3_dependencies", "churn-ep-blue"))
    assert "12 of 34 requests failed** (35.3 %, no requests before); no exception came with" in text
    assert "**12 requests failed and no exception came with them.**" in text
    assert "0.5 to 1.4: with the v2 data collector" in text
    assert "check_circle" not in text


def test_of_other_servers_the_collector_is_not_said_to_silence_anything(open_case):
    text = said(open_case("failures", "success_missing", "credit"))
    assert "**10 requests failed and no exception came with them.**" in text
    assert "collector" not in text


def test_good_news_says_of_how_many_requests_and_since_when(open_case):
    text = said(open_case("failures", "query_strings", "credit"))
    assert "**None of 5 requests failed** since 18 Nov 2026, 00:00 UTC" in text
    assert "No exceptions were recorded with the 5 requests of this window." in text


def test_where_nothing_was_recorded_nothing_is_good(open_case):
    app = open_case("failures", "query_strings", "credit", window="1 day")
    assert "No requests in this window." in said(app)
    assert "Neither requests nor exceptions were recorded in this window." in said(app)
    assert "check_circle" not in said(app)


def test_failures_recorded_as_successes_are_found_whoever_wrote_them(open_case):
    text = said(open_case("failures", "success_always", "credit"))
    assert "10 of 30 requests failed" in text
    assert "**10 failures were recorded as successes**" in text


def test_a_server_without_names_has_its_requests_and_failures(open_case):
    app = open_case("failures", "server_0_4", "loan-svc")
    assert "14 of 41 requests failed" in said(app)
    assert "one was found for 9 of 14 failed requests" in said(app)


def test_requests_that_no_name_leads_to_are_said_with_what_to_do(open_case):
    app = open_case("requests", "server_0_4", "loan-svc", without=["apptraces"])
    assert "No requests were recorded in this window." in said(app)
    assert "41 requests (of `pod-d1a` and `pod-d1b`) in this window name no service" in said(app)
    assert "turn data collection on" in said(app)


def test_the_overview_lists_requests_without_a_service(open_case):
    app = open_case("overview", "server_0_4", "loan-svc", without=["apptraces"])
    (seen,) = tables(app, "name", "requests_per_day")
    assert seen["name"].tolist() == ["(no service named)"]
    assert "turn data collection on" in said(app)


@pytest.mark.parametrize(
    ("name", "service", "calls"),
    [("server_0_4", "loan-svc", 27), ("server_1_3_dependencies", "churn-ep-blue", 21)],
)
def test_calls_found_by_instance_are_marked_so(open_case, name, service, calls):
    app = open_case("requests", name, service, details="Dependencies")
    assert f"{calls} calls named no service and are shown for the one whose requests" in said(app)
    (found,) = tables(app, "target", "by_site")
    assert found[["calls", "by_site"]].values.tolist() == [[calls, calls]]


def test_an_endpoint_that_logs_nothing_is_not_praised(open_case, tmp_path):
    collected = tmp_path / "account" / "azureml-blobstore-x" / "modelDataCollector" / "price-ep"
    file = collected / "green" / "inputs" / "2026" / "11" / "24" / "00" / "a.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"time": "2026-11-24T00:00:00Z", "data": [{"age": 1}]}\n')
    app = open_case("failures", "query_strings", "credit", whose="All services")
    assert "The endpoint's front end logged no calls in this window." in said(app)
