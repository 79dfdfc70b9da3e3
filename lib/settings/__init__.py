"""What the app was told: where collected data and telemetry lie, what is kept of them and where.

Settings come from `.streamlit/secrets.toml` (any number of sources) and from environment
variables (one more source, and the limits). Every mistake is a `SettingsError` that names the
key, says what is wrong and shows it right; none repeats a value that could be a secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lib.settings import checks, profiles, telemetry
from lib.settings.profiles import Profiles as Profiles

KINDS = checks.KINDS
"""What a feature can be; a source's `kinds` overrides what was found in the data."""

ENVIRONMENT = {
    "account_url": "DRIFTLINE_ACCOUNT_URL",
    "connection_string": "DRIFTLINE_CONNECTION_STRING",
    "folder": "DRIFTLINE_FOLDER",
    "sas_token": "DRIFTLINE_SAS_TOKEN",
    "authority": "DRIFTLINE_AUTHORITY",
    "workspace": "DRIFTLINE_WORKSPACE",
    "containers": "DRIFTLINE_CONTAINERS",
}
"""The environment variables that describe one more source, named by DRIFTLINE_SOURCE."""

TELEMETRY_ENVIRONMENT = {
    "workspace_id": "DRIFTLINE_TELEMETRY_WORKSPACE_ID",
    "component_id": "DRIFTLINE_TELEMETRY_COMPONENT_ID",
    "endpoint": "DRIFTLINE_TELEMETRY_ENDPOINT",
    "audience": "DRIFTLINE_TELEMETRY_AUDIENCE",
    "authority": "DRIFTLINE_TELEMETRY_AUTHORITY",
    "archive": "DRIFTLINE_TELEMETRY_ARCHIVE",
    "archive_containers": "DRIFTLINE_TELEMETRY_ARCHIVE_CONTAINERS",
    "roles": "DRIFTLINE_TELEMETRY_ROLES",
    "services": "DRIFTLINE_TELEMETRY_SERVICES",
    "endpoints": "DRIFTLINE_TELEMETRY_ENDPOINTS",
    "deployments": "DRIFTLINE_TELEMETRY_DEPLOYMENTS",
}
"""The environment variables that say where that source's telemetry is."""


@dataclass(frozen=True)
class Root:
    """Where collected data may lie: a container, and a prefix that is "" or ends with "/".

    A `guessed` one is tried because the account does not tell its containers.
    """

    container: str
    prefix: str = ""
    guessed: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Telemetry:
    """Where the requests, failures and logs of a source's services are kept.

    Either in Azure Monitor (a Log Analytics workspace, or one component of Application Insights
    that is asked by itself), or exported: then `archive` is the place that holds the files.
    """

    workspace_id: str = ""
    component_id: str = ""
    endpoint: str = ""  # "" means the public cloud's
    audience: str = ""  # "" means the endpoint
    authority: str = ""  # where to sign in; "" means the public cloud
    archive: "Source | None" = None  # its roots name the containers; () means: find out
    # Which rows belong to a service, as templates of names; () means the usual ones.
    roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    deployments: tuple[str, ...] = ()


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
    authority: str = ""  # where to sign in; "" means the public cloud, or AZURE_AUTHORITY_HOST
    kinds: tuple[tuple[str, str], ...] = ()  # feature -> kind
    telemetry: Telemetry | None = None
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
    told = [*_told_by_file(secrets)]
    told += _told_by_environment(environ, [each.name for each in told])
    sources = [_source(each) for each in told]
    # Telemetry comes last, because it may be kept in any of them.
    sources = [
        _with_telemetry(source, each, sources) for source, each in zip(sources, told, strict=True)
    ]
    limits = _limits(secrets.get("limits", {}), environ)
    return Settings(tuple(sources), limits, profiles.read(secrets.get("profiles", {}), environ))


def root(path: str) -> Root:
    """The root for "container" or "container/some/prefix".

    A container `azureml-blobstore-…` also holds every run's logs and files, so without a
    prefix only the data collector's own folder in it is meant. See
    https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data
    """
    found = _plain_root(path)
    if not found.prefix and found.container.startswith("azureml-blobstore-"):
        return Root(found.container, "modelDataCollector/")
    return found


@dataclass(frozen=True)
class _Told:
    """A source as it was written, and what its keys, and its telemetry's, are called there."""

    name: str
    table: Mapping[str, Any]
    key_of: checks.KeyOf
    telemetry_key_of: checks.KeyOf


def _told_by_file(secrets: Mapping[str, Any]) -> Iterator[_Told]:
    tables = checks.table(secrets.get("sources", {}), "sources", "account_url")
    for name, value in tables.items():
        key_of = partial(checks.dotted, "sources", checks.name(name, "sources"))
        table = checks.table(value, key_of(), "account_url")
        checks.only_known(table, checks.FIELDS, key_of)
        yield _Told(name, table, key_of, partial(key_of, "telemetry"))


