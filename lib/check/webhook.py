"""Telling a webhook: one POST, tried again where that may help.

The address of a webhook is a secret, since whoever has it can post: no message repeats it.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

from lib.errors import DriftlineError

TRIES = 3
PAUSE_S = 2.0
"""Seconds before the second try; twice as many before the third."""

MOST_PAUSE_S = 30.0
"""Seconds of a server's Retry-After that are waited for."""

TIMEOUT_S = 20.0

STEP = "Check the webhook's address and its service; nothing was delivered."


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead what is posted to anywhere, and over http: it is an error."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        """Follow nothing; the answer then counts as one that refuses."""


def checked(url: str) -> str:
    """Return a webhook's address if it is one that a secret may be sent to.

    That is https, or http to this machine. Raises DriftlineError.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or not re.fullmatch(r"[!-~]+", url) or "@" in parts.netloc:
        raise DriftlineError(
            "The webhook's address is not one.", "It begins with https:// and has no blanks."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise DriftlineError(
            "The webhook's address does not begin with https://.",
            "It holds a secret, which others could read along: use https.",
        )
    return url


def post(url: str, body: bytes, pause: Callable[[float], None] = time.sleep) -> None:
    """Send JSON to a webhook; up to three times if it is busy or cannot be reached.

    Answers 429 and 5xx count as busy, and Retry-After is heeded up to 30 s. Raises
    DriftlineError if it was not taken.
    """
    request = urllib.request.Request(
        checked(url),
        data=body,
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "driftline"},
        method="POST",
    )
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if _is_loopback(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    for tried in range(1, TRIES + 1):
        problem, again, wait = _tried(opener, request)
        if not problem:
            return
        if not again or tried == TRIES:
            break
        pause(min(wait or PAUSE_S * 2 ** (tried - 1), MOST_PAUSE_S))
    times = "" if tried == 1 else f" ({tried} tries)"
    raise DriftlineError(f"The webhook {problem}{times}.", STEP)


def _tried(
    opener: urllib.request.OpenerDirector, request: urllib.request.Request
) -> tuple[str, bool, float]:
    """Try once; return what went wrong (or ""), whether to try again, and when, in seconds.

    No text of the exceptions is taken: it may repeat the address.
    """
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            return "", False, 0.0
    except urllib.error.HTTPError as error:
        error.close()
        busy = error.code == 429 or error.code >= 500
        return f"answered {error.code}", busy, _seconds(error.headers.get("Retry-After", ""))
    except TimeoutError:
        return "did not answer in time", True, 0.0
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            return "did not answer in time", True, 0.0
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            return "has a certificate that is not to be trusted", False, 0.0
        return "cannot be reached", True, 0.0
    except (OSError, http.client.HTTPException):
        return "ended the connection without an answer", True, 0.0


def _seconds(text: str) -> float:
    """Return a Retry-After in seconds; a date there is not worth the trouble."""
    return float(text) if re.fullmatch(r"[0-9]{1,4}", text.strip()) else 0.0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
