"""Settings: secrets.toml as a file and as what is in it, and the environment."""

import json
import tempfile
import tomllib
from pathlib import Path
from random import Random
from typing import Any

from lib import settings
from lib.check import places
from lib.errors import SettingsError
from tests.fuzz import mutations
from tests.fuzz.target import Target

SECRET = "s3cr3t"

TOML = f"""
[sources.contoso]
account_url = "https://contoso.blob.core.windows.net"
sas_token = "sv=2024-01-01&sp=rl&sig={SECRET}"
workspace = "contoso-ws"
containers = ["modeldata", "archive/monitoring/credit"]

[sources.contoso.kinds]
postcode = "categorical"

[sources.contoso.telemetry]
workspace_id = "11111111-2222-3333-4444-555555555555"
endpoint = "https://api.loganalytics.us"
authority = "https://login.microsoftonline.us"
roles = ["{{service}}-prod"]

[sources.laptop]
folder = "/data/account"

[sources.laptop.telemetry]
archive = "keyed"
archive_containers = ["am-apprequests"]

[sources.keyed]
connection_string = "AccountName=contoso;AccountKey={SECRET}==;EndpointSuffix=core.windows.net"

[limits]
cache_mb = 1024
read_mb = 256

[profiles]
folder = "/data/profiles"
keep_mb = 512
"""

ENVIRON = {
    "DRIFTLINE_SOURCE": "env",
    "DRIFTLINE_ACCOUNT_URL": "https://contoso.blob.core.windows.net",
    "DRIFTLINE_SAS_TOKEN": f"sv=2024&sp=rl&sig={SECRET}",
    "DRIFTLINE_CONTAINERS": "modeldata, archive/x",
    "DRIFTLINE_TELEMETRY_WORKSPACE_ID": "11111111-2222-3333-4444-555555555555",
    "DRIFTLINE_TELEMETRY_ROLES": "{service}, {service}-{version}",
    "DRIFTLINE_READ_MB": "100",
    "DRIFTLINE_PROFILES_FOLDER": "off",
}


def make_told(random: Random) -> bytes:
    """What secrets.toml and the environment hold, with parts of them others."""
    secrets: Any = tomllib.loads(TOML)
    environ: Any = {k: v for k, v in ENVIRON.items() if random.random() < 0.6}
    if random.random() < 0.8:
        secrets = mutations.of_json(random, secrets)
    if environ and random.random() < 0.5:
        name = random.choice(list(environ))
        environ[name] = mutations.odd_text(random, environ[name])
    return json.dumps([secrets, environ]).encode()


def check_told(case: bytes) -> None:
    """They are settings, or a mistake is named, shown right, and nothing secret repeated."""
    secrets, environ = json.loads(case)
    # A TOML file always is a table.
    _load(secrets if isinstance(secrets, dict) else {}, environ)


def make_toml(random: Random) -> bytes:
    """The bytes of secrets.toml, changed."""
    return mutations.of_bytes(random, TOML.encode(), [TOML.encode()])


def check_toml(case: bytes) -> None:
    """The same for the file, whatever is in it."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        Path(file.name).write_bytes(case)
        try:
            secrets = places.read_toml(Path(file.name), "a secrets.toml")
        except SettingsError as error:
            _assert_named(error, {})
            return
    _load(secrets, {})


def _load(secrets: dict[str, Any], environ: dict[str, str]) -> None:
    try:
        told = settings.load(secrets, environ)
    except SettingsError as error:
        _assert_named(error, secrets)
        return
    assert len({source.name for source in told.sources}) == len(told.sources)
    assert SECRET not in repr(told) or _is_misplaced(secrets)
    hash(told.sources)


def _assert_named(error: SettingsError, secrets: dict[str, Any]) -> None:
    assert error.message
    assert error.next_step
    assert error.key
    assert error.example
    # Names may be shown, and a mutation may have put a secret into one.
    assert SECRET not in str(error) or _is_misplaced(secrets)


def _is_misplaced(secrets: dict[str, Any]) -> bool:
    """Whether a secret stands where no secret belongs."""
    return SECRET in json.dumps(_without_secrets(secrets))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        own = {"sas_token", "connection_string"}
        return {k: _without_secrets(v) for k, v in value.items() if k not in own}
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value


TARGETS = {
    "settings": Target(make_told, check_told, 5, 400),
    "toml": Target(make_toml, check_toml, 3, 150),
}
