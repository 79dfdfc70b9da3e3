import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib import settings
from lib.errors import SettingsError
from lib.settings import Root, Source, Telemetry

WORKSPACE = "11111111-2222-3333-4444-555555555555"
COMPONENT = (
    "/subscriptions/0a1b/resourceGroups/contoso/providers/microsoft.insights/components/contoso-ai"
)
CONTOSO = '[sources.contoso]\naccount_url = "https://contoso.blob.core.windows.net"\n'
KEY = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0cw=="


def told(toml: str, **environ: str) -> Telemetry:
    """The telemetry of the one source of which these lines are the telemetry."""
    text = f"{CONTOSO}[sources.contoso.telemetry]\n{toml}" if toml else ""
    [source] = settings.load(tomllib.loads(text), environ).sources
    assert source.telemetry is not None
    return source.telemetry


def mistake(toml: str, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        told(toml, **environ)
    return caught.value


def test_a_source_has_no_telemetry_unless_it_is_told() -> None:
    assert settings.load(tomllib.loads(CONTOSO), {}).sources[0].telemetry is None


def test_every_key_of_azure_monitor_is_kept() -> None:
    found = told(f"""
workspace_id = " {WORKSPACE.upper()} "
component_id = "{COMPONENT}/"
endpoint = "https://api.loganalytics.us/v1/"
audience = "https://api.loganalytics.us"
authority = "login.microsoftonline.us"
""")
    assert found == Telemetry(
        workspace_id=WORKSPACE,
        component_id=COMPONENT,
        endpoint="https://api.loganalytics.us",
        audience="https://api.loganalytics.us",
        authority="https://login.microsoftonline.us",
    )


def test_a_server_on_this_machine_needs_no_https() -> None:
    found = told(f'workspace_id = "{WORKSPACE}"\nendpoint = "http://127.0.0.1:8099"\n')
    assert found.endpoint == "http://127.0.0.1:8099"


def test_an_archive_can_be_the_source_itself_and_takes_its_credential_along() -> None:
    text = f"""
[sources.keyed]
connection_string = "AccountName=contoso;AccountKey={KEY}"
containers = ["modeldata"]
[sources.keyed.telemetry]
archive = "keyed"
archive_containers = ["am-apprequests", "exports/contoso-ai/"]
[sources.other]
folder = "/data"
[sources.other.telemetry]
archive = "keyed"
"""
    keyed, other = settings.load(tomllib.loads(text), {}).sources
    assert keyed.telemetry is not None
    assert other.telemetry is not None
    first, second = keyed.telemetry.archive, other.telemetry.archive
    assert first is not None
    assert second is not None
    assert first.roots == (Root("am-apprequests"), Root("exports", "contoso-ai/"))
    assert second.roots == ()  # not those of the source, which hold collected data
    assert first.connection_string == second.connection_string == keyed.connection_string
    assert KEY not in repr(keyed)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/data/telemetry", Source("contoso telemetry", folder="/data/telemetry")),
        ("~/telemetry", Source("contoso telemetry", folder="~/telemetry")),
        ("./telemetry", Source("contoso telemetry", folder="./telemetry")),
        (
            "https://logs.blob.core.windows.net/",
            Source("contoso telemetry", account_url="https://logs.blob.core.windows.net"),
        ),
    ],
)
def test_an_archive_can_be_a_folder_or_an_account(place: str, expected: Source) -> None:
    assert told(f'archive = "{place}"').archive == expected


def test_a_container_of_experiments_is_no_special_one_in_an_archive() -> None:
    found = told('archive = "contoso"\narchive_containers = ["azureml-blobstore-0a1b"]').archive
    assert found is not None
    assert found.roots == (Root("azureml-blobstore-0a1b", ""),)


