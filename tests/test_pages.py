"""Every page in process, over a demo account and over accounts in which something is wrong."""

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import demo, errors
from lib.blobs import account as account_client
from lib.settings import TELEMETRY_ENVIRONMENT
from lib.summary import OBSERVED
from lib.ui import sources
from tests.loopback import WORKSPACE, Fault, error, loopback

ROOT = Path(__file__).parents[1]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
TODAY = date(2026, 11, 20)
CREDIT = {"service": "credit-risk-svc", "model": "credit_risk", "version": "4"}
BLUE = {"service": "fraud-scoring", "version": "blue"}
SECRETS = sources._secrets


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """Return the folder of a demo account of the last two weeks, with its telemetry."""
    folder = tmp_path_factory.mktemp("demo") / "account"
    return demo.write(folder, TODAY, days=14, telemetry=True).folder


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch):
    """Begin without what the machine's user has set. What was read stays: caches go by source."""
    for name in (
        *variables(),
        *TELEMETRY_ENVIRONMENT.values(),
        "DRIFTLINE_DEMO",
        "DRIFTLINE_READ_MB",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DRIFTLINE_TODAY", TODAY.isoformat())
    monkeypatch.setattr(sources, "_secrets", dict)


def variables():
    return [
        f"DRIFTLINE_{name}"
        for name in ("ACCOUNT_URL", "CONNECTION_STRING", "FOLDER", "SAS_TOKEN", "CONTAINERS")
    ]


@pytest.fixture
def open_page(account, monkeypatch):
    """Return `open_page(name, **parameters)`, which runs a page over the account or another."""

    def run(name, folder=account, **parameters):
        monkeypatch.setenv("DRIFTLINE_FOLDER", str(folder))
        monkeypatch.setenv("DRIFTLINE_WORKSPACE", "contoso-ml")
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        for key, value in parameters.items():
            app.query_params[key] = value
        # Before the first run, so that the overview is not read for it.
        return app.switch_page(f"pages/{name}.py").run()

    return run


def page_over(monkeypatch, account, name, telemetry=False):
    """Return `run(state=None, **parameters)`, which runs one page over an account."""
    for variable in variables():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DRIFTLINE_TODAY", TODAY.isoformat())
    monkeypatch.setenv("DRIFTLINE_FOLDER", str(account))
    monkeypatch.setenv("DRIFTLINE_WORKSPACE", "contoso-ml")
    if telemetry:
        monkeypatch.setenv("DRIFTLINE_TELEMETRY_ARCHIVE", str(account))
    monkeypatch.setattr(sources, "_secrets", dict)

    def run(state=None, **parameters):
        app = AppTest.from_file(ROOT / "app.py", default_timeout=90)
        for key, value in parameters.items():
            app.query_params[key] = value
        for key, value in (state or {}).items():
            app.session_state[key] = value
        # Before the first run, so that the overview is not read for it.
        app.switch_page(f"pages/{name}.py").run()
        assert not app.exception
        return app

    return run


def markdown(app):
    return "\n".join(each.value for each in app.markdown)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scope", [CREDIT, BLUE], ids=["v1", "v2"])
def test_a_page_runs_without_an_error(open_page, name, scope):
    app = open_page("overview", **scope)
    if name != "overview":
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    assert not app.error
    assert app.title[0].value == name.capitalize()


# The overview


def test_the_overview_has_a_row_for_each_version(open_page):
    app = open_page("overview", window="7 days")
    table = app.dataframe[0].value
    assert sorted(zip(table["service"], table["version"], strict=True)) == [
        ("churn-svc", "7"),
        ("churn-svc", "8"),
        ("credit-risk-svc", "4"),
        ("fraud-scoring", "blue"),
        ("fraud-scoring", "green"),
    ]
    assert set(table["state"]) == {"collecting"}
    assert (table["rows"] > 0).all()
    assert all(len(counts) == 7 for counts in table["rows_per_day"])
    assert "**5 versions of 3 services are collecting.**" in markdown(app)


def test_the_overview_counts_what_is_in_the_files(open_page, account):
    app = open_page("overview", window="7 days")
    table = app.dataframe[0].value.set_index(["service", "version"])
    lines = 0
    for day in range(7):
        at = TODAY - timedelta(days=day)
        (file,) = account.glob(f"modeldata/*/*/*/credit-risk-svc/*/4/inputs/{at:%Y/%m/%d}/in*.csv")
        lines += len(file.read_bytes().splitlines()) - 1
    assert table.loc[("credit-risk-svc", "4"), "rows"] == lines


def test_one_container_that_cannot_be_read_is_named_and_leaves_the_others(
    open_page, account, tmp_path, monkeypatch
):
    folder = tmp_path / "account"
    shutil.copytree(account / "modeldata", folder / "modeldata")
    (folder / "azureml-blobstore-x").mkdir()
    opened = sources.container

    def container(source, name):
        if name == "azureml-blobstore-x":
            raise errors.NotAllowed("This identity may not read it.", "Ask for a role.")
        return opened(source, name)

    monkeypatch.setattr(sources, "container", container)
    app = open_page("overview", folder=folder, window="7 days")
    assert set(app.dataframe[0].value["service"]) == {"churn-svc", "credit-risk-svc"}
    assert "`azureml-blobstore-x` is left out. This identity may not" in app.warning[0].value


def test_one_collection_that_cannot_be_read_is_named_and_leaves_the_others(
    open_page, account, tmp_path, monkeypatch
):
    folder = tmp_path / "account"
    shutil.copytree(account, folder)
    listed = sources.listing

    def listing(source, collection, window):
        if collection.version == "8":
            raise errors.Throttled("The account is busy.", "Try again in a minute.")
        return listed(source, collection, window)

    monkeypatch.setattr(sources, "listing", listing)
    app = open_page("overview", folder=folder, window="7 days")
    assert not app.exception
    assert len(app.dataframe[0].value) == 4
    assert "`churn-svc 8` is left out. The account is busy" in app.warning[0].value


# Its telemetry


@pytest.fixture
def observed(open_page, account, monkeypatch):
    """Return what `open_page` does, for the overview with the account's own telemetry."""
    monkeypatch.setenv("DRIFTLINE_TELEMETRY_ARCHIVE", str(account))
    return lambda **parameters: open_page("overview", **parameters)


def told(account, name, days, table="apprequests"):
    """Return the rows of telemetry of the last days that bear a name."""
    rows = []
    for path in account.glob(f"insights-logs-{table}/**/PT1H.json"):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            service = (row.get("Properties") or {}).get("Service Name", row["AppRoleName"])
            if service == name and date.fromisoformat(row["time"][:10]) > TODAY - timedelta(days):
                rows.append(row)
    return rows


def test_the_overview_tells_how_each_service_was_asked(observed, account):
    app = observed(window="7 days")
    assert not app.exception
    assert not app.warning
    table = app.dataframe[0].value.set_index(["service", "version"])
    assert list(table)[-len(OBSERVED) - 5 : -5] == list(OBSERVED)
    for name, at in {
        "credit-risk-svc": ("credit-risk-svc", "4"),
        "fraud-scoring-blue": ("fraud-scoring", "blue"),
        "fraud-scoring-green": ("fraud-scoring", "green"),
    }.items():
        rows = [row for row in told(account, name, 7) if row["time"] < f"{TODAY}T23:55"]
        requests = sum(row["ItemCount"] for row in rows)
        # The last five minutes of the day are not over when it ends at 23:59:59.
        assert table.loc[at, "requests_per_day"] == pytest.approx(requests / 7, rel=0.02)
        assert table.loc[at, "p95_ms"] > 100
    failed = [
        row
        for row in told(account, "fraud-scoring-green", 7)
        if row["Properties"]["success"] == "False"
    ]
    green = table.loc[("fraud-scoring", "green")]
    requests = len(told(account, "fraud-scoring-green", 7))
    assert green["failed_pct"] == pytest.approx(100 * len(failed) / requests, rel=0.02)
    assert green["exceptions"] == len(failed) > 0


def test_telemetry_that_names_no_version_stands_at_one_that_collects(observed, account):
    table = observed(window="7 days").dataframe[0].value
    churn = table[table["service"] == "churn-svc"]
    assert churn["state"].tolist() == ["collecting", "collecting"]
    assert churn["requests_per_day"].notna().tolist() == [True, False]
    requests = len(told(account, "churn-svc", 7)) / 7
    assert churn["requests_per_day"].iloc[0] == pytest.approx(requests, rel=0.02)


def test_the_headline_names_the_service_that_fails_more(observed):
    said = markdown(observed(window="7 days"))
    assert "`fraud-scoring` **fails more** than before: 1.47 % of requests, was < 0.1 %." in said
    said = markdown(observed(window="Chosen days", dates=["2026-11-18", "2026-11-20"]))
    assert "fails more" not in said


def test_names_that_no_service_explains_are_listed_below(open_page, account, monkeypatch):
    place = {"folder": str(account), "workspace": "contoso-ml"}
    rule = {"roles": ["{service}-prod"], "services": ["{service}-{version}"]}
    telemetry = {"archive": str(account), **rule}
    secrets = {"sources": {"contoso": place | {"telemetry": telemetry}}}
    monkeypatch.setattr(sources, "_secrets", lambda: secrets)
    app = open_page("overview", window="7 days", source="contoso")
    table, rest = (each.value for each in app.dataframe[:2])
    known = table["requests_per_day"].notna()
    assert set(table["version"][known]) == {"blue", "green"}
    assert rest["name"].tolist() == ["credit-risk-svc", "churn-svc"]
    assert (rest["requests_per_day"] > 0).all()
    assert "**Also seen in telemetry**" in markdown(app)


def test_without_telemetry_a_caption_leads_to_how_to_have_it(open_page):
    app = open_page("overview", window="7 days")
    assert not set(OBSERVED) & set(app.dataframe[0].value)
    assert "Requests and failures are not known of this source." in [
        caption.value for caption in app.caption
    ]
    assert app.get("page_link")[0].proto.page == "requests"


def test_telemetry_that_cannot_be_read_is_said_and_the_page_lives_on(open_page, monkeypatch):
    with loopback() as server:
        monkeypatch.setenv("DRIFTLINE_TELEMETRY_WORKSPACE_ID", WORKSPACE)
        monkeypatch.setenv("DRIFTLINE_TELEMETRY_ENDPOINT", server.url)
        refused = error("InsufficientAccessError", "Not allowed")
        server.faults = [Fault(403, refused)]
        app = open_page("overview", window="7 days")
        assert not app.exception
        assert "Telemetry is left out. Reading the logs of workspace" in app.warning[0].value
        assert "Log Analytics Reader" in app.warning[0].value
        assert len(app.dataframe[0].value) == 5
        assert not set(OBSERVED) & set(app.dataframe[0].value)
        assert "**5 versions of 3 services are collecting.**" in markdown(app)
        assert len(server.asked) == 1


# An account in Azure


@pytest.fixture
def azure(azurite_source, upload, monkeypatch):
    """Point the app at an account that holds the recorded files of the real collectors."""
    samples = ROOT / "tests" / "samples"
    for container in (*samples.glob("v1/*"), *samples.glob("v2/*")):
        files = {
            path.relative_to(container).as_posix(): path.read_bytes()
            for path in container.rglob("*")
            if path.is_file()
        }
        upload(azurite_source, container.name, files)
    monkeypatch.setenv("DRIFTLINE_CONNECTION_STRING", azurite_source.connection_string)
    monkeypatch.setenv("DRIFTLINE_WORKSPACE", "contoso-ws")


def test_an_account_in_azure_is_shown_as_a_folder_is(azure):
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    app.query_params["window"] = "Chosen days"
    app.query_params["dates"] = ["2026-03-01", "2026-03-09"]
    app.query_params["workspace"] = "contoso-ws"
    app.query_params["service"] = "credit-svc"
    app.run()
    assert not app.exception
    assert not app.error
    table = app.dataframe[0].value.set_index("service")
    # Twelve rows in each file of three days.
    assert table.loc["credit-svc", "rows"] == 36
    assert table.loc["credit-svc", "version"] == "3"
    assert table.loc["payload-ep", "version"] == "blue"
    app.switch_page("pages/distributions.py").run()
    assert not app.exception
    opened = [button.label for button in app.button if (button.key or "").startswith("open-")]
    assert [name.replace("\\", "") for name in opened] == ["age", "income", "region", "is_member"]


# The scope


def test_the_scope_comes_from_the_link(open_page):
    app = open_page("distributions", **CREDIT, window="7 days", identifier="predictions")
    picked = {box.key: box.value for box in app.sidebar.selectbox}
    assert picked["service"] == "credit-risk-svc"
    assert picked["version"] == "4"
    assert picked["window"] == "7 days"
    assert "`predictions` on 7 of 7 days, 14 – 20 Nov 2026" in markdown(app)


def test_a_link_to_what_is_gone_falls_back_instead_of_failing(open_page):
    app = open_page("browse", service="nobody", version="99", window="forever")
    assert not app.exception
    assert {box.key: box.value for box in app.sidebar.selectbox}["service"] == "churn-svc"


def test_choosing_another_service_takes_its_own_versions_along(open_page):
    app = open_page("browse", **CREDIT)
    app.sidebar.selectbox(key="service").set_value("fraud-scoring").run()
    assert not app.exception
    assert app.sidebar.selectbox(key="version").options == ["blue", "green"]


def test_an_empty_window_says_where_the_data_are(open_page):
    app = open_page(
        "distributions",
        **CREDIT,
        window="Chosen days",
        dates=["2026-01-01", "2026-01-05"],
    )
    assert "No `inputs` were collected in 1 – 5 Jan 2026. The newest are from 20 Nov 2026." in (
        app.info[0].value
    )
    (button,) = (button for button in app.button if button.label.startswith("Show "))
    button.click().run()
    assert "`inputs` on 5 of 5 days, 16 – 20 Nov 2026" in markdown(app)


# Browse


def test_browse_shows_a_day_with_its_rows_files_and_problems(open_page):
    app = open_page("browse", **CREDIT, day="2026-11-18")
    assert not app.exception
    assert any("on 18 Nov 2026" in heading.value for heading in app.subheader)
    first, files = app.dataframe[-2].value, app.dataframe[-1].value
    assert "income" in first.columns
    assert len(first) == 100
    assert files["file"].tolist()[0].endswith("/credit_risk/4/inputs/2026/11/18/inputs.csv")


def test_browse_names_what_is_wrong_in_a_file_and_where(open_page):
    bad = TODAY - timedelta(days=4)
    green = {"service": "fraud-scoring", "version": "green", "day": bad.isoformat()}
    app = open_page("browse", **green)
    problems = app.expander[0].dataframe[0].value
    assert {"torn_line", "bad_line"} & set(problems["kind"])
    assert problems["blob"].str.endswith(".jsonl").all()
    assert (problems.loc[problems["kind"] == "bad_line", "first_line"] > 0).all()


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("workspace", ["contoso-ml"]),
        ("service", ["churn-svc", "credit-risk-svc", "fraud-scoring"]),
        ("version", ["4"]),
        ("identifier", ["inputs", "predictions"]),
    ],
)
def test_each_level_lists_what_lies_there_with_sizes(open_page, step, names):
    app = open_page("browse", **CREDIT, at=step)
    table = app.dataframe[0].value
    assert table["name"].tolist() == names
    assert (table["files"] > 0).all()
    assert table["changed"].notna().all()


