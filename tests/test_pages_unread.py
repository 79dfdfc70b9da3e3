"""Files that cannot be read: named on every page and by a check, and right again afterwards."""

import json
import os
import shutil
from datetime import date, timedelta

import pytest
from test_pages import CREDIT, TODAY, markdown, page_over

from lib import blobs, demo, errors
from lib.blobs import folder
from lib.check.__main__ import main
from lib.settings import Root

BLOB = "/credit-risk-svc/credit_risk/4/inputs/2026/11/18/inputs.csv"
REASON = "'inputs.csv' is archived and cannot be read."
STEP = "Move it to the hot or cool tier."
WEEK = {"window": "7 days"}
PAGES = ("overview", "drift", "distributions", "browse")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return demo.write(tmp_path_factory.mktemp("demo") / "account", TODAY, days=16).folder


@pytest.fixture
def account(written, tmp_path):
    """Return an account that no cache knows: the files of the written one in another folder."""
    return shutil.copytree(written, tmp_path / "account", copy_function=os.link)


@pytest.fixture
def closed(monkeypatch):
    """Return the names, by their ends, of blobs that are closed, and how often they were tried."""
    ends, tries = {}, []
    right = folder.FolderContainer.read

    def read(self, name, start=0, end=None):
        for closed, error in ends.items():
            if closed in name:
                tries.append(name)
                raise error
        return right(self, name, start, end)

    monkeypatch.setattr(folder.FolderContainer, "read", read)
    return ends, tries


def rows_of(app):
    """Return the rows of inputs that the overview counts for version 4."""
    table = app.dataframe[0].value.set_index(["service", "version"])
    return int(table.loc[("credit-risk-svc", "4"), "rows"])


@pytest.mark.parametrize("name", PAGES)
def test_a_closed_file_is_named_with_its_reason_and_costs_only_itself(
    account, monkeypatch, closed, name
):
    closed[0][BLOB] = errors.BlobUnreadable(REASON, STEP)
    app = page_over(monkeypatch, account, name)(**CREDIT, **WEEK)
    assert not app.error
    said = [each.value.replace("\\", "") for each in app.warning]
    assert any(
        "1 file of 18 Nov 2026 could not be read" in text and REASON in text and STEP in text
        for text in said
    )


def test_a_closed_file_is_not_tried_at_every_click_and_refresh_tries_it(
    account, monkeypatch, closed
):
    ends, tries = closed
    ends[BLOB] = errors.BlobUnreadable(REASON, STEP)
    app = page_over(monkeypatch, account, "overview")(**WEEK)
    few = rows_of(app)
    before = len(tries)
    app.run()
    assert len(tries) == before
    ends.clear()
    (refresh,) = [button for button in app.sidebar.button if button.label == "Look again"]
    refresh.click().run()
    assert rows_of(app) > few
    assert not [each for each in app.warning if "could not be read" in each.value]


@pytest.mark.parametrize("kind", [errors.NotFound, errors.Changed])
def test_numbers_are_right_at_the_next_look_after_a_passing_fault(
    account, written, monkeypatch, closed, kind
):
    closed[0][BLOB] = kind("It was replaced while it was read.", "Look again.")
    app = page_over(monkeypatch, account, "drift")(**CREDIT, **WEEK)
    few = {metric.label: metric.value for metric in app.metric}["Rows"]
    closed[0].clear()
    app.run()
    many = {metric.label: metric.value for metric in app.metric}["Rows"]
    assert int(few.replace(",", "")) < int(many.replace(",", ""))
    right = page_over(monkeypatch, written, "drift")(**CREDIT, **WEEK)
    assert {metric.label: metric.value for metric in right.metric}["Rows"] == many
    assert markdown(right) == markdown(app)


def test_data_that_cannot_be_read_at_all_are_an_error_with_the_reason(account, monkeypatch, closed):
    closed[0]["/credit-risk-svc/credit_risk/4/inputs/"] = errors.NotAllowed("It is shut.", "Ask.")
    for name in ("drift", "distributions", "browse"):
        app = page_over(monkeypatch, account, name)(**CREDIT, **WEEK)
        (error,) = app.error
        assert "It is shut" in error.value
    app = page_over(monkeypatch, account, "overview")(**WEEK)
    assert ("credit-risk-svc", "4") not in set(
        zip(app.dataframe[0].value["service"], app.dataframe[0].value["version"], strict=True)
    )
    assert any("credit-risk-svc 4" in w.value and "It is shut" in w.value for w in app.warning)


def test_other_data_of_a_version_that_cannot_be_read_leave_its_inputs(account, monkeypatch, closed):
    closed[0]["/credit-risk-svc/credit_risk/4/predictions/"] = errors.NotAllowed("Shut.", "Ask.")
    app = page_over(monkeypatch, account, "overview")(**WEEK)
    assert rows_of(app) > 0
    assert any("predictions" in w.value and "Shut" in w.value for w in app.warning)


