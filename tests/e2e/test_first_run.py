"""What one meets before everything is set up, each time on a server of its own."""

import socket

import browser
from playwright.sync_api import expect

KEY = "c2VjcmV0LWtleQ=="
MISSPELT = """
[sources.contoso]
acount_url = "https://contoso.blob.core.windows.net"
"""
RIGHT = '[sources.contoso]\naccount_url = "https://contoso.blob.core.windows.net"'


def alert(app):
    return app.get_by_test_id("stAlert")


def test_a_misspelt_setting_is_named_and_shown_right(app, fresh_server):
    server = fresh_server({}, MISSPELT)
    browser.open_page(app, server.url, "Overview")
    expect(alert(app)).to_contain_text("sources.contoso.acount_url is not a setting.")
    expect(alert(app)).to_contain_text("Did you mean account_url?")
    expect(app.get_by_test_id("stCode")).to_have_text(RIGHT)
    assert browser.barriers(app) == []
    app.get_by_test_id("stSidebarNav").get_by_role("link", name="Browse").click()
    expect(app).to_have_title("Browse · Driftline")
    expect(alert(app)).to_contain_text("is not a setting.")


def test_an_account_out_of_reach_is_explained_soon(app, fresh_server):
    with socket.socket() as closed:  # bound, so that nobody else answers there
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        told = (
            f"DefaultEndpointsProtocol=http;AccountName=contoso;AccountKey={KEY};"
            f"BlobEndpoint=http://{address}/contoso;"
        )
        server = fresh_server({"DRIFTLINE_CONNECTION_STRING": told})
        app.goto(f"{server.url}/browse")
        expect(alert(app)).to_contain_text(
            f"{address}/contoso could not be reached: it refused the connection.", timeout=30_000
        )
    expect(alert(app)).to_contain_text("What to do:")
    expect(app.get_by_role("heading", name="Browse", level=1)).to_be_visible()
    assert KEY not in app.content()
    assert KEY not in server.log.read_text("utf-8")


def test_an_empty_folder_says_what_was_looked_for(app, fresh_server, tmp_path):
    (tmp_path / "modeldata").mkdir()
    server = fresh_server({"DRIFTLINE_FOLDER": str(tmp_path), "DRIFTLINE_SOURCE": "Laptop"})
    browser.open_page(app, f"{server.url}/distributions", "Distributions")
    expect(alert(app)).to_contain_text("No collected data were found in Laptop.")
    expect(alert(app)).to_contain_text("modeldata")
    expect(app.get_by_test_id("stException")).to_have_count(0)


def test_without_any_setting_there_is_the_demo(app, fresh_server):
    server = fresh_server({})
    browser.open_page(app, f"{server.url}/?window=1+day", "Overview")
    expect(app.get_by_text("These are made-up data.")).to_be_visible()
    expect(app.get_by_text("5 versions of 3 services are collecting.")).to_be_visible()