def test_a_step_of_the_trail_leads_up(open_page):
    app = open_page("browse", **CREDIT)
    app.button(key="to-service").click().run()
    assert app.query_params["at"] in ("service", ["service"])
    assert app.subheader[0].value == "Services (3)"


def test_search_finds_by_any_words_of_the_names(open_page):
    app = open_page("browse", search="green OUTPUTS")
    assert app.dataframe[0].value.values.tolist() == [
        ["contoso-ml", "fraud-scoring", "", "green", "model_outputs"]
    ]
    app = open_page("browse", search="no such thing")
    assert "is named like this" in app.info[0].value


# Distributions


def test_every_feature_has_a_card_with_a_chart(open_page):
    app = open_page("distributions", **CREDIT)
    opened = [button.label for button in app.button if (button.key or "").startswith("open-")]
    assert len(opened) == 12
    assert "age" in opened
    # All but customer_id, whose values are all different: a sentence says so.
    assert len(app.get("plotly_chart")) == 11
    assert "each once on average" in markdown(app)


def test_a_card_opens_its_feature(open_page):
    app = open_page("distributions", **CREDIT)
    app.button(key="open-income").click().run()
    assert not app.exception
    assert app.selectbox(key="feature").value == "income"
    assert len(app.get("plotly_chart")) >= 3


