"""Links to what is not there: what is shown instead is said, and the nearest is offered."""

from datetime import timedelta

import pytest
from test_pages import CREDIT, TODAY, page_over

from lib import demo


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    return demo.write(tmp_path_factory.mktemp("demo") / "account", TODAY, days=16).folder


@pytest.fixture(scope="module")
def observed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "observed"
    return demo.write(folder, TODAY, days=3, telemetry=True).folder


@pytest.fixture
def open_page(account, monkeypatch):
    return lambda name, **values: page_over(monkeypatch, account, name)(**values)


def notes(app):
    return [each.value for each in app.info]


ONE = {"view": "One feature"}
# The page, what the link asks for, and the beginning of what is said.
GONE = [
    (
        "browse",
        {"service": "credit-svc"},
        "The link asks for the service `credit-svc`",
    ),
    (
        "browse",
        CREDIT | {"version": "9"},
        "`credit-risk-svc` `9` is not in this source",
    ),
    ("browse", {"workspace": "elsewhere"}, "The link asks for the workspace `elsewhere`"),
    ("browse", {"source": "contoso"}, "The link asks for the source `contoso`"),
    ("browse", {"window": "3"}, "The link asks for the window `3`"),
    ("overview", {"window": "forever"}, "The link asks for the window `forever`"),
    ("browse", CREDIT | {"identifier": "labels"}, "The link asks for the collected data `labels`"),
    ("browse", CREDIT | {"day": "2026-01-01"}, "The link asks for the day `2026-01-01`"),
    ("browse", {"at": "cellar"}, "The link asks for the level `cellar`"),
    ("drift", CREDIT | {"show": "Everything"}, "The link asks for the view `Everything`"),
    ("drift", CREDIT | {"compare": "Version 77"}, "The link asks for the reference `Version 77`"),
    (
        "drift",
        CREDIT | {"show": "One feature", "feature": "incme"},
        "The link asks for the feature `incme`",
    ),
    ("distributions", CREDIT | {"sort": "Luck"}, "The link asks for the order `Luck`"),
    ("distributions", CREDIT | {"view": "None"}, "The link asks for the view `None`"),
    ("distributions", CREDIT | ONE | {"feature": "wage"}, "The link asks for the feature `wage`"),
    ("distributions", CREDIT | ONE | {"split": "x"}, "The link asks for the feature to split by"),
]
TELEMETRY = [
    ("requests", "whose", "Everybody"),
    ("failures", "refresh", "Always"),
    ("requests", "details", "Nothing"),
]
CUSTOM = {"window": "Chosen days"}


@pytest.mark.parametrize(("name", "values", "begins"), GONE, ids=str)
def test_what_a_link_asks_for_in_vain_is_said(open_page, name, values, begins):
    app = open_page(name, **values)
    (note,) = [text for text in notes(app) if begins in text]
    assert "shown" in note
    assert not app.error
    app.run()
    assert note in notes(app)


@pytest.mark.parametrize(("name", "key", "value"), TELEMETRY)
def test_so_it_is_on_the_pages_about_telemetry(observed, monkeypatch, name, key, value):
    page = page_over(monkeypatch, observed, name, telemetry=True)
    assert [text for text in notes(page(**CREDIT, **{key: value})) if f"`{value}`, which" in text]
    assert not [text for text in notes(page(**CREDIT)) if "link" in text]


@pytest.mark.parametrize("name", ["overview", "browse", "distributions", "drift"])
def test_nothing_is_said_of_a_link_that_is_right(open_page, name):
    values = CREDIT | {"window": "7 days", "identifier": "predictions", "day": TODAY.isoformat()}
    assert not [text for text in notes(open_page(name, **values)) if "link" in text]


def test_the_nearest_is_offered_and_a_press_shows_it(open_page):
    app = open_page("browse", service="credit-risk-svx")
    (button,) = [each for each in app.button if each.key == "nearest-service"]
    app = button.click().run()
    assert app.sidebar.selectbox(key="service").value == "credit-risk-svc"
    assert not [text for text in notes(app) if "link asks" in text]


def test_a_note_goes_when_something_else_is_chosen(open_page):
    app = open_page("browse", window="3")
    app.sidebar.selectbox(key="window").set_value("7 days").run()
    assert not [text for text in notes(app) if "link asks" in text]


def test_choosing_a_service_without_the_version_of_the_last_is_no_link(open_page):
    app = open_page("browse", **CREDIT)
    app.sidebar.selectbox(key="service").set_value("fraud-scoring").run()
    assert not [text for text in notes(app) if "link asks" in text]


def days(*ago):
    return [(TODAY - timedelta(n)).isoformat() for n in ago]


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        (days(3, -9), "7 – 20 Nov 2026"),  # in the future
        (["soon"], "7 – 20 Nov 2026"),
        (["1999-01-01", "1999-01-09"], "7 – 20 Nov 2026"),
    ],
)
def test_days_that_cannot_be_shown_are_said_with_those_that_are(open_page, dates, shown):
    app = open_page("overview", dates=dates, **CUSTOM)
    (note,) = [text for text in notes(app) if "The link asks for the days" in text]
    assert f"`{shown}` is shown instead" in note


@pytest.mark.parametrize("ago", [(3, 1), (1, 3)], ids=["as they come", "the wrong way round"])
def test_days_that_can_be_shown_are(open_page, ago):
    app = open_page("browse", dates=days(*ago), **CUSTOM, **CREDIT)
    assert not [text for text in notes(app) if "link" in text]
    assert "17 – 19 Nov 2026" in "\n".join(each.value for each in app.markdown)


@pytest.mark.parametrize(("key", "value"), [("watch", "7"), ("q", "often"), ("fewest", "1")])
def test_a_threshold_that_cannot_be_is_said(open_page, key, value):
    app = open_page("drift", **CREDIT, **{key: value})
    (note,) = [text for text in notes(app) if "The link asks" in text]
    assert f"`{value}`, which is not" in note
    assert not [
        text for text in notes(open_page("drift", **CREDIT, watch="0.07")) if "link" in text
    ]
