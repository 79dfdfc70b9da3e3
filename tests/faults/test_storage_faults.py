"""Every fault of a storage account on every page about collected data, and in `lib.check`."""

import gc
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

from lib.blobs import account as account_client
from lib.check.__main__ import main
from lib.settings import Source
from lib.ui import sources
from tests.faults import small_account, world
from tests.faults.proxy import Proxy, Rule, proxy
from tests.faults.storage_faults import HOUR, TABLE, Fault
from tests.faults.world import CALM, LAST_RESORT, Reader, Seen

# The client leaves the connections of failed tries open, until they are collected.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

WINDOW = f"--window={small_account.FIRST}..{small_account.LAST}"
ROWS = {"credit-svc": 240, "fraud-ep": 200}

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def full(connection_string, upload) -> str:
    """What opens an emulated account that holds the small one."""
    for container, files in small_account.collected().items():
        upload(Source("azurite", connection_string=connection_string), container, files)
    return connection_string


@pytest.fixture
def between(full, monkeypatch) -> Iterator[Proxy]:
    """A proxy before that account, and an app that is to read through it and has read nothing."""
    endpoint = re.search(r"BlobEndpoint=(http://[^/]+)", full)[1]
    _hasten(monkeypatch)
    with proxy(endpoint) as running:
        monkeypatch.setenv("DRIFTLINE_CONNECTION_STRING", full.replace(endpoint, running.url))
        monkeypatch.setenv("DRIFTLINE_WORKSPACE", "contoso-ws")
        monkeypatch.setenv("DRIFTLINE_PROFILES_FOLDER", "off")
        monkeypatch.setenv("DRIFTLINE_TODAY", small_account.TODAY.isoformat())
        monkeypatch.setattr(sources, "_secrets", dict)
        world.cold()
        yield running
        world.cold()
        gc.collect()  # while open sockets are no matter


def _hasten(monkeypatch) -> None:
    """Let the client try as often as ever, without the pauses in between."""
    for pause in ("initial_backoff", "increment_base", "random_jitter_range"):
        monkeypatch.setitem(account_client._CLIENT, pause, 0)
    # The client's own wait for the rest of a body that broke.
    quick = SimpleNamespace(sleep=lambda _: None)
    monkeypatch.setattr("azure.storage.blob._download.time", quick)


@pytest.fixture
def arrange(between, full, monkeypatch) -> Callable[[Fault], Rule]:
    """Return `arrange(fault)`, which lets a fault begin."""

    def begin(fault: Fault) -> Rule:
        if fault.impatient:
            monkeypatch.setitem(account_client._CLIENT, "read_timeout", 0.25)
            monkeypatch.setitem(account_client._CLIENT, "retry_total", 0)
        if fault.small_pages:
            opened = account_client.open_container
            small = lambda *rest: replace(opened(*rest), page_names=3)  # noqa: E731
            monkeypatch.setattr(account_client, "open_container", small)
        if fault.sas:
            monkeypatch.setenv("DRIFTLINE_CONNECTION_STRING", _with_sas(full, between.url))
        if fault.gone:
            between.leave()
        rule = Rule(fault.act, "GET", fault.path, times=fault.times)
        between.rules = [rule]
        return rule

    return begin


def _with_sas(full: str, url: str) -> str:
    told = dict(part.split("=", 1) for part in full.split(";") if part)
    token = generate_account_sas(
        told["AccountName"],
        told["AccountKey"],
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions(read=True, list=True),
        datetime.now(UTC) + timedelta(hours=1),
    )
    return f"BlobEndpoint={url}/{told['AccountName']};SharedAccessSignature={token}"


@pytest.fixture
def check(capsys) -> Check:
    """Return `check(form="json")`: what `lib.check` ends with, prints, and complains of."""

    def run(form: str = "json") -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([WINDOW, f"--format={form}"], dict(os.environ))
        printed = capsys.readouterr()
        return code, re.sub(r'(?<="generated_at": )"[^"]*"', '""', printed.out), printed.err

    return run


HEALTHY: dict[object, Any] = {}
"""What is seen where nothing is wrong, by service and page; found once."""


@pytest.fixture
def healthy(between, check) -> Callable[[str, str], Any]:
    """Return `healthy(service, page)`, and for the page "check" what that prints."""
    if not HEALTHY:
        for scope in (small_account.CREDIT, small_account.FRAUD):
            reader = Reader(scope)
            for page in world.COLLECTED:
                HEALTHY[scope["service"], page] = reader.open(page)
        HEALTHY["check"] = check()
        world.cold()
    return lambda *key: HEALTHY[key if len(key) > 1 else key[0]]


