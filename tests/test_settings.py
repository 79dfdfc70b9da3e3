import os
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib import settings
from lib.errors import SettingsError
from lib.settings import Limits, Profiles, Root, Settings, Source

CONTOSO = 'account_url = "https://contoso.blob.core.windows.net"\n'
KEY = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0cw=="
SAS = f"sv=2026-10-06&sr=c&sp=rl&se=2027-01-01&sig={KEY.replace('=', '%3D')}"
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey={KEY}"


def load(toml: str = "", **environ: str) -> Settings:
    return settings.load(tomllib.loads(toml), environ)


def source(toml: str) -> Source:
    """The one source that holds these lines."""
    [found] = load(f"[sources.contoso]\n{toml}").sources
    return found


def mistake(toml: str = "", **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(toml, **environ)
    return caught.value


def test_without_settings_there_is_no_source_and_the_limits_are_512_mb() -> None:
    assert load() == Settings((), Limits(cache_mb=512, read_mb=512))


def test_several_sources_keep_their_order_and_every_field() -> None:
    found = load(f"""
[sources.contoso]
account_url = "https://contoso.blob.core.windows.net/"
sas_token = "{SAS}"
containers = ["modeldata", "azureml-blobstore-0a1b", "archive/monitoring/credit"]
workspace = "contoso-ws"
[sources.contoso.kinds]
postcode = "categorical"
"loan id" = "identifier"
[sources."my laptop"]
folder = "/data/account"
[sources.key]
connection_string = "{CONNECTION}"
[limits]
cache_mb = 64
""")
    assert found == Settings(
        (
            Source(
                "contoso",
                account_url="https://contoso.blob.core.windows.net",
                roots=(
                    Root("modeldata", ""),
                    Root("azureml-blobstore-0a1b", "modelDataCollector/"),
                    Root("archive", "monitoring/credit/"),
                ),
                workspace="contoso-ws",
                sas_token=SAS,
                kinds=(("postcode", "categorical"), ("loan id", "identifier")),
            ),
            Source("my laptop", folder="/data/account"),
            Source("key", connection_string=CONNECTION),
        ),
        Limits(cache_mb=64, read_mb=512),
    )


def test_the_environment_describes_one_more_source_and_its_limits_win() -> None:
    found = load(
        f"[sources.contoso]\n{CONTOSO}[limits]\ncache_mb = 1\nread_mb = 2\n",
        DRIFTLINE_SOURCE="other",
        DRIFTLINE_ACCOUNT_URL="https://other.blob.core.chinacloudapi.cn",
        DRIFTLINE_CONTAINERS="modeldata, archive/x ,",
        DRIFTLINE_WORKSPACE="ws",
        DRIFTLINE_SAS_TOKEN=SAS,
        DRIFTLINE_CACHE_MB="77",
    )
    assert [each.name for each in found.sources] == ["contoso", "other"]
    assert found.sources[1] == Source(
        "other",
        account_url="https://other.blob.core.chinacloudapi.cn",
        roots=(Root("modeldata"), Root("archive", "x/")),
        workspace="ws",
        sas_token=SAS,
    )
    assert found.limits == Limits(cache_mb=77, read_mb=2)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("DRIFTLINE_FOLDER", "/data", Source("default", folder="/data")),
        (
            "DRIFTLINE_CONNECTION_STRING",
            CONNECTION + "\n",
            Source("default", connection_string=CONNECTION),
        ),
    ],
)
def test_one_variable_is_enough_for_a_source(variable: str, value: str, expected: Source) -> None:
    assert load(**{variable: value}).sources == (expected,)


def test_empty_variables_and_those_of_kubernetes_are_no_settings() -> None:
    assert (
        load(DRIFTLINE_SAS_TOKEN="", DRIFTLINE_CACHE_MB=" ", DRIFTLINE_PORT="tcp://1:2") == load()
    )


