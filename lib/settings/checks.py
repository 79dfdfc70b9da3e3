"""What is wrong with a setting, in words that name its key and show it right.

Each check returns the value it was given, tidied, or raises SettingsError. A value is shown
only where it cannot be a secret that was put into the wrong place.
"""

import difflib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from lib.errors import SettingsError

KINDS = ("numeric", "categorical", "boolean", "datetime", "text", "identifier")
PLACES = ("account_url", "connection_string", "folder")
TEXTS = (*PLACES, "sas_token", "authority", "workspace")
FIELDS = (*TEXTS, "containers", "kinds", "telemetry")

_ACCOUNT = '[sources.contoso]\naccount_url = "https://contoso.blob.core.windows.net"\n'
_WORKSPACE = '[sources.contoso.telemetry]\nworkspace_id = "11111111-2222-3333-4444-555555555555"\n'
_EXAMPLES = {
    "account_url": _ACCOUNT,
    "connection_string": "[sources.contoso]\n"
    'connection_string = "AccountName=contoso;AccountKey=…"\n',
    "folder": '[sources.laptop]\nfolder = "/data/account"\n',
    "sas_token": f'{_ACCOUNT}sas_token = "sv=…&sp=rl&sig=…"\n',
    "sign_in": f'{_ACCOUNT}authority = "https://login.microsoftonline.us"\n',
    "workspace": f'{_ACCOUNT}workspace = "contoso-ws"\n',
    "containers": f'{_ACCOUNT}containers = ["modeldata", "archive/monitoring/credit"]\n',
    "kinds": f'{_ACCOUNT}[sources.contoso.kinds]\npostcode = "categorical"\n',
    "telemetry": _WORKSPACE,
    "workspace_id": _WORKSPACE,
    "roles": f'{_WORKSPACE}roles = ["{{service}}-prod", "{{service}}-{{version}}"]\n',
    "component_id": "[sources.contoso.telemetry]\n"
    'component_id = "/subscriptions/…/providers/microsoft.insights/components/contoso-ai"\n',
    "endpoint": f'{_WORKSPACE}endpoint = "https://api.loganalytics.us"\n',
    "audience": f'{_WORKSPACE}audience = "https://api.loganalytics.us"\n',
    "authority": f'{_WORKSPACE}authority = "https://login.microsoftonline.us"\n',
    "archive": '[sources.contoso.telemetry]\narchive = "contoso"\n',
    "archive_containers": '[sources.contoso.telemetry]\narchive = "contoso"\n'
    'archive_containers = ["am-apprequests", "exports/contoso-ai"]\n',
    "limits": "[limits]\ncache_mb = 1024\nread_mb = 256\n",
    "profiles": "[profiles]\n"
    'account_url = "https://contoso.blob.core.windows.net"\ncontainer = "driftline"\n',
}


# https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")

KeyOf = Callable[..., str]
"""From a field (or none: the source) to the key as its reader wrote it, in file or environment."""


def wrong(key: str, problem: str, next_step: str, example: str) -> SettingsError:
    """The error for one key; `example` names the field that is shown right."""
    return SettingsError(f"{key} {problem}.", next_step, key, _EXAMPLES[example])


def dotted(*parts: str) -> str:
    """The key as TOML writes it: sources."my lab".folder."""
    bare = re.compile(r"[A-Za-z0-9_-]+")
    return ".".join(part if bare.fullmatch(part) else f'"{part}"' for part in parts)


def only_known(
    said: Mapping[str, Any], known: Iterable[str], key_of: KeyOf, example: str = "account_url"
) -> None:
    """Refuse a key that nobody reads, and name the one that was probably meant."""
    known = tuple(known)
    for key in said:
        if key not in known:
            near = difflib.get_close_matches(key.lower(), known, 1)
            step = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
            right = near[0] if near and near[0] in _EXAMPLES else example
            raise wrong(key_of(key), "is not a setting", step, right)


def table(value: object, key: str, example: str) -> Mapping[str, Any]:
    """A table of named values."""
    if not isinstance(value, Mapping):
        problem = f"is {_kind_of(value)} where a table belongs"
        raise wrong(key, problem, "Write it below a line [in square brackets].", example)
    return value


def text(value: object, key: str, example: str) -> str:
    """A text that holds more than blanks, without the blanks around it."""
    if not isinstance(value, str):
        problem = f"is {_kind_of(value)} where a text belongs"
        raise wrong(key, problem, "Write one text in quotes.", example)
    if not value.strip():
        raise wrong(key, "is empty", "Fill it in, or leave the line out.", example)
    if re.search("[\0\ud800-\udfff]", value):
        raise wrong(key, "holds a character that no name has", "Write it anew.", example)
    return value.strip()


def megabytes(value: object, key: str) -> int:
    """A whole number of megabytes, at least 1."""
    if not isinstance(value, int) or isinstance(value, bool):
        problem = f"is {_kind_of(value)} where a whole number belongs"
        raise wrong(key, problem, "Write megabytes without unit or quotes.", "limits")
    if value < 1:
        raise wrong(key, f"is {value}", "Allow at least 1 megabyte.", "limits")
    return value


