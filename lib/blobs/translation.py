"""Azure's errors in the words of `lib.errors`, each with what to do next.

Of the client library's own text nothing is kept but the code: it can hold the URL that was
asked, and with it the signature of a SAS token.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    ResourceModifiedError,
)

from lib.blobs.container import changed, no_blob
from lib.errors import (
    NotAllowed,
    NotAuthenticated,
    NotFound,
    SourceError,
    Throttled,
    Unreachable,
)

_SIGN_IN = (
    "Sign in where the app runs: `az login` on a laptop, a managed identity in Azure, or "
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in the environment."
)
_NEW_SAS = "Make a new one for the container, with the permissions Read and List."
_NETWORK = (
    "If the account's page Networking names allowed networks, the machine that runs the app "
    "must be in one of them."
)
_UNANSWERED = {
    "resolve": "its name is not known",
    "refused": "it refused the connection",
    "timed out": "it took too long",
    "CERTIFICATE": "its certificate is not trusted here",
}
_UNAUTHENTICATED = ("AuthenticationFailed", "InvalidAuthenticationInfo")


@dataclass(frozen=True)
class Asked:
    """Who is asked, and by which credential: "identity", "key" or "sas" (which may expire)."""

    account: str
    container: str
    credential: str
    expires: datetime | None = None

    @property
    def label(self) -> str:
        """As it is shown: "account/container", or the account alone."""
        return f"{self.account}/{self.container}" if self.container else self.account


@contextmanager
def translated(asked: Asked, blob: str = "") -> Iterator[None]:
    """Translate what is raised inside."""
    try:
        yield
    except AzureError as error:
        raise translate(error, asked, blob) from None


def translate(error: AzureError, asked: Asked, blob: str = "") -> SourceError:
    """The error of ours for one of Azure's; `blob` is the name that was asked for, if any."""
    status = getattr(error, "status_code", None)
    if isinstance(error, ClientAuthenticationError) or status in (401, 403):
        return _refused(error, asked)
    if status is None or isinstance(error, DecodeError):
        return _unanswered(error, asked)
    code = _code(error)
    what = f"{status} {code}".strip()
    if status == 404 or code == "ContainerBeingDeleted":
        return no_blob(asked.label, blob) if code == "BlobNotFound" else _no_container(asked)
    if status in (429, 503):
        step = "Wait a minute, then try again or choose a shorter window."
        return Throttled(f"{asked.account} asks for fewer requests ({what}).", step)
    if isinstance(error, ResourceModifiedError):
        return changed(asked.label, blob)
    if status >= 500:
        return Unreachable(f"{asked.account} had an error of its own ({what}).", "Try again.")
    if code == "BlobArchived":
        step = "Move it to the hot or cool tier, which can take hours."
        return SourceError(f"{blob!r} in {asked.label} is archived and cannot be read.", step)
    step = "Check the source's settings; the code tells the account's owner more."
    return SourceError(f"{asked.label} refused the request ({what}).", step)


def not_signed_in(error: AzureError) -> NotAuthenticated:
    """For an identity that gets no token. The code of Microsoft Entra says why, if it has one."""
    reason = re.search(r"AADSTS\d+", str(error))
    detail = f" ({reason[0]})" if reason else ""
    return NotAuthenticated(f"Nobody is signed in to Azure{detail}.", _SIGN_IN)


def _code(error: AzureError) -> str:
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def _unanswered(error: AzureError, asked: Asked) -> Unreachable:
    reason = "it gave no answer that can be read"
    for fragment, words in _UNANSWERED.items():
        if fragment in str(error):
            reason = words
    step = "Check the account's name, and that this machine may reach it (proxy, firewall)."
    return Unreachable(f"{asked.account} could not be reached: {reason}.", step)


def _no_container(asked: Asked) -> NotFound:
    if not asked.container:
        return NotFound(f"{asked.account} is no storage account.", "Check account_url.")
    step = "Check its name, or leave `containers` out to have them looked up."
    return NotFound(f"There is no container {asked.label}.", step)


def _refused(error: AzureError, asked: Asked) -> SourceError:
    code = _code(error)
    status = getattr(error, "status_code", None)
    if status and not code:
        step = "A proxy or firewall in between may have answered: Azure gives its reason."
        return NotAllowed(f"Reading {asked.label} is not allowed ({status}).", step)
    # Azurite, Azure's emulator, gives this text another code.
    unknown = not code or code in _UNAUTHENTICATED or "failed to authenticate" in str(error)
    if unknown and asked.credential == "identity":
        if not code:
            return not_signed_in(error)
        step = "Sign in to the tenant that the storage account belongs to (`az login --tenant`)."
        return NotAuthenticated(f"{asked.account} did not accept the sign-in ({code}).", step)
    if unknown and asked.credential == "sas":
        late = "not valid in the specified time frame" in str(error)
        if asked.expires and asked.expires < datetime.now(UTC):
            when = f"expired at {asked.expires:%Y-%m-%d %H:%M} UTC"
        else:
            when = "has expired or is not yet valid" if late else "was not accepted"
        return NotAuthenticated(f"The SAS token for {asked.account} {when}.", _NEW_SAS)
    if unknown:
        step = "It may have been renewed: copy the connection string from Access keys again."
        return NotAuthenticated(f"The account key for {asked.account} was not accepted.", step)
    return _not_allowed(code, asked)


def _not_allowed(code: str, asked: Asked) -> NotAllowed:
    message = f"Reading {asked.label} is not allowed ({code})."
    role = (
        "Give the app's identity the role Storage Blob Data Reader on the storage account "
        f"{asked.account}."
    )
    if code == "KeyBasedAuthenticationNotPermitted":
        return NotAllowed(message, f"Keys are switched off: set account_url alone. {role}")
    if code == "AccountIsDisabled":
        return NotAllowed(message, "The storage account is disabled: ask its owner.")
    if code in ("AuthorizationFailure", "AuthorizationSourceIPMismatch"):
        return NotAllowed(
            message, f"{role} {_NETWORK}" if asked.credential == "identity" else _NETWORK
        )
    if asked.credential == "sas":
        return NotAllowed(message, f"The SAS token does not cover it. {_NEW_SAS}")
    return NotAllowed(message, f"{role} A new role takes some minutes to work.")
