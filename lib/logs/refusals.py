"""What Azure Monitor refuses, in the words of `lib.errors`, and whether to ask again.

The status decides first: the client library gives the same class for nearly all of them, and
for some no model of the error. See
https://learn.microsoft.com/azure/azure-monitor/logs/api/errors
"""

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

from lib.errors import (
    DriftlineError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    QueryError,
    Throttled,
    UnexpectedAnswer,
    Unreachable,
)
from lib.logs.bodies import NotAnAnswer

_SHORTER = "Choose a shorter window, or fewer rows."
_TOO_LARGE = re.compile(
    r"exceed\w* the (?:set|allowed) limit of [\d,]+|RESULT_SET_TOO_LARGE|ResponseSize|too large",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"tim(?:ed|e) ?-?out|E_QUERY_TIMEOUT|GatewayTimeout", re.IGNORECASE)
_POSITION = re.compile(r"(?:line:position=|\[)(\d+)[:,] ?(\d+)\]?")
_UNANSWERED = {
    "resolve": "its name is not known",
    "refused": "it refused the connection",
    "timed out": "it took too long",
    "CERTIFICATE": "its certificate is not trusted here",
}
_PAUSES_S = (1.0, 2.0, 4.0)
PATIENCE_S = 30.0
"""The longest pause, in seconds: somebody waits for the page."""


class TooLarge(QueryError):
    """An answer that the service does not send whole, nor in part."""


@dataclass(frozen=True)
class Asked:
    """Who is asked: "workspace 1111…" or "component contoso-ai"; and which setting names it."""

    label: str
    key: str
    host: str
    lines_before: int = 0  # of the query, that its author did not write


@dataclass
class Patience:
    """Until when a service wants to be left alone, for all who ask it."""

    clock: Callable[[], float] = time.monotonic
    until: float = -math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, seconds: float | None) -> None:
        """Take down that it is to be left alone for so long from now on."""
        if seconds:
            with self.lock:
                self.until = max(self.until, self.clock() + seconds)

    def left_s(self) -> float:
        """How many seconds are left of it."""
        return max(0.0, self.until - self.clock())


def pause_s(error: AzureError | ValueError, tries: int) -> float | None:
    """Seconds to wait before another try, if one is worth it after so many.

    Throttling is always worth it, so long as the service asks for less than half a minute. A
    query that timed out is not: it would keep the service busy for as long again.
    """
    if tries > len(_PAUSES_S):
        return None
    pause = _PAUSES_S[tries - 1]
    status = getattr(error, "status_code", None)
    if status == 429:
        told = retry_after_s(error)
        if told is None:
            return pause
        return told if told <= PATIENCE_S else None
    is_broken = isinstance(error, _BROKEN) and not isinstance(error, ServiceResponseTimeoutError)
    is_broken = is_broken or _broke_off(error)
    if status in (500, 502, 503) or is_broken:
        return pause if tries == 1 else None
    return None


# The connection, or what came over it, broke.
_BROKEN = (ServiceRequestError, ServiceResponseError, ValueError)


def _broke_off(error: object) -> bool:
    """Whether an answer ended too early, for which the library has an error without a status."""
    is_of_http = isinstance(error, HttpResponseError) and error.status_code is None
    return isinstance(error, IncompleteReadError) or (
        is_of_http and not isinstance(error, ClientAuthenticationError)
    )


def retry_after_s(error: object) -> float | None:
    """The seconds that a service which is throttling asks to be left alone for, if it says so."""
    if getattr(error, "status_code", None) != 429:
        return None
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None


def throttled(asked: Asked, seconds: float | None, code: str = "") -> Throttled:
    """The error of a service that asks for patience, for so many seconds if it says so."""
    wait = "Wait a minute"
    if seconds:
        wait = f"Wait {math.ceil(seconds):,} seconds"
    why = f" ({code})" if code else ""
    step = f"{wait}, then try again or choose a shorter window."
    return Throttled(f"{asked.host} asks for fewer queries{why}.", step)


def translate(error: AzureError | ValueError, asked: Asked) -> DriftlineError:
    """The error of ours for one of the client library's."""
    status = getattr(error, "status_code", None)
    is_no_error = status is not None and status < 400
    if isinstance(error, ValueError) or is_no_error or _broke_off(error):
        return _unexpected(error, asked)
    if status is None:
        return _unanswered(error, asked)
    told = _body(error)
    code = str(told.get("code") or "")
    message = innermost(told)
    if status == 401:
        step = "Sign in to the tenant that the workspace belongs to (`az login --tenant`)."
        return NotAuthenticated(f"{asked.host} did not accept the sign-in ({code}).", step)
    if status == 403:
        return _not_allowed(asked, code)
    if status == 404 or re.search(r"NotFound|PathNotFound", code):
        return _not_found(asked, code)
    if status in (429, 503):
        return throttled(asked, retry_after_s(error), f"{status} {code}".strip())
    if status in (408, 504) or _TOO_LONG.search(f"{code} {message}"):
        return _too_long(asked)
    if status == 413 or _TOO_LARGE.search(f"{code} {message}"):
        return TooLarge(f"The answer is too large: {message}", _SHORTER)
    if status >= 500:
        return Unreachable(f"{asked.host} had an error of its own ({status} {code}).", "Try again.")
    return _wrong_query(told, message, asked)