def test_tables_of_streamlit_are_left_alone() -> None:
    assert load('[auth]\ncookie_secret = "x"\n[connections.db]\nurl = "y"\n') == load()


class AttributeMapping(Mapping[str, Any]):
    """Like Streamlit's secrets: a Mapping that is no dict, and wraps what it gives."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __getitem__(self, key: str) -> Any:
        value = self.data[key]
        return AttributeMapping(value) if isinstance(value, dict) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def test_any_mapping_will_do() -> None:
    data = tomllib.loads(f'[sources.a]\n{CONTOSO}[sources.a.kinds]\nx = "text"\n')
    assert settings.load(AttributeMapping(data), {}) == settings.load(data, {})


def test_the_example_file_is_right_and_has_every_field() -> None:
    text = (Path(__file__).parents[1] / ".streamlit/secrets.toml.example").read_text("utf-8")
    assert len(load(text).sources) == 4
    for name in (*settings.checks.FIELDS, "limits", *settings.profiles.FIELDS):
        assert name in text


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("modeldata", Root("modeldata", "")),
        ("modeldata/", Root("modeldata", "")),
        ("modeldata/a/b/", Root("modeldata", "a/b/")),
        ("azureml-blobstore-1", Root("azureml-blobstore-1", "modelDataCollector/")),
        ("azureml-blobstore-1/own/path", Root("azureml-blobstore-1", "own/path/")),
    ],
)
def test_a_path_gives_its_container_and_prefix(path: str, root: Root) -> None:
    assert settings.root(path) == root


def test_a_container_named_twice_is_one_root() -> None:
    found = source(CONTOSO + 'containers = ["modeldata", "modeldata/"]')
    assert found.roots == (Root("modeldata"),)


def test_a_folder_may_have_containers_that_azure_would_not_have() -> None:
    found = source('folder = "/data"\ncontainers = ["Model Data/x"]')
    assert found.roots == (Root("Model Data", "x/"),)


@pytest.mark.parametrize(
    ("toml", "key", "words"),
    [
        ("[source.a]\n", "source", "sources"),
        ("port = 1\n", "port", "limits"),
        ("sources = 1\n", "sources", "a number where a table belongs"),
        ("[[sources]]\nname = 'a'\n", "sources", "a list where a table belongs"),
        ("[sources]\ncontoso = 'x'\n", "sources.contoso", "a text where a table belongs"),
        ("[sources.'']\n" + CONTOSO, "sources", "name is empty"),
        ("[sources.' ']\n" + CONTOSO, "sources", "name is empty"),
        ("[sources.'a/b']\n" + CONTOSO, "sources", "character"),
        ("[sources.'é']\n" + CONTOSO, "sources", "character"),
        ("[sources.a]\nacount_url = 'x'\n", "sources.a.acount_url", "mean account_url"),
        ("[sources.a]\nConnectionString = 'x'\n", "sources.a.ConnectionString", "connection_str"),
        ("[sources.a]\nzzz = 'x'\n", "sources.a.zzz", "Known are account_url"),
        ("[sources.a]\n", "sources.a.account_url", "is missing"),
        ("[sources.a]\nworkspace = 'w'\n", "sources.a.account_url", "is missing"),
        ("[sources.'a b']\naccount_url = 5\n", 'sources."a b".account_url', "a number where"),
        ("[sources.a]\naccount_url = true\n", "sources.a.account_url", "true or false where"),
        ("[sources.a]\nfolder = 2026-01-01\n", "sources.a.folder", "date or time where"),
        ("[sources.a]\nfolder = ' '\n", "sources.a.folder", "is empty"),
        ("[sources.a]\nfolder = '/x'\n" + CONTOSO, "sources.a.folder", "one place"),
        (
            f"[sources.a]\n{CONTOSO}connection_string = '{CONNECTION}'\n",
            "sources.a.connection_string",
            "beside sources.a.account_url",
        ),
        (
            f"[sources.a]\nsas_token = '{SAS}'\nconnection_string = '{CONNECTION}'\n",
            "sources.a.sas_token",
            "beside sources.a.connection_string",
        ),
        (
            f"[sources.a]\nsas_token = '{SAS}'\nfolder = '/x'\n",
            "sources.a.sas_token",
            "beside sources.a.folder",
        ),
        (f"[sources.a]\n{CONTOSO}sas_token = '{KEY}'\n", "sources.a.sas_token", "sig="),
        ("[sources.a]\nconnection_string = 'x'\n", "sources.a.connection_string", "is not a conn"),
        (
            "[sources.a]\nconnection_string = 'AccountName=contoso'\n",
            "sources.a.connection_string",
            "with a key",
        ),
        ("[sources.a]\n" + CONTOSO + "containers = 'x'\n", "sources.a.containers", "a list"),
        ("[sources.a]\n" + CONTOSO + "containers = [1]\n", "sources.a.containers", "a number"),
        ("[sources.a]\n" + CONTOSO + "containers = ['Ab1']\n", "sources.a.containers", "'Ab1'"),
        ("[sources.a]\n" + CONTOSO + "containers = ['ab']\n", "sources.a.containers", "3 to 63"),
        ("[sources.a]\n" + CONTOSO + "containers = ['a--b']\n", "sources.a.containers", "hyphens"),
        ("[sources.a]\n" + CONTOSO + "containers = ['abc/../d']\n", "sources.a.containers", ".."),
        ("[sources.a]\nfolder = '/x'\ncontainers = ['..']\n", "sources.a.containers", ".."),
        ("[sources.a]\n" + CONTOSO + "kinds = ['x']\n", "sources.a.kinds", "a list where a table"),
        (
            "[sources.a]\n" + CONTOSO + "kinds = { 'post code' = 'category' }\n",
            'sources.a.kinds."post code"',
            "'category'",
        ),
        ("[sources.a]\n" + CONTOSO + "kinds = { x = 1 }\n", "sources.a.kinds.x", "a number"),
        ("[limits]\ncache = 1\n", "limits.cache", "cache_mb"),
        ("[limits]\ncache_mb = 0\n", "limits.cache_mb", "at least 1"),
        ("[limits]\ncache_mb = true\n", "limits.cache_mb", "true or false where"),
        ("[limits]\nread_mb = 1.5\n", "limits.read_mb", "whole number"),
        ("[limits]\nread_mb = '1'\n", "limits.read_mb", "a text where"),
        ("limits = 1\n", "limits", "a table belongs"),
    ],
)
def test_a_mistake_names_its_key_and_shows_it_right(toml: str, key: str, words: str) -> None:
    error = mistake(toml)
    assert error.key == key
    assert key in error.message
    assert words in str(error)
    assert load(error.example) != load()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("contoso", "is not the address"),
        ("contoso.blob.core.windows.net", "is not the address"),
        ("abfss://modeldata@contoso.dfs.core.windows.net", "is not the address"),
        ("https://", "is not the address"),
        ("https://con toso.blob.core.windows.net", "is not the address"),
        ("https://contoso:x.blob.core.windows.net", "is not the address"),
        (CONNECTION, "is not the address"),
        (f"https://contoso.blob.core.windows.net?{SAS}", "sas_token"),
        (f"https://contoso.blob.core.windows.net/modeldata?{SAS}", "sas_token"),
        (f"https://contoso:{KEY[:20]}@contoso.blob.core.windows.net", "more than an address"),
        ("http://contoso.blob.core.windows.net", "Write https://"),
        ("http://10.0.0.1/contoso", "Write https://"),
        ("http://127.0.0.1:10000/devstoreaccount1", "no identity is sent"),
        ("https://contoso.dfs.core.windows.net", "Data Lake"),
        ("https://contoso.blob.core.windows.net/modeldata", "names a container"),
        ("https://127.0.0.1:10000/devstoreaccount1/modeldata", "names a container"),
    ],
)
def test_an_account_url_is_an_address_and_nothing_else(url: str, words: str) -> None:
    error = mistake(f"[sources.a]\naccount_url = '{url}'\n")
    assert error.key == "sources.a.account_url"
    assert words in str(error)
    assert KEY[:20] not in repr(error) + str(error) + error.example


@pytest.mark.parametrize(
    "url",
    [
        "https://contoso.blob.core.usgovcloudapi.net",
        "https://contoso.z12.blob.storage.azure.net",
        "https://data.contoso.com",
        "https://localhost:10000/devstoreaccount1",
    ],
)
def test_sovereign_clouds_and_own_domains_are_addresses_too(url: str) -> None:
    assert source(f'account_url = "{url}"').account_url == url


@pytest.mark.parametrize(
    ("variables", "key", "words"),
    [
        ({"DRIFTLINE_SOURCE": "x"}, "DRIFTLINE_ACCOUNT_URL", "is missing"),
        ({"DRIFTLINE_WORKSPACE": "x"}, "DRIFTLINE_ACCOUNT_URL", "is missing"),
        ({"DRIFTLINE_ACCOUNT_URL": "x"}, "DRIFTLINE_ACCOUNT_URL", "is not the address"),
        (
            {"DRIFTLINE_FOLDER": "/x", "DRIFTLINE_CONNECTION_STRING": CONNECTION},
            "DRIFTLINE_FOLDER",
            "beside DRIFTLINE_CONNECTION_STRING",
        ),
        ({"DRIFTLINE_FOLDER": "/x", "DRIFTLINE_SOURCE": "é"}, "DRIFTLINE_SOURCE", "character"),
        ({"DRIFTLINE_FOLDER": "/x", "DRIFTLINE_SOURCE": "a"}, "DRIFTLINE_SOURCE", "too"),
        (
            {"DRIFTLINE_FOLDER": "/x", "DRIFTLINE_CONTAINERS": "a\\b"},
            "DRIFTLINE_CONTAINERS",
            "no container",
        ),
        ({"DRIFTLINE_CACHE_MB": "many"}, "DRIFTLINE_CACHE_MB", "whole number"),
        ({"DRIFTLINE_READ_MB": "0"}, "DRIFTLINE_READ_MB", "at least 1"),
        ({"DRIFTLINE_READ_MB": "-1"}, "DRIFTLINE_READ_MB", "whole number"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    variables: dict[str, str], key: str, words: str
) -> None:
    error = mistake(f"[sources.a]\n{CONTOSO}", **variables)
    assert error.key == key
    assert words in str(error)
    assert load(error.example) != load()


def profiles(toml: str, **environ: str) -> Profiles:
    return load(f"[profiles]\n{toml}", **environ).profiles


def test_profiles_are_kept_in_the_users_cache_unless_told_otherwise() -> None:
    assert load().profiles == Profiles(folder="~/.cache/driftline/profiles", keep_mb=2048)
    assert load(XDG_CACHE_HOME="/c").profiles == Profiles(folder="/c/driftline/profiles")
    assert profiles("keep_mb = 5", XDG_CACHE_HOME="/c").folder == "/c/driftline/profiles"


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("folder = '/kept'\nkeep_mb = 7\n", Profiles(folder="/kept", keep_mb=7)),
        ("folder = ''\n", Profiles(folder="")),
        (
            f"{CONTOSO}container = 'driftline'\nsas_token = '{SAS}'\n",
            Profiles("", "https://contoso.blob.core.windows.net", "driftline", sas_token=SAS),
        ),
        (
            f"connection_string = '{CONNECTION}'\ncontainer = 'driftline'\n",
            Profiles("", container="driftline", connection_string=CONNECTION),
        ),
    ],
)
def test_profiles_are_kept_in_a_folder_in_a_container_or_not_at_all(
    toml: str, expected: Profiles
) -> None:
    assert profiles(toml) == expected


def test_the_environment_says_where_profiles_are_kept() -> None:
    assert profiles("", DRIFTLINE_PROFILES_FOLDER="/kept") == Profiles(folder="/kept")
    assert profiles("", DRIFTLINE_PROFILES_FOLDER="off") == Profiles(folder="")
    assert profiles("keep_mb = 7\n", DRIFTLINE_KEEP_MB="9").keep_mb == 9
    place = {
        "DRIFTLINE_PROFILES_ACCOUNT_URL": "https://contoso.blob.core.windows.net/",
        "DRIFTLINE_PROFILES_CONTAINER": "driftline",
    }
    wanted = Profiles("", "https://contoso.blob.core.windows.net", "driftline")
    assert profiles("", **place) == wanted
    assert profiles("folder = '/kept'\n", **place) == wanted
    assert profiles(f"{CONTOSO}container = 'x'\n", DRIFTLINE_PROFILES_FOLDER="off").folder == ""


def test_the_environment_may_hold_the_secret_alone() -> None:
    found = profiles(f"{CONTOSO}container = 'driftline'\n", DRIFTLINE_PROFILES_SAS_TOKEN=SAS)
    assert (found.container, found.sas_token) == ("driftline", SAS)


@pytest.mark.parametrize(
    ("toml", "variables", "key", "words"),
    [
        ("profiles = 1\n", {}, "profiles", "a table belongs"),
        ("[profiles]\nfoldr = '/x'\n", {}, "profiles.foldr", "mean folder"),
        ("[profiles]\nfolder = 1\n", {}, "profiles.folder", "a number where"),
        ("[profiles]\nkeep_mb = 0\n", {}, "profiles.keep_mb", "at least 1"),
        ("[profiles]\nkeep_mb = '1'\n", {}, "profiles.keep_mb", "a text where"),
        (
            f"[profiles]\nfolder = '/x'\n{CONTOSO}",
            {},
            "profiles.folder",
            "kept in one place",
        ),
        (f"[profiles]\n{CONTOSO}", {}, "profiles.container", "is missing"),
        (
            f"[profiles]\n{CONTOSO}container = 'Ab1'\n",
            {},
            "profiles.container",
            "names no container",
        ),
        (f"[profiles]\n{CONTOSO}container = 'abc/d'\n", {}, "profiles.container", "alone"),
        ("[profiles]\ncontainer = 'abc'\n", {}, "profiles.container", "without account_url"),
        (
            f"[profiles]\nfolder = '/x'\nsas_token = '{SAS}'\n",
            {},
            "profiles.sas_token",
            "without account_url",
        ),
        (
            "[profiles]\naccount_url = 'x'\ncontainer = 'abc'\n",
            {},
            "profiles.account_url",
            "is not the address",
        ),
        (
            "[profiles]\nconnection_string = 'x'\ncontainer = 'abc'\n",
            {},
            "profiles.connection_string",
            "is not a connection string",
        ),
        ("", {"DRIFTLINE_KEEP_MB": "many"}, "DRIFTLINE_KEEP_MB", "whole number"),
        (
            "",
            {"DRIFTLINE_PROFILES_CONTAINER": "abc"},
            "DRIFTLINE_PROFILES_CONTAINER",
            "without account_url",
        ),
        (
            "",
            {
                "DRIFTLINE_PROFILES_ACCOUNT_URL": "http://contoso.blob.core.windows.net",
                "DRIFTLINE_PROFILES_CONTAINER": "abc",
            },
            "DRIFTLINE_PROFILES_ACCOUNT_URL",
            "Write https://",
        ),
    ],
)
def test_a_mistake_in_profiles_names_its_key_and_shows_it_right(
    toml: str, variables: dict[str, str], key: str, words: str
) -> None:
    error = mistake(toml, **variables)
    assert error.key == key
    assert words in str(error)
    assert load(error.example) != load()


def test_profiles_show_no_secret() -> None:
    found = Profiles(connection_string=CONNECTION, sas_token=SAS)
    assert KEY[:10] not in repr(found)


def test_a_source_shows_no_secret() -> None:
    found = Source("a", connection_string=CONNECTION, sas_token=SAS)
    assert KEY[:10] not in repr(found)
    assert KEY[:10] not in repr(Settings((found,), Limits()))


SECRETS = st.sampled_from([KEY, SAS, CONNECTION, f"https://contoso.blob.core.windows.net/?{SAS}"])
WRONG = st.one_of(SECRETS, st.integers(), st.lists(SECRETS), st.dictionaries(st.just("x"), SECRETS))


@hypothesis_settings(deadline=None, max_examples=200)
@given(
    table=st.dictionaries(st.sampled_from([*settings.checks.FIELDS, "key"]), WRONG),
    environ=st.dictionaries(
        st.sampled_from(
            [
                *settings.ENVIRONMENT.values(),
                *settings.profiles.ENVIRONMENT.values(),
                *("DRIFTLINE_SOURCE", "DRIFTLINE_READ_MB", "DRIFTLINE_KEEP_MB"),
            ]
        ),
        SECRETS,
    ),
    kept=st.dictionaries(st.sampled_from(settings.profiles.FIELDS), WRONG),
)
def test_no_error_repeats_a_secret_wherever_it_was_put(
    table: dict[str, Any], environ: dict[str, str], kept: dict[str, Any]
) -> None:
    secrets: dict[str, Any] = {"sources": {"a": table}} if table else {}
    secrets |= {"profiles": kept} if kept else {}
    try:
        settings.load(secrets, environ)
    except SettingsError as error:
        shown = f"{error} {error!r} {error.key} {error.example} {error.__cause__!r}"
        assert KEY[:10] not in shown


def test_a_source_in_another_cloud_says_where_to_sign_in() -> None:
    login = "https://login.microsoftonline.us"
    place = 'account_url = "https://contoso.blob.core.usgovcloudapi.net"\n'
    archive = "https://exports.blob.core.usgovcloudapi.net"
    found = load(
        f'[sources.a]\n{place}authority = "login.microsoftonline.us/"\n'
        f'[sources.a.telemetry]\narchive = "{archive}"\n',
        DRIFTLINE_ACCOUNT_URL="https://other.blob.core.usgovcloudapi.net",
        DRIFTLINE_AUTHORITY=login,
    )
    assert [each.authority for each in found.sources] == [login, login]
    assert found.sources[0].telemetry is not None
    assert found.sources[0].telemetry.archive == Source(
        "a telemetry", account_url=archive, authority=login
    )
    error = mistake(f"[sources.a]\n{place}authority = 'http://login.example'\n")
    assert error.key == "sources.a.authority"
    assert error.example.startswith("[sources.contoso]\naccount_url")
    assert "telemetry" not in error.example
    assert load(error.example).sources[0].authority == login


@pytest.mark.parametrize("folder", ["/data/a\0b", "/data/\udcff"])
def test_a_folder_that_cannot_be_is_a_mistake_in_the_settings(folder: str) -> None:
    assert mistake(DRIFTLINE_FOLDER=folder).key == "DRIFTLINE_FOLDER"


def test_the_url_of_a_container_with_its_token_is_taken_apart() -> None:
    url = f"https://contoso.blob.core.windows.net/azureml-blobstore-1?{SAS}"
    error = mistake(f"[sources.a]\naccount_url = '{url}'\n")
    assert error.key == "sources.a.account_url"
    assert 'account_url = "https://contoso.blob.core.windows.net"' in error.next_step
    assert 'containers = ["azureml-blobstore-1"]' in error.next_step
    assert "sas_token" in error.next_step
    assert "sig=" not in f"{error}"


def test_without_a_home_what_is_kept_lies_in_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert settings.profiles.cache_folder({}) == f"{tempfile.gettempdir()}/driftline"
    assert settings.profiles.cache_folder({"XDG_CACHE_HOME": "/x"}) == "/x/driftline"
