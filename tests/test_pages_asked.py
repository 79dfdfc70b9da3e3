"""What pages about telemetry share: how to have it, whose rows, errors, and what is kept."""

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import demo, logs, settings, telemetry
from lib.errors import NotAllowed
from lib.settings import TELEMETRY_ENVIRONMENT, Source
from lib.ui import asked, pending, requests, sources
from lib.window import Window
from tests.loopback import WORKSPACE, Fault, error, loopback

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 20)
PAGES = ("requests", "failures")
BLUE = {"service": "fraud-scoring", "version": "blue"}
DAYS = {"window": "Chosen days", "dates": ["2026-11-19", "2026-11-20"]}
PARTIAL = {
    "code": "PartialError",
    "message": "There were some errors when processing your query.",
    "details": [{"code": "EngineError", "message": "Too many records were asked for."}],
}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return the folder of a demo account of the last four days, with its telemetry."""
    folder = tmp_path_factory.mktemp("demo") / "account"
    return demo.write(folder, TODAY, days=4, telemetry=True).folder


@pytest.fixture(scope="module")
def store(account, tmp_path_factory):
    """Return that telemetry, for a server to answer from."""
    found = logs.containers(Source("demo", folder=str(account)))
    made = logs.archive(found, str(tmp_path_factory.mktemp("copy")))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch, account):
    """Begin without what the machine's user has set, and without answers of other tests."""
    others = ("ACCOUNT_URL", "CONNECTION_STRING", "SAS_TOKEN", "CONTAINERS", "DEMO", "SOURCE")
    for name in (*TELEMETRY_ENVIRONMENT.values(), *(f"DRIFTLINE_{each}" for each in others)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DRIFTLINE_TODAY", TODAY.isoformat())
    monkeypatch.setenv("DRIFTLINE_FOLDER", str(account))
    monkeypatch.setenv("DRIFTLINE_WORKSPACE", "contoso-ml")
    monkeypatch.setattr(sources, "_secrets", dict)
    pending.questions.clear()


@pytest.fixture
def server(store, monkeypatch):
    """Run a server that answers as Azure would, and let the source's telemetry be there."""
    with loopback(store) as running:
        monkeypatch.setenv("DRIFTLINE_TELEMETRY_WORKSPACE_ID", WORKSPACE)
        monkeypatch.setenv("DRIFTLINE_TELEMETRY_ENDPOINT", running.url)
        yield running


def open_page(name, **parameters):
    app = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in (BLUE | DAYS | parameters).items():
        app.query_params[key] = value
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def markdown(app):
    return "\n".join(each.value for each in app.markdown)


def requests_of(app):
    """Return the number of requests that the headline of the page Requests begins with."""
    (said,) = (each.value for each in app.markdown if " requests, p95 " in each.value)
    return int(said.removeprefix("**").split(" ")[0].replace(",", ""))


# No telemetry, or settings that are wrong.


@pytest.mark.parametrize("name", PAGES)
def test_without_telemetry_a_page_says_how_to_enable_it(name):
    app = open_page(name)
    assert app.info[0].value == "No telemetry is configured for this source."
    assert "enable_app_insights=True" in markdown(app)
    assert "app_insights_enabled: true" in markdown(app)
    assert "Log Analytics Reader" in markdown(app)
    assert not app.error
    assert not app.metric


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("source", ["contoso", "my lab", "a.b"])
def test_the_example_beside_it_is_right(name, source, account, monkeypatch):
    secrets = {"sources": {source: {"folder": str(account), "workspace": "contoso-ml"}}}
    monkeypatch.setattr(sources, "_secrets", lambda: secrets)
    monkeypatch.delenv("DRIFTLINE_FOLDER")
    monkeypatch.delenv("DRIFTLINE_WORKSPACE")
    told = tomllib.loads(open_page(name, source=source).code[0].value)
    told["sources"][source] |= secrets["sources"][source]
    (found,) = settings.load(told, {}).sources
    assert found.telemetry is not None
    assert found.telemetry.workspace_id == WORKSPACE


@pytest.mark.parametrize("name", PAGES)
def test_an_id_that_is_none_is_named_with_a_right_example(name, monkeypatch):
    monkeypatch.setenv("DRIFTLINE_TELEMETRY_WORKSPACE_ID", "contoso-logs")
    app = open_page(name)
    assert "DRIFTLINE_TELEMETRY_WORKSPACE_ID is not the id of a workspace" in (
        app.error[0].value.replace("\\", "")
    )
    assert WORKSPACE in app.code[0].value


# What the service refuses.


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("fault", "said", "step"),
    [
        (
            Fault(404, error("PathNotFoundError", "No such workspace"), times=99),
            "knows no workspace",
            "Check workspace_id",
        ),
        (
            Fault(403, error("InsufficientAccessError", "No access"), times=99),
            "is not allowed",
            "Log Analytics Reader",
        ),
        (
            Fault(429, error("TooMany", "Slower"), {"Retry-After": "60"}, times=99),
            "asks for fewer queries",
            "Wait 60 seconds",
        ),
        (
            Fault(504, error("GatewayTimeout", "Too long"), times=99),
            "did not finish the query in time",
            "Choose a shorter window.",
        ),
    ],
    ids=["unknown", "forbidden", "throttled", "timed out"],
)
def test_what_the_service_refuses_is_said_with_the_next_step(name, fault, said, step, server):
    server.faults = [fault]
    app = open_page(name)
    text = app.error[0].value.replace("\\", "")
    assert said in text
    assert step in text.partition("**What to do:**")[2]


