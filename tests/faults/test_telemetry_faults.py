"""Every fault of Log Analytics on every page with telemetry."""

import gc
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lib import logs
from lib.logs import monitor, refusals
from lib.settings import Source
from lib.ui import sources
from tests.faults import small_account, world
from tests.faults.proxy import Proxy, Rule, proxy
from tests.faults.telemetry_faults import TABLE, Fault
from tests.faults.world import CALM, LAST_RESORT, Reader, Seen
from tests.loopback import WORKSPACE, loopback

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

REQUESTS = small_account.REQUESTS * small_account.DAYS
FAILED = small_account.FAILED * small_account.DAYS


@pytest.fixture(scope="module")
def service(tmp_path_factory, upload) -> Iterator[tuple[str, str]]:
    """A folder with the small account, and the URL of a server that knows its telemetry."""
    folder = tmp_path_factory.mktemp("account")
    source = Source("small", folder=str(folder))
    files = small_account.collected() | small_account.telemetry()
    for container, each in files.items():
        upload(source, container, each)
    archive = logs.archive(logs.containers(source), str(tmp_path_factory.mktemp("copy")))
    with loopback(world.Remembering(archive)) as server:
        yield str(folder), server.url
    archive.close()


@pytest.fixture
def between(service, monkeypatch) -> Iterator[Proxy]:
    """A proxy before that server, and an app that is to ask through it and has asked nothing."""
    folder, url = service
    monkeypatch.setattr(refusals, "_PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(sources, "_secrets", dict)
    with proxy(url) as running:
        for name, value in {
            "FOLDER": folder,
            "WORKSPACE": "contoso-ws",
            "PROFILES_FOLDER": "off",
            "TODAY": small_account.TODAY.isoformat(),
            "TELEMETRY_WORKSPACE_ID": WORKSPACE,
            "TELEMETRY_ENDPOINT": running.url,
        }.items():
            monkeypatch.setenv(f"DRIFTLINE_{name}", value)
        world.cold()
        yield running
        world.cold()
        gc.collect()  # while open sockets are no matter


HEALTHY: dict[str, Seen] = {}
"""What is seen on each page where nothing is wrong; found once."""


@pytest.fixture
def healthy(between) -> dict[str, Seen]:
    """What is seen on each page where nothing is wrong."""
    if not HEALTHY:
        reader = Reader(small_account.CREDIT)
        HEALTHY.update((page, reader.open(page)) for page in world.TELEMETRY)
        world.cold()
    return HEALTHY


def test_the_small_account_is_shown_as_it_was_recorded(healthy):
    table = healthy["overview"].tables[0].set_index("service")
    for service in ("credit-svc", "fraud-ep"):
        assert table.loc[service, "requests_per_day"] == small_account.REQUESTS
        assert table.loc[service, "failed_pct"] == 100 * FAILED / REQUESTS
        assert table.loc[service, "exceptions"] == FAILED
    assert f"**{REQUESTS} requests" in healthy["requests"].text
    assert f"**{FAILED} of {REQUESTS} requests failed**" in healthy["failures"].text
    for page in world.TELEMETRY:
        assert not healthy[page].crashes
        assert not healthy[page].errors


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
def test_a_fault_is_named_costs_what_it_must_and_passes(fault, between, healthy, monkeypatch):
    rule = Rule(fault.act, "POST", text=fault.text, times=fault.times)
    between.rules = [rule]
    if fault.impatient:
        monkeypatch.setattr(monitor, "_READ_S", 0.25)
    if fault.gone:
        between.leave()
    reader = Reader(small_account.CREDIT)
    for page in world.TELEMETRY:
        found = reader.open(page)
        assert not found.crashes, page
        assert not LAST_RESORT.search(found.text), page
        COST[fault.costs](fault, found, page, healthy)
    assert fault.gone or rule.seen, "the fault was never met"
    between.rules = []
    if fault.gone:
        between.listen()
    if fault.holds:
        assert_held(fault, reader, between)
        return
    for page in world.TELEMETRY:
        assert_same(reader.refresh(page), healthy[page], page)


def _nothing(fault: Fault, found: Seen, page: str, healthy: Any) -> None:
    assert_same(found, healthy[page], page)


def _telemetry(fault: Fault, found: Seen, page: str, healthy: Any) -> None:
    """The collected data stand; of telemetry there is one explanation and no number."""
    assert_said(fault, found, page)
    if page == "overview":
        table = found.tables[0].set_index("service")
        assert table["rows"].to_dict() == {"credit-svc": 240, "fraud-ep": 200}
        assert "requests_per_day" not in table
        assert not found.errors
        return
    assert len(found.errors) == 1, page
    assert "What to do:" in found.errors[0]
    assert not found.metrics, page
    assert not CALM.search(found.text), page


def _some_rows(fault: Fault, found: Seen, page: str, healthy: Any) -> None:
    """Numbers are shown as what they are, at least so many."""
    assert_said(fault, found, page)
    assert re.search(r"at least|incomplete|not all", found.text, re.I), page
    assert not CALM.search(found.text), page


def _question(fault: Fault, found: Seen, page: str, healthy: Any) -> None:
    """One answer is missing, and said to be; what others tell stands."""
    if page == "requests":
        assert_same(found, healthy[page], page)
        return
    assert_said(fault, found, page)
    if page == "failures":
        assert f"**{FAILED} of {REQUESTS} requests failed**" in found.text
        assert found.metrics["Failed"] == healthy[page].metrics["Failed"]
        assert "Exceptions" not in found.metrics
        assert not CALM.search(found.text)


COST: dict[str, Callable[[Fault, Seen, str, Any], None]] = {
    "nothing": _nothing,
    "telemetry": _telemetry,
    "some rows": _some_rows,
    "question": _question,
}


def assert_held(fault: Fault, reader: Reader, between: Proxy) -> None:
    """Assert that whoever looks again is told the same, and that nobody is asked meanwhile."""
    asked = len(between.asked)
    for page in world.TELEMETRY:
        assert_said(fault, reader.refresh(page), page)
    assert len(between.asked) == asked == 1


def assert_said(fault: Fault, found: Seen, page: str) -> None:
    """Assert that a page says what is wrong and what to do."""
    for pattern in (fault.says, fault.next_step):
        assert re.search(pattern, found.text, re.I), (page, pattern, found.text)


def assert_same(found: Seen, wanted: Seen, page: str) -> None:
    """Assert that a page shows the right numbers, and no trouble."""
    assert not found.crashes, page
    assert found.errors == (), page
    assert found.numbers == wanted.numbers, page
