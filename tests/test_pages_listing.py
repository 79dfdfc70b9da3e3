"""How often the account is asked for names, with more services than any test account has."""

from collections import Counter
from datetime import timedelta

import pytest
from test_pages import TODAY, page_over

from lib import catalog
from lib.blobs import folder
from lib.ui import sources

SERVICES = 200
TAIL = (
    "$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,"
    "$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id"
)


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return an account of 200 services with two days of inputs and predictions each."""
    root = tmp_path_factory.mktemp("large") / "account"
    for number in range(SERVICES):
        for identifier in ("inputs", "predictions"):
            for ago in (0, 1):
                day = TODAY - timedelta(ago)
                at = root / f"modeldata/sub/rg/ws/svc-{number:03}/m/1/{identifier}/{day:%Y/%m/%d}"
                at.mkdir(parents=True)
                row = f"{number},id,{day}T10:00:00.5,1440,sub/rg/ws,svc,m,1,"
                (at / f"{identifier}.csv").write_text(f"x,{TAIL}\r\n{row}\r\n")
    return root


@pytest.fixture
def calls(monkeypatch):
    """Return how often the account is asked for names and bytes, by kind of call."""
    calls = Counter()
    for name in ("folders", "blobs", "read"):
        right = getattr(folder.FolderContainer, name)

        def counted(self, *arguments, right=right, name=name):
            calls[name] += 1
            return right(self, *arguments)

        monkeypatch.setattr(folder.FolderContainer, name, counted)
    return calls


def test_a_click_over_200_services_asks_the_account_nothing(account, monkeypatch, calls):
    app = page_over(monkeypatch, account, "overview")(window="7 days")
    assert len(app.dataframe[0].value) == SERVICES
    calls.clear()
    app.run()
    assert len(app.dataframe[0].value) == SERVICES
    assert not app.exception
    # `blobs` of a folder calls itself for each sub-folder, so any call would be many.
    assert calls == Counter()


@pytest.mark.parametrize("name", ["browse", "distributions", "drift"])
def test_a_click_on_a_version_of_200_services_asks_the_account_nothing(
    account, monkeypatch, calls, name
):
    chosen = {"workspace": "ws", "service": "svc-007", "model": "m", "version": "1"}
    open_page = page_over(monkeypatch, account, name)
    sources.forget()
    app = open_page(**chosen, window="7 days")
    assert calls["folders"] >= SERVICES
    assert calls["blobs"] > 0
    calls.clear()
    app.run()
    assert not app.exception
    assert calls == Counter()


def test_the_overview_lists_each_collection_once_with_the_time_before(account, monkeypatch):
    listed = Counter()
    right = catalog.blobs

    def counted(container, collection, first, last):
        listed[collection] += 1
        return right(container, collection, first, last)

    monkeypatch.setattr(catalog, "blobs", counted)
    open_page = page_over(monkeypatch, account, "overview")
    sources.forget()
    open_page(window="7 days")
    assert len(listed) == 2 * SERVICES
    assert set(listed.values()) == {1}