@pytest.mark.parametrize(
    ("name", "question"), [("requests", "latency_heatmap"), ("failures", "result_codes")]
)
def test_an_error_of_one_question_leaves_the_answers_of_the_others(name, question, server):
    title = telemetry.QUESTIONS[question].title
    server.faults = [Fault(403, error("Insufficient", "No"), times=99, when=f"// {title}")]
    app = open_page(name)
    (told,) = app.error
    assert "is not allowed" in told.value
    assert len(app.metric) >= 3
    assert len(app.get("plotly_chart")) >= 2


@pytest.mark.parametrize("name", PAGES)
def test_a_partial_answer_is_shown_and_said_to_be(name, server):
    server.faults = [Fault(partial=PARTIAL, times=99)]
    app = open_page(name)
    assert not app.error
    assert app.metric
    said = [each.value for each in app.warning if each.value.startswith("Not all rows are here.")]
    assert len(said) == 1  # the same reason is said once
    assert "Too many records were asked for" in said[0]
    assert any("Incomplete, for the reason above" in each.value for each in app.caption)
    assert "At least " in markdown(app)
    assert any(each.value.startswith("≥ ") for each in app.metric)
    assert not any("(was" in each.value for each in app.markdown if "At least" in each.value)
    assert all("before" not in (each.delta or "") for each in app.metric)


