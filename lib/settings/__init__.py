"""What the app was told: where the collected data lie, and what may be kept of them and where.

Settings come from `.streamlit/secrets.toml` (any number of sources) and from environment
variables (one more source, and the limits). Every mistake is a `SettingsError` that names the
key, says what is wrong and shows it right; none repeats a value that could be a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lib.settings import checks, profiles
from lib.settings.profiles import Profiles as Profiles

KINDS = checks.KINDS
"""What a feature can be; a source's `kinds` overrides what was found in the data."""

ENVIRONMENT = {
    "account_url": "DRIFTLINE_ACCOUNT_URL",
    "connection_string": "DRIFTLINE_CONNECTION_STRING",
    "folder": "DRIFTLINE_FOLDER",
    "sas_token": "DRIFTLINE_SAS_TOKEN",
    "workspace": "DRIFTLINE_WORKSPACE",
    "containers": "DRIFTLINE_CONTAINERS",
}
"""The environment variables that describe one more source, named by DRIFTLINE_SOURCE."""


@dataclass(frozen=True)
class Root:
    """Where collected data may lie: a container, and a prefix that is "" or ends with "/"."""

    container: str
    prefix: str = ""


@dataclass(frozen=True)
class Source:
    """One place that holds collected data: a storage account or a local folder."""

    name: str
    account_url: str = ""
    roots: tuple[Root, ...] = ()  # () means: find out
    folder: str = ""  # has one sub-folder per container
    workspace: str = ""  # names the workspace for v2 data, whose paths do not
    connection_string: str = field(default="", repr=False)
    sas_token: str = field(default="", repr=False)
    kinds: tuple[tuple[str, str], ...] = ()  # feature -> kind
    demo: bool = False


@dataclass(frozen=True)
class Limits:
    """Megabytes of profiles kept in memory, and of data read without asking first."""

    cache_mb: int = 512
    read_mb: int = 512


@dataclass(frozen=True)
class Settings:
    """Everything the app was told."""

    sources: tuple[Source, ...]
    limits: Limits
    profiles: Profiles = field(default_factory=Profiles)


def load(secrets: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Read the settings from secrets.toml (as a mapping) and from the environment.

    Sources keep the file's order, the environment's comes last; without any, `sources` is
    empty. The environment's limits win. Raises SettingsError for the first mistake.
    """
    # Streamlit itself reads `auth` and `connections`.
    known = ("sources", "limits", "profiles", "auth", "connections")
    checks.only_known(secrets, known, checks.dotted)
    tables = checks.table(secrets.get("sources", {}), "sources", "account_url")
    sources = [
        _source(checks.name(name, "sources"), table, partial(checks.dotted, "sources", name))
        for name, table in tables.items()
    ]
    sources += _source_of_environment(environ, [source.name for source in sources])
    limits = _limits(secrets.get("limits", {}), environ)
    return Settings(tuple(sources), limits, profiles.read(secrets.get("profiles", {}), environ))


def root(path: str) -> Root:
    """The root for "container" or "container/some/prefix".

    A container `azureml-blobstore-…` also holds every run's logs and files, so without a
    prefix only the data collector's own folder in it is meant. See
    https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data
    """
    container, _, prefix = path.partition("/")
    prefix = prefix.strip("/")
    if not prefix and container.startswith("azureml-blobstore-"):
        prefix = "modelDataCollector"
    return Root(container, f"{prefix}/" if prefix else "")


def _source_of_environment(environ: Mapping[str, str], taken: list[str]) -> list[Source]:
    # Other DRIFTLINE_ variables are no mistake: Kubernetes sets DRIFTLINE_PORT and the like
    # in every container beside a service of that name.
    said = {key: environ.get(variable, "").strip() for key, variable in ENVIRONMENT.items()}
    table: dict[str, Any] = {key: text for key, text in said.items() if text}
    name = environ.get("DRIFTLINE_SOURCE", "").strip()
    if not table and not name:
        return []
    name = checks.name(name or "default", "DRIFTLINE_SOURCE")
    if name in taken:
        problem = f"is {name!r}, a source that secrets.toml describes too"
        step = "Give one of them another name."
        raise checks.wrong("DRIFTLINE_SOURCE", problem, step, "account_url")
    if "containers" in table:
        paths = [path.strip() for path in said["containers"].split(",")]
        table["containers"] = [path for path in paths if path]
    return [_source(name, table, lambda key="account_url": ENVIRONMENT[key])]


def _source(name: str, value: object, key_of: checks.KeyOf) -> Source:
    said = checks.table(value, key_of(), "account_url")
    checks.only_known(said, checks.FIELDS, key_of)
    texts: dict[str, Any] = {
        key: checks.text(said[key], key_of(key), key) for key in checks.TEXTS if key in said
    }
    checks.one_place(texts, key_of)
    checks.credentials(texts, key_of)
    if url := texts.get("account_url"):
        has_sas = "sas_token" in texts
        texts["account_url"] = checks.account_url(url, key_of("account_url"), has_sas)
    paths = checks.containers(said.get("containers", []), key_of("containers"), "folder" in texts)
    # The environment has no variable for kinds, hence no key either.
    kinds = checks.kinds(said["kinds"], key_of("kinds")) if "kinds" in said else {}
    roots = tuple(dict.fromkeys(root(path) for path in paths))
    return Source(name, roots=roots, kinds=tuple(kinds.items()), **texts)


def _limits(value: object, environ: Mapping[str, str]) -> Limits:
    said = checks.table(value, "limits", "limits")
    checks.only_known(said, ("cache_mb", "read_mb"), partial(checks.dotted, "limits"), "limits")
    found = {key: checks.megabytes(said[key], f"limits.{key}") for key in said}
    for key in ("cache_mb", "read_mb"):
        variable = f"DRIFTLINE_{key.upper()}"
        text = environ.get(variable, "").strip()
        if text:
            number = int(text) if text.isascii() and text.isdigit() else text
            found[key] = checks.megabytes(number, variable)
    return Limits(**found)
