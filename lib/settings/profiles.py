"""Where profiles are kept, so that what was read once is not read again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lib.settings import checks

ENVIRONMENT = {
    "folder": "DRIFTLINE_PROFILES_FOLDER",
    "account_url": "DRIFTLINE_PROFILES_ACCOUNT_URL",
    "connection_string": "DRIFTLINE_PROFILES_CONNECTION_STRING",
    "sas_token": "DRIFTLINE_PROFILES_SAS_TOKEN",
    "container": "DRIFTLINE_PROFILES_CONTAINER",
}
"""The environment variables of `[profiles]`; a place named here replaces the file's."""

FIELDS = (*ENVIRONMENT, "keep_mb")
OFF = "off"
_KEEP = "DRIFTLINE_KEEP_MB"


@dataclass(frozen=True)
class Profiles:
    """A folder, or a container of an account that several processes share.

    An empty `folder` without an account means that nothing is kept. `keep_mb` bounds what
    is kept, in megabytes.
    """

    folder: str = "~/.cache/driftline/profiles"
    account_url: str = ""
    container: str = ""
    keep_mb: int = 2048
    connection_string: str = field(default="", repr=False)
    sas_token: str = field(default="", repr=False)


def read(value: object, environ: Mapping[str, str]) -> Profiles:
    """Return what the table `[profiles]` and the environment say. Raises SettingsError."""
    table = checks.table(value, "profiles", "profiles")
    checks.only_known(table, FIELDS, partial(checks.dotted, "profiles"), "profiles")
    told = {key: environ.get(variable, "").strip() for key, variable in ENVIRONMENT.items()}
    told = {key: text for key, text in told.items() if text}
    said = {key: value for key, value in table.items() if key != "keep_mb"}
    if any(place in told for place in checks.PLACES):
        said = {}

    def key_of(key: str) -> str:
        return ENVIRONMENT[key] if key in told else checks.dotted("profiles", key)

    keep_mb = _keep_mb(table, environ)
    if told.get("folder", "").lower() == OFF:
        told["folder"] = ""
    said = {**said, **told}
    if said.get("folder") == "" and len(said) == 1:
        return Profiles(folder="", keep_mb=keep_mb)
    texts: dict[str, Any] = {
        key: checks.text(value, key_of(key), "profiles") for key, value in said.items()
    }
    if not texts:
        return Profiles(folder=f"{cache_folder(environ)}/profiles", keep_mb=keep_mb)
    _check_place(texts, key_of)
    return Profiles(**{"folder": "", **texts}, keep_mb=keep_mb)


def _check_place(texts: dict[str, Any], key_of: checks.KeyOf) -> None:
    """Profiles lie in a folder or in a container of one account."""
    places = [place for place in checks.PLACES if place in texts]
    if len(places) > 1:
        problem = f"is set beside {key_of(places[0])}, but profiles are kept in one place"
        raise checks.wrong(key_of(places[1]), problem, "Keep one of them.", "profiles")
    for key in ("sas_token", "container"):
        needed = "account_url" if key == "sas_token" else "account_url or connection_string"
        if key in texts and not set(needed.split(" or ")) & set(places):
            problem = f"is set without {needed}"
            raise checks.wrong(key_of(key), problem, "Name the account, too.", "profiles")
    if places == ["folder"]:
        return
    if "container" not in texts:
        step = "Name a container of its own, which may be a new one."
        raise checks.wrong(key_of("container"), "is missing", step, "profiles")
    checks.credentials(texts, key_of)
    if url := texts.get("account_url"):
        has_sas = "sas_token" in texts
        texts["account_url"] = checks.account_url(url, key_of("account_url"), has_sas)
    checks.containers([texts["container"]], key_of("container"), in_folder=False)
    if "/" in texts["container"]:
        step = "Name the container alone: nothing else should lie in it."
        raise checks.wrong(key_of("container"), "has a slash", step, "profiles")


def _keep_mb(table: Mapping[str, Any], environ: Mapping[str, str]) -> int:
    text = environ.get(_KEEP, "").strip()
    if text:
        return checks.megabytes(int(text) if text.isascii() and text.isdigit() else text, _KEEP)
    if "keep_mb" in table:
        return checks.megabytes(table["keep_mb"], "profiles.keep_mb")
    return Profiles.keep_mb


def cache_folder(environ: Mapping[str, str]) -> str:
    """The folder of this machine's user that holds what can be made anew."""
    named = environ.get("XDG_CACHE_HOME", "").strip()
    # A container may run as a user that has no home.
    homeless = not named and os.path.expanduser("~") == "~"
    return f"{named or (tempfile.gettempdir() if homeless else '~/.cache')}/driftline"
