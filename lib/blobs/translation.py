"""Azure's errors in the words of `lib.errors`, each with what to do next.

Of the client library's own text nothing is kept but the code: it can hold the URL that was
asked, and with it the signature of a SAS token.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    ResourceModifiedError,
)

from lib.blobs.container import Asked as Asked
from lib.blobs.container import changed, no_blob
from lib.blobs.refusals import code_of, refused
from lib.errors import (
    BlobUnreadable,
    NotFound,
    SourceError,
    Throttled,
    UnexpectedAnswer,
    Unreachable,
)

_UNANSWERED = {
    "resolve": "its name is not known",
    "refused": "it refused the connection",
    "timed out": "it took too long",
    "CERTIFICATE": "its certificate is not trusted here",
}
# What the client library itself raises over an answer that lacks what Azure's have.
_NOT_AZURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


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
        return refused(error, asked)
    if isinstance(error, DecodeError):
        return unexpected(asked, "something else than Azure Storage does")
    if status is None:
        return _unanswered(error, asked)
    code = code_of(error)
    if status < 400:
        return unexpected(asked, f"a status that Azure Storage does not use here ({status})")
    what = f"{status} {code}".strip()
    if status == 404 or code == "ContainerBeingDeleted":
        if asked.container and not code:
            return unexpected(asked, f"{status} and without Azure's reason")
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
