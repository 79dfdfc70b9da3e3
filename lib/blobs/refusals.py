"""Why Azure refused who asked: the sign-in, the clock, the token, the key, a role, the network."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from azure.core.exceptions import AzureError

from lib.blobs.container import Asked
from lib.errors import NotAllowed, NotAuthenticated, SourceError, UnexpectedAnswer

NOT_ACCEPTED = "was not accepted"
"""What is said of a SAS token that Azure takes for a wrong one, as it does in other containers."""

_SIGN_IN = (
    "Sign in where the app runs: `az login` on a laptop, a managed identity in Azure, or "
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in the environment."
)
_NEW_SAS = "Make a new one for the container, with the permissions Read and List."
_NETWORK = (
    "If the account's page Networking names allowed networks, the machine that runs the app "
    "must be in one of them."
)
_CLOCK_STEP = "Set that machine's clock, or switch on its time synchronisation."
# Azure refuses requests, and Entra takes for outdated, what is some 15 minutes old.
_CLOCK_S = 14 * 60

_UNAUTHENTICATED = (
    "AuthenticationFailed",
    "InvalidAuthenticationInfo",
    "NoAuthenticationInformation",
)
_TIMES = re.compile(r"Start \[(.*?)\] - Expiry \[(.*?)\] - Current \[(.*?)\]")

_ENTRA_STEPS = {
    "AADSTS700024": f"The clock of the machine that runs the app is wrong. {_CLOCK_STEP}",
    "AADSTS7000215": "AZURE_CLIENT_SECRET is wrong: put the secret's value there, not its id.",
    "AADSTS7000222": "The secret in AZURE_CLIENT_SECRET has expired: make a new one.",
    "AADSTS90002": (
        "There is no such tenant: check AZURE_TENANT_ID, and for another cloud than the public "
        "one set `authority`."
    ),
    "AADSTS900382": "The tenant is in another cloud: set `authority` to where it signs in.",
    "AADSTS90038": "The tenant is in another cloud: set `authority` to where it signs in.",
}
"""What to do about errors of Microsoft Entra that say what is wrong."""


def not_signed_in(error: AzureError) -> NotAuthenticated:
    """For an identity that gets no token. The code of Microsoft Entra says why, if it has one."""
    reason = re.search(r"AADSTS\d+", str(error))
    if reason is None:
        return NotAuthenticated("Nobody is signed in to Azure.", _SIGN_IN)
    step = _ENTRA_STEPS.get(reason[0], _SIGN_IN)
    return NotAuthenticated(f"Nobody is signed in to Azure ({reason[0]}).", step)


def wrong_environment(error: ValueError) -> NotAuthenticated:
    """For variables of the environment that no identity can be made of."""
    text = str(error).lower()
    key = "AZURE_AUTHORITY_HOST" if "authority" in text else "AZURE_TENANT_ID"
    key = "AZURE_TOKEN_CREDENTIALS" if "azure_token_credentials" in text else key
    return NotAuthenticated(
        f"The app cannot sign in to Azure: {key} in its environment is not valid.",
        f"Correct {key} or take it away"
        + (
            ", or set `authority` in the source's settings."
            if key == "AZURE_AUTHORITY_HOST"
            else "."
        ),
    )


def code_of(error: AzureError) -> str:
    """Azure's code of an error, or "" where the answer has none."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def refused(error: AzureError, asked: Asked) -> SourceError:
    """For an answer with the status 401 or 403, or a failed sign-in."""
    code = code_of(error)
    status = getattr(error, "status_code", None)
    if status and not code:
        return UnexpectedAnswer(
            f"Reading {asked.label} is not allowed ({status}), and the answer is not Azure's, "
            "which gives its reason.",
            "A proxy or firewall in between may have answered: ask who runs it to let requests "
            f"to {asked.account} through.",
        )
    # Azurite, Azure's emulator, gives this text another code.
    if code and code not in _UNAUTHENTICATED and "failed to authenticate" not in str(error):
        return _not_allowed(code, asked)
    if asked.credential == "sas":
        return _refused_sas(error, asked)
    if clock := _wrong_clock(error, asked):
        return clock
    if asked.credential == "key":
        step = "It may have been renewed: copy the connection string from Access keys again."
        return NotAuthenticated(f"The account key for {asked.account} was not accepted.", step)
    if not code:
        return not_signed_in(error)
    step = "Sign in to the tenant that the storage account belongs to (`az login --tenant`)."
    if "." in asked.account:
        step += " In another cloud than the public one, set `authority`, too."
    return NotAuthenticated(f"{asked.account} did not accept the sign-in ({code}).", step)


def _refused_sas(error: AzureError, asked: Asked) -> NotAuthenticated:
    """For a SAS token; when it is valid goes by the service's clock, not by ours."""
    who = f"The SAS token for {asked.account}"
    starts, expires, now = None, asked.expires, _date_there(error) or datetime.now(UTC)
    told = _TIMES.search(str(error))
    with suppress(TypeError, ValueError):
        starts, expires, now = map(parsedate_to_datetime, told.groups() if told else ())
    if starts and now < starts:
        return NotAuthenticated(
            f"{who} is not valid before {starts:%Y-%m-%d %H:%M} UTC, and the service's clock "
            f"says {now:%Y-%m-%d %H:%M}.",
            "Wait until then, or make one that begins earlier; the clock of the machine that "
            "made it may be wrong.",
        )
    if expires and expires < now:
        return NotAuthenticated(f"{who} expired at {expires:%Y-%m-%d %H:%M} UTC.", _NEW_SAS)
    late = "not valid in the specified time frame" in str(error)
    when = "has expired or is not yet valid" if late else NOT_ACCEPTED
    return NotAuthenticated(f"{who} {when}.", _NEW_SAS)


def _wrong_clock(error: AzureError, asked: Asked) -> NotAuthenticated | None:
    """For a request that came with a wrong date, or whose answer tells another time than ours."""
    there = _date_there(error)
    behind_s = (there - datetime.now(UTC)).total_seconds() if there else 0.0
    is_off = abs(behind_s) >= _CLOCK_S
    if not is_off and "date header" not in str(error).lower():
        return None
    side = "behind" if behind_s > 0 else "ahead of"
    how_far = f"{round(abs(behind_s) / 60):,} minutes {side} the service's" if is_off else "wrong"
    return NotAuthenticated(
        f"{asked.account} did not accept the sign-in: the clock of the machine that runs the app "
        f"is {how_far}.",
        _CLOCK_STEP,
    )


def _date_there(error: AzureError) -> datetime | None:
    """The service's own time, if its answer says it."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    with suppress(TypeError, ValueError):
        there = parsedate_to_datetime(str(headers.get("Date")))
        return there if there.tzinfo else there.replace(tzinfo=UTC)
    return None


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
