"""The app as a person meets it: a real server, a real browser, and when a page is ready."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).parents[2]
TODAY = "2026-11-20"
"""The day on which the tests take place, a Friday: the last of the demo data."""

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--process-per-site",  # see `kept` in conftest.py
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE = ("127.0.0.1", "localhost")
READY_MS = 60_000  # the first page reads a whole window of data, on a machine that may be busy
HEADER_PX = 35
ROW_PX = 35
TICK_PX = 18
"""Where Streamlit draws a table: the height of its header and rows, and where one ticks a row."""


@dataclass(frozen=True)
class Server:
    """A running app; `log` is the file with what the server has said."""

    url: str
    log: Path


def launch_options() -> dict[str, object]:
    """Return what Playwright needs to start the Chromium or Chrome of this machine."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise RuntimeError("There is no Chromium or Chrome: set CHROMIUM to the path of one.")
    # Chromium's own sandbox does not work for root, which is who containers and CI run as.
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    return {"executable_path": found, "args": [*FLAGS, *sandbox]}


def write_demo(folder: Path) -> Path:
    """Write the demo account that ends TODAY, and return its folder."""
    account = folder / "account"
    command = [sys.executable, "-m", "lib.demo", str(account), "--until", TODAY, "--telemetry"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return account


def over(account: Path) -> dict[str, str]:
    """Return what the app is told to show an account in a folder, and its telemetry."""
    return {
        "DRIFTLINE_FOLDER": str(account),
        "DRIFTLINE_TELEMETRY_ARCHIVE": str(account),
        "DRIFTLINE_SOURCE": "Demo",
        "DRIFTLINE_WORKSPACE": "contoso-ml",
    }


@contextmanager
def serve(folder: Path, environ: Mapping[str, str], secrets: str = "") -> Iterator[Server]:
    """Run the app until the end of the block, told what `environ` and `secrets` (TOML) say.

    Nothing of what the machine's user has set gets through: no DRIFTLINE_, AZURE_ or
    STREAMLIT_ variable, no secrets.toml, no home. `folder` has to be new; it takes the log,
    the secrets and a home.
    """
    home = folder / "home"
    home.mkdir()
    file = folder / "secrets.toml"
    if secrets:
        file.write_text(secrets, encoding="utf-8")
    log = folder / "server.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "secrets.files": str(file),
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [word for name, value in options.items() for word in (f"--{name}", value)]
    foreign = ("DRIFTLINE_", "AZURE_", "STREAMLIT_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    told = kept | {"HOME": str(home), "DRIFTLINE_TODAY": TODAY} | dict(environ)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=told, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    server = Server(f"http://127.0.0.1:{port}", log)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(server: Server) -> None:
    patience = urllib3.Retry(150, backoff_factor=0.1, backoff_max=0.2)
    try:
        with urllib3.PoolManager(retries=patience) as http:
            http.request("GET", f"{server.url}/_stcore/health")
    except urllib3.exceptions.MaxRetryError:
        raise RuntimeError(f"The server did not come up:\n{server.log.read_text()}") from None


def watch(page: Page) -> list[str]:
    """Return a list that fills with what goes wrong: errors, and requests that leave the machine.

    On a deep link Streamlit's own client asks /<page>/_stcore/health first, gets a 404, and
    then asks /_stcore/health. That is no problem of the app.
    """
    problems: list[str] = []

    def on_console(message):
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            problems.append(f"console: {message.text} ({message.location['url']})")

    def on_request(request):
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname not in HERE:
            problems.append(f"leaves this machine: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("request", on_request)
    page.on("websocket", on_request)
    return problems


# Looked at in every frame: an `expect` for each would look once a second, and hold up every test.
SETTLED = """
() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
    && [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every(
        chart => chart.querySelector(".main-svg") || !chart.checkVisibility())
"""


def settle(page: Page) -> None:
    """Wait until the script has run to its end and what it sent is drawn."""
    page.wait_for_function(SETTLED, timeout=READY_MS)


def open_page(page: Page, path: str, heading: str) -> None:
    """Go to a path of the app, or to a whole address, and wait until its page is ready."""
    page.goto(path)
    title = page.get_by_role("heading", name=heading, level=1, exact=True)
    expect(title).to_be_visible(timeout=READY_MS)
    settle(page)


def picker(page: Page, label: str) -> Locator:
    """Return a select box; its value is what it shows."""
    return page.get_by_role("combobox", name=label, exact=True)


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box."""
    picker(page, label).click()
    page.get_by_role("option", name=option, exact=True).click()


def tick(page: Page, text: str, row_px: int = ROW_PX) -> None:
    """Tick the row with this text of the first table of a page.

    A table is drawn on a canvas, so the mouse has to know where. Which row it is, is told by
    the rows inside the canvas that are there for screen readers, once the table is drawn.
    """
    table = page.get_by_test_id("stDataFrameResizable").first
    cell = table.locator("[role=gridcell]", has_text=re.compile(f"^{re.escape(text)}$")).first
    expect(cell).to_be_attached()
    row = cell.evaluate("cell => Number(cell.closest('[role=row]').ariaRowIndex)") - 2
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + TICK_PX, box["y"] + HEADER_PX + (row + 0.5) * row_px)


def barriers(page: Page) -> list[str]:
    """Return what keeps people out, by WCAG 2 A and AA, as far as axe can tell.

    Nothing is left out: of what the pages use, no part of Streamlit itself is found wanting.
    """
    wanted = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
    found = Axe().run(page, options=wanted).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


EVERY_LOOK = [("light", 1440), ("dark", 768), ("dark", 1440), ("light", 768)]

# Streamlit scrolls an element of its own, and cuts off what is wider than the page itself.
FITS = """
() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
    .every(each => each.scrollWidth <= Math.min(each.clientWidth, innerWidth))
"""


def look_at(page: Page, open_it: Callable[[str, str], None], view: str, path: str) -> None:
    """Check that a view is whole and open to everybody: a page in every look, parts of it in two.

    `view` is the page's name, for a part of it with a hyphen and more behind.
    """
    for scheme, width in EVERY_LOOK[:2] if "-" in view else EVERY_LOOK:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        open_it(path, view.partition("-")[0].capitalize())
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        page.wait_for_function(FITS)
        assert barriers(page) == [], f"{scheme}, {width} pixels"