@pytest.mark.parametrize(
    ("scope", "feature"),
    [
        (CREDIT, "income"),
        (CREDIT, "employment"),
        (CREDIT, "is_member"),
        (CREDIT, "applied_at"),
        (CREDIT, "postcode"),
        (CREDIT, "customer_id"),
        (BLUE, "memo"),
        (BLUE, "amount"),
    ],
)
def test_a_feature_of_each_kind_is_drawn_large(open_page, scope, feature):
    app = open_page("distributions", **scope, view="One feature", feature=feature)
    assert not app.exception
    assert app.selectbox(key="feature").value == feature
    assert len(app.get("plotly_chart")) >= 2


def test_a_feature_is_split_by_the_values_of_another(open_page):
    app = open_page(
        "distributions", **CREDIT, view="One feature", feature="income", split="is_member"
    )
    assert not app.exception
    spec = app.get("plotly_chart")[0].proto.spec
    assert '"True"' in spec
    assert '"False"' in spec


def test_the_reader_says_what_kind_a_feature_is(open_page):
    app = open_page("distributions", **CREDIT, view="One feature", feature="term_months")
    numeric = len(app.get("plotly_chart"))
    app.selectbox(key="kind").set_value("categorical").run()
    assert not app.exception
    assert len(app.get("plotly_chart")) < numeric
    app.selectbox(key="feature").set_value("age").run()
    assert app.selectbox(key="kind").value == "auto"
    app.selectbox(key="feature").set_value("term_months").run()
    assert app.selectbox(key="kind").value == "categorical"


