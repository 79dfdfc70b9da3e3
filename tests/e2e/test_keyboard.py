"""The ways through the app without a mouse."""

import re

import browser
from playwright.sync_api import expect

FOCUSED = "element => element === document.activeElement"


def tab_to(app, wanted, most=50):
    """Press Tab until an element has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        app.keyboard.press("Tab")
        if wanted.evaluate(FOCUSED):
            return
    raise AssertionError(f"{most} times Tab do not lead to {wanted}")


def test_from_a_fresh_page_to_a_feature(app, open_page, settle):
    open_page("/?service=credit-risk-svc&window=7+days", "Overview")
    tab_to(app, app.get_by_test_id("stSidebarNav").get_by_role("link", name="Distributions"), 5)
    app.keyboard.press("Enter")
    expect(app).to_have_title("Distributions · Driftline")
    settle()
    tab_to(app, app.get_by_role("button", name="income", exact=True))
    app.keyboard.press("Enter")
    expect(browser.picker(app, "Feature")).to_have_value("income")
    expect(app.get_by_role("figure", name="Histogram of income")).to_be_visible()


def test_past_the_sidebar_to_a_day(app, open_page):
    open_page("/browse?service=credit-risk-svc&window=7+days", "Browse")
    tab_to(app, app.get_by_role("link", name="Skip to main content"), 1)
    app.keyboard.press("Enter")
    tab_to(app, app.get_by_role("textbox", name="Search"), 3)
    tab_to(app, browser.picker(app, "Day"))
    app.keyboard.type("11-17")
    expect(app.get_by_role("option")).to_have_count(1)
    app.keyboard.press("Enter")
    expect(app).to_have_url(re.compile("day=2026-11-17"))
    expect(app.get_by_role("heading", name="on 17 Nov 2026")).to_be_visible()
