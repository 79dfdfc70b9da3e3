"""What nobody foresaw, on every page: it costs its own part, and a reader is given a number."""

import ast
import logging
import re
from pathlib import Path

import pytest
from test_pages import CREDIT, TODAY, page_over

from lib import charts, demo, drift, store, summary
from lib.ui import boundary, browse, overview, reading, sources

ROOT = Path(__file__).parents[1]
SECRET = "the text of an error can hold somebody's data"
NUMBER = re.compile(r"error in Driftline, number ([0-9A-F]{6})")


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return the folder of a demo account of 16 days, with its telemetry."""
    folder = tmp_path_factory.mktemp("demo") / "account"
    return demo.write(folder, TODAY, days=16, telemetry=True).folder


@pytest.fixture
def open_page(account, monkeypatch):
    """Return `open_page(name, **parameters)`, which runs a page over the account."""
    return lambda name, **values: page_over(monkeypatch, account, name, telemetry=True)(**values)


def fail(*arguments, **values):
    raise KeyError(SECRET)


def numbers(app):
    return [number for error in app.error for number in NUMBER.findall(error.value)]


def everything(app):
    return [app.error, app.warning, app.info, app.markdown, app.caption]


def plain(app):
    return [str(each.value) for kind in everything(app) for each in kind]


DRIFT_ONE = {"show": "One feature", "feature": "income"}
ONE = {"view": "One feature", "feature": "income"}
# Where the fault is, the page with its view, and what still has to be there.
BROKEN = [
    (summary, "headline", "overview", {}, "dataframe"),
    (summary, "with_telemetry", "overview", {}, "metric"),
    (summary, "problems", "overview", {}, "dataframe"),
    (overview, "show", "overview", {}, "metric"),
    (charts, "drift_heatmap", "drift", {}, "dataframe"),
    (summary, "ranking", "drift", {}, "metric"),
    (summary, "signals_table", "drift", {}, "dataframe"),
    (summary, "drift_headline", "drift", {}, "dataframe"),
    (drift, "compare", "drift", {"window": "1 day"}, "title"),
    (drift, "change", "drift", {"window": "7 days"}, "title"),
    (charts, "drift_line", "drift", DRIFT_ONE, "metric"),
    (drift, "count", "drift", DRIFT_ONE, "metric"),
    (charts, "small_histogram", "distributions", {}, "button"),
    (summary, "card_line", "distributions", {}, "button"),
    (summary, "window_sentence", "distributions", {}, "button"),
    (summary, "statistics", "distributions", {"view": "Statistics"}, "title"),
    (charts, "histogram", "distributions", ONE, "metric"),
    (summary, "key_numbers", "distributions", ONE, "selectbox"),
    (summary, "quantiles_per_day", "distributions", ONE, "metric"),
    (charts, "calendar", "browse", {}, "dataframe"),
    (summary, "problems", "browse", {}, "dataframe"),
    (summary, "window_sentence", "browse", {}, "dataframe"),
    (reading, "rows", "browse", {}, "dataframe"),
    (browse, "level", "browse", {"at": "service"}, "title"),
    (sources, "sizes", "browse", {"at": "service"}, "title"),
    (store, "days", "overview", {}, "title"),
    (store, "days", "drift", {}, "title"),
    (store, "days", "distributions", {}, "title"),
    (store, "days", "browse", {}, "title"),
    (charts, "request_rate", "requests", {}, "metric"),
    (charts, "latency_heatmap", "requests", {}, "metric"),
    (charts, "failure_rate", "failures", {}, "metric"),
]


@pytest.mark.parametrize(("room", "name", "on", "view", "there"), BROKEN)
def test_an_error_costs_its_own_part_and_is_logged_under_its_number(
    open_page, monkeypatch, caplog, room, name, on, view, there
):
    monkeypatch.setattr(room, name, fail)
    with caplog.at_level(logging.ERROR, "driftline"):
        app = open_page(on, **CREDIT, **view)
    assert not app.exception
    assert app.get(there)
    shown = NUMBER.findall("\n".join(plain(app)))
    logged = [each for each in caplog.records if each.name == "driftline"]
    assert shown
    assert set(shown) == {each.getMessage().removeprefix("Error ") for each in logged}
    assert all(each.exc_info[1].args == (SECRET,) for each in logged)
    assert SECRET not in "\n".join(plain(app))


def test_an_error_in_the_frame_is_explained_on_the_page(open_page, monkeypatch):
    monkeypatch.setattr(sources, "load", fail)
    app = open_page("overview")
    assert not app.exception
    assert len(numbers(app)) == 1


def test_a_version_that_breaks_the_row_of_the_overview_leaves_the_others(open_page, monkeypatch):
    right = overview._read

    def read(scope, version):
        return fail() if version.service == "churn-svc" else right(scope, version)

    monkeypatch.setattr(overview, "_read", read)
    app = open_page("overview")
    assert not app.exception
    assert set(app.dataframe[0].value["service"]) == {"credit-risk-svc", "fraud-scoring"}
    left_out = [each.value for each in app.warning if "churn-svc" in each.value]
    assert len(left_out) == 2
    assert all(NUMBER.search(text) for text in left_out)


def test_what_a_callback_meets_is_kept_for_the_run_that_follows(monkeypatch):
    state = {}
    monkeypatch.setattr(boundary.st, "session_state", state)
    boundary.callback(fail)("anything", at=1)
    (error,) = state[boundary.LATER]
    assert NUMBER.search(error.message)
    assert SECRET not in str(error)


def test_what_a_callback_met_is_shown_once(open_page):
    error = boundary.unforeseen(KeyError(SECRET))
    app = open_page("browse", state={boundary.LATER: [error]}, **CREDIT)
    assert numbers(app)
    app.run()
    assert not numbers(app)


def test_a_download_that_fails_gives_no_file_and_is_logged(caplog):
    with (
        caplog.at_level(logging.ERROR, "driftline"),
        pytest.raises(boundary.DriftlineError) as raised,
    ):
        boundary.download(fail)()
    assert SECRET not in str(raised.value)
    assert NUMBER.search(raised.value.message)[1] in caplog.text
    assert boundary.download(lambda: b"whole")() == b"whole"


CALLBACKS = ("on_click", "on_change", "on_select")


def is_guarded(value):
    """Say whether the value of such a keyword is no function, or one inside the boundary."""
    if isinstance(value, ast.Constant):
        return True
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Name | ast.Attribute) and (
        getattr(called, "id", None) or called.attr
    ) in ("callback", "download")


def calls(path):
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if type(node) is ast.Call]


@pytest.mark.parametrize("path", sorted((ROOT / "lib/ui").glob("*.py")), ids=lambda path: path.name)
def test_every_callback_and_every_lazy_download_is_inside_the_boundary(path):
    for call in calls(path):
        of_streamlit = isinstance(call.func, ast.Attribute) and (
            isinstance(call.func.value, ast.Name) and call.func.value.id == "st"
        )
        if not of_streamlit:
            continue
        for keyword in call.keywords:
            if keyword.arg in CALLBACKS or (call.func.attr, keyword.arg) == (
                "download_button",
                "data",
            ):
                assert is_guarded(keyword.value), f"{path.name}:{keyword.value.lineno}"