def test_the_environment_s_source_has_telemetry_too() -> None:
    found = told(
        "",
        DRIFTLINE_FOLDER="/data",
        DRIFTLINE_TELEMETRY_WORKSPACE_ID=WORKSPACE,
        DRIFTLINE_TELEMETRY_ENDPOINT="https://api.loganalytics.us",
    )
    assert found == Telemetry(workspace_id=WORKSPACE, endpoint="https://api.loganalytics.us")


def test_the_environment_s_archive_is_a_list_of_containers() -> None:
    found = told(
        "",
        DRIFTLINE_FOLDER="/data",
        DRIFTLINE_TELEMETRY_ARCHIVE="default",
        DRIFTLINE_TELEMETRY_ARCHIVE_CONTAINERS="am-apprequests, exports/x ,",
    )
    roots = (Root("am-apprequests"), Root("exports", "x/"))
    assert found.archive == Source("default", folder="/data", roots=roots)


def test_telemetry_alone_is_no_source() -> None:
    problem = mistake("", DRIFTLINE_TELEMETRY_WORKSPACE_ID=WORKSPACE)
    assert problem.key == "DRIFTLINE_ACCOUNT_URL"


@pytest.mark.parametrize(
    ("toml", "key", "words"),
    [
        ("", "workspace_id", "is missing"),
        ('workspace_id = "contoso-logs"', "workspace_id", "GUID"),
        ("workspace_id = 5", "workspace_id", "a number where a text belongs"),
        ('component_id = "contoso-ai"', "component_id", "resource id"),
        (
            f'component_id = "{COMPONENT.replace("components", "webtests")}"',
            "component_id",
            "resource id",
        ),
        (f'workspace_id = "{WORKSPACE}"\narchive = "/data"', "archive", "one place"),
        ('archive = "elsewhere"', "archive", "names no source"),
        ('archive = "http://logs.example"', "archive", "http://"),
        ('archive = "contoso"\naudience = "https://x"', "audience", "archive"),
        (
            f'workspace_id = "{WORKSPACE}"\narchive_containers = ["x"]',
            "archive_containers",
            "without an archive",
        ),
        (
            'archive = "contoso"\narchive_containers = ["Upper"]',
            "archive_containers",
            "no container",
        ),
        (
            f'workspace_id = "{WORKSPACE}"\nendpoint = "http://api.loganalytics.io"',
            "endpoint",
            "address",
        ),
        (
            f'workspace_id = "{WORKSPACE}"\nendpoint = "https://u:p@api.loganalytics.io"',
            "endpoint",
            "address",
        ),
        (
            f'workspace_id = "{WORKSPACE}"\nendpoint = "https://api.loganalytics.io/x?y"',
            "endpoint",
            "address",
        ),
        (f'workspace_id = "{WORKSPACE}"\nauthority = "http://login"', "authority", "address"),
        ('workspaceid = "x"', "workspaceid", "is not a setting"),
    ],
)
def test_a_mistake_names_its_key_and_shows_it_right(toml: str, key: str, words: str) -> None:
    problem = mistake(f"{toml}\n")
    assert problem.key == f"sources.contoso.telemetry.{key}"
    assert words in problem.message
    assert "[sources.contoso.telemetry]" in problem.example
    shown = problem.example.replace("…", "/subscriptions/x/resourceGroups/y")
    assert "telemetry" in tomllib.loads(shown)["sources"]["contoso"]


def test_what_is_not_a_table_is_refused() -> None:
    with pytest.raises(SettingsError, match="where a table belongs"):
        settings.load(tomllib.loads(f'{CONTOSO}telemetry = "x"\n'), {})


def lines_of_example() -> Iterator[str]:
    path = Path(__file__).parents[1] / ".streamlit/secrets.toml.example"
    yield from path.read_text("utf-8").splitlines()


@pytest.mark.parametrize("key", settings.telemetry.FIELDS)
def test_the_example_file_has_every_key(key: str) -> None:
    assert any(line.startswith(f"{key} = ") for line in lines_of_example())


def test_every_key_has_a_variable() -> None:
    assert set(settings.TELEMETRY_ENVIRONMENT) == set(settings.telemetry.FIELDS)