def checked(capsys, account, *more):
    chosen = "--service credit-risk-svc --version 4 --identifier inputs --until 2026-11-20"
    code = main(["--folder", str(account), *chosen.split(), "--window", "7", *more], {})
    return code, capsys.readouterr().out


def test_a_check_names_a_closed_file_in_each_form_and_judges_without_it(account, capsys, closed):
    closed[0][BLOB] = errors.BlobUnreadable(REASON, STEP)
    code, text = checked(capsys, account)
    assert code in (0, 1)
    assert "1 file of 18 Nov 2026 could not be read" in text
    assert "could not be read" in checked(capsys, account, "--format", "markdown")[1]
    (check,) = json.loads(checked(capsys, account, "--format", "json")[1])["checks"]
    ((unread),) = check["window"]["unread"]
    assert unread["blob"].endswith(BLOB)
    assert unread["reason"] == REASON
    assert check["reference"]["unread"] == []


def test_a_check_of_data_of_which_nothing_can_be_read_fails(account, capsys, closed):
    days = [date(2026, 11, 20) - timedelta(days=n) for n in range(7)]
    for day in days:
        name = BLOB.replace("2026/11/18", f"{day:%Y/%m/%d}")
        closed[0][name] = errors.NotAllowed("It is shut.", "Ask.")
    code, text = checked(capsys, account)
    assert code == 2
    assert "It is shut" in text


SERVICE = "fraud-scoring"


@pytest.fixture
def _unlisted(monkeypatch):
    """Close the folder of one service to listing."""
    right = folder.FolderContainer.folders

    def folders(self, prefix):
        if prefix.rstrip("/").endswith(f"/{SERVICE}"):
            raise errors.NotAllowed("Reading it is not allowed.", "Ask its owner.")
        return right(self, prefix)

    monkeypatch.setattr(folder.FolderContainer, "folders", folders)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("_unlisted")
def test_a_folder_that_may_not_be_listed_is_named_and_the_other_services_are_shown(
    account, monkeypatch, name
):
    app = page_over(monkeypatch, account, name)(**CREDIT, **WEEK)
    assert not app.error
    (said,) = [each.value for each in app.warning if "may not be listed" in each.value]
    assert f"modelDataCollector/{SERVICE}/" in said
    assert "Ask its owner." in said
    assert "narrower places in the setting `containers`" in said


@pytest.mark.usefixtures("_unlisted")
def test_the_overview_shows_all_but_a_folder_that_may_not_be_listed(account, monkeypatch):
    app = page_over(monkeypatch, account, "overview")(**WEEK)
    assert set(app.dataframe[0].value["service"]) == {"churn-svc", "credit-risk-svc"}


@pytest.mark.usefixtures("_unlisted")
def test_a_check_names_a_folder_that_may_not_be_listed_and_judges_the_rest(account, capsys):
    chosen = "--identifier inputs --until 2026-11-20 --window 7 --format json"
    arguments = ["--folder", str(account), *chosen.split()]
    assert main(arguments, {}) == 2
    said = capsys.readouterr().out
    assert "credit-risk-svc" in said
    assert "could not be read. Reading it is not allowed. Ask its owner." in said
    assert "narrower places in the setting `containers`" in said


def test_containers_that_may_not_be_listed_are_no_whole_account(account, monkeypatch):
    refusal = errors.NotAllowed("The identity may not list containers.", "Name `containers`.")
    roots = [Root("modeldata", guessed=True)]
    monkeypatch.setattr(blobs, "roots", lambda source, credential=None: roots)
    monkeypatch.setattr(blobs, "unseen", lambda source, root: refusal if root.guessed else None)
    app = page_over(monkeypatch, account, "overview")(**WEEK)
    said = [each.value.replace("\\", "") for each in app.warning]
    assert "The identity may not list containers. Name `containers`." in said
    assert len(app.dataframe[0].value)


def test_a_month_that_may_not_be_listed_costs_its_version_alone(account, monkeypatch):
    right = folder.FolderContainer.blobs

    def listed(self, prefix):
        if "/credit-risk-svc/credit_risk/4/inputs/2026/11/" in prefix:
            raise errors.NotAllowed("This month is closed.", "Ask its owner.")
        return right(self, prefix)

    monkeypatch.setattr(folder.FolderContainer, "blobs", listed)
    app = page_over(monkeypatch, account, "overview")(**WEEK)
    said = [each.value for each in (*app.warning, *app.error)]
    assert any("credit-risk-svc" in text and "This month is closed" in text for text in said)
    assert set(app.dataframe[0].value["service"]) >= {"churn-svc", "fraud-scoring"}
