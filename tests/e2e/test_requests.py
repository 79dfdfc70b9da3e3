"""The pages about telemetry as a person uses them."""

import re

from playwright.sync_api import expect

FRAUD = "service=fraud-scoring&whose=Whole+service&window=7+days"


def click_in(app, key, x, y):
    """Click into the first panel of a chart, at these shares of its width and height."""
    panel = app.locator(f".st-key-{key} .nsewdrag").first
    box = panel.bounding_box()
    panel.click(position={"x": box["width"] * x, "y": box["height"] * y})


def test_a_bar_of_the_rate_shows_the_requests_behind_it(app, open_page, settle):
    open_page(f"/requests?{FRAUD}", "Requests")
    expect(app.get_by_text("failures were recorded as successes")).to_be_visible()
    click_in(app, "rate", 0.5, 0.9)
    expect(app.get_by_text(re.compile("Requests of .* UTC"))).to_be_visible()
    settle()
    expect(app.get_by_test_id("stException")).to_have_count(0)


def test_the_rule_of_whose_rows_can_be_corrected(app, open_page):
    open_page(f"/requests?{FRAUD}", "Requests")
    app.get_by_role("button", name="Whose rows").click()
    for label in ("AppRoleName is one of", "or Properties[“Service Name”] is one of"):
        box = app.get_by_role("textbox", name=label)
        box.fill("nobody")
        box.press("Enter")
    expect(app.get_by_text("No requests were recorded in this window")).to_be_visible()