def test_bins_that_were_not_answered_are_shaded_and_said_to_be(server):
    def shades(app):
        figures = [json.loads(each.proto.spec) for each in app.get("plotly_chart")]
        return [
            [each for each in figure["layout"].get("shapes", []) if each.get("opacity") == 0.18]
            for figure in figures
        ]

    whole = open_page("requests", whose="All services", service="", version="")
    assert not any(shades(whole))
    pending.questions.clear()
    server.faults = [Fault(partial=PARTIAL, times=99)]
    server.rows_of = lambda frame: frame.head(len(frame) // 2)
    app = open_page("requests", whose="All services", service="", version="")
    rate, latency, heat = shades(app)[:3]
    assert rate
    assert latency == rate
    assert heat
    hovers = [
        trace.get("hovertext")
        for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    ]
    assert any("not answered" in text for texts in hovers if texts for text in texts)


def test_without_rows_half_an_answer_is_not_called_silence(server):
    server.faults = [Fault(partial=PARTIAL, times=99)]
    server.rows_of = lambda frame: frame.head(0)
    for name in PAGES:
        app = open_page(name)
        assert any("is not known" in each.value for each in app.info)
        assert not any("No requests" in each.value for each in app.info)


def test_what_is_wrong_with_all_questions_is_said_once(server):
    everything_else = [name for name in requests.ASKED if name != "totals"]
    server.faults = [
        Fault(
            403, error("Insufficient", "No"), times=99, when=f"// {telemetry.QUESTIONS[name].title}"
        )
        for name in everything_else
    ]
    app = open_page("requests")
    assert len(app.error) == 1
    assert sum("Not available, for the reason above" in each.value for each in app.caption) >= 1


def test_look_again_asks_the_telemetry_again(server):
    server.logs = None
    app = open_page("requests")
    count = len(server.asked)
    app.run()
    assert len(server.asked) == count
    (again,) = [button for button in app.button if button.label in ("Look again", "Refresh")]
    again.click().run()
    assert not app.exception
    assert len(server.asked) == 2 * count


def test_half_an_answer_is_asked_for_again(server):
    server.faults = [Fault(partial=PARTIAL, times=99)]
    assert "At least" in markdown(open_page("requests"))
    server.faults = []
    app = open_page("requests")
    assert "At least" not in markdown(app)
    assert not [each for each in app.warning if each.value.startswith("Not all rows are here.")]


# Whose rows.


def test_the_rule_says_whose_rows_are_counted(server):
    app = open_page("requests")
    blue = requests_of(app)
    app.text_input(key="rule-default-roles").set_value("{service}-green")
    app.text_input(key="rule-default-services").set_value("{service}-green").run()
    assert not app.exception
    assert 0 < requests_of(app) < blue


def test_the_rule_begins_as_the_settings_have_it(account, monkeypatch):
    rule = {"roles": ["{service}-prod", "{service}"], "deployments": ["{version}-x"]}
    told = {"folder": str(account), "telemetry": {"archive": str(account), **rule}}
    monkeypatch.setattr(sources, "_secrets", lambda: {"sources": {"lab": told}})
    monkeypatch.delenv("DRIFTLINE_FOLDER")
    monkeypatch.delenv("DRIFTLINE_WORKSPACE")
    app = open_page("requests", source="lab", workspace="")
    keys = ("roles", "services", "endpoints", "deployments")
    assert [app.text_input(key=f"rule-lab-{key}").value for key in keys] == [
        "{service}-prod, {service}",
        "{service}, {service}-{version}",
        "{service}",
        "{version}-x",
    ]


# What is kept.


def at(monkeypatch, clock):
    """Let it be that time of the day."""
    now = datetime.fromisoformat(f"{TODAY}T{clock}").replace(tzinfo=UTC)
    monkeypatch.setattr(sources, "now", lambda: now)


def test_two_readers_within_five_minutes_meet_the_same_answers(server, monkeypatch):
    server.logs = None  # no rows will do
    at(monkeypatch, "10:00:30")
    open_page("requests")
    count = len(server.asked)
    assert count >= len(requests.ASKED)
    at(monkeypatch, "10:04:50")
    open_page("requests")
    assert len(server.asked) == count
    at(monkeypatch, "10:05:10")
    open_page("requests")
    assert len(server.asked) == 2 * count


def test_what_two_pages_ask_alike_is_asked_once(server):
    server.logs = None
    open_page("requests")
    before = {each.query for each in server.asked}
    open_page("failures")
    texts = [each.query for each in server.asked]
    assert len(texts) == len(set(texts)) > len(before)


def test_a_window_that_began_seconds_ago_is_asked_for_its_first_minute(server, monkeypatch):
    server.logs = None
    at(monkeypatch, "00:00:20")
    app = open_page("requests", window="1 day", dates=[])
    assert not app.error
    assert server.asked[0].span.last == datetime(2026, 11, 20, 0, 1, tzinfo=UTC)


def test_an_error_is_asked_again_and_a_good_answer_is_not(server):
    store = asked.store_of(sources.load().sources[0])
    span = asked.span_of(Window(TODAY, TODAY))
    names = ("totals", "freshness")
    grain = telemetry.grain_for(span)

    def ask():
        return dict(asked.ask_about(store, names, telemetry.EVERYTHING, span, grain, {}))

    server.faults = [Fault(403, error("Insufficient", "No"), when="period")]
    first = ask()
    assert isinstance(first["totals"], NotAllowed)
    assert len(server.asked) == 2
    second = ask()
    assert len(server.asked) == 3
    assert second["freshness"] is first["freshness"]
    assert second["totals"].frame["requests"].min() > 0
    assert ask()["totals"] is second["totals"]
    assert len(server.asked) == 3
