"""The requests page in process, over a demo account with telemetry."""

from datetime import UTC, datetime, time, timedelta

import pytest
from test_pages import TODAY, markdown, page_over

from lib import charts, demo
from lib.telemetry import Filter
from lib.ui import behind, sources

BLUE = {"service": "fraud-scoring", "version": "blue", "window": "7 days"}
CREDIT = {"service": "credit-risk-svc", "model": "credit_risk", "version": "4", "window": "7 days"}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return the folder of a demo account of the last 15 days with telemetry."""
    folder = tmp_path_factory.mktemp("demo") / "account"
    return demo.write(folder, TODAY, days=15, telemetry=True).folder


@pytest.fixture
def requests_page(account, monkeypatch):
    """Return `requests_page(**parameters)`, which runs the page over the account."""
    return page_over(monkeypatch, account, "requests", telemetry=True)


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def test_the_sentence_on_top_counts_what_the_rows_hide(requests_page):
    app = requests_page(**BLUE, whose="Whole service")
    assert "failures were recorded as successes" in markdown(app)
    assert metrics(app)["p95"].endswith("ms")
    assert not app.error


def test_a_version_is_counted_by_itself_where_telemetry_tells_it(requests_page):
    whole = requests_page(**BLUE, whose="Whole service").dataframe[0].value
    blue = requests_page(**BLUE).dataframe[0].value
    assert "service" not in blue  # of one only
    assert set(whole["service"]) == {"fraud-scoring-blue", "fraud-scoring-green"}
    assert blue["requests"].sum() < whole["requests"].sum()


def test_sampled_telemetry_is_said_to_be(requests_page):
    captions = [caption.value for caption in requests_page(**CREDIT).caption]
    assert any("telemetry is sampled" in text for text in captions)


@pytest.mark.parametrize(
    "details",
    ["Operations", "Slowest", "Instances", "Dependencies", "Week", "Endpoint", "Telemetry itself"],
)
def test_every_choice_of_details_has_a_table(requests_page, details):
    app = requests_page(**BLUE, whose="Whole service", details=details)
    assert len(app.dataframe) >= 1
    assert not app.error


def test_the_drift_of_the_model_stands_below_its_requests(requests_page):
    assert "**Drift of `inputs`** of `credit-risk-svc 4`" in markdown(requests_page(**CREDIT))


@pytest.mark.parametrize(("chosen", "days"), [("1 day", 1), ("7 days", 7)])
def test_the_time_before_is_the_same_hours_and_drawn_over_them(
    requests_page, monkeypatch, chosen, days
):
    now = datetime.combine(TODAY, time(13, 5), UTC)
    monkeypatch.setattr(sources, "now", lambda: now)
    drawn = []
    draw = charts.request_rate
    monkeypatch.setattr(charts, "request_rate", lambda *args: drawn.append(args) or draw(*args))
    requests_page(**(BLUE | {"window": chosen}), whose="Whole service")
    ((_, axis, before),) = drawn
    first = datetime.combine(TODAY, time(), UTC) - timedelta(days=2 * days - 1)
    assert before["moment"].min() >= first
    assert before["moment"].max() <= now - timedelta(days=days)
    assert axis.shifted(before)["moment"].max() <= now
    assert axis.shift == timedelta(days=days)


def test_a_service_without_rows_is_said_to_have_none(requests_page):
    app = requests_page(**BLUE, whose="Whole service")
    box = next(text for text in app.text_input if text.label == "AppRoleName is one of")
    other = next(text for text in app.text_input if text.label.startswith("or Properties"))
    box.set_value("nobody")
    other.set_value("nobody").run()
    assert not app.exception
    assert "No requests were recorded" in app.info[0].value


def test_without_telemetry_the_page_says_how_to_get_it(requests_page, monkeypatch):
    monkeypatch.delenv("DRIFTLINE_TELEMETRY_ARCHIVE")
    app = requests_page(**BLUE)
    assert "No telemetry is configured" in app.info[0].value
    assert "enable_app_insights=True" in markdown(app)
    assert "workspace_id" in app.code[0].value


def test_a_cell_of_the_heat_map_shows_the_requests_behind_it(requests_page):
    app = requests_page(**BLUE, whose="Whole service")
    whose = Filter().scope("fraud-scoring", ["blue", "green"])
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    chosen = behind.Chosen(whose, noon, limits_ms=(10.0, 1_000.0), failed=False)
    app.session_state[behind.KEY] = chosen
    app.run()
    assert not app.exception
    assert "**Requests of 18 Nov 2026, 12:00" in markdown(app)
    assert "10 ms to 1.0 s" in markdown(app)
    assert len(app.dataframe[0].value) > 0


def test_a_version_that_telemetry_does_not_tell_is_said_so(requests_page):
    app = requests_page(service="churn-svc", version="8", window="7 days")
    assert any("does not tell versions apart" in caption.value for caption in app.caption)
    assert not any("does not tell" in caption.value for caption in requests_page(**BLUE).caption)