def name(value: str, key: str) -> str:
    """A source's name: it stands in links and in lists."""
    if not re.fullmatch(r"[A-Za-z0-9 ._-]+", value) or not value.strip():
        problem = "holds a source whose name is empty or has a character that names may not have"
        step = "Use letters, digits, blanks, dots, hyphens and underscores."
        raise wrong(key, problem, step, "account_url")
    return value


def one_place(texts: Mapping[str, str], key_of: KeyOf) -> None:
    """A source lies in one place, and is opened with one credential."""
    places = [place for place in PLACES if place in texts]
    if not places:
        problem = "is missing, and so are connection_string and folder"
        raise wrong(key_of("account_url"), problem, "Say where the data lie.", "account_url")
    if len(places) > 1:
        problem = f"is set beside {key_of(places[0])}, but a source lies in one place"
        raise wrong(key_of(places[1]), problem, "Keep one of them.", places[1])
    if "sas_token" in texts and places != ["account_url"]:
        problem = f"is set beside {key_of(places[0])}, which goes without"
        raise wrong(key_of("sas_token"), problem, "Keep one of them.", places[0])


def credentials(texts: Mapping[str, str], key_of: KeyOf) -> None:
    """A SAS token has its signature, a connection string its key, so far as one can see."""
    if "sas_token" in texts and not re.search(r"(^|[?&])sig=", texts["sas_token"]):
        step = "Copy the whole SAS token; it is neither a URL nor an account key."
        raise wrong(key_of("sas_token"), "has no signature (sig=…)", step, "sas_token")
    if "connection_string" in texts:
        parts = [part.partition("=") for part in texts["connection_string"].split(";") if part]
        names = {part.strip().lower() for part, _, value in parts if value}
        enough = {"accountkey", "sharedaccesssignature", "usedevelopmentstorage"}
        if len(names) < len(parts) or not names & enough:
            problem = "is not a connection string with a key or a shared access signature"
            step = "Copy it from the storage account's page Access keys in the Azure portal."
            raise wrong(key_of("connection_string"), problem, step, "connection_string")


def account_url(url: str, key: str, has_sas: bool, example: str = "account_url") -> str:
    """The address of an account's blob service, without a slash at its end."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    local = is_loopback(host)
    path = [part for part in parts.path.split("/") if part] if host else []
    problem = step = ""
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", host) or parts.scheme not in ("https", "http"):
        problem = "is not the address of a storage account"
        step = "It begins with https:// and ends with the host."
    elif "sig=" in parts.query and not local and len(path) == 1 and _CONTAINER.fullmatch(path[0]):
        problem = "is the URL of a container with its SAS token"
        step = (
            f'Take it apart: account_url = "https://{host}", containers = ["{path[0]}"], and what '
            "stands behind the question mark as sas_token."
        )
    elif parts.query or parts.fragment or parts.username is not None:
        problem = "holds more than an address"
        step = "Put a SAS token into sas_token."
    elif parts.scheme == "http" and not local:
        problem = "begins with http://, which lets others read along"
        step = "Write https://."
    elif parts.scheme == "http" and not has_sas:
        problem = "begins with http://, over which no identity is sent"
        step = "Add a sas_token, or use a connection_string instead."
    elif ".dfs." in host:
        problem = "is the address of the Data Lake service"
        step = "Write .blob. where it says .dfs."
    # An emulator has its account in the path, where Azure has it in the host.
    elif len(path) > (1 if local else 0):
        problem = "names a container"
        step = "End it after the host, and name the container in containers."
    if problem:
        raise wrong(key, problem, step, example)
    return url.rstrip("/")


def containers(value: object, key: str, in_folder: bool, example: str = "containers") -> list[str]:
    """Paths "container" or "container/prefix". A folder's sub-folders may have any name."""
    if not isinstance(value, list | tuple):
        problem = f"is {_kind_of(value)} where a list belongs"
        raise wrong(key, problem, "Write texts in quotes between [ and ].", example)
    rule = re.compile(r"[^\\]+") if in_folder else _CONTAINER
    paths = [text(path, key, example) for path in value]
    for path in paths:
        first, *prefix = path.split("/")
        if not rule.fullmatch(first) or {".", ".."} & {first, *prefix}:
            problem = f"has {_shown(path)}, which names no container"
            step = "A name has 3 to 63 lower-case letters, digits and single hyphens."
            raise wrong(key, problem, step, example)
    return paths


def kinds(value: object, key: str) -> Mapping[str, str]:
    """Which feature is of which kind."""
    said = table(value, key, "kinds")
    for feature, kind in said.items():
        if kind not in KINDS:
            problem = f"is {_shown(kind)}, which is no kind of feature"
            step = f"Choose one of {', '.join(KINDS)}."
            raise wrong(f"{key}.{dotted(feature)}", problem, step, "kinds")
    return said


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _kind_of(value: object) -> str:
    kinds = {bool: "a true or false", int: "a number", float: "a number", str: "a text"}
    if isinstance(value, Mapping):
        return "a table"
    return kinds.get(type(value), "a list" if isinstance(value, list | tuple) else "a date or time")


def _shown(value: object) -> str:
    # Keys and signatures in base64 are longer, or have other characters than these.
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9 ._/-]{1,40}", value):
        return repr(value)
    return "a text" if isinstance(value, str) else _kind_of(value)
