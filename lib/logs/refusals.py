"""What Azure Monitor refuses, in the words of `lib.errors`, and whether to ask again.

The status decides first: the client library gives the same class for nearly all of them, and
for some no model of the error. See
https://learn.microsoft.com/azure/azure-monitor/logs/api/errors
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseTimeoutError

from lib.errors import (
    DriftlineError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    QueryError,
    Throttled,
    Unreachable,
)

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
_PATIENCE_S = 30.0  # the longest pause: somebody waits for the page


class TooLarge(QueryError):
    """An answer that the service does not send whole, nor in part."""


@dataclass(frozen=True)
class Asked:
    """Who is asked: "workspace 1111…" or "component contoso-ai"; and which setting names it."""

    label: str
    key: str
    host: str
    lines_before: int = 0  # of the query, that its author did not write


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
        told = _retry_after(error)
        if told is None:
            return pause
        return told if told <= _PATIENCE_S else None
    if status in (500, 502, 503) or isinstance(error, ServiceRequestError | ValueError):
        return pause if tries == 1 else None
    return None


def _retry_after(error: object) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None


def translate(error: AzureError | ValueError, asked: Asked) -> DriftlineError:
    """The error of ours for one of the client library's."""
    status = getattr(error, "status_code", None)
    if isinstance(error, ValueError):
        step = "A proxy or gateway in between may have answered: try again in a minute."
        return Unreachable(f"{asked.host} gave no answer that can be read.", step)
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
        step = "Wait a minute, then try again or choose a shorter window."
        return Throttled(f"{asked.host} asks for fewer queries ({status} {code}).", step)
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
    details = [each for each in told.get("details") or [] if isinstance(each, Mapping)]
    messages = [innermost(each) for each in details]
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
