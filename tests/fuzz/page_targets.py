"""Pages: links with anything in them, and collected files with anything in them."""

import json
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from streamlit.testing.v1 import AppTest

from lib import collected
from lib.ui import sources
from tests.faults import small_account
from tests.faults.world import COLLECTED, LAST_RESORT, Reader, Seen, cold, seen
from tests.fuzz import mutations
from tests.fuzz.collected_targets import V1, V2, make_days
from tests.fuzz.target import Target

ROOT = Path(__file__).parents[2]
PAGES = (*COLLECTED, "requests", "failures")
WINDOWS = ["1 day", "7 days", "14 days", "30 days", "90 days", "Chosen days", "3"]
VALUES: dict[str, list[object]] = {
    "source": ["default", "Demo"],
    "workspace": ["contoso-ws", "azureml-blobstore-contoso"],
    "service": ["credit-svc", "fraud-ep"],
    "model": ["credit_risk", ""],
    "version": ["3", "blue"],
    "identifier": ["inputs", "predictions", "model_inputs", "model_outputs"],
    "window": list(WINDOWS),
    "dates": [["2026-11-17", "2026-11-20"], ["2026-11-17"], ["2014-01-01", "2030-01-01"], []],
    "compare": ["Previous window", "Same weekdays before", "Other days", "A file", "Nothing"],
    "reference": [["2026-11-13", "2026-11-16"], ["2026-11-30", "2026-11-01"]],
    "other": ["fraud-ep / blue", "credit-svc / credit_risk / 3"],
    "data": ["predictions"],
    "view": ["All features", "One feature", "Statistics"],
    "show": ["One feature", "As Azure ML", "All together"],
    "feature": ["income", "amount"],
    "split": ["region", "income"],
    "kind": ["numeric", "categorical", "auto"],
    "day": ["2026-11-18", "2026-13-45"],
    "at": ["workspace", "service", "model", "version", "identifier", "day"],
    "search": ["credit inputs", "*"],
    "watch": ["0.05", "2", "-1"],
    "drift": ["0.1", "nan"],
    "strong": ["0.2", "1e999"],
    "order": ["Name", "Largest change"],
    "whose": ["Whole service", "All services"],
    "objective": ["99.9 %"],
    "good_ms": ["200", "0"],
    "details": ["Slowest", "Week"],
    "refresh": ["Every minute", "Off"],
}
"""Names of parameters, and values of which some are right."""


def make_link(random: Random) -> bytes:
    """A page, and parameters with right, nearly right and odd values."""
    link: dict[str, object] = {}
    for name in random.sample(list(VALUES), random.randrange(1, 9)):
        value = random.choice(VALUES[name])
        if random.random() < 0.5:
            value = mutations.odd_text(random, str(value) if random.random() < 0.5 else "")
        link[name] = value
    if random.random() < 0.2:
        link[mutations.odd_text(random, "x")] = "1"
    return json.dumps([random.choice(PAGES), link]).encode()


def check_link(case: bytes) -> None:
    """The page is shown, whatever the link says."""
    page, link = json.loads(case)
    # What no address can hold cannot arrive.
    link = {k: v for k, v in link.items() if k and not re.search("[\ud800-\udfff]", k + str(v))}
    with mock.patch.dict(os.environ, _environ(_folder())), _no_secrets():
        app = AppTest.from_file(ROOT / "app.py", default_timeout=25)
        for key, value in link.items():
            app.query_params[key] = value
        found = seen(app.switch_page(f"pages/{page}.py").run())
    _assert_alive(found)
    assert re.search(page, found.text, re.I)


def check_files(case: bytes) -> None:
    """Every page about collected data is shown; all rows of all files are in its numbers."""
    files = {name: bytes.fromhex(data) for name, data in json.loads(case).items()}
    rows = sum(collected.read(data, name).rows_read for name, data in files.items())
    is_v1 = min(files) == min([*files, V1]) if V1 in files else False
    scope = {"window": "Chosen days", "dates": ["2026-03-05", "2026-03-06"]}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder, "box", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        cold()
        with mock.patch.dict(os.environ, _environ(folder)), _no_secrets():
            reader = Reader(scope)
            shown = {page: reader.open(page) for page in COLLECTED}
    for found in shown.values():
        _assert_alive(found)
    assert V2 in files or is_v1
    table = shown["overview"].tables[0] if shown["overview"].tables else None
    assert table is None or int(table["rows"].sum()) == rows, (table, rows)
    if rows:
        assert f"**{rows:,} row" in shown["browse"].text


def _assert_alive(found: Seen) -> None:
    assert not found.crashes, found.crashes[0][-600:]
    assert not LAST_RESORT.search(found.text)


@cache
def _folder() -> str:
    """A folder with the small account and its telemetry, for as long as the process lives."""
    folder = tempfile.mkdtemp()
    files = small_account.collected() | small_account.telemetry()
    for container, each in files.items():
        for name, data in each.items():
            path = Path(folder, container, *name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


def _environ(folder: str) -> dict[str, str]:
    told = {"FOLDER": folder, "WORKSPACE": "contoso-ws", "PROFILES_FOLDER": "off"}
    told |= {"TODAY": small_account.TODAY.isoformat(), "TELEMETRY_ARCHIVE": folder}
    return {f"DRIFTLINE_{name}": value for name, value in told.items()}


def _no_secrets() -> "mock._patch[object]":
    return mock.patch.object(sources, "_secrets", dict)


TARGETS = {
    "links": Target(make_link, check_link, 16, 4),
    "files": Target(make_days, check_files, 16, 2),
}
