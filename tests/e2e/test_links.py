"""A link is the view: on a fresh server, from page to page, and back."""

import re

import browser
from playwright.sync_api import expect

CREDIT = "service=credit-risk-svc&model=credit_risk&version=4"
ONE_FEATURE = f"/distributions?{CREDIT}&window=7+days&view=One+feature&feature=income"
CHARTS = ("Histogram of income", "Cumulative distribution of income", "income day by day")

PAGES = list((browser.ROOT / "pages").glob("*.py"))


def navigation(app):
    return app.get_by_test_id("stSidebarNav").get_by_role("link")


def expect_one_feature(app):
    """Expect all that ONE_FEATURE asks for."""
    expect(navigation(app)).to_have_count(len(PAGES))
    expect(app.get_by_text("Page not found")).to_have_count(0)
    expect(app).to_have_title("Distributions · Driftline")
    for label, value in {
        "Service": "credit-risk-svc",
        "Model": "credit_risk",
        "Version": "4",
        "Window": "7 days",
        "Feature": "income",
    }.items():
        expect(browser.picker(app, label)).to_have_value(value)
    expect(app.get_by_role("radio", name="One feature")).to_be_checked()
    for name in CHARTS:
        expect(app.get_by_role("figure", name=name).locator(".trace").first).to_be_visible()


def test_a_link_opens_its_whole_view_as_the_first_page_of_a_server(app, account, fresh_server):
    first = fresh_server(browser.over(account))
    browser.open_page(app, first.url + ONE_FEATURE, "Distributions")
    expect_one_feature(app)

    copied = app.url.removeprefix(first.url)
    second = fresh_server(browser.over(account))
    browser.open_page(app, second.url + copied, "Distributions")
    expect_one_feature(app)


def test_another_service_brings_its_versions_into_sidebar_and_link(app, open_page, settle):
    open_page("/browse?service=credit-risk-svc&window=7+days", "Browse")
    browser.pick(app, "Service", "fraud-scoring")
    expect(app).to_have_url(re.compile("service=fraud-scoring"))
    expect(browser.picker(app, "Version")).to_have_value("blue")
    expect(browser.picker(app, "Model")).to_have_count(0)
    settle()
    browser.pick(app, "Version", "green")
    expect(app).to_have_url(re.compile("version=green"))
    settle()
    app.reload()
    settle()
    expect(browser.picker(app, "Version")).to_have_value("green")
    expect(browser.picker(app, "Window")).to_have_value("7 days")


def test_the_scope_goes_along_to_another_page_and_back_restores_the_former(app, open_page, settle):
    open_page("/browse?service=credit-risk-svc&window=7+days", "Browse")
    browser.pick(app, "Service", "fraud-scoring")
    expect(browser.picker(app, "Version")).to_have_value("blue")
    settle()
    former = app.url

    navigation(app).filter(has_text="Distributions").click()
    expect(app).to_have_title("Distributions · Driftline")
    settle()
    expect(app).to_have_url(re.compile("service=fraud-scoring"))
    expect(browser.picker(app, "Service")).to_have_value("fraud-scoring")
    expect(browser.picker(app, "Window")).to_have_value("7 days")
    browser.pick(app, "Service", "credit-risk-svc")
    expect(browser.picker(app, "Version")).to_have_value("4")
    settle()

    app.go_back()
    expect(app).to_have_title("Browse · Driftline")
    expect(browser.picker(app, "Service")).to_have_value("fraud-scoring")
    settle()
    expect(app).to_have_url(former)
    app.go_forward()
    expect(app).to_have_title("Distributions · Driftline")
    expect(browser.picker(app, "Service")).to_have_value("credit-risk-svc")
    settle()
