"""Every page in light and dark, wide and narrow: whole, quiet, and open to everybody."""

import browser
import pytest
from playwright.sync_api import expect

CREDIT = "service=credit-risk-svc&window=7+days"
VIEWS = {
    "overview": "/?window=7+days",
    "browse": f"/browse?{CREDIT}",
    "browse-level": f"/browse?{CREDIT}&at=service",
    "distributions": f"/distributions?{CREDIT}",
    "distributions-one": f"/distributions?{CREDIT}&view=One+feature&feature=income&split=region",
    "distributions-table": f"/distributions?{CREDIT}&view=Statistics",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_whole_and_open_to_everybody(app, open_page, view):
    browser.look_at(app, open_page, view, VIEWS[view])


def test_what_opens_on_a_page_is_open_to_everybody(app, open_page):
    for scheme in ("light", "dark"):
        app.emulate_media(color_scheme=scheme)
        open_page(VIEWS["distributions-one"], "Distributions")
        app.get_by_role("button", name="Bins and axes").click()
        expect(app.get_by_role("dialog")).to_be_visible()
        assert browser.barriers(app) == [], scheme
        app.keyboard.press("Escape")
        browser.picker(app, "Service").click()
        expect(app.get_by_role("listbox")).to_be_visible()
        assert browser.barriers(app) == [], scheme


def test_the_sidebar_opens_beside_a_narrow_page(app, open_page):
    app.set_viewport_size({"width": 768, "height": 900})
    open_page(VIEWS["browse-level"], "Browse")
    expect(browser.picker(app, "Service")).not_to_be_in_viewport()
    app.get_by_test_id("stExpandSidebarButton").click()
    expect(browser.picker(app, "Service")).to_be_in_viewport()
    app.wait_for_function(browser.FITS)
    assert browser.barriers(app) == []