def _told_by_environment(environ: Mapping[str, str], taken: list[str]) -> list[_Told]:
    # Other DRIFTLINE_ variables are no mistake: Kubernetes sets DRIFTLINE_PORT and the like
    # in every container beside a service of that name.
    table = _said(environ, ENVIRONMENT, ("containers",))
    listed = ("archive_containers", *telemetry.RULE)
    if about_telemetry := _said(environ, TELEMETRY_ENVIRONMENT, listed):
        table["telemetry"] = about_telemetry
    name = environ.get("DRIFTLINE_SOURCE", "").strip()
    if not table and not name:
        return []
    name = checks.name(name or "default", "DRIFTLINE_SOURCE")
    if name in taken:
        problem = f"is {name!r}, a source that secrets.toml describes too"
        step = "Give one of them another name."
        raise checks.wrong("DRIFTLINE_SOURCE", problem, step, "account_url")
    return [
        _Told(
            name,
            table,
            lambda key="account_url": ENVIRONMENT[key],
            lambda key="workspace_id": TELEMETRY_ENVIRONMENT[key],
        )
    ]


def _said(
    environ: Mapping[str, str], variables: Mapping[str, str], listed: tuple[str, ...]
) -> dict[str, Any]:
    """What the variables say, by key; the `listed` ones hold a list."""
    said = {key: environ.get(variable, "").strip() for key, variable in variables.items()}
    table: dict[str, Any] = {key: text for key, text in said.items() if text}
    for key in set(listed) & table.keys():
        parts = [part.strip() for part in said[key].split(",")]
        table[key] = [part for part in parts if part]
    return table


def _source(told: _Told) -> Source:
    said, key_of = told.table, told.key_of
    texts: dict[str, Any] = {
        key: checks.text(said[key], key_of(key), key) for key in checks.TEXTS if key in said
    }
    checks.one_place(texts, key_of)
    checks.credentials(texts, key_of)
    if url := texts.get("account_url"):
        has_sas = "sas_token" in texts
        texts["account_url"] = checks.account_url(url, key_of("account_url"), has_sas)
    if "authority" in texts:
        texts["authority"] = telemetry.authority(texts["authority"], key_of("authority"), "sign_in")
    paths = checks.containers(said.get("containers", []), key_of("containers"), "folder" in texts)
    # The environment has no variable for kinds, hence no key either.
    kinds = checks.kinds(said["kinds"], key_of("kinds")) if "kinds" in said else {}
    roots = tuple(dict.fromkeys(root(path) for path in paths))
    return Source(told.name, roots=roots, kinds=tuple(kinds.items()), **texts)


def _with_telemetry(source: Source, told: _Told, sources: list[Source]) -> Source:
    if "telemetry" not in told.table:
        return source
    key_of = told.telemetry_key_of
    said = checks.table(told.table["telemetry"], key_of(), "workspace_id")
    checks.only_known(said, telemetry.FIELDS, key_of, "workspace_id")
    texts: dict[str, Any] = {
        key: checks.text(said[key], key_of(key), key) for key in telemetry.TEXTS if key in said
    }
    telemetry.one_place(texts, "archive_containers" in said, key_of)
    for key, check in telemetry.CHECKS.items():
        if key in texts:
            texts[key] = check(texts[key], key_of(key))
    archive = None
    if place := texts.pop("archive", ""):
        archive = _archive(place, source, sources, key_of("archive"))
        paths = checks.containers(
            said.get("archive_containers", []),
            key_of("archive_containers"),
            bool(archive.folder),
            "archive_containers",
        )
        archive = replace(archive, roots=tuple(dict.fromkeys(map(_plain_root, paths))))
    texts |= {
        key: telemetry.templates(said[key], key_of(key)) for key in telemetry.RULE if key in said
    }
    return replace(source, telemetry=Telemetry(archive=archive, **texts))


def _archive(place: str, source: Source, sources: list[Source], key: str) -> Source:
    """The place of exported telemetry: a source by its name, an account, or a folder."""
    for known in sources:
        if known.name == place:
            return replace(known, kinds=(), telemetry=None)
    name = f"{source.name} telemetry"
    if "://" in place:
        url = checks.account_url(place, key, False, "archive")
        return Source(name, account_url=url, authority=source.authority)
    if not telemetry.is_folder(place):
        raise telemetry.no_archive(key, [known.name for known in sources])
    return Source(name, folder=place)


def _plain_root(path: str) -> Root:
    container, _, prefix = path.partition("/")
    prefix = prefix.strip("/")
    return Root(container, f"{prefix}/" if prefix else "")


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
