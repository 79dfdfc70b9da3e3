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
    "requests": "/requests?service=fraud-scoring&whose=Whole+service&window=7+days",
    "requests-week": "/requests?service=credit-risk-svc&details=Week&window=7+days",
    "failures": "/failures?service=fraud-scoring&version=green&window=14+days",
    "failures-all": "/failures?whose=All+services&window=7+days&objective=99+%25&good_ms=200",
    "drift": "/drift?service=credit-risk-svc",
    "drift-one": "/drift?service=credit-risk-svc&show=One+feature&feature=income&split=region",
    "drift-together": "/drift?service=credit-risk-svc&show=All+together",
    "drift-azure": "/drift?service=credit-risk-svc&show=As+Azure+ML",
}

EVERY_LOOK = [("light", 1440), ("dark", 768), ("dark", 1440), ("light", 768)]

# Streamlit scrolls an element of its own, and cuts off what is wider than the page itself.
FITS = """
() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
    .every(each => each.scrollWidth <= Math.min(each.clientWidth, innerWidth))
"""


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_whole_and_open_to_everybody(app, open_page, view):
    """A page itself in every look, its other views in two."""
    for scheme, width in EVERY_LOOK[:2] if "-" in view else EVERY_LOOK:
        app.emulate_media(color_scheme=scheme)
        app.set_viewport_size({"width": width, "height": 900})
        open_page(VIEWS[view], view.partition("-")[0].capitalize())
        expect(app.get_by_test_id("stException")).to_have_count(0)
        expect(app.get_by_test_id("stAlert")).to_have_count(0)
        app.wait_for_function(FITS)
        assert browser.barriers(app) == [], f"{scheme}, {width} pixels"


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
    app.wait_for_function(FITS)
    assert browser.barriers(app) == []
