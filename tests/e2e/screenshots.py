"""Takes pictures of the app on its demo data: python tests/e2e/screenshots.py [FOLDER].

With a FOLDER: every page, whole, light and dark, 1440 and 768 pixels wide. Without: the
pictures that README.md shows, as tests/e2e/screenshots/<page>-<light|dark>-<width>.png.
"""

import re
import sys
import tempfile
from itertools import product
from pathlib import Path

import browser
from playwright.sync_api import Browser, Page, sync_playwright

HEIGHT = 900
SHOWN = Path(__file__).parent / "screenshots"
LOOKS = tuple(product(("light", "dark"), (1440, 768)))


def main() -> None:
    """Start the app, find its pages, and take the pictures."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else SHOWN
    wanted = None if sys.argv[1:] else shown_in_readme()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        demo = browser.serve(Path(scratch), {"DRIFTLINE_DEMO": "1"})
        with demo as server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(**browser.launch_options())
            for name, address in pages(chromium, server.url).items():
                for scheme, width in LOOKS:
                    file = folder / f"{name}-{scheme}-{width}.png"
                    if wanted is None or file.name in wanted:
                        take(chromium, address, file, scheme, width, whole=wanted is None)
            chromium.close()


def shown_in_readme() -> set[str]:
    """Return the names of README's pictures."""
    text = (browser.ROOT / "README.md").read_text("utf-8")
    return set(re.findall(rf"{SHOWN.relative_to(browser.ROOT)}/([\w-]+\.png)", text))


def pages(chromium: Browser, url: str) -> dict[str, str]:
    """Return the address of each page in the navigation by its name, which makes the file's."""
    page = chromium.new_page(viewport={"width": 1440, "height": HEIGHT})
    page.goto(url)
    browser.settle(page)
    found = {}
    for link in page.get_by_test_id("stSidebarNav").get_by_role("link").all():
        title = link.inner_text().splitlines()[-1]  # an icon's name comes before it
        found[title.strip().lower().replace(" ", "-")] = link.evaluate("a => a.href")
    page.close()
    return found


def take(chromium: Browser, url: str, file: Path, scheme: str, width: int, *, whole: bool) -> None:
    """Take one picture, of the first screen or of the whole page."""
    page = chromium.new_page(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, timezone_id="UTC"
    )
    problems = browser.watch(page)
    page.goto(url)
    browser.settle(page)
    if whole:
        page.set_viewport_size({"width": width, "height": max(HEIGHT, height_of(page))})
        browser.settle(page)
    page.screenshot(path=file)
    page.close()
    print(f"{file} {file.stat().st_size // 1024} kB", *problems, sep="\n  ! ")


def height_of(page: Page) -> int:
    """Return how high the page is: Streamlit scrolls an element, so a full page is no higher."""
    return page.get_by_test_id("stMain").evaluate("element => element.scrollHeight")


if __name__ == "__main__":
    main()
