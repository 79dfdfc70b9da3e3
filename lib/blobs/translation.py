"""Azure's errors in the words of `lib.errors`, each with what to do next.

Of the client library's own text nothing is kept but the code: it can hold the URL that was
asked, and with it the signature of a SAS token.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    ResourceModifiedError,
)

from lib.blobs.container import changed, no_blob
from lib.errors import (
    BlobUnreadable,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    SourceError,
    Throttled,
    UnexpectedAnswer,
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
_CLOCK_S = 240
"""Seconds by which a clock may be wrong; Azure refuses signatures that are 15 minutes old."""

_UNANSWERED = {
    "resolve": "its name is not known",
    "refused": "it refused the connection",
    "timed out": "it took too long",
    "CERTIFICATE": "its certificate is not trusted here",
}
# What the client library itself raises over an answer that lacks what Azure's have.
_NOT_AZURES = (ValueError, TypeError, AttributeError, LookupError)
_UNAUTHENTICATED = ("AuthenticationFailed", "InvalidAuthenticationInfo")


_CLOSED = {
    "BlobArchived": (
        "is archived and cannot be read",
        "Move it to the hot or cool tier, which can take hours.",
    ),
    "BlobBeingRehydrated": (
        "is being brought back from the archive tier",
        "Wait: that can take hours.",
    ),
    "BlobUsesCustomerSpecifiedEncryption": (
        "is encrypted with a key of its writer's, which is not known here",
        "Write it anew without a customer-provided key.",
    ),
}
"""Codes of blobs that are closed: why, and what to do."""


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
    except _NOT_AZURES:
        raise unexpected(asked, "something else than Azure Storage does") from None


def translate(error: AzureError, asked: Asked, blob: str = "") -> SourceError:
    """The error of ours for one of Azure's; `blob` is the name that was asked for, if any."""
    status = getattr(error, "status_code", None)
    if isinstance(error, ClientAuthenticationError) or status in (401, 403):
        return _refused(error, asked)
    if isinstance(error, DecodeError):
        return unexpected(asked, "something else than Azure Storage does")
    if status is None:
        return _unanswered(error, asked)
    code = _code(error)
    if status < 400:
        return unexpected(asked, f"a status that Azure Storage does not use here ({status})")
    what = f"{status} {code}".strip()
    if status == 404 or code == "ContainerBeingDeleted":
        return no_blob(asked.label, blob) if code == "BlobNotFound" else _no_container(asked)
    if status in (429, 503):
        step = "Wait a minute, then try again or choose a shorter window."
        return Throttled(f"{asked.account} asks for fewer requests ({what}).", step)
    if isinstance(error, ResourceModifiedError) and "Lease" not in code:
        return changed(asked.label, blob)
    if status >= 500:
        return Unreachable(f"{asked.account} had an error of its own ({what}).", "Try again.")
    if blob:
        return _closed(code, what, asked, blob)
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


def unexpected(asked: Asked, what: str) -> UnexpectedAnswer:
    """For an answer that is not Azure's, or not to what was asked; `what` was answered."""
    return UnexpectedAnswer(
        f"{asked.account} answered with {what}.",
        "A proxy, a firewall or a sign-in page may have answered in its place: open the account's "
        "address in a browser on the machine that runs the app, and check the source's settings.",
    )


def _closed(code: str, what: str, asked: Asked, blob: str) -> BlobUnreadable:
    """For one blob that is closed for a reason of its own."""
    name = f"{blob!r} in {asked.label}"
    if code in _CLOSED:
        why, step = _CLOSED[code]
        return BlobUnreadable(f"{name} {why}.", step)
    step = "The code tells the account's owner more."
    return BlobUnreadable(f"{name} cannot be read ({what}).", step)


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
    if unknown and (late_s := _clock_off_s(error)):
        return _wrong_clock(asked, late_s)
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


def _clock_off_s(error: AzureError) -> float:
    """Seconds by which this machine's clock is behind the service's; 0 for what is accepted."""
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    with suppress(TypeError, ValueError):
        there = parsedate_to_datetime(str(headers.get("Date")))
        behind_s = (there - datetime.now(UTC)).total_seconds()
        return behind_s if abs(behind_s) > _CLOCK_S else 0.0
    return 0.0


def _wrong_clock(asked: Asked, behind_s: float) -> NotAuthenticated:
    minutes = round(abs(behind_s) / 60)
    side = "behind" if behind_s > 0 else "ahead of"
    return NotAuthenticated(
        f"{asked.account} did not accept the sign-in: the clock of the machine that runs the app "
        f"is {minutes:,} minutes {side} the service's.",
        "Set that machine's clock, or switch on its time synchronisation.",
    )


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