def test_statistics_show_the_window_beside_the_reference(open_page):
    app = open_page("distributions", **CREDIT, window="7 days", view="Statistics")
    table = app.dataframe[0].value.set_index("feature")
    assert table.loc["income", "kind"] == "numeric"
    assert table.loc["income", "median"] > 1_000_000
    assert "reference_median" in table.columns


# What is wrong outside


def test_a_window_over_the_limit_is_read_only_when_the_reader_says_so(
    open_page, account, monkeypatch, tmp_path
):
    shutil.copytree(account, tmp_path / "account")
    monkeypatch.setenv("DRIFTLINE_READ_MB", "1")
    app = open_page("browse", folder=tmp_path / "account", **CREDIT)
    assert "have not been read yet" in app.warning[0].value
    assert len(app.get("plotly_chart")) == 1
    (button,) = (button for button in app.button if button.label.startswith("Read "))
    button.click().run()
    assert not app.warning
    assert "rows** of `inputs`" in markdown(app)


def test_nothing_at_all_says_what_was_looked_for(open_page, tmp_path):
    (tmp_path / "empty" / "modeldata").mkdir(parents=True)
    app = open_page("overview", folder=tmp_path / "empty")
    assert not app.exception
    assert "No collected data were found" in app.info[0].value


def test_a_folder_that_does_not_exist_is_named_with_the_next_step(open_page, tmp_path):
    app = open_page("overview", folder=tmp_path / "nowhere")
    assert not app.exception
    assert "nowhere" in app.error[0].value
    assert "What to do:" in app.error[0].value


