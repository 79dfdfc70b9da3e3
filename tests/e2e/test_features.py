"""Features side by side, and one of them large."""

import re

import browser
from playwright.sync_api import expect

CREDIT = "/distributions?service=credit-risk-svc"
INCOME = f"{CREDIT}&window=7+days&view=One+feature&feature=income"
SINCE_CENTS = "window=Chosen+days&dates=2026-11-09&dates=2026-11-14"
"""From the day on which income came in cents, so that the days before are all in euros."""


def cards(app):
    return app.locator("[class*=st-key-open-]").get_by_role("button")


def marks(app, axis):
    """Return the numbers along an axis of the histogram."""
    return app.locator(f".st-key-histogram .{axis}tick")


def test_a_card_opens_its_feature_and_the_link_says_so(app, open_page, settle):
    open_page(f"{CREDIT}&window=7+days", "Distributions")
    expect(app.locator("[class*=st-key-small-] .main-svg:first-child").first).to_be_visible()
    app.get_by_role("button", name="income", exact=True).click()
    expect(browser.picker(app, "Feature")).to_have_value("income")
    expect(app.get_by_role("figure", name="Histogram of income")).to_be_visible()
    expect(app).to_have_url(re.compile("feature=income"))
    expect(app).to_have_url(re.compile(r"view=One\+feature"))
    settle()
    app.reload()
    expect(app.get_by_role("figure", name="Histogram of income")).to_be_visible()
    settle()
    app.go_back()
    expect(cards(app)).to_have_count(12)


def test_the_largest_change_comes_first(app, open_page):
    open_page(f"{CREDIT}&{SINCE_CENTS}", "Distributions")
    expect(cards(app).first).to_have_accessible_name("age")
    browser.pick(app, "Order", "Largest change")
    expect(cards(app).first).to_have_accessible_name("income")
    expect(app).to_have_url(re.compile(r"sort=Largest\+change"))
    # What is never the same in two windows is no change: these two are on the second page.
    for name in ("customer_id", "applied_at"):
        expect(app.get_by_role("button", name=name)).to_have_count(0)


def test_features_that_only_the_reference_has_are_drawn_too(app, open_page):
    """For ten hours the header of version 4's inputs was too narrow, so columns had no name."""
    days = "window=Chosen+days&dates=2026-11-01&dates=2026-11-01"
    open_page(f"{CREDIT}&{days}&sort=Largest+change", "Distributions")
    expect(app.get_by_text("only in the reference")).not_to_have_count(0)
    expect(app.get_by_test_id("stException")).to_have_count(0)
    expect(cards(app)).to_have_count(12)


def test_many_features_come_in_pages(app, open_page):
    open_page(f"{CREDIT}&window=7+days", "Distributions")
    expect(cards(app)).to_have_count(12)
    app.get_by_role("button", name="Page 2").click()
    expect(cards(app)).to_have_count(2)
    expect(cards(app).last).to_have_accessible_name("months_at_address")
    field = app.get_by_role("textbox", name="Find a feature")
    field.fill("inco")
    field.press("Enter")
    expect(cards(app)).to_have_count(1)
    expect(cards(app)).to_have_accessible_name("income")


def test_axes_and_bins_are_the_readers_choice(app, open_page, settle):
    open_page(INCOME, "Distributions")
    expect(marks(app, "x").filter(has_text="100k")).to_have_count(0)
    app.get_by_role("button", name="Bins and axes").click()
    app.get_by_text("Logarithmic axis").click()
    expect(marks(app, "x").filter(has_text="100k")).to_have_count(1)
    expect(app).to_have_url(re.compile("log=true"))
    settle()
    expect(marks(app, "y").filter(has_text="%")).not_to_have_count(0)
    app.get_by_role("radio", name="Rows", exact=True).click()
    expect(marks(app, "y").filter(has_text="%")).to_have_count(0)
    expect(app).to_have_url(re.compile("height=Rows"))


def test_a_feature_is_split_by_another(app, open_page):
    open_page(INCOME, "Distributions")
    legend = app.locator(".st-key-histogram .legendtext")
    expect(legend).to_have_text(["current", "reference"])
    browser.pick(app, "Split by", "region")
    expect(legend).to_have_text(["süd", "nord", "öst", "väst"])
    expect(app).to_have_url(re.compile("split=region"))