def innermost(told: Mapping[str, Any]) -> str:
    """The message that says most: the innermost one, on one line and cut to a readable length."""
    message = next((str(each["message"]) for each in _inwards(told) if each.get("message")), "")
    return " ".join(message.split())[:400]


def reason(told: Mapping[str, Any]) -> str:
    """Why an answer is partial, by the error that came with it."""
    listed = told.get("details")
    details = listed if isinstance(listed, list) else []
    messages = [innermost(each) for each in details if isinstance(each, Mapping)]
    return " ".join(filter(None, messages)) or innermost(told) or "The service did not say why."


def is_too_large(why: str) -> bool:
    """Whether a partial answer lacks rows because there were too many."""
    return bool(_TOO_LARGE.search(why))


def _inwards(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The error and those inside of it, the innermost first."""
    inner = told.get("innererror")
    if isinstance(inner, Mapping):
        yield from _inwards(inner)
    yield told


def _body(error: AzureError) -> Mapping[str, Any]:
    """What the service said: the client library keeps it in one of several places, or nowhere."""
    response = getattr(error, "response", None)
    try:
        told = response.json() if response is not None else {}
    except ValueError:
        return {}
    inner = told.get("error") if isinstance(told, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _unexpected(error: AzureError | ValueError, asked: Asked) -> DriftlineError:
    if _broke_off(error):
        what = "an answer that broke off"
    else:
        what = str(error) if isinstance(error, NotAnAnswer) else "no answer that can be read"
    step = (
        "A proxy, gateway or sign-in page in between may have answered. Try again in a minute; if "
        "it stays, check `endpoint` in the telemetry's settings."
    )
    return UnexpectedAnswer(f"{asked.host} sent {what} instead of rows.", step)


def _unanswered(error: AzureError, asked: Asked) -> DriftlineError:
    if isinstance(error, ServiceResponseTimeoutError):
        return _too_long(asked)
    why = "it gave no answer that can be read"
    for fragment, words in _UNANSWERED.items():
        if fragment in str(error):
            why = words
    step = "Check the network, and `endpoint` in the telemetry's settings if it is set."
    return Unreachable(f"{asked.host} could not be reached: {why}.", step)


def _not_allowed(asked: Asked, code: str) -> NotAllowed:
    role = "Log Analytics Reader" if asked.key == "workspace_id" else "Monitoring Reader"
    step = f"Give the app's identity the role {role} on the {asked.label}."
    why = f" ({code})" if code else ""
    return NotAllowed(
        f"Reading the logs of {asked.label} is not allowed{why}.",
        f"{step} A new role takes some minutes to work.",
    )


def _not_found(asked: Asked, code: str) -> NotFound:
    if asked.key == "workspace_id":
        step = "Check workspace_id: it is the Workspace ID on the workspace's overview page."
    else:
        step = "Check component_id: it is on the component's page Properties."
    why = f" ({code})" if code else ""
    return NotFound(f"{asked.host} knows no {asked.label}{why}.", step)


def _too_long(asked: Asked) -> Unreachable:
    return Unreachable(
        f"{asked.host} did not finish the query in time.", "Choose a shorter window."
    )


def _wrong_query(told: Mapping[str, Any], message: str, asked: Asked) -> QueryError:
    line, column = _position(told, message)
    if line is not None:
        line -= asked.lines_before
    where = f" (line {line}, column {column})" if line and line > 0 and column else ""
    code = str(told.get("code") or "")
    return QueryError(
        f"The query was refused{where}: {message or code or 'without a reason'}",
        "Check the query's text; a column may be missing where the telemetry has another shape.",
        line if line and line > 0 else None,
        column if line and line > 0 else None,
    )


def _position(told: Mapping[str, Any], message: str) -> tuple[int | None, int | None]:
    """Line and column from the innermost error that has them, else from its text."""
    for each in _inwards(told):
        line, column = each.get("line"), each.get("pos")
        if isinstance(line, int) and isinstance(column, int):
            return line, column
    found = _POSITION.search(message)
    return (int(found[1]), int(found[2])) if found else (None, None)