def test_a_wrong_setting_is_named_with_a_right_example(open_page, monkeypatch):
    wrong = {"sources": {"contoso": {"acount_url": "https://contoso.blob.core.windows.net"}}}
    monkeypatch.setattr(sources, "_secrets", lambda: wrong)
    app = open_page("overview")
    assert not app.exception
    assert "sources.contoso.acount_url" in markdown(app)
    assert 'account_url = "https://contoso.blob.core.windows.net"' in app.code[0].value


@pytest.mark.parametrize("error", [RecursionError(), UnicodeDecodeError("utf-8", b"x", 0, 1, "x")])
def test_a_file_of_settings_that_no_parser_reads_is_named(open_page, monkeypatch, error):
    def load():
        raise error

    monkeypatch.setattr(sources, "_secrets", SECRETS)
    monkeypatch.setattr(sources.st.secrets, "load_if_toml_exists", load)
    app = open_page("overview")
    assert not app.exception
    assert "is not valid TOML" in app.error[0].value


@pytest.mark.parametrize("name", PAGES)
def test_an_account_out_of_reach_is_an_explanation_on_every_page(name, monkeypatch):
    monkeypatch.setenv(
        "DRIFTLINE_CONNECTION_STRING",
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;"
        "BlobEndpoint=http://127.0.0.1:9/a;",
    )
    # Without the pauses between tries; a test in the browser has them.
    for pause in ("initial_backoff", "increment_base", "random_jitter_range"):
        monkeypatch.setitem(account_client._CLIENT, pause, 0)
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    if name != "overview":
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    assert "What to do:" in app.error[0].value
    assert "c2VjcmV0" not in app.error[0].value


def test_names_from_the_account_are_shown_as_they_are(open_page, account, tmp_path):
    folder = tmp_path / "account"
    (source,) = (account / "modeldata").glob("*/*/*/credit-risk-svc")
    odd = folder / "modeldata" / "s" / "g" / "w" / "<b>*x*</b> :red[$y$]"
    shutil.copytree(source, odd)
    for name in PAGES:
        app = open_page(name, folder=folder, service=odd.name)
        assert not app.exception


def test_a_problem_says_its_days_shows_its_lines_and_leads_to_its_day(open_page):
    app = open_page("overview", window="14 days")
    said = markdown(app)
    assert re.search(r"- `\w+`: .+ \*\*[\d,]+\*\* \(\w.+\) in \d+ files? of \d+", said)
    box = app.selectbox(key="problem")
    at = next(n for n, label in enumerate(box.options) if label.startswith("torn_line"))
    app = box.select_index(at).run()
    assert not app.exception
    (code,) = app.code
    assert re.match(r" +\d+  .", code.value)
    _, day, *_ = box.options[at].split(" · ")
    button = app.button(key="open-problem")
    assert button.label == f"Open {day} in Browse"
    button.click().run()
    app.switch_page("pages/browse.py").run()
    assert app.selectbox(key="day").value.endswith(f"-{int(day.split()[0]):02}")
