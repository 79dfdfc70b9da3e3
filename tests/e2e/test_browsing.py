"""From the overview down to one file, and back up."""

import csv
import io
import re
from pathlib import Path

import browser
from playwright.sync_api import expect

CREDIT = "service=credit-risk-svc&window=7+days"
OVERVIEW_ROW_PX = 44


def trail(app):
    """Return what stands in the trail, from the account to the step that is shown."""
    return app.locator(".st-key-trail").get_by_role("paragraph")


def step(app, name):
    return app.locator(f".st-key-to-{name}").get_by_role("button")


def press(within, name):
    """Download what a button gives, and return its name and its bytes."""
    button = within.get_by_role("button", name=name, exact=True)
    with button.page.expect_download() as started:
        button.click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


def table(data):
    """Return the header and the rows of a CSV file that Excel can tell to be UTF-8."""
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return header, rows


def test_a_row_of_the_overview_leads_to_its_version(app, open_page, settle):
    open_page("/?window=7+days", "Overview")
    browser.tick(app, "green", OVERVIEW_ROW_PX)
    expect(app).to_have_title("Browse · Driftline")
    expect(app).to_have_url(re.compile("/browse.*version=green"))
    settle()
    expect(trail(app)).to_have_text(
        ["Demo", "contoso-ml", "fraud-scoring", "deployment green", "days"]
    )
    expect(browser.picker(app, "Version")).to_have_value("green")
    expect(browser.picker(app, "Window")).to_have_value("7 days")
    expect(app).to_have_url(re.compile("window=7"))


def test_one_goes_up_the_trail_and_down_by_rows(app, open_page, settle):
    open_page(f"/browse?{CREDIT}", "Browse")
    step(app, "service").click()
    expect(app.get_by_role("heading", name="Services (3)")).to_be_visible()
    expect(app).to_have_url(re.compile("at=service"))
    for row, heading, shown in (
        ("credit-risk-svc", "Model (1)", ["Demo", "contoso-ml", "credit-risk-svc"]),
        ("credit_risk", "Versions (2)", ["Demo", "contoso-ml", "credit-risk-svc", "credit_risk"]),
    ):
        settle()
        browser.tick(app, row)
        expect(app.get_by_role("heading", name=heading)).to_be_visible()
        expect(trail(app)).to_have_text(shown)
    settle()
    browser.tick(app, "3")
    expect(app.get_by_role("heading", name="Collected data (2)")).to_be_visible()
    expect(app).to_have_url(re.compile("version=3"))
    settle()
    browser.tick(app, "predictions")
    expect(app.get_by_role("radio", name="predictions")).to_be_checked()
    expect(app).to_have_url(re.compile("identifier=predictions"))
    expect(trail(app).last).to_have_text("days")


def test_back_after_going_down_shows_the_same_list(app, open_page, settle):
    open_page(f"/browse?{CREDIT}&at=service", "Browse")
    browser.tick(app, "fraud-scoring")
    expect(app.get_by_role("heading", name="Versions (2)")).to_be_visible()
    expect(app).to_have_url(re.compile("service=fraud-scoring.*at=version"))
    settle()
    app.go_back()
    expect(app.get_by_role("heading", name="Services (3)")).to_be_visible()


def test_an_empty_window_leads_to_the_days_with_data_by_link(app, open_page, settle):
    open_page("/browse?service=credit-risk-svc&version=3&window=7+days", "Browse")
    app.get_by_role("button", name="Show 20 – 26 Oct 2026").click()
    expect(app.get_by_role("heading", name="on 26 Oct 2026")).to_be_visible()
    expect(app).to_have_url(re.compile("dates=2026-10-20&dates=2026-10-26"))
    settle()
    app.reload()
    expect(app.get_by_role("heading", name="on 26 Oct 2026")).to_be_visible()


def test_a_cell_of_the_calendar_chooses_its_day(app, open_page):
    open_page(f"/browse?{CREDIT}", "Browse")
    expect(app.get_by_role("heading", name="on 20 Nov 2026")).to_be_visible()
    fourth = app.locator(".st-key-calendar .barlayer .point").nth(3)
    box = fourth.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    app.mouse.move(*middle)
    expect(app.locator(".st-key-calendar .hoverlayer")).to_contain_text("Tue 17 Nov 2026")
    app.mouse.click(*middle)
    expect(app).to_have_url(re.compile("day=2026-11-17"))
    expect(app.get_by_role("heading", name="on 17 Nov 2026")).to_be_visible()
    expect(browser.picker(app, "Day")).to_have_value("2026-11-17")


def test_search_leads_to_what_it_finds(app, open_page):
    open_page("/browse?window=7+days", "Browse")
    field = app.get_by_role("textbox", name="Search")
    field.fill("green OUTPUTS")
    field.press("Enter")
    expect(app.get_by_role("heading", name="Found (1)")).to_be_visible()
    expect(app).to_have_url(re.compile(r"search=green\+OUTPUTS"))
    browser.settle(app)
    browser.tick(app, "model_outputs")
    expect(app.get_by_role("radio", name="model_outputs")).to_be_checked()
    expect(app).to_have_url(re.compile("version=green"))
    expect(app).to_have_url(re.compile("identifier=model_outputs"))
    expect(field).to_have_value("")


def test_a_day_is_given_away_as_it_is_read_and_as_it_was_collected(app, open_page, account):
    open_page(f"/browse?{CREDIT}&day=2026-11-18", "Browse")
    files = (account / "modeldata").glob("*/*/*/credit-risk-svc/credit_risk/4/inputs/2026/11/18/*")
    (collected,) = (file for file in files if file.name == "inputs.csv")
    rows = len(collected.read_bytes().splitlines()) - 1
    expect(app.get_by_role("heading", name=f"{rows:,} rows on 18 Nov 2026")).to_be_visible()

    name, data = press(app, "CSV")
    assert name == "credit-risk-svc_4_inputs_2026-11-18.csv"
    header, given = table(data)
    assert header[:3] == ["age", "income", "loan_amount"]
    assert len(given) == rows
    name, data = press(app, "File as collected")
    assert name == "credit-risk-svc_4_inputs_2026-11-18.csv"
    assert data == collected.read_bytes()


def test_a_window_is_given_away_whole(app, open_page):
    """Of a service whose amounts are numbers in some files and texts in others."""
    open_page("/browse?service=fraud-scoring&version=green&window=1+day", "Browse")
    heading = app.get_by_role("heading", name="rows on 20 Nov 2026")
    rows = int(heading.inner_text().split()[0])
    assert press(app, "Parquet")[1].startswith(b"PAR1")
    app.get_by_role("button", name="Download the window").click()
    name, data = press(app.get_by_role("dialog"), "CSV")
    assert name == "fraud-scoring_green_model_inputs_20-Nov-2026.csv"
    header, given = table(data)
    assert header[0] == "amount"
    assert {cell[0].isdigit() for cell, *_ in given} == {True, False}
    assert len(given) == rows
