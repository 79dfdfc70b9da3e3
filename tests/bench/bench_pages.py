"""How long the server takes to run a page again when all that it shows has been read.

    python tests/bench/bench_pages.py

Runs each page over the demo account in process, as a click would, without the browser.
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
RUNS = 15
CREDIT = {"service": "credit-risk-svc", "model": "credit_risk", "version": "4"}
VIEWS = {
    "overview": ("overview", {}),
    "browse, a level": ("browse", {"at": "service"}),
    "browse, a day": ("browse", CREDIT),
    "browse, a day of 24 files": ("browse", {"service": "fraud-scoring", "version": "blue"}),
    "distributions, all": ("distributions", CREDIT),
    "distributions, one number": (
        "distributions",
        CREDIT | {"view": "One feature", "feature": "income"},
    ),
    "distributions, one category": (
        "distributions",
        CREDIT | {"view": "One feature", "feature": "employment"},
    ),
    "distributions, statistics": ("distributions", CREDIT | {"view": "Statistics"}),
}


def main() -> None:
    """Time every view."""
    from streamlit.testing.v1 import AppTest

    from lib import demo

    today = date(2026, 11, 20)
    with tempfile.TemporaryDirectory() as scratch:
        folder = demo.write(Path(scratch) / "demo", today).folder
        os.environ |= {
            "DRIFTLINE_FOLDER": str(folder),
            "DRIFTLINE_WORKSPACE": "contoso-ml",
            "DRIFTLINE_TODAY": today.isoformat(),
        }
        print(f"{'view':32}{'first run':>12}{'again, median':>16}{'worst':>10}  (ms)")
        for name, (page, parameters) in VIEWS.items():
            app = AppTest.from_file(ROOT / "app.py", default_timeout=120)
            for key, value in parameters.items():
                app.query_params[key] = value
            start = time.perf_counter()
            app.run()
            if page != "overview":
                start = time.perf_counter()
                app.switch_page(f"pages/{page}.py").run()
            first = time.perf_counter() - start
            assert not app.exception, app.exception[0].value
            times = []
            for _ in range(RUNS):
                start = time.perf_counter()
                app.run()
                times.append(time.perf_counter() - start)
            middle = statistics.median(times)
            print(f"{name:32}{first * 1e3:12.0f}{middle * 1e3:16.0f}{max(times) * 1e3:10.0f}")


if __name__ == "__main__":
    main()
