"""What is wrong with the settings of a source's telemetry, in the manner of `checks`."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from lib.errors import SettingsError
from lib.settings.checks import KeyOf, is_loopback, wrong

CLOUD = ("endpoint", "audience", "authority")
TEXTS = ("workspace_id", "component_id", *CLOUD, "archive")
RULE = ("roles", "services", "endpoints", "deployments")
FIELDS = (*TEXTS, "archive_containers", *RULE)


def one_place(texts: Mapping[str, str], has_containers: bool, key_of: KeyOf) -> None:
    """Telemetry is asked of Azure Monitor or read from an archive, and not both."""
    asked = [key for key in ("workspace_id", "component_id") if key in texts]
    if not asked and "archive" not in texts:
        problem = "is missing, and so are component_id and archive"
        step = "Say where the telemetry is kept."
        raise wrong(key_of("workspace_id"), problem, step, "workspace_id")
    if asked and "archive" in texts:
        problem = f"is set beside {key_of(asked[0])}, but telemetry comes from one place"
        raise wrong(key_of("archive"), problem, "Keep one of them.", asked[0])
    for key in CLOUD:
        if key in texts and not asked:
            problem = "is set beside an archive, which is not asked over it"
            raise wrong(key_of(key), problem, "Leave it out.", "archive")
    if has_containers and "archive" not in texts:
        problem = "is set without an archive"
        step = "Say in archive where these containers are."
        raise wrong(key_of("archive_containers"), problem, step, "archive_containers")


def workspace_id(text: str, key: str) -> str:
    """The id of a Log Analytics workspace, a GUID."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        step = "Copy Workspace ID from the overview page of the Log Analytics workspace."
        raise wrong(key, "is not the id of a workspace, which is a GUID", step, "workspace_id")
    return text.lower()


def component_id(text: str, key: str) -> str:
    """The resource id of an Application Insights component."""
    shape = (
        r"/subscriptions/[^/]+/resourceGroups/[^/]+"
        r"/providers/microsoft\.insights/components/[^/?#]+"
    )
    if not re.fullmatch(shape, text.rstrip("/"), re.IGNORECASE):
        problem = "is not the resource id of an Application Insights component"
        step = "Copy it from the component's page Properties in the Azure portal."
        raise wrong(key, problem, step, "component_id")
    return text.rstrip("/")


def endpoint(text: str, key: str) -> str:
    """The address of the query service: https, or http on this machine, where no token is sent."""
    return _address(text.rstrip("/").removesuffix("/v1"), key, "endpoint", local=True)


def audience(text: str, key: str) -> str:
    """What a token is asked for."""
    return _address(text, key, "audience")


def authority(text: str, key: str, example: str = "authority") -> str:
    """Where to sign in, with or without https:// in front."""
    return _address(text if "://" in text else f"https://{text}", key, example)


CHECKS: dict[str, Callable[[str, str], str]] = {
    "workspace_id": workspace_id,
    "component_id": component_id,
    "endpoint": endpoint,
    "audience": audience,
    "authority": authority,
}
"""The check for each key that has one of its own."""


def is_folder(place: str) -> bool:
    """Whether a text means a folder: it has a slash, or begins as a path does."""
    return "/" in place or "\\" in place or place.startswith(("~", "."))


def templates(value: object, key: str) -> tuple[str, ...]:
    """The names that rows of telemetry bear, in which {service} and {version} are filled in."""
    if not isinstance(value, list | tuple):
        raise wrong(key, "is no list", "Write texts in quotes between [ and ].", "roles")
    for text in value:
        if not isinstance(text, str) or not text.strip():
            raise wrong(key, "holds what is no text", "Write names in quotes.", "roles")
    return tuple(value)


def no_archive(key: str, sources: list[str]) -> SettingsError:
    """The error for an archive that is neither a source nor a place."""
    names = ", ".join(repr(name) for name in sources)
    step = f"Name a source ({names}), a folder by its path, or an account by its address."
    return wrong(key, "names no source", step, "archive")


def _address(text: str, key: str, example: str, local: bool = False) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    allowed = "https" if not (local and is_loopback(host)) else "https http"
    plain = not (parts.query or parts.fragment or parts.path.strip("/")) if host else False
    if not plain or parts.scheme not in allowed.split() or parts.username is not None:
        step = "It begins with https:// and ends with the host."
        raise wrong(key, "is not the address of a service", step, example)
    return text.rstrip("/")
