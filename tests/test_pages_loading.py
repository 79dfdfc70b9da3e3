"""Exported telemetry that is much to load: the pages ask before, and show how far they are."""

import pytest
from test_pages import TODAY, markdown, page_over

from lib import demo
from lib.ui import loading

BLUE = {"service": "fraud-scoring", "version": "blue", "window": "3 days"}


@pytest.fixture
def account(tmp_path):
    """Return the folder of a small demo account, which nobody has loaded."""
    return demo.write(tmp_path / "account", TODAY, days=3, telemetry=True).folder


@pytest.fixture
def open_over(account, monkeypatch):
    """Return `open_over(page, read_mb)`, which opens a page where so much is read unasked."""

    def run(name, read_mb):
        page = page_over(monkeypatch, account, name, telemetry=True)
        monkeypatch.setenv("DRIFTLINE_READ_MB", str(read_mb))
        return page(**BLUE, whose="Whole service")

    return run


def offers(app):
    return [button for button in app.button if button.label.startswith("Load ")]


@pytest.mark.parametrize("name", ["requests", "failures"])
def test_a_page_asks_before_it_loads_much(open_over, name):
    app = open_over(name, read_mb=1)
    assert not app.error
    assert not app.metric
    [warning] = [each for each in app.warning if "exported telemetry" in each.value]
    assert "MB" in warning.value
    assert "limits.read_mb" in warning.value
    [offer] = offers(app)
    offer.click().run()
    assert not app.error
    assert not offers(app)
    assert app.metric
    assert "requests" in markdown(app)


def test_a_page_just_loads_what_is_little(open_over):
    app = open_over("requests", read_mb=64)
    assert not offers(app)
    assert app.metric


def test_the_overview_asks_too(open_over, monkeypatch):
    # Only the telemetry is to be too much here.
    monkeypatch.setattr("lib.ui.reading.agreed", lambda *_: True)
    app = open_over("overview", read_mb=1)
    assert "requests_per_day" not in app.dataframe[0].value
    [offer] = offers(app)
    offer.click().run()
    assert "requests_per_day" in app.dataframe[0].value


def test_loading_shows_how_far_it_is(open_over, monkeypatch):
    said = []

    class Bar:
        def progress(self, share, text):
            said.append((share, text))

        def empty(self):
            said.append("gone")

    monkeypatch.setattr(loading.st, "progress", lambda *_: Bar())
    monkeypatch.setattr(loading, "QUICK_BYTES", 0)
    open_over("requests", read_mb=64)
    first = said[: said.index("gone")]
    shares = [share for share, _ in first]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert any("Loading AppRequests: " in text and " MB of " in text for _, text in first)
    assert said[-1] == "gone"
