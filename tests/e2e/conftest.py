"""The app of the browser tests: over a demo account whose last day is browser.TODAY."""

import fcntl
import os
from contextlib import ExitStack, suppress
from pathlib import Path

import browser
import pytest
from playwright.sync_api import Error, expect

expect.set_options(timeout=15_000)

HERE = Path(__file__).parent
LAST_LINES = 60


def pytest_collection_modifyitems(items):
    """Run these tests last: Playwright leaves an event loop behind, which asyncio.run refuses."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a picture of each test that fails, and show the end of what the servers said."""
    report = yield
    if report.failed:
        if "page" in item.funcargs:
            take_picture(item.funcargs["page"])
        for server in item.session.stash.get(SERVERS, []):
            lines = server.log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
            report.sections.append((f"Server {server.url}", "\n".join(lines)))
    return report


def take_picture(page):
    """Keep what a page looks like below test-results, if there is still something to see."""
    with suppress(Error):
        page.screenshot(path=page.picture)


SERVERS = pytest.StashKey[list[browser.Server]]()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Take the machine's Chromium in place of Playwright's own download."""
    return browser_type_launch_args | browser.launch_options()


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return browser_context_args | {
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "UTC",
    }


@pytest.fixture(scope="session")
def account(tmp_path_factory):
    """Return the folder of the demo account, written by the first who needs it."""
    mine = tmp_path_factory.mktemp("demo")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return browser.write_demo(mine)
    of_all = tmp_path_factory.getbasetemp().parent  # of the workers of this run
    shared = of_all / "account"
    with (of_all / "account.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            browser.write_demo(mine).rename(shared)
    return shared


def starter(stack, tmp_path_factory, session):
    servers = session.stash.setdefault(SERVERS, [])

    def start(environ, secrets=""):
        folder = tmp_path_factory.mktemp("server")
        server = stack.enter_context(browser.serve(folder, environ, secrets))
        servers.append(server)
        stack.callback(servers.remove, server)
        return server

    return start


@pytest.fixture(scope="session")
def base_url(account, tmp_path_factory, request):
    """Run the app for all tests, and return its address: `app.goto("/drift")` is relative to it."""
    with ExitStack() as stack:
        start = starter(stack, tmp_path_factory, request.session)
        yield start(browser.over(account)).url


@pytest.fixture
def fresh_server(tmp_path_factory, request):
    """Return `start(environ, secrets="")`, which runs another server until the test ends."""
    with ExitStack() as stack:
        yield starter(stack, tmp_path_factory, request.session)


@pytest.fixture(scope="session")
def kept(browser, browser_context_args, base_url):
    """Return a page that stays open while the tests open and close theirs beside it.

    It keeps their process alive, and in it the app's scripts as they were compiled: a page
    that had to compile them anew would take twice as long to open.
    """
    with browser.new_context(**browser_context_args) as context:
        page = context.new_page()
        page.goto(f"{base_url}/_stcore/health")
        yield page


@pytest.fixture
def page(kept, output_path):
    """Return a new page that knows nothing of the pages before it."""
    kept.context.clear_cookies()
    kept.evaluate("localStorage.clear()")
    with kept.context.new_page() as page:
        page.picture = Path(output_path, "page.png")
        yield page


@pytest.fixture
def app(page):
    """Return a browser's page; the test fails if a problem is left in `app.problems` at its end."""
    page.problems = browser.watch(page)
    yield page
    if page.problems:
        take_picture(page)
    assert page.problems == []


@pytest.fixture
def open_page(app):
    """Return `open_page(path, heading)`."""
    return lambda path, heading: browser.open_page(app, path, heading)


@pytest.fixture
def settle(app):
    """Return `settle()`."""
    return lambda: browser.settle(app)
