"""The drift page as a person uses it: from the sentence on top to the rows behind a bin."""

import re

import browser
from playwright.sync_api import expect

CREDIT = "/drift?service=credit-risk-svc"
INCOME = f"{CREDIT}&show=One+feature&feature=income"
TRAINING = b"income,age\n" + b"".join(b"%d,%d\n" % (2_000 + n, 20 + n % 50) for n in range(500))


def test_a_cell_of_the_heat_map_opens_its_feature(app, open_page):
    open_page(CREDIT, "Drift")
    expect(app.get_by_text("drifted", exact=False).first).to_be_visible()
    app.locator(".st-key-map .barlayer .point").last.click(force=True)
    expect(browser.picker(app, "Feature")).to_be_visible()
    expect(app).to_have_url(re.compile("show=One"))


def test_a_row_of_the_ranking_opens_its_feature(app, open_page):
    open_page(CREDIT, "Drift")
    browser.tick(app, "income")
    expect(browser.picker(app, "Feature")).to_have_value("income")
    expect(app.get_by_text("has drifted strongly")).to_be_visible()


def test_a_bin_shows_the_rows_behind_it(app, open_page):
    open_page(INCOME, "Drift")
    # The last but two of 22 bins: the first of the two panels is as wide as its bins together.
    panel = app.locator(".st-key-bins-of-both .nsewdrag").first
    box = panel.bounding_box()
    panel.click(position={"x": box["width"] * 19.5 / 22, "y": box["height"] / 2})
    expect(app.get_by_text("of the newest")).to_be_visible()
    browser.settle(app)
    expect(app.get_by_test_id("stException")).to_have_count(0)


def test_a_training_set_is_taken_as_the_reference(app, open_page):
    open_page(f"{CREDIT}&compare=A+file", "Drift")
    file = {"name": "training.csv", "mimeType": "text/csv", "buffer": TRAINING}
    app.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    expect(app.get_by_text("the file training.csv")).to_be_visible()
    expect(app.get_by_text("only the window has")).to_be_visible()


def test_thresholds_stand_in_the_address(app, open_page):
    open_page(CREDIT, "Drift")
    app.get_by_role("button", name="Thresholds").click()
    box = app.get_by_role("spinbutton", name="Strong")
    box.fill("0.95")
    box.press("Enter")
    expect(app).to_have_url(re.compile("strong=0.95"))
    browser.settle(app)
    assert browser.barriers(app) == []