def test_the_small_account_is_shown_as_it_was_written(healthy):
    table = healthy("credit-svc", "overview").tables[0].set_index("service")
    assert table["rows"].to_dict() == ROWS
    assert table["drift"].to_dict() == {"credit-svc": ["strong"], "fraud-ep": ["stable"]}
    assert "**240 rows** of `inputs` on 4 of 4 days" in healthy("credit-svc", "browse").text
    assert "**200 rows** of `model_inputs`" in healthy("fraud-ep", "distributions").text
    drift = healthy("credit-svc", "drift").metrics
    assert (drift["Features drifted"], drift["Rows"]) == ("1 of 3", "240 before: 240")
    code, printed, complaints = healthy("check")
    assert (code, complaints) == (1, "")
    rows = [each["window"]["rows"] for each in json.loads(printed)["checks"]]
    assert sorted(rows) == [200, 200, 240, 240]
    for service in ROWS:
        for page in world.COLLECTED:
            assert not healthy(service, page).crashes
            assert not healthy(service, page).errors


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
def test_a_fault_is_named_costs_what_it_must_and_passes(fault, between, arrange, check, healthy):
    scope = small_account.FRAUD if fault.path == HOUR else small_account.CREDIT
    service = scope["service"]
    rule = arrange(fault)
    reader = Reader(scope)
    for page in world.COLLECTED:
        found = reader.open(page)
        assert_explained(fault, found, page)
        COST[fault.costs](found, page, service, healthy)
    assert fault.gone or rule.seen, "the fault was never met"
    assert_checked(fault, check, service, healthy)
    between.rules = []
    if fault.gone:
        between.listen()
    for page in world.COLLECTED:
        found = reader.refresh(page)
        # A reader whose service was not there was shown another, and follows the link again.
        if fault.costs in ("service", "container", "account"):
            found = reader.open(page)
        assert_same(found, healthy(service, page), page)
    assert check() == healthy("check")


def assert_explained(fault: Fault, found: Seen, page: str) -> None:
    """Assert that a page lives, and says what is wrong and what to do, if that is to be noticed."""
    assert not found.crashes, page
    assert not LAST_RESORT.search(found.text), page
    if fault.costs != "nothing":
        for pattern in (fault.says, fault.next_step):
            assert re.search(pattern, found.text, re.I), (page, pattern, found.text)
        assert "c2VjcmV0" not in found.text


def _nothing(found: Seen, page: str, service: str, healthy: Any) -> None:
    assert_same(found, healthy(service, page), page)


def _blob(found: Seen, page: str, service: str, healthy: Any) -> None:
    """All but the rows of one blob is there, and its day is not called fine."""
    rows = ROWS[service] - LOST[service]
    assert not found.errors, page
    if page == "overview":
        shown = found.tables[0].set_index("service")
        assert shown["rows"].to_dict() == {**ROWS, service: rows}
        assert found.metrics["Rows of inputs"] == str(sum(ROWS.values()) - LOST[service])
        assert not CALM.search(found.text)
    elif page == "drift":
        assert found.metrics["Rows"] == f"{rows} before: {ROWS[service]}"
    else:
        assert f"**{rows} rows** of" in found.text


LOST = {"credit-svc": small_account.V1_ROWS, "fraud-ep": small_account.V2_ROWS}


def _version(found: Seen, page: str, service: str, healthy: Any) -> None:
    """The other version is whole; on pages about this one there is an explanation."""
    if page != "overview":
        assert len(found.errors) == 1, page
        assert "What to do:" in found.errors[0]
        return
    assert "credit-svc 3" in found.text
    shown = found.tables[0].set_index("service")
    assert shown["rows"].to_dict()["fraud-ep"] == ROWS["fraud-ep"]
    assert found.metrics["Rows of inputs"] == str(ROWS["fraud-ep"])


def _service(found: Seen, page: str, service: str, healthy: Any) -> None:
    """The place is named, and the service beside it is shown."""
    assert not found.errors, page
    assert small_account.V1 in found.text
    if page == "overview":
        assert found.tables[0].set_index("service")["rows"].to_dict() == {"fraud-ep": 200}


def _account(found: Seen, page: str, service: str, healthy: Any) -> None:
    assert len(found.errors) == 1, page
    assert "What to do:" in found.errors[0]
    assert not found.tables, page


COST = {
    "nothing": _nothing,
    "blob": _blob,
    "version": _version,
    "service": _service,
    "container": _service,
    "account": _account,
}


def assert_checked(fault: Fault, check: Check, service: str, healthy: Any) -> None:
    """Assert that `lib.check` says the same, in all of its forms, and ends with the right code."""
    code, printed, complaints = check()
    if fault.costs == "nothing":
        assert (code, printed, complaints) == healthy("check")
        return
    if fault.costs != "blob":
        assert code == 2
        assert re.search(fault.says, complaints, re.I), complaints
        return
    assert code == 1, complaints
    rows = sorted(each["window"]["rows"] for each in json.loads(printed)["checks"])
    assert rows == sorted(
        [200, 200, 240, 240 - LOST[service]] if service == "credit-svc" else [175, 200, 240, 240]
    )
    for form in ("json", "table", "markdown"):
        assert re.search(fault.says, check(form)[1].replace("\\", ""), re.I), form


def assert_same(found: Seen, wanted: Seen, page: str) -> None:
    """Assert that a page shows the right numbers, and no trouble."""
    assert not found.crashes, page
    assert found.errors == (), page
    assert found.numbers == wanted.numbers, page
